"""A real browser: scenarios of tests/browser, which node runs with playwright-core and Debian's chromium.
The packages are those that a build with tests has fetched."""
import os
import subprocess

from support.footfall import ROOT

BUILDS = ("asan", "asan-clang", "dev")


def node_modules():
    for build in BUILDS:
        path = os.path.join(ROOT, "build", build, "npm", "node_modules")
        if os.path.isdir(os.path.join(path, "playwright-core")):
            return path
    raise AssertionError(f"none of the builds {', '.join(BUILDS)} has the packages of npm for tests")


class Scenario:
    """A scenario that runs. `script` is a file of tests/browser; `words` are told to it; settings are
    variables of its environment."""

    def __init__(self, script, *words, **settings):
        environment = {**os.environ, "FOOTFALL_NODE_MODULES": node_modules(), **settings}
        self.process = subprocess.Popen(
            ["node", os.path.join(ROOT, "tests", "browser", script), *words], env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def wait_until_it_waits(self):
        """Until it says so: what it waits for may happen now."""
        line = self.process.stdout.readline()
        assert line.strip() == "waiting", line + self.process.stdout.read()

    def is_running(self):
        return self.process.poll() is None

    def end(self, timeout_s=90):
        """Its end; it fails with what the scenario complains of."""
        try:
            output, _ = self.process.communicate(timeout=timeout_s)
        finally:
            self.kill()
        assert self.process.returncode == 0, output

    def kill(self):
        self.process.kill()
        self.process.wait()
