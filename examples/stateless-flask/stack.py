"""A Footfall, some processes of one application, and HAProxy, on free ports of 127.0.0.1."""
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
BUILT = os.path.join(HERE, "..", "..", "build", "release", "footfall")
START_TIMEOUT_S = 15


def footfall_binary():
    for path in (os.environ.get("FOOTFALL"), BUILT, shutil.which("footfall")):
        if path and os.access(path, os.X_OK):
            return os.path.abspath(path)
    sys.exit("there is no footfall: run `make build` first, or say where it is: FOOTFALL=PATH")


def free_port():
    """One that is not taken, below those that connections are given."""
    while True:
        port = random.randrange(20000, 32000)
        if not answers(port):
            return port


def answers(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def children(pid):
    """The processes that `pid` has started."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as stat:
                if stat.read().rpartition(")")[2].split()[1] == str(pid):
                    yield int(name)
        except OSError:
            pass  # it has ended meanwhile


class Stack:
    """To be used with `with`: all of it runs inside, and none of it afterwards."""

    def __init__(self, application, processes=4):
        self.application = application
        self.needs_footfall = application == "app_with_footfall"
        self.apps = [free_port() for _ in range(processes)]
        self.port = free_port()
        self.footfall_port = free_port()
        self.running = {}  # name -> its process
        self.env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="stateless-flask-")
        try:
            if self.needs_footfall:
                self.start_footfall()
            for number in range(len(self.apps)):
                self.start_app(number)
            for port in self.apps:
                self.wait_for(port)
            self.start_haproxy()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in reversed(self.running.values()):
            process.terminate()
        for process in self.running.values():
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(self.folder)

    def launch(self, name, command, env, cwd):
        with open(os.path.join(self.folder, name + ".log"), "ab") as log:
            self.running[name] = subprocess.Popen(command, env=env, cwd=cwd, stdout=log, stderr=log,
                                                  stdin=subprocess.DEVNULL)

    def wait_for(self, port):
        deadline = time.monotonic() + START_TIMEOUT_S
        while not answers(port):
            if time.monotonic() > deadline:
                sys.exit(f"nobody listens on port {port}:\n{self.logs()}")
            time.sleep(0.02)

    def logs(self):
        texts = []
        for name in self.running:
            with open(os.path.join(self.folder, name + ".log"), errors="replace") as log:
                texts.append(f"== {name}\n{log.read()[-1500:]}")
        return "\n".join(texts)

    def start_footfall(self):
        env = {"PATH": os.environ["PATH"], "FOOTFALL_LISTEN": f"127.0.0.1:{self.footfall_port}",
               "FOOTFALL_STORE": f"sqlite:{self.folder}/footfall.db", "WEB_CONCURRENCY": "2"}
        self.launch("footfall", [footfall_binary(), "serve"], env, self.folder)
        self.wait_for(self.footfall_port)
        added = subprocess.run([footfall_binary(), "token", "add", "example",
                                "--scopes=count,sessions"], env=env, cwd=self.folder, check=True,
                               stdout=subprocess.PIPE, text=True)
        self.env["FOOTFALL_API"] = f"http://127.0.0.1:{self.footfall_port}"
        self.env["FOOTFALL_TOKEN"] = added.stdout.strip()

    def start_app(self, number):
        command = [sys.executable, "-m", "flask", "--app", self.application, "run",
                   "--port", str(self.apps[number])]
        self.launch(f"app{number}", command, self.env, HERE)

    def start_haproxy(self):
        ports = {f"APP{i + 1}": str(self.apps[i % len(self.apps)]) for i in range(4)}
        self.launch("haproxy", ["/usr/sbin/haproxy", "-db", "-f", "haproxy.cfg"],
                    {**ports, "PORT": str(self.port)}, HERE)
        self.wait_for(self.port)

    def restart_ended(self):
        for number in range(len(self.apps)):
            if self.running[f"app{number}"].poll() is not None:
                self.start_app(number)

    def kill_app(self, number):
        """kill -9, and then it is started again."""
        self.running[f"app{number}"].kill()
        self.running[f"app{number}"].wait()
        self.start_app(number)
        self.wait_for(self.apps[number])

    def kill_footfall_worker(self):
        """kill -9; Footfall starts another one itself."""
        os.kill(next(children(self.running["footfall"].pid)), signal.SIGKILL)

    def stored_count(self):
        """The number that Footfall has, asked without counting."""
        with urllib.request.urlopen(
                f"http://127.0.0.1:{self.footfall_port}/c/default.json") as answer:
            return json.load(answer)["value"]
