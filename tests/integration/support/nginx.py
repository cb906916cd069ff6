"""nginx in front of an application that believes what it says: each request is asked about at /auth."""
import os

from support.program import Program, can_connect, free_port

# The location blocks are those of docs/sessions.md. The application answers with what it was told.
CONFIG = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 256; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    upstream footfall {{
{servers}    }}
    server {{
        listen 127.0.0.1:{port};

        location / {{
            auth_request /auth;
            auth_request_set $user $upstream_http_x_user;
            auth_request_set $data $upstream_http_x_session_data;
            proxy_set_header X-User $user;
            proxy_set_header X-Session-Data $data;
            proxy_pass http://127.0.0.1:{application};
        }}
        location = /auth {{
            internal;
            proxy_pass http://footfall/auth{query};
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }}
    }}
    server {{
        listen 127.0.0.1:{application};
        location / {{ return 200 "user=$http_x_user data=$http_x_session_data"; }}
    }}
}}
"""


class Nginx(Program):
    def __init__(self, folder, backend_ports, query=""):
        super().__init__("nginx", str(folder))
        self.port = free_port()
        self.application = free_port()
        self.backend_ports = backend_ports
        self.query = query

    def start(self):
        path = os.path.join(self.folder, "nginx.conf")
        servers = "".join(f"        server 127.0.0.1:{port};\n" for port in self.backend_ports)
        with open(path, "w", encoding="ascii") as config:
            config.write(CONFIG.format(folder=self.folder, port=self.port, servers=servers,
                                       application=self.application, query=self.query))
        self.launch(["/usr/sbin/nginx", "-c", path, "-e", "stderr"])
        self.wait_until(lambda: can_connect(self.port), "listening")
        return self
