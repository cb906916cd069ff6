"""Accounts and logins of a Footfall that a test runs."""
import os
import re
import subprocess

from support import contents
from support.browser import Browser, Issued, insist
from support.deployment import Apart
from support.haproxy import HAProxy

EMAIL = "ada@example.org"
PASSWORD = "a quagga at the river"
WELCOME = "/sites/start?site=default&done=welcome"


class Gate:
    """Several processes on one store, and HAProxy in front, which gives each request to the next."""

    def __init__(self, store, folder, ending, processes=4, kind=Apart, **settings):
        self.issued = Issued()
        self.deployment = kind(folder, processes, store=store.url, **settings)
        ending.append(self.deployment)
        self.deployment.start()
        self.haproxy = HAProxy(folder, self.deployment.ports)
        ending.append(self.haproxy)
        self.haproxy.start()

    @property
    def servers(self):
        return self.deployment.servers

    def browser(self, process=None, **more):
        """One that asks all processes in turn, or only this one."""
        port = self.haproxy.port if process is None else self.servers[process].port
        return Browser(port, self.issued, **more)

    def set_up(self, email=EMAIL, password=PASSWORD, process=None, **more):
        """The browser of who has just made the first account."""
        browser = self.browser(process, **more)
        page = set_up(browser, setup_code(self.servers[0]), email, password)
        assert is_let_in(page), (page.status, page.text())
        return browser

    def logged_in(self, email=EMAIL, password=PASSWORD, process=None, **more):
        browser = self.browser(process, **more)
        page = log_in(browser, email, password)
        assert is_let_in(page), (page.status, page.text())
        return browser


def setup_code(server):
    """The last one that it printed."""
    def find():
        return re.findall(r"/setup\?code=([a-z0-9-]+)", server.log())

    return server.wait_until(find, "a setup code")[-1]


def set_up(browser, code, email=EMAIL, password=PASSWORD):
    insist(lambda: browser.get(f"/setup?code={code}"))
    return insist(lambda: browser.post("/setup", code=code, email=email, password=password))


def log_in(browser, email=EMAIL, password=PASSWORD):
    insist(lambda: browser.get("/login"))
    return insist(lambda: browser.post("/login", email=email, password=password))


def log_out(browser):
    """The answer; the login has ended."""
    insist(lambda: browser.get("/dashboard"))
    page = insist(lambda: browser.post("/logout"))
    assert page.status == 303 and page.location == "/login", (page.status, page.text())
    return page


def is_let_in(page):
    """The answer to a login that succeeded, or to a set-up."""
    return page.status == 303 and page.location in ("/dashboard", WELCOME)


def user_of(browser):
    """Who the server says is logged in; None: nobody."""
    page = insist(lambda: browser.get("/dashboard"))
    if page.status == 303:
        assert page.location.startswith("/login"), page.location
        return None
    assert page.status == 200, (page.status, page.text())
    return page.user


def accounts_in(store):
    """The keys of the records of all users."""
    return [key for key in contents.without_rollups(store).records if key.startswith(b"user/")]


def run_footfall(server, *words, text=""):
    """Runs `footfall WORDS` with the settings of a server; what it printed."""
    done = subprocess.run([server.binary, *words], cwd=server.folder, input=text, text=True,
                          env={"PATH": os.environ["PATH"], **server.settings}, timeout=30, check=False,
                          capture_output=True)
    assert done.returncode == 0, (words, done.stdout, done.stderr)
    return done.stdout


def add_user(server, email, role="viewer", site="*", password=PASSWORD):
    run_footfall(server, "user", "add", email, f"--role={role}", f"--site={site}", "--password-file=-",
                 text=password + "\n")


def add_token(gate, name, *scopes):
    """An API token."""
    token = run_footfall(gate.servers[0], "token", "add", name, f"--scopes={','.join(scopes)}").strip()
    gate.issued.api_tokens.add(token)
    return token


def turn_second_factor_on(browser):
    """The secret, as an app would have it, in base32; and the recovery codes."""
    page = insist(lambda: browser.get("/account/second-factor/begin"))
    secret = re.search(r'<code class="code">([A-Z2-7 ]+)</code>', page.text()).group(1).replace(" ", "")
    sealed = re.search(r'name="sealed" value="([^"]+)"', page.text()).group(1)
    # The code of the step before: so that of now is not used up yet.
    code = totp(secret, "30 seconds ago")
    page = insist(lambda: browser.post("/account/second-factor/confirm", sealed=sealed, code=code))
    assert page.status == 200, (page.status, page.text())
    return secret, re.findall(r"<li>([a-z0-9-]{19})</li>", page.text())


def totp(secret, when="now"):
    """The code of a time, by another program."""
    done = subprocess.run(["oathtool", "--totp", "--base32", f"--now={when}", secret],
                          text=True, capture_output=True, check=True, timeout=10)
    return done.stdout.strip()
