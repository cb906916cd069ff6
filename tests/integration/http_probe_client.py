"""Starts http_probe_server and speaks to it in bytes."""

import json
import os
import pathlib
import signal
import socket
import subprocess

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / os.environ.get("FOOTFALL_BUILD", "build/asan")
SERVER = BUILD / "tests" / "support" / "http_probe_server"

# No probe waits longer for one thing to happen; sanitizers and a busy machine are slow.
PATIENCE_S = 20


class Server:
    """One http_probe_server; as a context it is drained at the end and must exit clean."""

    def __init__(self, *arguments, pass_fds=()):
        if not any(a.startswith(("port=", "unix=", "fd=")) for a in arguments):
            arguments = ("port=0",) + arguments
        self.process = subprocess.Popen(
            [SERVER, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=pass_fds)
        self.address = None
        self.has_ended = False
        if not any(a.startswith("fd=") for a in arguments):
            where = self.process.stdout.readline().decode().split()[1]
            self.address = ("127.0.0.1", int(where)) if where.isdigit() else where

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.terminate()
        self.wait()

    def terminate(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)

    def wait(self):
        """Until it has exited; a report of a sanitizer, or a leak, fails."""
        if self.has_ended:
            return
        self.has_ended = True
        try:
            _, errors = self.process.communicate(timeout=PATIENCE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            _, errors = self.process.communicate()
            raise AssertionError("the server did not end: " + errors.decode())
        assert self.process.returncode == 0 and errors == b"", errors.decode()

    def connect(self):
        return Client(self.address)

    def stats(self):
        with self.connect() as client:
            client.send(b"GET /stats HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            return json.loads(client.answer().body)


class Answer:
    def __init__(self, head, body):
        lines = head.split(b"\r\n")
        version, status, _ = (lines[0] + b" ").split(b" ", 2)
        assert version == b"HTTP/1.1", lines[0]
        self.status = int(status)
        self.fields = {}
        for line in lines[1:]:
            name, value = line.split(b": ", 1)
            assert name.lower() not in self.fields, head
            self.fields[name.lower().decode()] = value.decode()
        self.body = body

    @property
    def closes(self):
        return self.fields.get("connection") == "close"


class Client:
    """One connection. Every wait is bounded by PATIENCE_S."""

    def __init__(self, address):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(address)
        if family == socket.AF_INET:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        """A server that has refused may be gone before all is sent; its answer tells."""
        try:
            self.socket.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def send_bytewise(self, data):
        for i in range(len(data)):
            self.send(data[i:i + 1])

    def end(self):
        self.socket.shutdown(socket.SHUT_WR)

    def reset(self):
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.socket.close()

    def _more(self):
        data = self.socket.recv(1 << 16)
        self.received += data
        return len(data) > 0

    def _take(self, length):
        while len(self.received) < length:
            assert self._more(), f"the connection ended within {self.received!r}"
        taken, self.received = self.received[:length], self.received[length:]
        return taken

    def answer(self, is_head=False):
        """The next final answer; 1xx are passed over."""
        while True:
            while b"\r\n\r\n" not in self.received:
                assert self._more(), f"no answer, but {self.received!r} and the end"
            head = self._take(self.received.index(b"\r\n\r\n") + 4)[:-4]
            answer = Answer(head, b"")
            if answer.status >= 200:
                break
        has_body = not is_head and answer.status not in (204, 304)
        if has_body:
            answer.body = self._take(int(answer.fields["content-length"]))
        return answer

    def rest(self):
        """All that comes before the end of the connection."""
        try:
            while self._more():
                pass
        except ConnectionResetError:
            pass
        rest, self.received = self.received, b""
        return rest
