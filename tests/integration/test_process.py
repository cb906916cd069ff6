"""Master, workers, sockets and signals, on the real binary."""
import http.client
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from support.footfall import BROWSER, RELEASE, Answer, Footfall
from support.program import children, free_port, wait_for


def start(tmp_path, ending, workers=1, until="/readyz", **settings):
    footfall = Footfall(tmp_path, workers=workers, **settings)
    ending.append(footfall)
    footfall.start(until=until)
    if until == "/readyz":
        wait_for_all(footfall)
    return footfall


def wait_for_all(footfall):
    """Until every worker listens; /readyz is answered by the first of them."""
    footfall.wait_until(lambda: events(footfall, "serving"), "all workers")


def events(program, message):
    """The log's lines with that message, as dictionaries."""
    lines = []
    for line in program.log().splitlines():
        fields = dict(re.findall(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)', line))
        if fields.get("msg", "").strip('"') == message:
            lines.append({key: value.strip('"') for key, value in fields.items()})
    return lines


def gone(pid):
    """True when the process ended (whoever is its parent)."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


class Held:
    """A request that the server has begun with, under way until finish(): its body is not whole."""

    def __init__(self, footfall):
        self.socket = socket.create_connection(("127.0.0.1", footfall.port), timeout=10)
        body = b"p=%2Fheld"
        self.socket.sendall(b"POST /count HTTP/1.1\r\nHost: x\r\nAccept: application/json\r\n"
                            b"Content-Type: application/x-www-form-urlencoded\r\n"
                            b"User-Agent: %b\r\n"
                            b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n"
                            % (BROWSER.encode(), len(body)))
        assert self.socket.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        self.socket.sendall(body[:-1])
        self.rest = body[-1:]

    def finish(self):
        self.socket.sendall(self.rest)
        response = http.client.HTTPResponse(self.socket)
        response.begin()
        answer = Answer(response)
        self.socket.close()
        return answer


# Life and death


@pytest.mark.parametrize("workers", [1, 4])
def test_serves_counts_and_ends_on_term(tmp_path, ending, workers):
    footfall = start(tmp_path, ending, workers)
    footfall.wait_until(lambda: len(footfall.worker_pids()) == workers, "all workers")
    assert [footfall.hit()["site_count"] for _ in range(3)] == [1, 2, 3]
    assert footfall.stop() == 0
    assert len(events(footfall, "draining")) == workers
    assert events(footfall, "ended")[0]["exit"] == "0"


def test_a_killed_worker_is_replaced_under_its_number_while_others_answer(tmp_path, ending):
    footfall = start(tmp_path, ending, workers=4)
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 4, "four workers")
    started = events(footfall, "worker started")
    victim = started[2]
    os.kill(int(victim["pid"]), signal.SIGKILL)
    assert [footfall.hit()["site_count"] for _ in range(20)] == list(range(1, 21))
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 5, "the new worker")
    died = events(footfall, "worker died")[0]
    assert (died["pid"], died["worker"], died["signal"]) == (victim["pid"], victim["worker"], "KILL")
    assert events(footfall, "worker started")[4]["worker"] == victim["worker"]
    assert {int(event["pid"]) for event in started} - {int(victim["pid"])} < set(footfall.worker_pids())
    assert footfall.stop() == 0


def test_a_crash_loop_backs_off(tmp_path, ending):
    """0, then 100 ms, doubled each time."""
    footfall = start(tmp_path, ending, workers=2)
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 2, "two workers")
    gaps = []
    for deaths in range(1, 5):
        last = [event for event in events(footfall, "worker started") if event["worker"] == "2"][-1]
        killed = time.monotonic()
        os.kill(int(last["pid"]), signal.SIGKILL)
        footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 2 + deaths, "a new worker")
        gaps.append(time.monotonic() - killed)
        assert footfall.hit()["site_count"] == deaths
    for gap, delay in zip(gaps, [0, 0.1, 0.2, 0.4]):
        assert delay <= gap < delay + 2, gaps
    assert footfall.stop() == 0


def test_workers_end_with_their_master(tmp_path, ending):
    footfall = start(tmp_path, ending, workers=2)
    workers = footfall.wait_until(lambda: len(footfall.worker_pids()) == 2 and footfall.worker_pids(),
                                  "two workers")
    footfall.process.kill()
    footfall.process.wait()
    wait_for(lambda: all(gone(pid) for pid in workers), "the end of the workers")


# Ending


@pytest.mark.parametrize("workers", [1, 2])
def test_term_lets_what_is_under_way_finish_and_refuses_newcomers(tmp_path, ending, workers):
    footfall = start(tmp_path, ending, workers)
    footfall.hit()
    held = [Held(footfall) for _ in range(4)]
    footfall.signal(signal.SIGTERM)
    footfall.wait_until(lambda: len(events(footfall, "draining")) == workers, "the drain")
    footfall.wait_until(lambda: refuses(footfall.port), "a refusal")
    answers = [one.finish() for one in held]
    assert [answer.status for answer in answers] == [200] * 4
    assert all(answer.headers["connection"] == "close" for answer in answers)
    assert sorted(answer.json()["site_count"] for answer in answers) == [2, 3, 4, 5]
    assert footfall.process.wait(10) == 0


def refuses(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return False
    except ConnectionRefusedError:
        return True


@pytest.mark.parametrize("workers", [1, 2])
def test_the_drain_has_a_deadline(tmp_path, ending, workers):
    footfall = start(tmp_path, ending, workers, FOOTFALL_DRAIN_TIMEOUT="300ms")
    held = Held(footfall)
    begin = time.monotonic()
    footfall.signal(signal.SIGTERM)
    assert footfall.process.wait(10) == 0
    assert 0.3 <= time.monotonic() - begin < 3
    assert events(footfall, "drain deadline passed")[0]["connections"] == "1"
    held.socket.close()


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_at_once(tmp_path, ending, workers, number):
    footfall = start(tmp_path, ending, workers, FOOTFALL_DRAIN_TIMEOUT="60s")
    held = Held(footfall)
    footfall.signal(signal.SIGTERM)
    footfall.wait_until(lambda: len(events(footfall, "draining")) == workers, "the drain")
    footfall.signal(number)
    assert footfall.process.wait(5) == 1
    held.socket.close()


def test_a_stuck_worker_is_killed_after_the_deadline(tmp_path, ending):
    footfall = start(tmp_path, ending, 2, FOOTFALL_DRAIN_TIMEOUT="200ms")
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 2, "two workers")
    os.kill(footfall.worker_pids()[0], signal.SIGSTOP)
    footfall.signal(signal.SIGTERM)
    assert footfall.process.wait(10) == 0
    assert [event["signal"] for event in events(footfall, "worker died")] == ["KILL"]


@pytest.mark.parametrize("workers", [1, 2])
def test_interrupt_from_a_terminal_reaches_all_and_drains_once(tmp_path, ending, workers):
    footfall = Footfall(tmp_path, workers=workers)
    ending.append(footfall)
    env = {"PATH": os.environ["PATH"], **footfall.settings}
    with open(footfall.log_path, "ab") as log:
        footfall.process = subprocess.Popen([RELEASE, "serve"], cwd=tmp_path, env=env, stdout=log,
                                            stderr=log, start_new_session=True)
    footfall.wait_until(lambda: footfall.answers("/readyz"), "readiness")
    wait_for_all(footfall)
    held = Held(footfall)
    os.killpg(footfall.process.pid, signal.SIGINT)
    footfall.wait_until(lambda: len(events(footfall, "draining")) == workers, "the drain")
    assert held.finish().status == 200
    assert footfall.process.wait(10) == 0


# Replacing


class Load(threading.Thread):
    """Asks again and again, each time on a new connection; keeps what went wrong."""

    def __init__(self, footfall):
        super().__init__()
        self.footfall = footfall
        self.counts, self.wrong = [], []
        self.over = threading.Event()

    def run(self):
        while not self.over.is_set():
            try:
                answer = self.footfall.get("/count?p=/load", accept="application/json",
                                           connection="close")
                if answer.status == 200:
                    self.counts.append(answer.json()["site_count"])
                else:
                    self.wrong.append(answer.status)
            except (OSError, http.client.HTTPException) as error:
                self.wrong.append(repr(error))


@pytest.mark.parametrize("workers", [2, 4])
def test_replacing_under_load_refuses_and_loses_nobody(tmp_path, ending, store, workers):
    """A new worker listens only when its store is connected: nobody is told 503 for its sake."""
    footfall = start(tmp_path, ending, workers, FOOTFALL_STORE=store.url)
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == workers, "all workers")
    loads = [Load(footfall) for _ in range(3)]
    for load in loads:
        load.start()
    for _ in range(5):
        before = sum(len(load.counts) for load in loads)
        footfall.hup()
        wait_for(lambda: sum(len(load.counts) for load in loads) > before + 20, "more answers")
    for load in loads:
        load.over.set()
        load.join()
    assert [load.wrong for load in loads] == [[], [], []]
    counts = sorted(count for load in loads for count in load.counts)
    assert counts == list(range(1, len(counts) + 1))
    assert footfall.value() == len(counts)
    assert len(events(footfall, "workers replaced")) == 5
    assert not events(footfall, "worker died")
    assert footfall.stop() == 0


def test_replacing_keeps_the_requests_of_the_old_worker(tmp_path, ending):
    footfall = start(tmp_path, ending, workers=2)
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 2, "two workers")
    held = [Held(footfall) for _ in range(6)]
    footfall.signal(signal.SIGHUP)
    footfall.wait_until(lambda: events(footfall, "workers replaced"), "the replacement")
    assert footfall.hit()["site_count"] == 1, "the new workers answer while the old ones finish"
    assert [one.finish().status for one in held] == [200] * 6
    footfall.wait_until(lambda: len(footfall.worker_pids()) == 2, "the end of the old workers")
    assert footfall.value() == 7
    assert footfall.stop() == 0


def test_a_hang_up_meanwhile_replaces_once_more(tmp_path, ending):
    footfall = start(tmp_path, ending, workers=2)
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 2, "two workers")
    held = [Held(footfall) for _ in range(6)]
    footfall.signal(signal.SIGHUP)
    footfall.wait_until(lambda: events(footfall, "workers replaced"), "the replacement")
    footfall.signal(signal.SIGHUP)  # now it waits until a worker that was replaced has left
    footfall.wait_until(lambda: len(events(footfall, "replacing workers")) == 2, "the second one")
    footfall.signal(signal.SIGHUP)
    assert [one.finish().status for one in held] == [200] * 6
    footfall.wait_until(lambda: len(events(footfall, "workers replaced")) == 3, "the third one")
    footfall.wait_until(lambda: len(footfall.worker_pids()) == 2, "two workers")
    assert footfall.value() == 6
    assert footfall.stop() == 0


def test_a_single_process_says_that_it_cannot_be_replaced(tmp_path, ending):
    footfall = start(tmp_path, ending)
    footfall.signal(signal.SIGHUP)
    footfall.wait_until(lambda: "no master" in footfall.log(), "the explanation")
    assert footfall.hit()["site_count"] == 1
    assert footfall.stop() == 0


def test_a_worker_whose_store_is_down_listens_after_a_grace(tmp_path, ending):
    footfall = start(tmp_path, ending, workers=2, until="/healthz",
                     FOOTFALL_STORE=f"redis://127.0.0.1:{free_port()}/")
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 2, "two workers")
    assert all(1000 <= int(ready["after_ms"]) for ready in events(footfall, "worker ready"))
    assert footfall.get("/count?p=/").status == 503
    assert footfall.stop() == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_term_ends_a_worker_that_waits_for_its_store(tmp_path, ending, workers):
    footfall = Footfall(tmp_path, workers=workers,
                        FOOTFALL_STORE=f"redis://127.0.0.1:{free_port()}/")
    ending.append(footfall)
    footfall.launch([RELEASE, "serve"], footfall.settings)
    footfall.wait_until(lambda: "no connection to Redis" in footfall.log(), "a worker at work")
    assert footfall.stop() == 0


# The service manager


class Manager:
    """The socket to which the service manager listens."""

    def __init__(self, folder):
        self.path = str(folder / "notify")
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        self.socket.settimeout(10)

    def next(self):
        return self.socket.recv(200).decode()


@pytest.mark.parametrize("workers", [1, 2])
def test_the_service_manager_is_told_of_each_state(tmp_path, ending, workers):
    manager = Manager(tmp_path)
    footfall = Footfall(tmp_path, workers=workers, NOTIFY_SOCKET=manager.path)
    ending.append(footfall)
    footfall.launch([RELEASE, "serve"], footfall.settings)
    assert manager.next() == "READY=1"
    assert footfall.get("/readyz").status == 200, "READY=1 came before it was"
    if workers > 1:
        footfall.hup()
        assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", manager.next())
        assert manager.next() == "READY=1"
    assert footfall.stop() == 0
    assert manager.next() == "STOPPING=1"


@pytest.mark.parametrize("workers", [1, 2])
def test_the_watchdog_is_fed(tmp_path, ending, workers):
    manager = Manager(tmp_path)
    start(tmp_path, ending, workers, NOTIFY_SOCKET=manager.path, WATCHDOG_USEC="100000")
    seen = [manager.next() for _ in range(5)]
    assert seen.count("WATCHDOG=1") >= 4 and "READY=1" in seen


ACTIVATE = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS="1")
os.execv(sys.argv[2], sys.argv[2:])
"""


def launch_activated(footfall, fd):
    os.set_inheritable(fd, True)
    with open(footfall.log_path, "ab") as log:
        footfall.process = subprocess.Popen(
            [sys.executable, "-c", ACTIVATE, str(fd), RELEASE, "serve"], cwd=footfall.folder,
            env=footfall.settings, stdout=log, stderr=log, pass_fds=(fd,))


@pytest.mark.parametrize("workers", [1, 2])
def test_a_passed_socket_outlives_restarts_without_a_refusal(tmp_path, ending, workers):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        footfall = Footfall(tmp_path, workers=workers, FOOTFALL_LISTEN="localhost:1")
        ending.append(footfall)
        footfall.port = listening.getsockname()[1]
        launch_activated(footfall, listening.fileno())
        footfall.wait_until(lambda: footfall.answers("/readyz"), "readiness")
        assert footfall.hit()["site_count"] == 1
        assert footfall.stop() == 0
        with socket.create_connection(("127.0.0.1", footfall.port), timeout=10) as waiting:
            waiting.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            launch_activated(footfall, listening.fileno())
            assert waiting.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert footfall.stop() == 0
        assert events(footfall, "listening")[0]["from"] == "service manager"


def test_a_passed_descriptor_that_is_no_socket_is_refused(tmp_path, ending):
    footfall = Footfall(tmp_path)
    ending.append(footfall)
    with open(os.devnull, "rb") as null:
        launch_activated(footfall, null.fileno())
    assert footfall.process.wait(10) == 78
    assert "LISTEN_FDS: descriptor 3 " in footfall.log()


# Addresses


def test_port_is_all_interfaces(tmp_path, ending):
    footfall = Footfall(tmp_path, FOOTFALL_LISTEN="", WEB_CONCURRENCY="1")
    ending.append(footfall)
    footfall.settings["PORT"] = str(footfall.port)
    footfall.start()
    assert re.fullmatch(rf"(\[::\]|0\.0\.0\.0):{footfall.port}",
                        events(footfall, "listening")[0]["address"])
    assert footfall.get("/readyz").status == 200
    assert footfall.stop() == 0


def test_port_0_is_told_in_the_log_and_localhost_is_both_families(tmp_path, ending):
    footfall = Footfall(tmp_path, FOOTFALL_LISTEN="localhost:0")
    ending.append(footfall)
    footfall.launch([RELEASE, "serve"], footfall.settings)
    footfall.wait_until(lambda: events(footfall, "serving"), "readiness")
    addresses = [event["address"] for event in events(footfall, "listening")]
    footfall.port = int(addresses[0].rpartition(":")[2])
    assert footfall.hit()["site_count"] == 1
    for address in addresses:
        host, _, port = address.rpartition(":")
        assert int(port) == footfall.port
        socket.create_connection((host.strip("[]"), port), timeout=5).close()
    assert footfall.stop() == 0


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


def ask_unix(path):
    connection = UnixConnection(path)
    connection.request("GET", "/")
    answer = Answer(connection.getresponse())
    connection.close()
    return answer


@pytest.mark.parametrize("workers", [1, 2])
def test_a_unix_socket_is_made_replaced_when_left_behind_and_removed(tmp_path, ending, workers):
    path = str(tmp_path / "web.sock")
    footfall = Footfall(tmp_path, workers=workers, FOOTFALL_LISTEN=f"unix:{path}")
    ending.append(footfall)
    for count in (1, 2):
        footfall.launch([RELEASE, "serve"], footfall.settings)
        footfall.wait_until(lambda: len(events(footfall, "serving")) == count, "readiness")
        assert os.stat(path).st_mode & 0o777 == 0o660
        assert f"Visitor Count: {count}" in ask_unix(path).text()
        if count == 1:
            footfall.kill()
            assert os.path.exists(path)
    assert footfall.stop() == 0
    assert not os.path.exists(path)


def test_an_address_in_use_is_named(tmp_path, ending):
    first = start(tmp_path, ending)
    second = Footfall(tmp_path, name="second", FOOTFALL_LISTEN=first.settings["FOOTFALL_LISTEN"])
    ending.append(second)
    second.launch([RELEASE, "serve"], second.settings)
    assert second.process.wait(10) == 1
    assert f"127.0.0.1:{first.port}" in second.log() and "in use" in second.log()
    assert first.stop() == 0


# Start


def test_a_private_store_serves_one_process_only(tmp_path, ending):
    many = Footfall(tmp_path, store="memory:", workers=2)
    ending.append(many)
    many.launch([RELEASE, "serve"], many.settings)
    assert many.process.wait(10) == 78
    assert "FOOTFALL_STORE=memory:" in many.log() and "WEB_CONCURRENCY=1" in many.log()
    alone = start(tmp_path, ending, store="memory:", name="alone")
    assert alone.hit()["site_count"] == 1
    assert alone.stop() == 0


def test_what_it_creates_is_for_its_user_only(tmp_path, ending):
    os.chmod(tmp_path, 0o755)
    footfall = start(tmp_path, ending, workers=2)
    footfall.hit()
    for name in os.listdir(tmp_path):
        if name.startswith("footfall.db"):
            assert os.stat(tmp_path / name).st_mode & 0o077 == 0, name
    assert footfall.stop() == 0


@pytest.mark.parametrize("workers", [1, 2])
def test_the_first_answer_comes_within_50_ms_of_the_start(tmp_path, ending, workers):
    """The best of ten: this machine does other things, too."""
    times = []
    for number in range(10):
        footfall = Footfall(tmp_path, workers=workers, name=f"start{number}")
        ending.append(footfall)
        begin = time.monotonic()
        footfall.launch([RELEASE, "serve"], footfall.settings)
        while not footfall.answers("/healthz"):
            assert time.monotonic() < begin + 10
        times.append(time.monotonic() - begin)
        assert footfall.stop() == 0
    assert min(times) <= 0.05, times


def test_a_worker_takes_at_most_8_mib_at_the_start(tmp_path, ending):
    footfall = start(tmp_path, ending, workers=2)
    footfall.wait_until(lambda: len(events(footfall, "worker ready")) == 2, "two workers")
    for pid in footfall.worker_pids():
        with open(f"/proc/{pid}/status", encoding="ascii") as status:
            resident_kib = int(re.search(r"VmRSS:\s+(\d+) kB", status.read())[1])
        assert resident_kib <= 8 * 1024
    assert footfall.stop() == 0


# A terminal


def launch_on_terminal(footfall, folder):
    """Runs it as the leader of a session with a terminal of its own; our end of that."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execve(RELEASE, [RELEASE, "serve"], footfall.settings)
    return pid, terminal


def read_until(terminal, text):
    got = b""
    while text.encode() not in got:
        got += os.read(terminal, 4096)
    return got.decode()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_terminal_is_greeted_and_its_end_is_the_end(tmp_path, workers):
    footfall = Footfall(tmp_path, workers=workers)
    pid, terminal = launch_on_terminal(footfall, tmp_path)
    try:
        greeting = read_until(terminal, "msg=serving")
        assert re.search(rf"Footfall \d+\.\d+\.\d+ serves http://localhost:{footfall.port} — "
                         rf"store sqlite:footfall\.db, {workers} workers?\r\n", greeting)
        workers_then = children(pid)
        os.close(terminal)
        wait_for(lambda: gone(pid), "the end of the server")
        assert all(gone(worker) for worker in workers_then)
    finally:
        if not gone(pid):
            os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
