"""The two ways to run N processes of Footfall: apart, each started by itself, or under one master."""
import os

from support.footfall import Footfall
from support.program import wait_for


def shown(server, name):
    """The number that it shows. When the store was restarted a moment ago a process may not be
    connected again yet and says 503; it is asked again, as any client would."""
    def ask():
        answer = server.get(f"/c/{name}.json")
        assert answer.status in (200, 503), (answer.status, answer.body)
        return answer if answer.status == 200 else None

    return wait_for(ask, f"the number of {name}").json()["value"]


def folder_in(parent, name):
    path = os.path.join(str(parent), name)
    os.makedirs(path)
    return path


class Apart:
    """N servers that know nothing of each other. Who dies is started again by us, as a container is."""

    def __init__(self, folder, processes, **settings):
        self.servers = [Footfall(folder_in(folder, f"footfall{i}"), name=f"footfall{i}", **settings)
                        for i in range(processes)]

    @property
    def ports(self):
        return [server.port for server in self.servers]

    def start(self):
        for server in self.servers:
            server.start()

    def kill_one(self, chance):
        server = chance.choice(self.servers)
        server.kill()
        server.start()

    def kill_all_and_start(self):
        for server in self.servers:
            server.kill()
        self.start()

    def replace(self):
        """One by one: asked to end, then started again."""
        for server in self.servers:
            assert server.stop() == 0
            server.start()

    def stop(self):
        for server in self.servers:
            assert server.stop() == 0

    def kill(self):
        for server in self.servers:
            server.kill()

    def value(self, name="default"):
        """The number that all of them show."""
        values = {shown(server, name) for server in self.servers}
        assert len(values) == 1, (name, values)
        return values.pop()


class UnderMaster:
    """One server with N workers. Its master starts again who dies, and replaces all at a HUP."""

    def __init__(self, folder, processes, **settings):
        self.server = Footfall(folder_in(folder, "footfall"), workers=processes, **settings)
        self.servers = [self.server]

    @property
    def ports(self):
        return [self.server.port]

    def start(self):
        self.server.start()

    def kill_one(self, chance):
        self.server.kill_worker(chance)

    def kill_all_and_start(self):
        self.server.kill()
        self.server.start()

    def replace(self):
        self.server.hup()

    def stop(self):
        assert self.server.stop() == 0

    def kill(self):
        self.server.kill()

    def value(self, name="default"):
        return shown(self.server, name)
