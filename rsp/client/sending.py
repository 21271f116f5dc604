"""One request to the server: tried again while the server is away, and never under another key or at another address.

The rules kept here: what is tried again is a connection that failed and an answer that says so (429, 502, 503, 504), with growing, random
pauses and no sooner than the server asks for; every attempt carries the same key, so that one that was recorded and whose answer was lost
is known; any other answer is final; no redirect is followed.

Left out: what to do once the server stays away (``rsp.client.spool``).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import httpx
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

import rsp
from rsp.client.calls import Call
from rsp.client.problems import error_of
from rsp.client.settings import RETRIES, TIMEOUT_SECONDS, origin
from rsp.config import is_loopback
from rsp.errors import AwayError, InputError

TRIED_AGAIN = frozenset({429, 502, 503, 504})  # RFC 9110 and 6585: a later attempt may be answered otherwise
LONGEST_PAUSE = 30.0  # seconds; our choice: longer is a matter for the spool
_BACKOFF = wait_random_exponential(multiplier=0.25, max=LONGEST_PAUSE)  # 0.25 s: our choice, a writer holds the log for milliseconds


class _TryAgainError(Exception):
    """The server may answer otherwise later."""

    def __init__(self, why: str, pause: float) -> None:
        self.why, self.pause = why, pause
        super().__init__(why)


class Sending:
    """Sends to one server under one token."""

    def __init__(self, url: str, token: str | None, timeout: float = TIMEOUT_SECONDS, max_retries: int = RETRIES) -> None:
        self.url = origin(url)
        self._retries = max_retries
        headers = {"User-Agent": f"rsp/{rsp.__version__}", "Accept": "application/json"}
        if token and not (token.isascii() and token.isprintable() and " " not in token):
            raise InputError("found a token that no header can carry, expected rsp_... as `rsp token create` printed it")
        if token:
            headers["Authorization"] = f"Bearer {token}"
        # On this machine no proxy is asked: it would be another party, and read the token.
        own_machine = is_loopback(urlsplit(self.url).hostname or "")
        self._client = httpx.Client(timeout=timeout, headers=headers, follow_redirects=False, trust_env=not own_machine)

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def submit(self, call: Call) -> httpx.Response:
        """Return the server's answer to a submission. Raises its error, or ``AwayError``."""
        headers = {"Content-Type": call.media, "Idempotency-Key": call.key}
        return self._asked("POST", call.address, headers, call.body.encode())

    def read(self, address: str) -> httpx.Response:
        """Return the server's answer to a question. Raises its error, or ``AwayError``."""
        return self._asked("GET", address, {}, None)

    def _asked(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> httpx.Response:
        if not address.startswith("/"):  # appended to the origin, anything else could name another host
            raise InputError(f"found the address {address[:200]!a}, expected one of this server")
        attempts = Retrying(
            retry=retry_if_exception_type(_TryAgainError), wait=_pause, stop=stop_after_attempt(self._retries + 1), reraise=True
        )
        try:
            response = attempts(self._once, method, address, headers, body)
        except _TryAgainError as refused:
            raise AwayError(f"found the server {self.url} away ({refused.why}), expected an answer") from refused
        if not response.is_success:
            raise error_of(response)
        return response

    def _once(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> httpx.Response:
        try:
            response = self._client.request(method, f"{self.url}{address}", headers=dict(headers), content=body)
        except httpx.TransportError as fault:  # refused, reset, timed out: whether it was recorded is unknown
            raise _TryAgainError(f"{type(fault).__name__}: {fault}", 0) from fault
        if response.status_code in TRIED_AGAIN:
            raise _TryAgainError(f"answer {response.status_code}", _retry_after(response))
        return response


def _pause(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.pause if isinstance(error, _TryAgainError) else 0.0
    return min(LONGEST_PAUSE, max(asked, float(_BACKOFF(state))))


def _retry_after(response: httpx.Response) -> float:
    """Return for how many seconds the server asks to be left alone (RFC 9110 section 10.2.3), 0 if it does not."""
    told = response.headers.get("Retry-After", "").strip()
    if told.isdigit():
        return float(told[:6])
    try:
        return max(0.0, (parsedate_to_datetime(told) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
