"""One submission over HTTP, whatever its address: body in, receipt out, once however often it is sent.

The rules kept here: everything is read, judged and recorded in one thread and one transaction; small submissions that come at the same
moment share a thread and a commit; the identity of a submission is the digest
of what was asked and sent, so that the same bytes at another address are another submission; an answer given again under its key is the
same, byte for byte, and says so; who may only submit is not told what others recorded.

Left out: which address takes which records (``rsp.api.routes.submissions``), and deciding (``rsp.ingest``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import Depends, Header, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from evaluations.documents import Document, DocumentError, Problem, validated
from evaluations.evidence import EvidenceFile
from evaluations.registrations import IdempotencyKey
from evaluations.values import NUMBERS_AS_TEXT, Text
from rsp.api.bodies import JSON_LIMIT, STREAM_LIMIT, Body, Media, media_of, received, records_of
from rsp.api.callers import Askers, permitted
from rsp.api.problems import FieldProblem, PlacedError, RefusedError
from rsp.api.together import Together
from rsp.api.wire import Laid, Wire
from rsp.collecting import paused_collector
from rsp.errors import ConflictError, EvidenceError, NotPermittedError, UnknownNameError
from rsp.ingest import Sent, submit
from rsp.receipts import Bringing, Receipt, Sight
from rsp.store.session import Store
from rsp.store.submissions import submission_owned
from rsp.tokens import Caller, Role

LONGEST_REASON = 2_000  # characters of a reason to supersede; our choice: a paragraph
KEY_HEADER = "Idempotency-Key"
REPLAYED_HEADER = "Idempotency-Replayed"


@dataclass
class Submission:
    """What a request says of itself beside its body, and whether its answer was given before."""

    store: Store
    caller: Caller
    clock: Callable[[], datetime]
    asked: str  # method, address and reason: what the body means depends on them
    key: str | None
    supersede: str | None
    replays: list[str] = field(default_factory=list)

    def sent(self, file_name: str, identity: str) -> Sent:
        """Return what the record keeps of the sender."""
        return Sent(
            file_name,
            identity,
            self.caller.owner,
            self.key,
            sight=self.sight,
            bringing=Bringing.ANYTHING if self.supersede is None else Bringing.CORRECTIONS,
            replayed=lambda: self.replays.append(self.key or ""),
        )

    @property
    def at(self) -> datetime:
        """The time, as late as can be: a body may take minutes, and what was asked in the meantime must stay true."""
        return self.clock()

    @property
    def sight(self) -> Sight:
        """What of the record a refusal may repeat."""
        return Sight.OWN if self.caller.role is Role.SUBMITTER else Sight.RECORD

    def identity(self, content: bytes) -> str:
        """Return the digest of what was asked and sent."""
        return hashlib.sha256(self.asked.encode() + b"\n" + content).hexdigest()


async def submission(
    request: Request,
    caller: Annotated[Caller, Depends(permitted)],
    idempotency_key: Annotated[
        IdempotencyKey | None,
        Header(alias=KEY_HEADER, description="What you name this submission by. Sent again, it is answered the same and recorded once."),
    ] = None,
    supersede: Annotated[
        Text | None,
        Query(
            min_length=1,
            max_length=LONGEST_REASON,
            description="Why what is recorded is corrected. Without it, content that differs from the record is refused.",
        ),
    ] = None,
) -> Submission:
    """Return what the request says of itself. Raises ``RefusedError`` for two keys, of which nobody could say which is meant."""
    keys = request.headers.getlist(KEY_HEADER)
    if len(keys) > 1:
        raise RefusedError(422, "input", f"found {len(keys)} headers {KEY_HEADER}, expected one")
    asked = f"{request.method} {request.url.path}" + ("" if supersede is None else f" supersede={supersede}")
    return Submission(request.app.state.store, caller, request.app.state.settings.clock, asked, idempotency_key, supersede)


Submitted = Annotated[Submission, Depends(submission)]


async def take_in(request: Request, told: Submission, wire: Wire, *accepted: Media) -> Response:
    """Read the body, record it, and answer with its receipt."""
    media = media_of(request, *(accepted or (Media.JSON,)))
    sending = Sending(told, await received(request, STREAM_LIMIT if media is Media.LINES else JSON_LIMIT), media, wire)
    if len(sending.content) > SMALL:
        return await run_in_threadpool(_taken_in, sending)
    senders: Senders = request.app.state.senders
    return await senders.ask(sending)


@dataclass(frozen=True)
class Sending:
    """A submission with its body."""

    told: Submission
    content: bytes
    media: Media
    wire: Wire


SMALL = 64 * 2**10  # bytes; our choice: some hundred scores, taken in within some ten milliseconds
Senders = Together[Sending, Response]
"""Those who send something small at the same moment: each round of them shares one thread and one commit."""


def senders(store: Store, askers: Askers) -> Senders:
    """Return what takes small submissions in. ``askers`` looks up who wants to send, so that many come here from there."""

    def each(some: Sequence[Sending]) -> list[Response | Exception]:
        with paused_collector():
            # Laid out before anything is written: a thread that writes must not wait for itself to read.
            ready = [_laid_out_or_not(sending) for sending in some]
            with store.together() as shared:
                taken = [held if isinstance(held, Exception) else shared.done(partial(_recorded, held)) for held in ready]
        return [held if isinstance(held, Exception) else _answered(sending.told, held) for sending, held in zip(some, taken, strict=True)]

    return Together(each, before=askers)


def _laid_out_or_not(sending: Sending) -> _LaidOut | Exception:
    try:
        return _laid_out(sending)
    except Exception as refused:  # one sender's alone, and raised where that one waits
        return refused


def _answered(told: Submission, receipt: Callable[[], Receipt]) -> Response | Exception:
    try:
        return answer(told, receipt())
    except Exception as refused:  # as above
        return refused


def _taken_in(sending: Sending) -> Response:
    with paused_collector():
        receipt = _recorded(_laid_out(sending))
    return answer(sending.told, receipt)


@dataclass(frozen=True)
class _LaidOut:
    """A submission whose body has been read and laid out as an evidence file."""

    sending: Sending
    body: Body
    laid: Laid


def _laid_out(sending: Sending) -> _LaidOut:
    body = records_of(sending.content, sending.media)
    with names_kept_back(sending.told):
        return _LaidOut(sending, body, sending.wire(sending.told.store, body.values))


def _recorded(ready: _LaidOut) -> Receipt:
    told = ready.sending.told
    with placed_by(lambda problem: ready.body.place(ready.laid.back(problem.path), problem)):
        return record(told, ready.laid.content, told.asked, told.identity(ready.sending.content))


def record(told: Submission, values: dict[str, object], file_name: str, identity: str) -> Receipt:
    """Record the content of an evidence file and return its receipt."""
    file = validated(Document(file_name, values, dict), EvidenceFile, NUMBERS_AS_TEXT)
    _expect_measurements(told, file)
    sent = told.sent(file_name, identity)
    return submit(told.store, file, sent, actor=told.caller.actor, at=told.at, supersede=told.supersede)


JUDGEMENTS = ("plans", "drop_answers", "relations", "assessments", "calls", "model_aliases", "task_aliases")
"""What people decide about evidence: each can turn a gap into *ruled out*, put off what is due, or send a log elsewhere."""


def _expect_measurements(told: Submission, file: EvidenceFile) -> None:
    """Refuse judgements from who may only submit what was measured. Raises ``NotPermittedError``."""
    if told.caller.role is not Role.SUBMITTER:
        return
    brought = [name for name in JUDGEMENTS if getattr(file, name)]
    if any(each.signed_off_by is not None for each in file.findings):
        brought.append("findings that somebody signed off")
    if brought:
        raise NotPermittedError(
            f"found {', '.join(brought)} from the role {told.caller.role.value}, which may submit what was measured; expected them from an "
            "author (/plans, /drop-answers, /model-aliases, /task-aliases, a sign-off as a correction) or from `rsp load` at the server; "
            "nothing was recorded"
        )


@contextmanager
def names_kept_back(told: Submission) -> Iterator[None]:
    """Refuse an unknown name without saying which are known, to who may not read them."""
    try:
        yield
    except UnknownNameError as refused:
        raise without_names(told, refused) from refused


def without_names(told: Submission, refused: UnknownNameError) -> UnknownNameError:
    """Return the refusal as this sender may read it."""
    return refused if told.sight is Sight.RECORD else UnknownNameError(refused.kind, refused.name, None)


@contextmanager
def placed_by(placed: Callable[[Problem], FieldProblem]) -> Iterator[None]:
    """Tell what is wrong with an evidence file by the places that ``placed`` knows."""
    try:
        yield
    except (DocumentError, EvidenceError, ConflictError) as refused:
        raise PlacedError(refused, placed) from refused


def answer(told: Submission, receipt: Receipt) -> Response:
    """Return the receipt: 201 for something new, 200 for what was known; both with the address it is kept at, if it is the sender's."""
    headers = {REPLAYED_HEADER: "true"} if told.replays else {}
    if receipt.status != "known" or _is_kept(told, receipt):
        headers["Location"] = receipt_address(receipt.identity)
    return Response(receipt.model_dump_json(), 200 if receipt.status == "known" else 201, headers, Media.JSON)


def receipt_address(identity: str) -> str:
    """Return where a receipt is kept."""
    return f"/api/v1/receipts/{identity}"


def _is_kept(told: Submission, receipt: Receipt) -> bool:
    with told.store.read() as session:
        return submission_owned(session, told.caller.owner, receipt.identity) is not None
