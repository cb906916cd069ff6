"""Starting and ending processes: pinned to a CPU, remembered by pid, ended by pid."""
import os
import signal
import socket
import subprocess
import time

import machine

SERVER_CPU, LOAD_CPU = 0, 1
BOTH_CPUS = f"{SERVER_CPU},{LOAD_CPU}"  # for what is measured on the whole machine


def pinned(cpu, command):
    """`command`, held on `cpu`, and told to end when we are gone."""
    return ["setpriv", "--pdeathsig", "TERM", "taskset", "--cpu-list", str(cpu), *map(str, command)]


class Process:
    """A server and what it forks. A context manager: leaving it ends them all."""

    def __init__(self, command, log, env=None, cpu=SERVER_CPU):
        self.log = log
        with open(log, "ab") as out:
            self._popen = subprocess.Popen(pinned(cpu, command), stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                           env={**os.environ, **(env or {})})
        self.pid = self._popen.pid

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def pids(self):
        return machine.tree(self.pid)

    def ended(self):
        return self._popen.poll() is not None

    def stop(self):
        """TERM to the first process; KILL to those left after three seconds."""
        pids = self.pids()
        _signal(self.pid, signal.SIGTERM)
        deadline = time.monotonic() + 3
        while self._popen.poll() is None or any(map(machine.alive, pids)):
            if time.monotonic() > deadline:
                for pid in pids:
                    _signal(pid, signal.SIGKILL)
                self._popen.wait()
                return
            time.sleep(0.005)


def _signal(pid, number):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass


def run_pinned(command, timeout_s, cpu=LOAD_CPU):
    """Output of a command that has to end well within `timeout_s`."""
    return subprocess.run(pinned(cpu, command), capture_output=True, text=True, timeout=timeout_s, check=True).stdout


def bench_program(name):
    """The path of one of the programs in this folder, as `make bench` builds them."""
    here = os.path.dirname(os.path.abspath(__file__))
    return os.path.join(here, "..", "..", "build", "release", "tests", "bench", f"bench_{name}")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(what, process, condition, limit_s=10.0, step_s=0.01):
    """Waits until `condition()` is true; otherwise raises with the end of the process' log."""
    deadline = time.monotonic() + limit_s
    while not condition():
        if process.ended() or time.monotonic() > deadline:
            with open(process.log, encoding="utf-8", errors="replace") as f:
                raise RuntimeError(f"{what} does not answer; the end of its log:\n{f.read()[-2000:]}")
        time.sleep(step_s)
