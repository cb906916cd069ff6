"""A private Redis on CPU 0, and the few commands the benchmark asks of it."""
import os
import socket

from processes import SERVER_CPU, Process, free_port, wait_for

DURABILITY = {
    "none": ["--appendonly", "no"],
    "always": ["--appendonly", "yes", "--appendfsync", "always"],
}


class Redis(Process):
    def __init__(self, directory, durability, cpu=SERVER_CPU):
        self.port = free_port()
        os.makedirs(directory)
        super().__init__(["redis-server", "--bind", "127.0.0.1", "--port", self.port, "--dir", directory,
                          "--save", "", *DURABILITY[durability]], os.path.join(directory, "log"), cpu=cpu)
        try:
            wait_for("Redis", self, lambda: self._answers("PING") == b"+PONG", step_s=0.005)
        except BaseException:
            self.stop()
            raise

    def _answers(self, *words):
        try:
            return self.ask(*words)
        except OSError:
            return None

    def ask(self, *words):
        """The reply to one command that answers in at most two lines: the last of them."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as s:
            s.sendall((" ".join(words) + "\r\n").encode())
            reply = s.makefile("rb")
            line = reply.readline().rstrip()
            return reply.readline().rstrip() if line.startswith(b"$") and line != b"$-1" else line

    def counter(self, key):
        """The number under `key`; 0 when there is none yet."""
        reply = self.ask("GET", key)
        return int(reply) if reply.isdigit() else 0
