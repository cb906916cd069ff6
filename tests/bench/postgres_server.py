"""A private PostgreSQL on CPU 0, with the settings that Debian gives it, and what the benchmark asks of it."""
import atexit
import functools
import glob
import os
import pwd
import shutil
import subprocess
import tempfile

from processes import SERVER_CPU, Process, free_port, wait_for

USER = "postgres"  # PostgreSQL does not run as root


def _bin():
    """The newest installed version's folder of programs."""
    return max(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda path: int(path.split("/")[4]))


def _as_user(command):
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]


def _give(path):
    if os.geteuid() == 0:
        shutil.chown(path, USER, pwd.getpwnam(USER).pw_gid)


@functools.cache
def _template():
    """A fresh cluster, made once a run and copied for each server."""
    folder = tempfile.mkdtemp(prefix="footfall-bench-postgres-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.chmod(folder, 0o755)
    data = os.path.join(folder, "data")
    os.makedirs(data, mode=0o700)
    _give(data)
    subprocess.run(_as_user([os.path.join(_bin(), "initdb"), "--pgdata", data, "--auth", "trust", "--username", USER,
                             "--encoding", "UTF8", "--locale", "C"]), check=True, capture_output=True, cwd="/")
    return data


class Postgres(Process):
    def __init__(self, directory, cpu=SERVER_CPU):
        self.port = free_port()
        os.makedirs(directory)
        os.chmod(os.path.dirname(directory), 0o755)
        data = os.path.join(directory, "data")
        subprocess.run(["cp", "-a", _template(), data], check=True)
        super().__init__(_as_user([os.path.join(_bin(), "postgres"), "-D", data, "-p", self.port,
                                   "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]),
                         os.path.join(directory, "log"), cpu=cpu)
        try:
            wait_for("PostgreSQL", self, lambda: self.ask("SELECT 1") == "1", step_s=0.02)
        except BaseException:
            self.stop()
            raise

    @property
    def url(self):
        return f"postgres://{USER}@127.0.0.1:{self.port}/postgres"

    def ask(self, question):
        """The one value that a question asks for, as text; empty when there is none."""
        done = subprocess.run(["psql", "-qAtX", self.url, "-c", question], capture_output=True, text=True, timeout=20,
                              check=False, env={"PATH": os.environ["PATH"]})
        return done.stdout.strip()

    def total(self):
        number = self.ask("SELECT views FROM footfall_counter WHERE site = 'default' AND dimension = 0")
        return int(number) if number else 0
