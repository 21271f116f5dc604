"""Hostile requests: refused with a problem that names the place, never a fault of the server, and nothing of them is recorded."""

from __future__ import annotations

import gzip
import json
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from rsp.tokens import Role
from tests.rsp.api.sending import NDJSON, Sender, a_run, a_token, fields_of, problem_of

LONG = "a" * 30_000


def a_score(value: bytes) -> bytes:
    """A run whose score has this value, written as it is."""
    return json.dumps(a_run("hostile")).encode().replace(b"0.5", value)


def a_budget(value: bytes) -> bytes:
    """A run whose token budget is this, written as it is."""
    return json.dumps(a_run("hostile", token_budget=7654321)).encode().replace(b"7654321", value)


def with_field(name: str, value: Any) -> bytes:
    """A source with one more or another field."""
    return json.dumps({"slug": "s", "title": "t", name: value}).encode()


VALUE = "/scores/0/value"
BODIES: dict[str, tuple[str, bytes, str]] = {  # address, body, the field that must be named
    "nothing": ("/sources", b"", ""),
    "spaces": ("/sources", b"  \n ", ""),
    "no JSON": ("/sources", b"slug=s", ""),
    "half of JSON": ("/sources", b'{"slug": "s"', ""),
    "two JSON texts": ("/sources", b'{"slug":"s","title":"t"}{}', ""),
    "a comma too many": ("/sources", b'{"slug":"s","title":"t",}', ""),
    "single quotes": ("/sources", b"{'slug':'s','title':'t'}", ""),
    "a comment": ("/sources", b'{"slug":"s","title":"t"} // x', ""),
    "a byte order mark": ("/sources", b'\xef\xbb\xbf{"slug":"s","title":"t"}', ""),
    "Latin-1": ("/sources", b'{"slug":"s","title":"caf\xe9"}', ""),
    "UTF-16": ("/sources", '{"slug":"s","title":"t"}'.encode("utf-16"), ""),
    "an overlong byte": ("/sources", b'{"slug":"s","title":"\xc0\xaf"}', ""),
    "a surrogate in UTF-8": ("/sources", b'{"slug":"s","title":"\xed\xa0\x80"}', ""),
    "a raw NUL": ("/sources", b'{"slug":"s","title":"\x00"}', ""),
    "an escaped NUL": ("/sources", b'{"slug":"s","title":"a\\u0000b"}', "/title"),
    "half a pair": ("/sources", b'{"slug":"s","title":"\\ud800"}', "/title"),
    "half a pair in a key": ("/sources", b'{"slug":"s","title":"t","\\udfff":1}', ""),
    "a raw line break": ("/sources", b'{"slug":"s","title":"a\nb"}', ""),
    "a word": ("/sources", b'"sources"', ""),
    "a number": ("/sources", b"7", ""),
    "null": ("/sources", b"null", ""),
    "an empty list": ("/sources", b"[]", ""),
    "a list of lists": ("/sources", b"[[]]", "/0"),
    "a list of nulls": ("/sources", b"[null]", "/0"),
    "a key twice": ("/sources", b'{"slug":"s","title":"t","title":"u"}', ""),
    "a key twice inside": ("/runs", a_score(b'0.5, "value": 0.6'), "/scores/0"),
    "an escaped key twice": ("/sources", b'{"slug":"s","title":"t","\\u0074itle":"u"}', ""),
    "an unknown field": ("/sources", with_field("id", "x"), "/id"),
    "a prototype": ("/sources", with_field("__proto__", {}), "/__proto__"),
    "a field of the row": ("/sources", with_field("entry_seq", 0), "/entry_seq"),
    "a slash in a key": ("/sources", with_field("a/b~c", 0), "/a~1b~0c"),
    "no slug": ("/sources", b'{"title":"t"}', "/slug"),
    "a slug in capitals": ("/sources", with_field("slug", "S"), "/slug"),
    "a slug of dots": ("/sources", with_field("slug", "../../etc/passwd"), "/slug"),
    "a slug with a line break": ("/sources", with_field("slug", "s\n"), "/slug"),
    "a slug in other letters": ("/sources", with_field("slug", "ѕ"), "/slug"),
    "a long slug": ("/sources", with_field("slug", LONG), "/slug"),
    "a slug that is a number": ("/sources", with_field("slug", 7), "/slug"),
    "a long text": ("/sources", with_field("title", LONG), "/title"),
    "an empty text": ("/sources", with_field("title", ""), "/title"),
    "a text that is a list": ("/sources", with_field("title", ["t"]), "/title"),
    "a text that is a mapping": ("/sources", with_field("title", {"$ne": None}), "/title"),
    "a sealed text": ("/sources", with_field("title", "sealed:sha256:" + "0" * 64), "/title"),
    "a date that is a number": ("/sources", with_field("published_on", 0), "/published_on"),
    "a date that is no day": ("/sources", with_field("published_on", "2025-02-30"), "/published_on"),
    "a date of many digits": ("/sources", with_field("published_on", "9" * 400), "/published_on"),
    "an instant without a zone": ("/runs", json.dumps(a_run("h", measured_at="2025-01-01T00:00:00")).encode(), "/measured_at"),
    "an instant beyond the calendar": ("/runs", json.dumps(a_run("h", measured_at="9999-12-31T23:59:59-23:59")).encode(), "/measured_at"),
    "NaN": ("/runs", a_score(b"NaN"), VALUE),
    "Infinity": ("/runs", a_score(b"-Infinity"), VALUE),
    "NaN as text": ("/runs", a_score(b'"NaN"'), VALUE),
    "infinity as text": ("/runs", a_score(b'"inf"'), VALUE),
    "true for a number": ("/runs", a_score(b"true"), VALUE),
    "a number of 41 digits": ("/runs", a_score(b"0." + b"1" * 41), VALUE),
    "a number of a million digits": ("/runs", a_score(b"1" * 1_000_000), VALUE),
    "a power beyond numbers": ("/runs", a_score(b"1e999999999999999999999"), VALUE),
    "a large power": ("/runs", a_score(b"1e400"), VALUE),
    "a small power": ("/runs", a_score(b"1e-400"), VALUE),
    "a number in hexadecimal": ("/runs", a_score(b"0x10"), ""),
    "a leading zero": ("/runs", a_score(b"007"), ""),
    "a leading plus": ("/runs", a_score(b"+1"), ""),
    "a number in other digits": ("/runs", a_score('"١"'.encode()), VALUE),
    "a number with spaces": ("/runs", a_score(b'" 0.5"'), VALUE),
    "a number with underscores": ("/runs", a_score(b'"1_0"'), VALUE),
    "a percent": ("/runs", a_score(b'"50%"'), VALUE),
    "a value off the scale": ("/runs", a_score(b"1.0000000000000000000000000000000000001"), VALUE),
    "a count below zero": ("/runs", json.dumps(a_run("h", token_budget=-1)).encode(), "/token_budget"),
    "a count in text": ("/runs", json.dumps(a_run("h", token_budget="7")).encode(), "/token_budget"),
    "a count with a fraction": ("/runs", json.dumps(a_run("h", token_budget=1.5)).encode(), "/token_budget"),
    "a count beyond JSON": ("/runs", json.dumps(a_run("h", token_budget=2**53)).encode(), "/token_budget"),
    "a count of a large power": ("/runs", a_budget(b"1e3000000"), "/token_budget"),
    "a count of a small power": ("/runs", a_budget(b"1e-3000000"), "/token_budget"),
    "no count of a small power": ("/runs", a_budget(b"0e-3000000"), "/token_budget"),
    "a count that is true": ("/runs", json.dumps(a_run("h", token_budget=True)).encode(), "/token_budget"),
    "a word of no list": ("/runs", json.dumps(a_run("h", status="done")).encode(), "/status"),
    "an unknown model": ("/runs", json.dumps(a_run("h", model="larck")).encode(), "/model"),
    "an unknown snapshot": ("/runs", json.dumps(a_run("h", snapshot="last")).encode(), "/snapshot"),
    "an unknown source": ("/runs", json.dumps(a_run("h", source="nobody")).encode(), "/source"),
    "deep lists": ("/sources", b"[" * 40 + b"]" * 40, "/0/0/0"),
    "endless lists": ("/sources", b"[" * 100_000, ""),
    "deep mappings": ("/sources", b'{"a":' * 40 + b"1" + b"}" * 40, "/a/a/a"),
    "endless mappings": ("/sources", b'{"a":' * 100_000, ""),
    "a line with nothing after it": ("/runs", b"[", ""),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_hostile_body_is_refused_and_its_place_is_named(sender: Sender, name: str) -> None:
    address, content, field = BODIES[name]
    problem = sender.refused(address, content=content)
    assert fields_of(problem)[0] == field, problem["problems"][:3]
    assert all(part in problem["detail"] for part in ("found ", "expected ", field))


HEADERS: dict[str, tuple[dict[str, str], int]] = {
    "no kind": ({"Content-Type": ""}, 415),
    "another kind": ({"Content-Type": "text/plain"}, 415),
    "a form": ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "another charset": ({"Content-Type": "application/json; charset=utf-16"}, 415),
    "gzip": ({"Content-Encoding": "gzip"}, 415),
    "two codings": ({"Content-Encoding": "identity, gzip"}, 415),
    "an unknown coding": ({"Content-Encoding": "zstd"}, 415),
    "an empty key": ({"Idempotency-Key": ""}, 422),
    "a long key": ({"Idempotency-Key": "k" * 256}, 422),
    "a key with a space": ({"Idempotency-Key": "a b"}, 422),
    "another host": ({"Host": "evil.example"}, 421),
    "a host that ends alike": ({"Host": "localhost.evil.example"}, 421),
    "a host with a user": ({"Host": "localhost@evil.example"}, 421),
    "a host with a wild port": ({"Host": "localhost:99999999"}, 421),
    "an empty host": ({"Host": ""}, 421),
    "no token": ({"Authorization": ""}, 401),
    "a forged token": ({"Authorization": "Bearer rsp_submitter_" + "0" * 50}, 401),
    "Basic": ({"Authorization": "Basic Og=="}, 401),
}


@pytest.mark.parametrize("name", HEADERS)
def test_a_hostile_header_is_refused(sender: Sender, name: str) -> None:
    headers, status = HEADERS[name]
    body = {"slug": "hostile-header", "title": "t"}
    content = gzip.compress(json.dumps(body).encode()) if name == "gzip" else None
    sender.refused("/sources", body, content=content, status=status, **{key.replace("-", "_"): value for key, value in headers.items()})


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8642", "[::1]", "[::1]:80"])
def test_the_servers_own_names_are_taken_with_any_port(sender: Sender, host: str) -> None:
    assert sender.client.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "utf8"])
def test_utf_8_may_be_said(sender: Sender, charset: str) -> None:
    slug = "said-" + "".join(filter(str.isalnum, charset)).lower() + str(len(charset))
    sender.sent("/sources", {"slug": slug, "title": "t"}, Content_Type=f"application/json; charset={charset}")


ADDRESSES: dict[str, tuple[str, str, int]] = {
    "an unknown address": ("GET", "/api/v1/nothing", 404),
    "a slash too many": ("POST", "/api/v1/sources/", 404),
    "two slashes": ("POST", "/api/v1//sources", 404),
    "a way up": ("GET", "/api/v1/%2e%2e/healthz", 404),
    "a NUL": ("POST", "/api/v1/models/%00/snapshots", 422),
    "no UTF-8": ("POST", "/api/v1/models/%ff/snapshots", 422),
    "a name in capitals": ("POST", "/api/v1/models/Larch/snapshots", 422),
    "an unknown model": ("POST", "/api/v1/models/larck/snapshots", 404),
    "another method": ("PUT", "/api/v1/sources", 405),
    "a made-up method": ("FROB", "/api/v1/sources", 405),
    "deleting": ("DELETE", "/api/v1/models/larch/snapshots", 405),
    "an unknown parameter": ("POST", "/api/v1/sources?superseed=x", 422),
    "a parameter of a database": ("POST", "/api/v1/sources?owner=x", 422),
    "a token in the address": ("POST", "/api/v1/sources?token=x", 422),
    "a strange receipt": ("GET", "/api/v1/receipts/..%2f..%2fetc", 404),
    "a receipt of quotes": ("GET", "/api/v1/receipts/'%20OR%201=1--", 404),
    "pages that show the API": ("GET", "/docs", 404),
    "the framework's description": ("GET", "/openapi.json", 404),
}


@pytest.mark.parametrize("name", ADDRESSES)
def test_a_hostile_address_is_refused(sender: Sender, name: str) -> None:
    method, address, status = ADDRESSES[name]
    before = sender.size()
    snapshot = {"slug": "s", "name": "S", "kind": "final", "ordinal": 9, "source": "lab"}
    body = {"content": json.dumps(snapshot), "headers": {**sender.shown, "Content-Type": "application/json"}}
    answer = sender.client.request(method, address, **body)
    assert answer.status_code == status, answer.text
    problem_of(answer)
    assert sender.size() == before
    if status == 405:
        assert answer.headers["allow"] == "GET, POST"  # RFC 9110 section 15.5.6: all that the address takes


def raw(sender: Sender, head: bytes, body: bytes = b"", *, wait: float = 10) -> bytes:
    """Send bytes that no client would, and return what comes back until the server closes or falls silent."""
    address = urlsplit(str(sender.client.base_url))
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=wait) as line:
        line.sendall(head + body)
        answer = b""
        try:
            while part := line.recv(65536):
                answer += part
                if b"\r\n\r\n" in answer and answer.rstrip().endswith(b"}"):
                    break
        except (TimeoutError, ConnectionError):
            pass
        return answer


def test_a_body_said_to_be_too_large_is_refused_unread(sender: Sender) -> None:
    head = b"POST /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + sender.token.encode()
    answer = raw(sender, head + b"\r\nContent-Type: application/json\r\nContent-Length: 999999999999\r\n\r\n{")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()


def test_a_body_that_grows_too_large_is_refused(sender: Sender) -> None:
    before = sender.size()

    def parts() -> Any:
        for _ in range(100):
            yield b" " * 2**17

    try:
        answer = sender.client.post(
            "/api/v1/sources", content=parts(), headers={**sender.shown, "Content-Type": "application/json"}, timeout=30
        )
        assert answer.status_code == 413
    except (httpx.WriteError, httpx.ReadError, httpx.RemoteProtocolError):
        pass  # the server closed while the client still sent: refused all the same
    assert sender.size() == before
    assert sender.client.get("/healthz").status_code == 200


def test_who_may_not_send_is_told_so_before_the_body_is_there(sender: Sender) -> None:
    viewer = a_token(sender.store, "viewer", Role.VIEWER)
    for token, status in ((b"nonsense", b"401"), (viewer.encode(), b"403")):
        head = b"POST /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token
        started = time.monotonic()
        answer = raw(sender, head + b"\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 " + status)
        assert time.monotonic() - started < 10


@pytest.mark.parametrize(
    "head",
    [
        b"NONSENSE\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\n\r\n",
        b"POST /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
        b"POST /api/v1/sources HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000 + b"\r\n\r\n",
    ],
)
def test_what_is_no_http_is_refused_and_the_server_goes_on(sender: Sender, head: bytes) -> None:
    answer = raw(sender, head, wait=5)
    assert not answer or answer.split(b" ", 2)[1][:1] == b"4"
    assert sender.client.get("/healthz").status_code == 200


def test_every_answer_keeps_browsers_out(sender: Sender) -> None:
    for answer in (sender.client.get("/healthz"), sender.client.get("/nothing"), sender.post("/sources", {})):
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_lines_are_bounded_in_number(sender: Sender) -> None:
    sender.refused("/scores", content=b"0\n" * 200_002, Content_Type=NDJSON, status=413)
