"""HAProxy in front of several servers: each request goes to the next one, nothing sticks. Answers tell
in x-process who gave them: "process0", "process1" …"""
import os

from support.program import Program, can_connect, free_port

# No retries: what goes wrong behind it is what the client sees.
CONFIG = """
global
    nbthread 1
    maxconn 4000
defaults
    mode http
    timeout connect 2s
    timeout client 30s
    timeout server 30s
    retries 0
    option redispatch
    option http-keep-alive
    http-reuse safe
frontend visitors
    bind 127.0.0.1:{port}
    default_backend footfall
backend footfall
    balance roundrobin
    http-response set-header x-process %s
"""


class HAProxy(Program):
    def __init__(self, folder, backend_ports):
        super().__init__("haproxy", str(folder))
        self.port = free_port()
        self.backend_ports = backend_ports

    def start(self):
        path = os.path.join(self.folder, "haproxy.cfg")
        with open(path, "w", encoding="ascii") as config:
            config.write(CONFIG.format(port=self.port))
            for i, port in enumerate(self.backend_ports):
                config.write(f"    server process{i} 127.0.0.1:{port}\n")
        self.launch(["/usr/sbin/haproxy", "-db", "-f", path])
        self.wait_until(lambda: can_connect(self.port), "listening")
        return self
