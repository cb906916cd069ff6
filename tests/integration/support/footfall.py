"""The real binary, as a test's own server."""
import http.client
import json
import os
import re
import signal
import subprocess

from support.program import Program, children, free_port

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", "..", ".."))
RELEASE = os.path.join(ROOT, "build", "release", "footfall")
SANITIZED = os.path.join(ROOT, "build", "asan", "footfall")

# What looks like an API token, and is none.
MADE_UP_TOKEN = "A" * 54

# What asks, unless a test says otherwise: what programs say of themselves is counted apart.
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


class Answer:
    """What the server answered."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def text(self):
        return self.body.decode()


class Footfall(Program):
    """`footfall serve` on 127.0.0.1, on a port of its own, in a folder of its own."""

    def __init__(self, folder, store="sqlite:footfall.db", workers=1, binary=RELEASE, name="footfall",
                 **settings):
        super().__init__(name, str(folder))
        self.binary = binary
        self.port = free_port()
        self.workers = workers
        self.settings = {
            "FOOTFALL_LISTEN": f"127.0.0.1:{self.port}",
            "FOOTFALL_STORE": store,
            "WEB_CONCURRENCY": str(workers),
            "FOOTFALL_PRUNE_EVERY": "0s",  # a test that wants it says so
            **settings,
        }

    def environment(self):
        return {"PATH": os.environ["PATH"], **self.settings}

    def start(self, until="/readyz", timeout_s=10):
        """Starts it, and waits until `until` is answered with 200."""
        self.launch([self.binary, "serve"], self.environment())
        self.wait_until(lambda: self.answers(until), f"a 200 for {until}", timeout_s)
        return self

    def token(self, scopes, site="*"):
        """A new API token, as "stats,count"; the store has to be there, and is not memory."""
        result = subprocess.run(
            [self.binary, "token", "add", "test", f"--scopes={scopes}", f"--site={site}"],
            cwd=self.folder, env=self.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, timeout=30, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout.strip()

    def set_site(self, *settings, site="default"):
        """Changes settings of a site, as "public_counters=pages"; of the store as for a token."""
        result = subprocess.run(
            [self.binary, "site", "set", site, *settings], cwd=self.folder, env=self.environment(),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=30, check=False)
        assert result.returncode == 0, result.stdout

    def answers(self, path):
        try:
            return self.get(path).status == 200
        except (OSError, http.client.HTTPException):
            return False

    def request(self, method, target, headers=None, body=None, timeout_s=10):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout_s)
        try:
            connection.request(method, target, body=body,
                               headers={"user-agent": BROWSER, **{
                                   name.lower(): value for name, value in (headers or {}).items()}})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, target, **headers):
        """GET; headers as keywords, `_` for `-`: get("/", accept="text/html")."""
        return self.request("GET", target, {key.replace("_", "-"): value
                                            for key, value in headers.items()})

    def hit(self, path="/", query=""):
        """Counts a hit; its answer as a dictionary."""
        answer = self.get(f"/count?p={path}{query}", accept="application/json")
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json()

    def value(self, name="default"):
        """The number that /c/NAME.json shows."""
        answer = self.get(f"/c/{name}.json")
        assert answer.status == 200, (answer.status, answer.body)
        return answer.json()["value"]

    def worker_pids(self):
        """Those who answer: the children of the master, or the process itself without one."""
        if not self.is_running():
            return []
        return children(self.process.pid) if self.workers > 1 else [self.process.pid]

    def kill_worker(self, chance):
        """Kills one worker (SIGKILL), and waits until it is gone; its process id."""
        pid = chance.choice(self.wait_until(self.worker_pids, "a living worker"))
        os.kill(pid, signal.SIGKILL)
        if self.workers == 1:
            self.process.wait()
        else:
            self.wait_until(lambda: pid not in self.worker_pids(), "the end of a worker")
        return pid

    def hup(self, timeout_s=30):
        """Has the master replace its workers; waits until none of those who were at work is left. One
        that has only just been started is as good as a new one, and stays."""
        at_work = {pid for pid in self.worker_pids()
                   if re.search(rf'msg="worker ready".* pid={pid}\b', self.log())}
        replaced = self.log().count('msg="workers replaced"')
        self.signal(signal.SIGHUP)
        self.wait_until(lambda: self.log().count('msg="workers replaced"') > replaced
                        and len(self.worker_pids()) >= self.workers
                        and not at_work & set(self.worker_pids()), "the replacement", timeout_s)
