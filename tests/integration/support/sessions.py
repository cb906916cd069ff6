"""An application that keeps its sessions in Footfall."""
import http.client
import json
import os
import subprocess

from support.footfall import SANITIZED, Answer


def add_token(url, scopes="sessions", *flags, binary=SANITIZED):
    """Makes an API token with the command, as its owner would."""
    done = subprocess.run([binary, "token", "add", "test", f"--scopes={scopes}", *flags],
                          capture_output=True, text=True, timeout=60, check=False,
                          env={"PATH": os.environ["PATH"], "FOOTFALL_STORE": url})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Application:
    """Calls on one connection to a port that is kept open: one of these for each thread."""

    def __init__(self, port, api_token):
        self.api_token = api_token
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)

    def call(self, action, **members):
        """POST /api/v1/sessions, or below it; the answer."""
        self.connection.request("POST", "/api/v1/sessions" + (action and "/" + action),
                                json.dumps(members), {"Content-Type": "application/json",
                                                      "Authorization": "Bearer " + self.api_token})
        return Answer(self.connection.getresponse())

    def begin(self, **members):
        """A session, as the application is told of it, with its token."""
        answer = self.call("", **members)
        assert answer.status == 201, (answer.status, answer.body)
        return answer.json()

    def read(self, session):
        return self.call("read", token=session["token"])

    def auth(self, session, method="GET", target="/auth"):
        """What a proxy is told."""
        self.connection.request(method, target,
                                headers={"Cookie": "__Host-session=" + session["token"]})
        return Answer(self.connection.getresponse())

    def close(self):
        self.connection.close()
