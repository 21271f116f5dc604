"""What the server knows of itself: where it listens, under which names it is asked, and what time it is.

The rule kept here: it answers only under its own names, whatever their port (a page in somebody's browser may know the address of a
loopback server, and name it as it likes). Left out: everything about records. No setting changes an answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from rsp.errors import InputError

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "[::1]"})


def now() -> datetime:
    """Return the time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Settings:
    """How the server is reached. ``clock`` is the only clock of the API."""

    host: str = "127.0.0.1"
    public_url: str | None = None
    clock: Callable[[], datetime] = now

    @property
    def names(self) -> frozenset[str]:
        """The names a request may ask under, without ports; an address of version 6 in brackets."""
        own = {f"[{self.host}]" if ":" in self.host else self.host.lower()}
        public = set() if self.public_url is None else {public_name(self.public_url)}
        return frozenset(own | public | LOOPBACK_NAMES)


def public_name(public_url: str) -> str:
    """Return the host that a public address names. Raises ``InputError`` for one that is not https://HOST[:PORT]."""
    parts = urlsplit(public_url)
    try:
        hostname, _ = parts.hostname, parts.port
    except ValueError:
        hostname = None
    if parts.scheme != "https" or not hostname or parts.path not in ("", "/") or parts.query or parts.fragment or parts.username:
        raise InputError(f"found the public URL {public_url!a}, expected https://HOST or https://HOST:PORT")
    return f"[{hostname}]" if ":" in hostname else hostname


def named_host(header: str) -> str:
    """Return the name in a ``Host`` header without its port; empty for a header that names none."""
    host, colon, port = header.rpartition(":")
    if header.endswith("]") or not colon:  # an address of version 6 holds colons itself
        host, port = header, "80"
    return host.lower() if port.isascii() and port.isdigit() and len(port) <= 5 else ""
