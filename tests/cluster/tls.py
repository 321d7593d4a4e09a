"""Encrypted doors to servers that speak plainly, for tests: HAProxy ends TLS, openssl makes the certificates.

The embedded Valkey is built without TLS. Real servers end TLS themselves; what a client says and checks is the same.
"""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.realtime.node import PATIENCE, free_port, until

KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
CONFIG = """defaults
    mode tcp
    timeout connect 5s
    timeout client 1h
    timeout server 1h
"""
DOOR = """listen door{number}
    bind 127.0.0.1:{port} ssl crt {certificate}
    server behind {behind}
"""


class Authority:
    """Who vouches for servers. `file` is what a client has to know of it."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.file, self._key, self._folder = folder / "ca.pem", folder / "ca.key", folder
        _openssl("req", "-x509", *KEY, "-subj", "/CN=Veche tests", "-keyout", self._key, "-out", self.file)

    def certificate(self, names: str) -> Path:
        """A server's certificate and key in one file; `names` as openssl takes subjectAltName."""
        key, certificate, both = (self._folder / f"{names.replace(':', '-')}.{kind}" for kind in ("key", "crt", "pem"))
        signed = ("-CA", self.file, "-CAkey", self._key, "-addext", f"subjectAltName={names}")
        _openssl("req", "-x509", *KEY, "-subj", "/CN=server", *signed, "-keyout", key, "-out", certificate)
        both.write_text(certificate.read_text() + key.read_text())
        return both


class Doors:
    """An encrypted port for each server behind; leave the `with` and they are closed."""

    def __init__(self, behind: Sequence[str], certificate: Path, folder: Path) -> None:
        """`behind` as HAProxy names servers: `127.0.0.1:port` or `unix@path`."""
        self.ports = [free_port() for _ in behind]
        self._log, self._config = folder / "doors.log", folder / "doors.cfg"
        doors = enumerate(zip(self.ports, behind, strict=True))
        self._config.write_text(
            CONFIG + "".join(DOOR.format(number=n, port=p, certificate=certificate, behind=b) for n, (p, b) in doors)
        )

    def url(self, authority: Path, *, login: str = "", host: str = "127.0.0.1", more: str = "") -> str:
        """As REDIS_URL takes it."""
        return ",".join(f"rediss://{login}{host}:{port}/0?ssl_ca_certs={authority}{more}" for port in self.ports)

    def __enter__(self) -> "Doors":
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(["haproxy", "-db", "-f", str(self._config)], stdout=out, stderr=out)
        until(lambda: self._process.poll() is not None or _listens(self.ports[-1]), "the doors are open")
        assert self._process.poll() is None, self._log.read_text()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()  # asked kindly, it waits for clients that stay for an hour
        self._process.wait(PATIENCE)


def _listens(port: int) -> bool:
    return f"0100007F:{port:04X}" in Path("/proc/net/tcp").read_text()


def _openssl(*words: object) -> None:
    subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
