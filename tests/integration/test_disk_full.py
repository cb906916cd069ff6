"""The disk is full: nothing is lost, nothing is counted that was refused, and when there is room
again the count goes on by itself."""
import os
import resource
import subprocess
import tempfile

import pytest

from support.footfall import Footfall
from support.program import wait_for
from support.stores import SqliteStore

MIB = 1 << 20

# So long that some hundred pages fill a small disk.
LONG = "x" * 1500


class SizeLimit:
    """No file of the server may grow beyond a MiB (RLIMIT_FSIZE): any user can have that."""

    complaint = "I/O error"

    def __init__(self, folder):
        self.folder = str(folder)
        self.workers = 1

    def fill(self, footfall):
        for pid in footfall.worker_pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (MIB, resource.RLIM_INFINITY))

    def make_room(self, footfall):
        for pid in footfall.worker_pids():
            resource.prlimit(pid, resource.RLIMIT_FSIZE,
                             (resource.RLIM_INFINITY, resource.RLIM_INFINITY))

    def remove(self):
        pass


def mount(*arguments):
    return subprocess.run(["mount", *arguments], capture_output=True, timeout=10, check=False)


class SmallDisk:
    """A file system of its own, of some MiB; two processes are on it. Only root can have that."""

    complaint = "full"

    def __init__(self, folder):
        self.folder = os.path.join(str(folder), "disk")
        self.workers = 2
        os.mkdir(self.folder)
        mount("-t", "tmpfs", "-o", "size=4m", "footfall-test", self.folder).check_returncode()

    def fill(self, footfall):
        pass

    def make_room(self, footfall):
        mount("-o", "remount,size=64m", self.folder).check_returncode()

    def remove(self):
        subprocess.run(["umount", self.folder], timeout=10, check=True)


def can_mount():
    with tempfile.TemporaryDirectory() as folder:
        if mount("-t", "tmpfs", "-o", "size=64k", "footfall-test", folder).returncode != 0:
            return False
        subprocess.run(["umount", folder], timeout=10, check=True)
        return True


DISKS = [SizeLimit, SmallDisk] if can_mount() else [SizeLimit]


@pytest.fixture(params=DISKS, ids=lambda disk: disk.__name__)
def disk(request, tmp_path):
    made = request.param(tmp_path)
    yield made
    made.remove()


@pytest.fixture
def footfall(disk, tmp_path):
    """Ended before its disk is removed."""
    server = Footfall(tmp_path, store=f"sqlite:{disk.folder}/footfall.db", workers=disk.workers,
                      FOOTFALL_HIT_TIMEOUT="400ms")
    server.start()
    yield server
    server.kill()


def ask(footfall, number):
    """The status of hit `number`: each is of a page of its own."""
    return footfall.get(f"/count?p=/{number}/{LONG}&id=hit-{number}").status


def count_until_full(footfall):
    """Sends hits until ten in a row are refused: their statuses, by number."""
    statuses = []
    while statuses[-10:] != 10 * [503]:
        assert len(statuses) < 20_000, "the disk does not get full"
        statuses.append(ask(footfall, len(statuses)))
        assert statuses[-1] in (200, 503, 504), statuses[-1]
    return statuses


def test_a_full_disk_loses_nothing_and_the_count_goes_on_when_there_is_room(disk, footfall):
    store = SqliteStore(disk.folder)
    before = footfall.wait_until(
        lambda: len(footfall.worker_pids()) == disk.workers and footfall.worker_pids(), "all workers")
    disk.fill(footfall)

    statuses = count_until_full(footfall)

    answered, unknown = statuses.count(200), statuses.count(504)
    assert answered > 50, "it was full at once"
    assert answered <= store.total() <= answered + unknown
    assert footfall.value() == store.total(), "what is there can still be read"
    assert footfall.get("/healthz").status == 200
    ready = footfall.get("/readyz")
    assert ready.status == 503 and disk.complaint in ready.text(), ready.text()

    disk.make_room(footfall)
    for number in range(len(statuses) + 100):
        if statuses[number:number + 1] != [200]:
            wait_for(lambda number=number: ask(footfall, number) == 200, f"hit {number}", 30)
    print(f"{answered} answered and {unknown} unknown before the disk was full")
    assert store.total() == footfall.value() == len(statuses) + 100
    assert footfall.worker_pids() == before, "a process ended"
    assert footfall.stop() == 0
    assert store.is_sound()
    assert store.total() == len(statuses) + 100
