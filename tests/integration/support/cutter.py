"""A TCP proxy that breaks connections in the ways a network does, when told to."""
import selectors
import socket
import threading

from support.program import wait_for

CHUNK = 65536


class Link:
    """One client's connection and its counterpart at the server, both non-blocking."""

    def __init__(self, client, server):
        self.peers = {client: server, server: client}
        self.client = client
        self.unsent = {client: b"", server: b""}  # bytes under way to that socket
        self.drop = None  # the command to drop the next reply, once its request has passed

    def close(self):
        for end in self.peers:
            end.close()


class Cutter:
    """Passes bytes between 127.0.0.1:port and the target's port, in a thread of its own.

    cut()              closes all connections when the next request arrives
    drop_reply(of)     the next request with the bytes `of` in it reaches the server, its reply does
                       not reach the client: the connection is closed instead
    cut_request(n)     of the next request only the first n bytes reach the server
    cut_reply(n)       of the next reply only the first n bytes reach the client

    Each command is carried out once. `cuts` and `drops` count what was really done, `bytes_passed`
    what came from both sides."""

    def __init__(self, target_port):
        self.target_port = target_port
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.listener.setblocking(False)
        self.port = self.listener.getsockname()[1]
        self.lock = threading.Lock()
        self.commands = []
        self.ordered = 0
        self.cuts = 0
        self.drops = 0
        self.requests = 0  # pieces that clients sent: requests, as long as they are small
        self.bytes_passed = 0
        self.last_cut_of = 0  # bytes of the request or reply that was cut last, before it was
        self.links = {}  # socket -> Link, under both of its sockets
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.stop_in, self.stop_out = socket.socketpair()
        self.selector.register(self.stop_out, selectors.EVENT_READ)
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def cut(self):
        self._command(("cut", 0))

    def drop_reply(self, of=b""):
        self._command(("drop_reply", of))

    def cut_request(self, after_bytes):
        self._command(("cut_request", after_bytes))

    def cut_reply(self, after_bytes):
        self._command(("cut_reply", after_bytes))

    def wait(self):
        """Until every command has been carried out; there has to be traffic for that."""
        wait_for(lambda: self.cuts + self.drops == self.ordered, "an occasion to cut", 60)

    def stop(self):
        self.stop_in.send(b"x")
        self.thread.join(10)
        for end in [self.listener, self.stop_in, self.stop_out, *self.links]:
            end.close()
        self.selector.close()

    def _command(self, command):
        with self.lock:
            self.commands.append(command)
            self.ordered += 1

    def _run(self):
        while True:
            for key, events in self.selector.select():
                if key.fileobj is self.listener:
                    self._accept()
                elif key.fileobj is self.stop_out:
                    return
                elif key.fileobj in self.links:  # not closed by an event before this one
                    self._serve(key.fileobj, events)

    def _accept(self):
        client, _ = self.listener.accept()
        try:
            server = socket.create_connection(("127.0.0.1", self.target_port), timeout=2)
        except OSError:
            client.close()
            return
        link = Link(client, server)
        for end in link.peers:
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.links[end] = link
            self.selector.register(end, selectors.EVENT_READ)

    def _cut_all(self):
        for link in set(self.links.values()):
            self._close(link)
        self.cuts += 1
        return False

    def _close(self, link):
        if link.client not in self.links:
            return  # cut already
        for end in link.peers:
            self.selector.unregister(end)
            del self.links[end]
        link.close()
        if link.drop is not None:  # it ended before its reply came: another one has to do
            with self.lock:
                self.commands.append(("drop_reply", link.drop))

    def _serve(self, end, events):
        link = self.links[end]
        try:
            if events & selectors.EVENT_WRITE:
                self._flush(link, end)
            if events & selectors.EVENT_READ:
                data = end.recv(CHUNK)
                if not data or not self._pass_on(link, end, data):
                    self._close(link)
        except BlockingIOError:
            pass
        except OSError:
            self._close(link)

    def _pass_on(self, link, end, data):
        """Forwards what `end` sent; false when the connection ends here."""
        self.bytes_passed += len(data)
        if end is link.client:
            self.requests += 1
            if self._take("cut") is not None:
                return self._cut_all()
            if link.drop is None:
                link.drop = self._take("drop_reply", lambda of: of in data)
            cut_after = self._take("cut_request")
        else:
            if link.drop is not None:
                link.drop = None
                self.drops += 1
                return False
            cut_after = self._take("cut_reply")
        link.unsent[link.peers[end]] += data if cut_after is None else data[:cut_after]
        self._flush(link, link.peers[end])
        if cut_after is not None:
            self.last_cut_of = len(data)
            self.cuts += 1
        return cut_after is None

    def _flush(self, link, end):
        try:
            sent = end.send(link.unsent[end])
        except BlockingIOError:
            sent = 0
        link.unsent[end] = link.unsent[end][sent:]
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if link.unsent[end] else 0)
        self.selector.modify(end, wanted)

    def _take(self, name, fits=lambda value: True):
        """The value of the oldest command of that name that fits, which is then done; or None."""
        with self.lock:
            for i, (command, value) in enumerate(self.commands):
                if command == name and fits(value):
                    del self.commands[i]
                    return value
        return None
