"""nginx that serves what Baton answers, as a file; and wrk, which asks both."""
import json
import os
import socket
import ssl
import subprocess

from pace import BODY, HEADERS, HERE, LOGS, ROLE
from program import free_ports
from stage import until

CONFIG = """daemon off;
{user}
worker_processes {workers};
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{ worker_connections 4096; }}
http {{
  {temporary}
  server_tokens off;
  etag off;
  tcp_nodelay on;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  open_file_cache max=10;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_certificate {cert};
  ssl_certificate_key {key};
  default_type application/json;
  root {folder}/root;
  server {{ listen 127.0.0.1:{logged} ssl reuseport; access_log {folder}/access.log combined; }}
  server {{ listen 127.0.0.1:{silent} ssl reuseport; access_log off; }}
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


class Nginx:
    """One process with two ports: `logged` writes a line for each request as Baton does, `silent` does not."""

    def __init__(self, pair, workers):
        folder = LOGS / "nginx"
        file = folder / "root" / ROLE.lstrip("/")
        file.parent.mkdir(parents=True)
        file.write_text(BODY)
        self.logged, self.silent = free_ports(2)
        config = CONFIG.format(folder=folder, workers=workers, cert=pair.cert, key=pair.key, logged=self.logged, silent=self.silent,
                               user="user root;" if os.geteuid() == 0 else "",
                               temporary="\n  ".join(f"{t}_temp_path {folder}/{t};" for t in TEMPORARY))
        (folder / "nginx.conf").write_text(config)
        self.access = folder / "access.log"
        self.process = subprocess.Popen(["nginx", "-p", folder, "-e", folder / "error.log", "-c", folder / "nginx.conf"],
                                        stdin=subprocess.DEVNULL)
        until(self._listens, "nginx does not listen")

    def _listens(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"nginx ended with {self.process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", self.silent), timeout=10).close()
            return True
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


def agreed(port, pair):
    """(TLS version, cipher, bytes of the answer, its head): what a client gets."""
    context = ssl.create_default_context(cafile=pair.cert)
    head = "".join(f"{name}: {value}\r\n" for name, value in HEADERS.items())
    with socket.create_connection(("127.0.0.1", port), timeout=60) as plain:
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            secure.sendall(f"GET {ROLE} HTTP/1.1\r\n{head}Connection: close\r\n\r\n".encode())
            text = b""
            while piece := secure.recv(65536):
                text += piece
            return secure.version(), secure.cipher()[0], len(text), text.decode().partition("\r\n\r\n")[0]


def wrk(port, threads, connections, seconds):
    """Requests a second."""
    headers = [word for name, value in HEADERS.items() for word in ("-H", f"{name}: {value}")]
    done = subprocess.run(["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s", "-s", HERE / "report.lua",
                           *headers, f"https://127.0.0.1:{port}{ROLE}"], capture_output=True, text=True, check=True)
    result = json.loads(done.stdout.splitlines()[-1])
    if result["errors"]:
        raise RuntimeError(f"wrk: {done.stdout}")
    return result["requests"] / result["microseconds"] * 1e6


def version(program, flag="-v"):
    done = subprocess.run([program, flag], capture_output=True, text=True)
    return (done.stdout + done.stderr).splitlines()[0]
