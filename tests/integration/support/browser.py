"""A browser, as far as logins need one: cookies, forms, where it comes from. It follows no redirect by
itself, so that a test sees each answer."""
import http.client
import re
import threading
from urllib.parse import urlencode

from support.footfall import BROWSER, Answer
from support.program import wait_for

FORM_TOKEN = re.compile(rb'name="form_token" value="([^"]+)"')
USER = re.compile(r'<a href="/account"[^>]*>([^<]+)</a>')

# A process that dies, or a store that is away, ends a request so; it is then sent again.
IS_FAILURE = {502, 503, 504}


class Issued:
    """What was given out that nobody else may know, and that is in no log and no store."""

    def __init__(self):
        self.cookies = set()
        self.form_tokens = set()
        self.api_tokens = set()

    def all(self):
        return self.cookies | self.form_tokens | self.api_tokens


class Page(Answer):
    """An answer, with all of its Set-Cookie lines."""

    def __init__(self, response):
        super().__init__(response)
        self.set_cookies = response.headers.get_all("set-cookie") or []
        self.process = self.headers.get("x-process")  # who gave it, when HAProxy is in front
        self.location = self.headers.get("location", "")

    @property
    def user(self):
        """The e-mail of who is logged in, as the page shows it; None: nobody."""
        found = USER.search(self.text())
        return found and found.group(1)


class Browser:
    """port     of a process, or of what is in front of them
    issued      where the secrets are noted that it is given
    address     from where it comes, told as a proxy would; None: from 127.0.0.1
    is_secure   as if it had come by https"""

    def __init__(self, port, issued, address=None, is_secure=False):
        self.port = port
        self.issued = issued
        self.address = address
        self.is_secure = is_secure
        self.cookies = {}
        self.form_token = None
        self.connection = None

    def copy(self, port=None):
        """Another browser that has the same cookies, as a thief's would."""
        other = Browser(port or self.port, self.issued, self.address, self.is_secure)
        other.cookies = dict(self.cookies)
        other.form_token = self.form_token
        return other

    @property
    def login_cookie(self):
        return "__Host-footfall" if self.is_secure else "footfall"

    @property
    def origin(self):
        return f"http{'s' if self.is_secure else ''}://127.0.0.1:{self.port}"

    def request(self, method, target, headers=None, body=None):
        fields = {"User-Agent": BROWSER, "Accept": "text/html", **(headers or {})}
        if self.cookies:
            fields["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.address:
            fields["X-Forwarded-For"] = self.address
        if self.is_secure:
            fields["X-Forwarded-Proto"] = "https"
        if not self.connection:
            self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            self.connection.request(method, target, body=body, headers=fields)
            page = Page(self.connection.getresponse())
        except (OSError, http.client.HTTPException):
            self.close()
            raise
        self._take(page)
        return page

    def get(self, target, **headers):
        return self.request("GET", target, headers)

    def post(self, target, **fields):
        """Sends a form, with the token of the last page that had one."""
        if self.form_token:
            fields.setdefault("form_token", self.form_token)
        return self.request("POST", target, {"Origin": self.origin,
                                             "Content-Type": "application/x-www-form-urlencoded"},
                            urlencode(fields))

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def _take(self, page):
        for line in page.set_cookies:
            name, _, value = line.partition(";")[0].partition("=")
            if value:
                self.cookies[name] = value
                self.issued.cookies.add(value)
            else:
                self.cookies.pop(name, None)
        found = FORM_TOKEN.search(page.body)
        if found:
            self.form_token = found.group(1).decode()
            self.issued.form_tokens.add(self.form_token)
        for value in self.cookies.values():
            assert value.encode() not in page.body and value not in page.location, "S04"


def insist(ask, timeout_s=30):
    """Does ask() until it is answered by Footfall itself, and not by a failure on the way."""
    failures = []

    def once():
        try:
            page = ask()
        except (OSError, http.client.HTTPException) as error:
            failures.append(repr(error))
            return None
        if page.status not in IS_FAILURE:
            return page
        failures.append(page.text())
        return None

    return wait_for(once, lambda: f"an answer; the last of {len(failures)} was {failures[-1]}",
                    timeout_s)


def at_once(actions):
    """Does all of them at the same moment, each in a thread; their results, in order."""
    results = [None] * len(actions)
    errors = []
    barrier = threading.Barrier(len(actions))

    def run(i, action):
        try:
            barrier.wait(30)
            results[i] = action()
        except Exception as error:  # whatever it is, it is told below
            errors.append(error)

    threads = [threading.Thread(target=run, args=(i, action), daemon=True)
               for i, action in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
        assert not thread.is_alive(), "an action does not end"
    if errors:
        raise errors[0]
    return results
