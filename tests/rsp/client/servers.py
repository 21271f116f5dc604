"""A small real HTTP server on loopback that fails as it is told to: what a client meets on a bad day."""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

RECEIPT = {"status": "stored", "identity": "ab" * 32, "entry_seq": 7, "recorded_at": "2030-06-01T09:00:00Z", "counts": {"run": 1}}


@dataclass(frozen=True)
class Answer:
    """How one request is answered. ``reset`` records it and cuts the connection; ``hang`` says nothing for that many seconds."""

    status: int = 201
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: bool = False
    hang: float = 0.0


OK = Answer(body=RECEIPT)


def problem(status: int, word: str, detail: str, *problems: Mapping[str, str]) -> Answer:
    """A refusal of the server."""
    body = {"type": f"urn:rsp:problem:{word}", "title": "x", "status": status, "detail": detail, "problems": list(problems)}
    return Answer(status, body)


@dataclass
class BadDay:
    """The server: what it answers next, and what it was asked."""

    answers: list[Answer]
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    recorded: dict[str, bytes] = field(default_factory=dict)  # by key, as the record would have it
    url: str = ""

    @property
    def keys(self) -> list[str]:
        """The keys of the requests, in order."""
        return [headers.get("idempotency-key", "") for _, _, headers, _ in self.asked]


@contextmanager
def bad_day(*answers: Answer) -> Iterator[BadDay]:
    """Run the server; the last answer is given for ever."""
    day = BadDay(list(answers))

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            headers = {name.lower(): value for name, value in self.headers.items()}
            day.asked.append((self.command, self.path, headers, body))
            answer = day.answers.pop(0) if len(day.answers) > 1 else day.answers[0]
            time.sleep(answer.hang)
            if answer.status < 300:
                day.recorded.setdefault(headers.get("idempotency-key", ""), body)
            if answer.reset:
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset, no end
                self.connection.close()
                self.close_connection = True
                return
            content = json.dumps(answer.body).encode()
            try:
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)
            except OSError:  # the client has gone
                self.close_connection = True

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A connection that was cut on purpose is no error of a test."""

    server = Quiet(("127.0.0.1", 0), Handler)
    day.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield day
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def nobody() -> str:
    """The address of a port where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}"
