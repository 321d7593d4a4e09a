"""A room's stand-in for tests of `up`: answers /healthz on a port until told to stop. It knows nothing else."""

import os
import signal
import socket
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Door(HTTPServer):
    """Listens where the settings say, also on IPv6."""

    def __init__(self, host: str, port: int) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, port), Healthy)


class Healthy(BaseHTTPRequestHandler):
    """Says 200 to everything."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    try:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        sys.stdout.write(f"stand-in sees {'DATABASE_URL' in os.environ} {'REDIS_URL' in os.environ}\n")
        host = os.environ.get(sys.argv[1].replace("PORT", "HOST"), "127.0.0.1")
        Door(host, int(os.environ[sys.argv[1]])).serve_forever()
    except KeyboardInterrupt:
        sys.stdout.write("stand-in leaves in peace\n")
