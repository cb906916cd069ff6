"""A Redis of its own for a test."""
import socket

from support.program import Program, free_port


class Redis(Program):
    """redis-server on a port of its own; what it keeps is in its folder and survives a restart.

    durability: always, everysec, no (Redis' appendfsync), or off (no append-only file)."""

    def __init__(self, folder, durability="always", *settings):
        super().__init__("redis", str(folder))
        self.port = free_port()
        self.durability = durability
        self.settings = settings

    @property
    def url(self):
        return f"redis://127.0.0.1:{self.port}/"

    def start(self):
        log = ["--appendonly", "no"] if self.durability == "off" else [
            "--appendonly", "yes", "--appendfsync", self.durability]
        self.launch(["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "",
                     "--dir", self.folder, *log, *self.settings])
        self.wait_until(lambda: self.ask("PING", check=False) == "PONG", "a PONG")
        return self

    def ask(self, *command, check=True):
        """The answer to a command, as text; so are errors, but those of the connection, which are
        raised, or "" without `check`."""
        try:
            return as_text(self.call(*command))
        except RedisError as error:
            return str(error)
        except OSError:
            if check:
                raise
            return ""

    def call(self, *command):
        """The answer to a command: bytes, a list or None. Words of the command may be bytes."""
        words = [word.encode() if isinstance(word, str) else word for word in command]
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            connection.sendall(b"*%d\r\n" % len(words) +
                               b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words))
            with connection.makefile("rb") as reader:
                return read_reply(reader)


class RedisError(Exception):
    """What Redis says is wrong."""


def as_text(reply):
    return "" if reply is None else reply.decode(errors="replace").strip()


def read_reply(reader):
    """One reply of Redis' protocol, version 2."""
    line = reader.readline()
    if not line.endswith(b"\r\n"):
        raise ConnectionResetError("Redis has closed the connection")
    kind, rest = line[:1], line[1:-2]
    if kind == b"-":
        raise RedisError(rest.decode())
    if kind == b"*":
        return [read_reply(reader) for _ in range(int(rest))]
    if kind == b"$":
        return reader.read(int(rest) + 2)[:-2] if int(rest) >= 0 else None
    return rest
