"""Real balancers with the shipped configurations in front of two nodes, for tests."""

import os
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.realtime.node import PATIENCE, ROOT, Node, free_port, until

CONFIG = ROOT / "config"


class Balancer:
    """One address for two nodes; leave the `with` and it is gone."""

    program: str

    def __init__(self, nodes: Sequence[Node], folder: Path) -> None:
        self.port = free_port()
        self.url = f"ws://127.0.0.1:{self.port}/ws"
        self._nodes = nodes
        self._folder = folder
        self._log = folder / "balancer.log"

    def __enter__(self) -> "Balancer":
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(
                self._command(), env={**os.environ, **self._environment()}, stdout=out, stderr=out
            )
        until(lambda: self._process.poll() is not None or self._answers(), "the balancer listens")
        assert self._process.poll() is None, self.logged
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(PATIENCE)

    @property
    def logged(self) -> str:
        """What it said so far."""
        return self._log.read_text()

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _environment(self) -> dict[str, str]:
        return {}

    def _answers(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0


class HAProxy(Balancer):
    """config/haproxy.cfg as it is."""

    program = "haproxy"

    def _command(self) -> list[str]:
        return ["haproxy", "-db", "-f", str(CONFIG / "haproxy.cfg")]  # -db: one process, in the foreground

    def _environment(self) -> dict[str, str]:
        told = {"VECHE_BIND": f"127.0.0.1:{self.port}", "VECHE_PAGES": f"127.0.0.1:{self._nodes[0].admin_port}"}
        for number, node in enumerate(self._nodes, 1):
            told[f"VECHE_NODE_{number}"] = f"127.0.0.1:{node.port}"
            told[f"VECHE_ADMIN_{number}"] = str(node.admin_port)
        return told


class Nginx(Balancer):
    """config/nginx.conf with the addresses of the test."""

    program = "nginx"

    def _command(self) -> list[str]:
        text = (CONFIG / "nginx.conf").read_text()
        addresses = {"10.0.0.10:8000": self._nodes[0].admin_port}
        addresses |= {f"10.0.0.1{number}:8001": node.port for number, node in enumerate(self._nodes, 1)}
        for shipped, port in addresses.items():
            assert shipped in text
            text = text.replace(shipped, f"127.0.0.1:{port}")
        (self._folder / "veche.conf").write_text(text.replace("listen 80;", f"listen 127.0.0.1:{self.port};"))
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        scratch = " ".join(f"{kind}_temp_path scratch;" for kind in kinds)
        main = self._folder / "main.conf"
        main.write_text(
            "daemon off; master_process off; pid nginx.pid; error_log stderr;\n"
            f"events {{}}\nhttp {{ access_log off; {scratch} include veche.conf; }}\n"
        )
        return ["nginx", "-p", str(self._folder), "-c", str(main), "-e", "stderr"]
