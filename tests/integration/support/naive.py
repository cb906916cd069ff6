"""A counter as everybody writes it at first: right until an answer is lost. For negative controls."""
import http.server
import json
import threading
import urllib.parse
from collections import Counter


class NaiveCounter:
    """Counts /count?p=PATH in memory, and looks at no id."""

    def __init__(self):
        self.counts = Counter()
        self.lock = threading.Lock()
        naive = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 65536  # head and body in one packet

            def do_GET(self):
                query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
                body = json.dumps(naive.count(query["p"][0])).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def count(self, path):
        with self.lock:
            self.counts[path] += 1
            return {"site": "default", "path": path, "count": self.counts[path],
                    "site_count": self.total(), "duplicate": False}

    def total(self):
        return sum(self.counts.values())

    def kill(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(10)
