"""The client: typed methods for everything that a pipeline submits, and reads of what it may see.

The rules kept here: a submission that was recorded is answered with its receipt, however often it was tried; an error is the server's own;
a list beyond a batch goes in several, each with its own receipt. With a spool, a submission that finds the server away waits on the disk
and is told so (``Spooled``); what waits is delivered before anything that comes later, so that order holds.

Left out: an asynchronous twin. A submission takes milliseconds; whoever must not wait uses ``Recorder``, which has a thread.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Self

from pydantic import ValidationError

from evaluations.evidence import EvidenceFile
from evaluations.readers.assignment import NOTHING_CHOSEN, ChosenNames, LogAnnouncement, SentAnnouncement, SentReading
from evaluations.readers.log_reading import LogReading
from evaluations.records import Evaluation, ItemResult, Model, Run, Score, Source
from evaluations.registrations import ModelAlias, RunRegistration, TaskAlias
from evaluations.trials import QualitativeFinding, UpliftTrial
from evaluations.values import Record
from rsp.client.calls import Call, address, of_announcement, of_evidence, of_reading, of_records, scores_body
from rsp.client.measuring import Measuring
from rsp.client.sending import Sending
from rsp.client.settings import MODE, RETRIES, TIMEOUT_SECONDS, URL, Mode, Settings, from_environment
from rsp.client.spool import Spool, Spooled
from rsp.errors import AwayError, InputError
from rsp.receipts import Receipt

log = logging.getLogger("rsp.client")

BATCH = 500  # records of one request; our choice, the size that the server is measured with
Answer = Receipt | Spooled


class Client:
    """A connection to one server. Use it as a context manager, or close it."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        *,
        timeout: float = TIMEOUT_SECONDS,
        max_retries: int = RETRIES,
        spool: Spool | None = None,
    ) -> None:
        self._sending = Sending(url, token, timeout, max_retries)
        self._spool = spool

    @classmethod
    def from_environment(cls, settings: Settings | None = None) -> Self:
        """Return a client as ``RSP_URL`` and the other names say, with the spool. Raises ``InputError`` where nothing may be sent."""
        told = settings or from_environment()
        if told.url is None or told.mode is not Mode.ONLINE:
            raise InputError(f"found {f'no {URL}' if told.url is None else f'{MODE}={told.mode.value}'}, expected a server to send to")
        return cls(told.url, told.token, timeout=told.timeout, max_retries=told.max_retries, spool=Spool(told.spool))

    def __enter__(self) -> Self:
        """Return the client itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._sending.close()

    def submit(self, call: Call) -> Answer:
        """Submit what was put together elsewhere. Raises the server's error, and ``AwayError`` where there is no spool."""
        if self._spool is None:
            return self._receipt(call)
        try:
            if self._spool.has_waiting():
                self._deliver_first(self._spool)
            return self._receipt(call)
        except AwayError as away:
            return self._spool.put(call, str(away))

    def _deliver_first(self, spool: Spool) -> None:
        for each in spool.deliver(self._sending, refused_too=False):
            if each.refusal is not None:
                log.warning("rsp: the server refused %s; it waits for `rsp sync`: %s", each.waiting.call.what, each.refusal)

    def _receipt(self, call: Call) -> Receipt:
        answer = self._sending.submit(call)
        try:
            return Receipt.model_validate_json(answer.text)
        except ValidationError as misfit:
            raise AwayError(f"found an answer of {self._sending.url} that is no receipt, expected one: is it an rsp server?") from misfit

    def _batches(self, kind: str, records: Sequence[Record], supersede: str | None) -> tuple[Answer, ...]:
        parts = [records[start : start + BATCH] for start in range(0, len(records), BATCH)]
        return tuple(self.submit(of_records(kind, part, supersede)) for part in parts)

    def submit_evidence(self, file: EvidenceFile, *, supersede: str | None = None, key: str = "") -> Answer:
        """Submit whole records of any kind, recorded together or not at all."""
        return self.submit(of_evidence(file, supersede, key))

    def submit_sources(self, *sources: Source, supersede: str | None = None) -> tuple[Answer, ...]:
        """Submit documents or pipelines that evidence is taken from."""
        return self._batches("sources", sources, supersede)

    def submit_models(self, *models: Model, supersede: str | None = None) -> tuple[Answer, ...]:
        """Submit models with their snapshots."""
        return self._batches("models", models, supersede)

    def submit_evaluations(self, *evaluations: Evaluation, supersede: str | None = None) -> tuple[Answer, ...]:
        """Submit evaluations with their versions."""
        return self._batches("evaluations", evaluations, supersede)

    def submit_aliases(self, *aliases: ModelAlias | TaskAlias) -> tuple[Answer, ...]:
        """Say what names in log files mean."""
        models = [each for each in aliases if isinstance(each, ModelAlias)]
        tasks = [each for each in aliases if isinstance(each, TaskAlias)]
        return (*self._batches("model_aliases", models, None), *self._batches("task_aliases", tasks, None))

    def register_run(self, registration: RunRegistration, *, key: str = "") -> Answer:
        """Register a run before it starts."""
        return self.submit(of_records("registrations", (registration,), key=key))

    def submit_run(self, run: Run, *, supersede: str | None = None, key: str = "") -> Answer:
        """Submit one run, whole."""
        return self.submit(of_records("runs", (run,), supersede, key))

    def submit_runs(self, runs: Sequence[Run], *, supersede: str | None = None) -> tuple[Answer, ...]:
        """Submit runs, whole, in batches."""
        return self._batches("runs", runs, supersede)

    def submit_scores(self, model: str, run: str, scores: Sequence[Score], *, supersede: str | None = None) -> tuple[Answer, ...]:
        """Add scores to a recorded run, in batches; each batch is recorded whole or not at all."""
        parts = [scores[start : start + BATCH] for start in range(0, len(scores), BATCH)]
        where = address("scores", supersede=supersede)
        return tuple(self.submit(Call(where, scores_body(model, run, part), f"{len(part)} scores of run {run}")) for part in parts)

    def submit_items(self, model: str, run: str, items: Sequence[ItemResult]) -> Answer:
        """Add all items to a run that was recorded without any."""
        body = "[" + ",".join(each.model_dump_json() for each in items) + "]"
        return self.submit(Call(address("models", model, "runs", run, "items"), body, f"{len(items)} items of run {run}"))

    def submit_trial(self, trial: UpliftTrial, *, supersede: str | None = None) -> Answer:
        """Submit an uplift trial."""
        return self.submit(of_records("trials", (trial,), supersede))

    def submit_finding(self, finding: QualitativeFinding, *, supersede: str | None = None) -> Answer:
        """Submit what experts said."""
        return self.submit(of_records("findings", (finding,), supersede))

    def submit_reading(self, reading: LogReading, chosen: ChosenNames = NOTHING_CHOSEN, *, supersede: str | None = None) -> Answer:
        """Submit what a log tells; the server settles which snapshot and version its names mean, unless ``chosen`` says it."""
        return self.submit(of_reading(SentReading(reading=reading, chosen=chosen), supersede))

    def register_log(self, announcement: LogAnnouncement, chosen: ChosenNames = NOTHING_CHOSEN) -> Answer:
        """Register the run of a log that is about to be written."""
        return self.submit(of_announcement(SentAnnouncement(announcement=announcement, chosen=chosen)))

    def run(self, registration: RunRegistration) -> Measuring:
        """Return a run to measure in a ``with`` block: registered when it opens, reported when it closes, also as failed."""
        return Measuring(self, registration)

    def verdicts(self, model: str, policy: str, *, criteria: str | None = None, as_of: int | str | None = None) -> Mapping[str, Any]:
        """Return the verdicts on a model as ``rsp assess --format json`` prints them; numbers are text, as exact as they are."""
        return self._read(address("models", model, "verdicts", policy=policy, criteria=criteria, as_of=as_of))

    def gate(self, model: str, policy: str, *, criteria: str | None = None, as_of: int | str | None = None) -> Mapping[str, Any]:
        """Return whether every threshold is ruled out, as ``rsp gate --format json`` prints it."""
        return self._read(address("models", model, "gate", policy=policy, criteria=criteria, as_of=as_of))

    def receipt(self, identity: str) -> Receipt:
        """Return the receipt of something the same owner submitted."""
        return Receipt.model_validate_json(self._sending.read(address("receipts", identity)).text)

    def models(self, *, as_of: int | str | None = None, limit: int | None = None) -> Iterator[Mapping[str, Any]]:
        """Yield every model with its snapshots, page by page; ``limit`` is how many a page holds."""
        return self._pages(address("models", as_of=as_of, limit=limit))

    def runs(self, model: str, *, as_of: int | str | None = None, limit: int | None = None) -> Iterator[Mapping[str, Any]]:
        """Yield every run of a model with its scores, page by page; ``limit`` is how many a page holds."""
        return self._pages(address("models", model, "runs", as_of=as_of, limit=limit))

    def _read(self, where: str) -> Mapping[str, Any]:
        told: Mapping[str, Any] = json.loads(self._sending.read(where).text)
        return told

    def _pages(self, where: str | None) -> Iterator[Mapping[str, Any]]:
        while where is not None:
            page = self._read(where)
            yield from page["records"]
            where = page["next"]
