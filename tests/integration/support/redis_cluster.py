"""A Redis Cluster of its own for a test: three primaries, each with a replica."""
import atexit
import concurrent.futures
import os
import shutil
import signal
import tempfile

from support.program import free_port, wait_for
from support.redis import Redis

PRIMARIES = 3
NODES = 6
SLOTS = 16384

# A node that is silent for so long is taken for dead.
NODE_TIMEOUT_MS = 1000


class RedisCluster:
    """Each node writes every commit to disk before it answers, and keeps it over a restart."""

    def __init__(self):
        self.nodes = []
        self.folder = tempfile.mkdtemp(prefix="footfall-redis-cluster-")
        for i in range(NODES):
            node_folder = os.path.join(self.folder, f"node{i}")
            os.makedirs(node_folder)
            bus_port = str(free_port())
            node = Redis(node_folder, "always", "--cluster-enabled", "yes", "--cluster-port", bus_port,
                         "--cluster-node-timeout", str(NODE_TIMEOUT_MS),
                         "--cluster-replica-validity-factor", "0", "--repl-diskless-sync-delay", "0")
            node.bus_port = bus_port
            self.nodes.append(node)

    @property
    def url(self):
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:2])

    def start(self):
        for node in self.nodes:
            node.start()
        for i, node in enumerate(self.nodes):
            if i < PRIMARIES:
                node.ask("CLUSTER", "ADDSLOTSRANGE", str(SLOTS * i // PRIMARIES),
                         str(SLOTS * (i + 1) // PRIMARIES - 1))
            node.ask("CLUSTER", "SET-CONFIG-EPOCH", str(i + 1))
            self.nodes[0].ask("CLUSTER", "MEET", "127.0.0.1", str(node.port), node.bus_port)
        for primary, replica in zip(self.nodes, self.nodes[PRIMARIES:]):
            self._follow(replica, primary)
        self.wait_well()
        return self

    def remove(self):
        """Ends it, and its data goes too."""
        for node in self.nodes:
            node.kill()
        shutil.rmtree(self.folder)

    def ask(self, *command):
        """The answer of whoever has the key; a node that was just killed is asked for in vain."""
        node = self.running()[0]
        while (answer := node.ask(*command)).startswith("MOVED "):
            port = int(answer.rpartition(":")[2])
            node = next(node for node in self.nodes if node.port == port)
        return answer

    def running(self):
        return [node for node in self.nodes if node.is_running()]

    def slot_of(self, key):
        return int(self.running()[0].ask("CLUSTER", "KEYSLOT", key))

    def primaries(self):
        """The primaries that run and have slots, as all that run see it; None: they do not agree."""
        views = [frozenset(view(node)) for node in self.running()]
        agreed = dict(views[0]) if len(set(views)) == 1 else {}
        found = [node for node in self.running() if str(node.port) in agreed]
        return found if found and len(found) == len(agreed) else None

    def primary_of(self, key):
        """Waits until all that run agree on who has the key."""
        slot = self.slot_of(key)

        def find():
            for node in self.primaries() or []:
                if any(first <= slot <= last for first, last in dict(view(node))[str(node.port)]):
                    return node
            return None

        return wait_for(find, f"a primary for {key}", 30)

    def kill_and_restart(self, key):
        """kill -9 of the primary that has the key; it is back before anybody takes over."""
        node = self.primary_of(key)
        node.kill()
        node.start()
        self.wait_well()

    def fail_over(self, key):
        """kill -9 of the primary that has the key; its replica takes over, and has it for a replica."""
        node = self.primary_of(key)
        node.kill()
        self.primary_of(key)
        node.start()
        self.wait_well()

    def move_slot(self, key):
        """Moves the key's slot, with all that is in it, to another primary, key by key."""
        slot, source = str(self.slot_of(key)), self.primary_of(key)
        target = next(node for node in self.primaries() if node is not source)
        target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.ask("CLUSTER", "MYID"))
        source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.ask("CLUSTER", "MYID"))
        while keys := source.call("CLUSTER", "GETKEYSINSLOT", slot, "100"):
            source.call("MIGRATE", "127.0.0.1", str(target.port), "", "0", "5000", "KEYS", *keys)
        for node in (target, source):
            node.ask("CLUSTER", "SETSLOT", slot, "NODE", target.ask("CLUSTER", "MYID"))
        wait_for(lambda: self.primary_of(key) is target, "the slot to have moved")

    def pause(self, key):
        """The primary that has the key is silent until resume(); its replica takes over."""
        self.paused = self.primary_of(key)
        self.paused.signal_all(signal.SIGSTOP)

    def resume(self):
        self.paused.signal_all(signal.SIGCONT)
        self.wait_well()

    def wait_well(self):
        wait_for(lambda: all(is_well(node) for node in self.nodes) and self.primaries(),
                 "the cluster to be well", 30)

    def _follow(self, replica, primary):
        name = primary.ask("CLUSTER", "MYID")
        wait_for(lambda: name in replica.ask("CLUSTER", "NODES"), "a node to know the others")
        replica.ask("CLUSTER", "REPLICATE", name)


class Spare:
    """Has the next cluster started while the one before is at work: it takes more than two seconds,
    in which its nodes wait for one another."""

    def __init__(self):
        self.starter = concurrent.futures.ThreadPoolExecutor(1)
        self.next = None
        atexit.register(self._remove)

    def take(self):
        """A cluster that is well; it is the caller's to end."""
        starting, self.next = self.next or self._begin(), None
        taken = starting.result()
        self.next = self._begin()
        taken.wait_well()
        return taken

    def _begin(self):
        return self.starter.submit(lambda: RedisCluster().start())

    def _remove(self):
        if self.next:
            self.next.result().remove()


SPARE = Spare()


def view(node):
    """(port, slots) of each primary that has slots, as `node` sees it."""
    for line in node.ask("CLUSTER", "NODES").splitlines():
        _, address, flags, _, _, _, _, _, *ranges = line.split()
        slots = tuple((int(first), int(last or first)) for first, _, last in
                      (part.partition("-") for part in ranges if not part.startswith("[")))
        if "master" in flags and slots:
            yield address.partition("@")[0].rpartition(":")[2], slots


def is_well(node):
    """It says that all is well, and that its replica, or its primary, is in step."""
    state = node.ask("INFO", "replication")
    in_step = "state=online" in state if "role:master" in state else "link_status:up" in state
    return (in_step and "cluster_state:ok" in node.ask("CLUSTER", "INFO")
            and "fail" not in node.ask("CLUSTER", "NODES"))
