"""A room's stand-in for tests of `up`: answers /healthz on a port until told to stop. It knows nothing else."""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer


class Healthy(BaseHTTPRequestHandler):
    """Says 200 to everything."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Keep quiet."""


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.stdout.write(f"stand-in sees {'DATABASE_URL' in os.environ} {'REDIS_URL' in os.environ}\n")
    try:
        HTTPServer(("127.0.0.1", int(os.environ[sys.argv[1]])), Healthy).serve_forever()
    except KeyboardInterrupt:
        sys.stdout.write("stand-in leaves in peace\n")
