"""A PostgreSQL of its own for a test."""
import atexit
import functools
import glob
import os
import shutil
import signal
import subprocess
import tempfile

from support.program import Program, children, free_port, processes, wait_for

# It refuses to run as root; then it runs as this user.
USER = "postgres"


def program(name):
    """Debian keeps them out of PATH; of several versions the last one is taken."""
    return sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))[-1]


def own_folder():
    """A new folder that its user can reach."""
    folder = tempfile.mkdtemp(prefix="footfall-postgres-")
    if os.geteuid() == 0:
        shutil.chown(folder, USER, USER)
    return folder


def run(name, *arguments, folder):
    subprocess.run([*as_user(), program(name), *arguments], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, timeout=60)


def as_user():
    if os.geteuid() != 0:
        return []
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]


@functools.cache
def fresh_data():
    """What initdb makes. To make it takes longer than most tests do, so each server gets a copy."""
    folder = own_folder()
    atexit.register(shutil.rmtree, folder)
    run("initdb", "--pgdata=data", "--username=footfall", "--auth=trust", "--no-sync", "--no-locale",
        "--encoding=UTF8", "--no-instructions", folder=folder)
    return os.path.join(folder, "data")


class Postgres(Program):
    """postgres on a port of its own; its data is in a folder that its user can reach, and survives a
    restart. Settings as in postgresql.conf: Postgres("fsync=off"). With `primary` it is that one's
    asynchronous standby."""

    def __init__(self, *settings, primary=None):
        super().__init__("postgres", own_folder())
        self.port = free_port()
        self.settings = settings
        if primary:
            run("pg_basebackup", "--pgdata=data", "--write-recovery-conf", "--checkpoint=fast",
                "--no-sync", f"--dbname={primary.url}", folder=self.folder)
        else:
            subprocess.run(["cp", "--archive", fresh_data(), "data"], cwd=self.folder, check=True)

    @property
    def url(self):
        return f"postgres://footfall@127.0.0.1:{self.port}/postgres"

    def start(self):
        settings = ["listen_addresses=127.0.0.1", f"port={self.port}", "max_connections=60",
                    f"unix_socket_directories={self.folder}", "shared_buffers=32MB", *self.settings]
        self.launch([*as_user(), program("postgres"), "-D", "data",
                     *[part for setting in settings for part in ("-c", setting)]])
        self.wait_until(lambda: self.psql("SELECT 'ready'", check=False) == "ready", "an answer", 30)
        return self

    def psql(self, sql, check=True):
        """The answer to some SQL, as text."""
        done = subprocess.run([program("psql"), "-XAtq", "-h", "127.0.0.1", "-p", str(self.port), "-U",
                               "footfall", "-d", "postgres", "-c", sql], capture_output=True,
                              text=True, check=check, timeout=20, env={"PATH": os.environ["PATH"]})
        return done.stdout.strip()

    def end(self):
        """Ends it in good order, whoever is connected; then its files are whole."""
        self.signal(signal.SIGINT)
        assert self.process.wait(20) == 0

    def kill(self):
        """Ends it and all its children at once, as a power cut would. Each child has a process group
        of its own; the first to die is the one that would mourn the others."""
        if not self.is_running():
            return
        all_of_them = [self.process.pid, *children(self.process.pid)]
        for pid in all_of_them:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass  # it has ended meanwhile
        self.process.wait()
        wait_for(lambda: not {pid for pid, _, _ in processes()} & set(all_of_them), "the end of all")

    def remove(self):
        """Ends it, and its data goes too."""
        if self.is_running():
            self.signal(signal.SIGQUIT)  # at once, but it removes its shared memory
            self.process.wait(20)
        shutil.rmtree(self.folder)
