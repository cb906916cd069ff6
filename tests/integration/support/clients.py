"""Clients that count what they were told.

Each client has one connection and one hit under way. A hit has an id; whatever goes wrong (an error
status, a closed connection, silence), the client sends the same id again until it has a 2xx. All of
them run in one thread, on one epoll."""
import errno
import json
import random
import select
import socket
import time
import zlib
from collections import Counter

from support.footfall import BROWSER
from support.program import wait_for

RETRY_DELAY_S = 0.02
ATTEMPT_TIMEOUT_S = 3.0
LOOK_EVERY_S = 0.01  # for attempts that took too long, and for those to begin
PAGES = 40


class Told:
    """The answer to one id."""

    __slots__ = ("client", "path", "count", "site_count", "duplicate", "attempts")

    def __init__(self, client, path, answer, attempts):
        self.client = client
        self.path = path
        self.count = answer.get("count")  # None when its site does not show the numbers of pages
        self.site_count = answer["site_count"]
        self.duplicate = answer["duplicate"]
        self.attempts = attempts


class Client:
    """One client: the hit it works on and the connection it uses."""

    def __init__(self, number):
        self.number = number
        self.socket = None
        self.id = None
        self.path = None
        self.attempts = 0
        self.unsent = b""
        self.received = b""
        self.deadline = 0.0   # of the attempt; or when to begin the next one
        self.waiting = True   # for the moment of the next attempt
        self.leaves = False   # closes the connection right after sending
        self.gives_up = False  # and never asks again


class Clients:
    """Sends hits with ids to 127.0.0.1:port until run() is told to stop.

    told      id -> Told: the hits that were answered with a 2xx
    unknown   id -> path: the hits whose client left and never asked again
    repeats   (Told, Told): the same id sent once more after it was answered, and its new answer
    failures  how often attempts ended otherwise: by status, or "closed", "silent", "refused"
    order     per client, its answers in order: the numbers must grow"""

    def __init__(self, port, count, seed, leave=0.01, give_up=0.002, repeat=0.02):
        self.port = port
        self.seed = seed
        self.chance = random.Random(seed)
        self.leave, self.give_up, self.repeat = leave, give_up, repeat
        self.told = {}
        self.unknown = {}
        self.repeats = []
        self.failures = Counter()
        self.order = [[] for _ in range(count)]
        self.next_id = 0
        self.clients = [Client(number) for number in range(count)]
        self.by_fd = {}
        self.epoll = None

    def run(self, wants_more, timeout_s, check=lambda: None):
        """Sends new hits while wants_more() says so, then finishes those under way. check() is
        called all the while; what it raises ends the run."""
        self.epoll = select.epoll()
        deadline = time.monotonic() + timeout_s
        busy = {client for client in self.clients if self._new_hit(client, wants_more)}
        next_look = 0.0
        while busy:
            done = [client for fd, events in self.epoll.poll(LOOK_EVERY_S)
                    if (client := self.by_fd.get(fd)) and self._serve(client, events)]
            now = time.monotonic()
            assert now < deadline, (f"{len(busy)} clients still wait after {timeout_s} s; "
                                    f"{len(self.told)} hits answered, failures {self.failures}")
            if now >= next_look:
                next_look = now + LOOK_EVERY_S
                check()
                done += [client for client in busy
                         if now >= client.deadline and self._on_deadline(client)]
            busy -= {client for client in done if not self._new_hit(client, wants_more)}
        self.epoll.close()

    def ask_again(self, id_, path):
        """Sends an id for the second time, and must be told; 503 says to ask once more."""
        status, body = wait_for(lambda: self._ask_once(id_, path), f"the answer to {id_}")
        assert status == 200, (id_, status, body)
        return Told(0, path, json.loads(body), attempts=2)

    def _ask_once(self, id_, path):
        """(status, body) of a request on a connection of its own; None for a 503."""
        with socket.create_connection(("127.0.0.1", self.port), ATTEMPT_TIMEOUT_S) as connection:
            connection.sendall(request(path, id_))
            received = b""
            while (answer := parse(received)) is None:
                data = connection.recv(65536)
                assert data, f"the connection of {id_} was closed"
                received += data
        status, body, _ = answer
        return None if status == 503 else (status, body)

    def _new_hit(self, client, wants_more):
        """Gives the client its next hit; false when there is none for it."""
        if not wants_more():
            self._disconnect(client)
            return False
        self.next_id += 1
        client.id = f"{self.seed}-{self.next_id}"
        client.path = f"/page/{self.chance.randrange(PAGES)}"
        client.gives_up = self.chance.random() < self.give_up
        client.leaves = client.gives_up or self.chance.random() < self.leave
        client.attempts = 0
        self._attempt(client)
        return True

    def _attempt(self, client):
        client.attempts += 1
        client.waiting = False
        client.deadline = time.monotonic() + ATTEMPT_TIMEOUT_S
        client.unsent = request(client.path, client.id)
        client.received = b""
        if client.socket is None:
            self._connect(client)
        else:
            self._send(client)

    def _connect(self, client):
        client.socket = socket.socket()
        client.socket.setblocking(False)
        client.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        error = client.socket.connect_ex(("127.0.0.1", self.port))
        if error not in (0, errno.EINPROGRESS):
            self._fail(client, "refused")
            return
        self.by_fd[client.socket.fileno()] = client
        self.epoll.register(client.socket, select.EPOLLOUT)

    def _disconnect(self, client):
        if client.socket is not None:
            self.by_fd.pop(client.socket.fileno(), None)
            client.socket.close()
            client.socket = None

    def _fail(self, client, why):
        """This attempt came to nothing; the next one begins a little later."""
        self.failures[why] += 1
        self._disconnect(client)
        client.waiting = True
        client.deadline = time.monotonic() + RETRY_DELAY_S * (0.5 + self.chance.random())

    def _on_deadline(self, client):
        """The attempt took too long, or it is time for the next one; true when there is none."""
        if not client.waiting:
            self._fail(client, "silent")
            return False
        if client.gives_up:
            self.unknown[client.id] = client.path
            return True
        self._attempt(client)
        return False

    def _send(self, client):
        try:
            client.unsent = client.unsent[client.socket.send(client.unsent):]
        except BlockingIOError:
            pass
        except OSError:
            self._fail(client, "closed")
            return
        if client.leaves and not client.unsent:
            client.leaves = False
            self._fail(client, "left")
            return
        self.epoll.modify(client.socket, select.EPOLLOUT if client.unsent else select.EPOLLIN)

    def _serve(self, client, events):
        """Goes on with the client; true when its hit is done with."""
        if client.unsent:
            self._send(client)
            return False
        try:
            data = client.socket.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            self._fail(client, "closed")
            return False
        client.received += data
        answer = parse(client.received)
        return answer is not None and self._on_answer(client, *answer)

    def _on_answer(self, client, status, body, closes):
        if status != 200:
            self._fail(client, status)
            return False
        told = Told(client.number, client.path, json.loads(body), client.attempts)
        if closes:
            self._disconnect(client)
        self.order[client.number].append(told)
        first = self.told.setdefault(client.id, told)
        if first is not told:
            self.repeats.append((first, told))
        elif self.chance.random() < self.repeat:
            client.attempts = 0
            self._attempt(client)
            return False
        return True


def request(path, id_):
    """By one of a thousand visitors, who come back through whatever process is there."""
    visitor = zlib.crc32(id_.encode()) % 1000
    return (f"GET /count?p={path}&id={id_} HTTP/1.1\r\nHost: localhost\r\n"
            f"Accept: application/json\r\nUser-Agent: {BROWSER}\r\n"
            f"X-Forwarded-For: 10.0.{visitor // 250}.{visitor % 250}\r\n\r\n").encode()


def parse(received):
    """(status, body, closes) of a whole answer; None while it is not whole."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = received[:end].lower()
    start = head.find(b"content-length:")
    length = int(head[start + 15:].split(b"\r\n", 1)[0]) if start >= 0 else 0
    body = received[end + 4:]
    if start >= 0 and len(body) < length:
        return None
    return int(head[9:12]), body, b"connection: close" in head
