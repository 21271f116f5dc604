"""The server makes no outgoing request: every connection that Python opens in its process is caught, and there is none.

Left out: what libraries written in C open by themselves. The one that does is PostgreSQL's client, which connects to the database.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx

from tests.abuse.crash import CHECKOUT

TRAP = """
import sys
place = sys.argv.pop(1)

def trap(event, arguments):
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname", "subprocess.Popen"):
        with open(place, "a") as caught:
            caught.write(f"{event} {arguments!r}\\n")

sys.addaudithook(trap)
"""
SERVE = TRAP + "from rsp.cli.main import main\nmain()\n"
OPEN_ONE = TRAP + "import socket\nsocket.socket().connect_ex(('127.0.0.1', 9))\n"
ASKED = ("/healthz", "/readyz", "/api/v1/openapi.json", "/docs", "/api/v1/docs", "/api/v1/models", "/api/v1/http://example.org/x")


def test_the_trap_catches(tmp_path: Path) -> None:
    """Else the next test could not fail."""
    subprocess.run([sys.executable, "-c", OPEN_ONE, str(tmp_path / "caught")], check=True)
    assert "socket.connect" in (tmp_path / "caught").read_text()


def test_the_server_opens_no_connection(tmp_path: Path, sqlite_template: Path) -> None:
    """Started, asked this and that, sent an address where a source's address belongs, and stopped: nothing was looked up or opened."""
    caught, database = tmp_path / "caught", tmp_path / "rsp.db"
    database.write_bytes(sqlite_template.read_bytes())
    environment = {**os.environ, "RSP_DATABASE": f"sqlite:///{database}", "RSP_ACTOR": "ada"}
    command = [sys.executable, "-m", "rsp", "token", "create", "ci", "--role", "submitter", "--expires", "1d"]
    token = subprocess.run(command, env=environment, cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout.strip()
    command = [sys.executable, "-c", SERVE, str(caught), "serve", "--port", "0"]
    with subprocess.Popen(command, env=environment, cwd=CHECKOUT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        told = re.search(r"http://\S+", server.stdout.readline())
        assert told is not None
        with httpx.Client(base_url=told.group(), timeout=30, headers={"Authorization": f"Bearer {token}"}) as client:
            answers = [client.get(path).status_code for path in ASKED]
            assert answers[0] == 200
            assert max(answers) < 500
            source = {"slug": "s", "title": "S", "address": "http://127.0.0.1:9/never"}
            assert client.post("/api/v1/sources", json=[source]).status_code == 201
        server.terminate()
    assert not caught.exists(), caught.read_text()
