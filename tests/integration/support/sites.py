"""`footfall site`, and every process that serves, asked one by one."""
import os
import signal
import subprocess
from contextlib import contextmanager

from support.footfall import RELEASE, Footfall


def site(store, *arguments, check=True, **settings):
    """Runs `footfall site ARGUMENTS` on a store, and gives back what came of it."""
    done = subprocess.run([RELEASE, "site", *arguments], text=True, capture_output=True, timeout=100,
                          check=False, stdin=subprocess.DEVNULL, cwd="/",
                          env={"PATH": os.environ["PATH"], "FOOTFALL_STORE": store.url, **settings})
    assert not check or done.returncode == 0, (arguments, done.returncode, done.stderr)
    return done


class Fleet:
    """A master with two workers, and a second instance, on one store."""

    def __init__(self, folder, store, **settings):
        self.pair = Footfall(folder, store=store.url, workers=2, name="pair", **settings)
        self.single = Footfall(folder, store=store.url, name="single", **settings)
        self.servers = [self.pair, self.single]

    def start(self):
        self.pair.start()
        self.pair.wait_until(lambda: "msg=serving" in self.pair.log()
                             or self.pair.log().count('msg="worker ready"') >= 2, "both workers")
        self.single.start()
        self.processes = [(self.pair, pid) for pid in self.pair.worker_pids()] + [(self.single, None)]
        assert len(self.processes) == 3
        return self

    def kill(self):
        for server in self.servers:
            server.kill()

    def stop(self):
        for server in self.servers:
            assert server.stop() == 0, server.log()

    @contextmanager
    def only(self, pid):
        """Of the two workers only `pid` answers: the other one sleeps."""
        others = [other for server, other in self.processes if pid and other not in (None, pid)]
        for other in others:
            os.kill(other, signal.SIGSTOP)
        try:
            yield
        finally:
            for other in others:
                os.kill(other, signal.SIGCONT)

    def everywhere(self, ask):
        """What ask(server) returns at each of the three processes."""
        answers = []
        for server, pid in self.processes:
            with self.only(pid):
                answers.append(ask(server))
        return answers
