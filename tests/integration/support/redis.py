"""A Redis of its own for a test."""
import os
import subprocess

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
        self.wait_until(lambda: self.cli("PING", check=False) == "PONG", "a PONG")
        return self

    def cli(self, *command, check=True):
        """The answer of redis-cli to a command, as text."""
        done = subprocess.run(["redis-cli", "-p", str(self.port), *command], capture_output=True,
                              text=True, check=check, timeout=10,
                              env={"PATH": os.environ["PATH"]})
        return done.stdout.strip()
