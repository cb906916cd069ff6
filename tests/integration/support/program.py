"""Programs that a test starts, waits for and ends. Each is ended by its own process id."""
import functools
import itertools
import os
import random
import signal
import socket
import subprocess
import time


def wait_for(condition, what, timeout_s=10):
    """Returns the first true value of condition(); fails with `what` when the time is over."""
    deadline = time.monotonic() + timeout_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {timeout_s} s for {what() if callable(what) else what}")
        time.sleep(0.005)


def is_free(port):
    """True when nobody listens on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
            return True
        except OSError:
            return False


# Below the ports that connections are given, above those that the programs of ctest take.
PORTS = range(25000, 32000)
PORTS_OF_RUNNER = 500


@functools.cache
def ports_of_runner():
    """Ports that no other runner gives away, in an endless turn. A server that a test kills and starts
    again has its port to itself meanwhile: else the hits of one test are counted in another. The
    kernel gives the name, and so the ports, free when this runner ends."""
    for first in range(PORTS.start, PORTS.stop, PORTS_OF_RUNNER):
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            holder.bind(f"\0footfall-tests-{first}")
        except OSError:
            holder.close()
            continue
        ports = range(first, first + PORTS_OF_RUNNER)
        return holder, itertools.cycle(random.SystemRandom().sample(ports, len(ports)))
    raise AssertionError("too many test runners at once: no ports are left")


def free_port():
    """A TCP port of 127.0.0.1 on which nobody listens, and that was not given away lately."""
    _, ports = ports_of_runner()
    return next(port for port in ports if is_free(port))


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


class Program:
    """One running program, its log in a file of `folder`."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = folder
        self.log_path = os.path.join(folder, name + ".log")
        self.process = None

    def launch(self, command, env=None):
        assert not self.is_running(), f"{self.name} runs already"
        # In a process group of its own, which kill() ends as a whole.
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=env, stdout=log,
                                            stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
                                            start_new_session=True)

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def log(self):
        with open(self.log_path, encoding="utf-8", errors="replace") as log:
            return log.read()

    def wait_until(self, condition, what, timeout_s=10):
        """wait_for(), but gives up at once when the program has ended."""
        def check():
            assert self.is_running(), \
                f"{self.name} ended ({self.process.returncode}) before {what}:\n{self.log()[-4000:]}"
            return condition()

        return wait_for(check, lambda: f"{what} of {self.name}:\n{self.log()[-4000:]}", timeout_s)

    def signal(self, number):
        self.process.send_signal(number)

    def signal_all(self, number):
        """To the program and all that descend from it, whatever process groups they are in."""
        parents = {pid: parent for pid, parent, _ in processes()}
        for pid in parents:
            ancestor = pid
            while ancestor in parents and ancestor != self.process.pid:
                ancestor = parents[ancestor]
            if ancestor == self.process.pid:
                os.kill(pid, number)

    def kill(self):
        """Ends it and all its children at once (SIGKILL), as a power cut would."""
        if self.is_running():
            group = self.process.pid
            os.killpg(group, signal.SIGKILL)
            self.process.wait()
            wait_for(lambda: group not in (of for _, _, of in processes()), "the end of all")

    def stop(self, timeout_s=15):
        """Ends it politely (SIGTERM); the exit status. One that does not end in time has failed."""
        if self.process is None:
            return None
        if self.is_running():
            self.signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end:\n{self.log()[-4000:]}") from None


def processes():
    """(process id, parent's id, process group) of every living process. One that is only waiting to
    be asked for its exit status is dead, but not while a thread of it is still ending: that keeps
    its files and sockets open."""
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                state, parent, group = file.read().rpartition(")")[2].split()[:3]
            if state == "Z" and len(os.listdir(f"/proc/{name}/task")) <= 1:
                continue
        except OSError:
            continue  # it has ended meanwhile
        yield int(name), int(parent), int(group)


def children(pid):
    """The process ids of the children of `pid`. (/proc/PID/task/PID/children leaves some out while
    others come and go.)"""
    return [child for child, parent, _ in processes() if parent == pid]
