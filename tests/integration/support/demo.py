"""`footfall demo`, as a test's own server."""
import os

from support.footfall import RELEASE, Footfall

TRAFFIC = ("--days=60", "--hits-per-day=300")


class Demo(Footfall):
    """`footfall demo`: its dashboard wants no login."""

    def start(self, until="/readyz", timeout_s=60):
        self.launch([RELEASE, "demo", f"--listen=127.0.0.1:{self.port}", *TRAFFIC],
                    {"PATH": os.environ["PATH"], "TMPDIR": self.folder})
        self.wait_until(lambda: self.answers(until), f"a 200 for {until}", timeout_s)
        return self

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"
