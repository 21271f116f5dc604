"""Where the server is and how to reach it, from the environment or a ``.env`` file, and what is not done with a token.

The rules kept here: a token goes to one origin, over https unless that is this machine; an address that stands in a ``.env`` file gets no
token that stands in the environment, since whoever wrote the file would choose where the token goes; the environment outranks the file,
and of the file only the names below are read.

Left out: everything the server decides.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from rsp.config import is_loopback
from rsp.errors import InputError

URL, TOKEN, MODE, TIMEOUT, MAX_RETRIES, SPOOL = "RSP_URL", "RSP_TOKEN", "RSP_MODE", "RSP_TIMEOUT", "RSP_MAX_RETRIES", "RSP_SPOOL"
NAMES = (URL, TOKEN, MODE, TIMEOUT, MAX_RETRIES, SPOOL)
TIMEOUT_SECONDS = 30.0  # for one attempt; our choice, as long as the server gives a body
RETRIES = 4  # our choice: with backoff some ten seconds, which a restart of a server takes
LARGEST_ENV_FILE = 64 * 2**10  # bytes; our choice: nobody writes more by hand


class Mode(StrEnum):
    """Whether anything is sent."""

    ONLINE = "online"
    OFFLINE = "offline"  # everything is kept for `rsp sync`
    DISABLED = "disabled"  # nothing is sent and nothing is kept


@dataclass(frozen=True)
class Settings:
    """How to reach the server. ``url`` is ``None`` where nobody named one."""

    url: str | None
    token: str | None
    mode: Mode
    timeout: float
    max_retries: int
    spool: Path

    def __repr__(self) -> str:
        """Tell everything but the token."""
        return f"Settings(url={self.url!r}, mode={self.mode.value!r}, timeout={self.timeout}, max_retries={self.max_retries})"


def from_environment(environment: Mapping[str, str] = os.environ, folder: Path | None = None) -> Settings:
    """Return the settings. Raises ``InputError`` for one that means nothing, and for a token that would go where a file says."""
    file = _env_file(folder or Path.cwd())
    told = {name: file[name] for name in NAMES if name in file} | {name: environment[name] for name in NAMES if environment.get(name)}
    if URL in file and told[URL] == file[URL] and not environment.get(URL) and environment.get(TOKEN):
        raise InputError(
            f"found {URL} in a .env file and {TOKEN} in the environment, expected both in one place: a file must not say where a token goes"
        )
    url = told.get(URL)
    return Settings(
        url=None if url is None else origin(url),
        token=told.get(TOKEN),
        mode=_mode(told.get(MODE, Mode.ONLINE.value)),
        timeout=_number(told, TIMEOUT, TIMEOUT_SECONDS),
        max_retries=int(_number(told, MAX_RETRIES, RETRIES)),
        spool=Path(told[SPOOL]).expanduser() if SPOOL in told else default_spool(environment),
    )


def origin(url: str) -> str:
    """Return the address without a slash or the API's own prefix at its end, which people copy with it.

    Raises ``InputError`` for one that no token may go to.
    """
    try:
        parts = urlsplit(url.strip())
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise InputError(f"found the address {url[:200]!a}, expected https://HOST[:PORT]") from None
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment or parts.username or parts.password:
        raise InputError(
            f"found an address of the server that is none, expected https://HOST[:PORT]; names and passwords do not belong into {URL}"
        )
    if parts.scheme == "http" and not is_loopback(host):
        raise InputError(f"found http for {host}, expected https: over http anybody on the way reads the token")
    return url.strip().rstrip("/").removesuffix("/api/v1")


def default_spool(environment: Mapping[str, str] = os.environ) -> Path:
    """Return where submissions wait: the state directory of the person (XDG base directory specification 0.8)."""
    state = environment.get("XDG_STATE_HOME", "")
    return (Path(state) if state.startswith("/") else Path.home() / ".local" / "state") / "rsp" / "spool"


def _mode(word: str) -> Mode:
    try:
        return Mode(word.strip().lower())
    except ValueError:
        raise InputError(f"found {MODE} {word[:40]!a}, expected {', '.join(Mode)}") from None


def _number(told: Mapping[str, str], name: str, unsaid: float) -> float:
    if name not in told:
        return unsaid
    try:
        found = float(told[name])
    except ValueError:
        found = -1
    if not 0 <= found <= 3600:  # an hour; our choice, also a bound on retries
        raise InputError(f"found {name} {told[name][:40]!a}, expected a number from 0 to 3600")
    return found


def _env_file(folder: Path) -> dict[str, str]:
    """Return what the nearest ``.env`` file says of our names; nothing if there is none."""
    for place in (folder, *folder.parents):
        path = place / ".env"
        try:
            if path.is_file() and path.stat().st_size <= LARGEST_ENV_FILE:
                return dict(_lines(path.read_text(encoding="utf-8", errors="replace")))
        except OSError:
            return {}
    return {}


def _lines(text: str) -> list[tuple[str, str]]:
    found = []
    for line in text.splitlines():
        name, mark, value = line.strip().removeprefix("export ").partition("=")
        if mark and name.strip() in NAMES:
            value = value.strip()
            quoted = len(value) > 1 and value[0] == value[-1] and value[0] in "\"'"
            found.append((name.strip(), value[1:-1] if quoted else value.split(" #")[0].strip()))
    return found
