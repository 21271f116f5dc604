"""The header of an Inspect log: what was planned, how the run ended, and the numbers that were printed of it.

The rules kept here: a header of a newer version than is known here is refused; what it does not state is None; a number that is not
finite is no number. Old spellings are read as Inspect reads them: ``scorer`` and ``metrics`` for ``scores``, ``options`` for ``params``.

Left out: prompts, paths, tracebacks, arguments and texts of errors, which are never built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, NoReturn

from evaluations.readers.json_members import JsonStream
from evaluations.readers.json_parts import MISFIT, PRESENT, WHOLE, Each, Fields
from evaluations.readers.log_reading import LogError
from evaluations.values import LONGEST_NUMBER, NO_TEXT

NEWEST_VERSION = 2  # of the header; Inspect refuses larger ones too (formats.md 1.2)

_METRIC_OPTIONS = Fields({"cluster": WHOLE, "level": WHOLE})
_METRIC = Fields({"name": WHOLE, "group": WHOLE, "value": WHOLE, "params": _METRIC_OPTIONS, "options": _METRIC_OPTIONS})
_METRICS = Fields({"*": _METRIC})
_SCORE = Fields({"name": WHOLE, "scorer": WHOLE, "reducer": WHOLE, "scored_samples": WHOLE, "unscored_samples": WHOLE, "metrics": _METRICS})
_NAMES = dict.fromkeys(("rsp_model", "rsp_snapshot", "rsp_evaluation", "rsp_version"), WHOLE)
HINTS = ("model_snapshot", "snapshot", "checkpoint", "model_revision", "revision")
"""Keys of metadata and of model arguments that tell of a snapshot, the surest first (formats.md 0)."""
_METADATA = Fields({**_NAMES, **dict.fromkeys(HINTS, WHOLE)})
_REASONING = Fields({"reasoning_effort": WHOLE, "reasoning_tokens": WHOLE})
_TOOLS = Each(Fields({"name": WHOLE}))
_EVAL = Fields(
    {
        **dict.fromkeys(("eval_id", "run_id", "task_id", "created", "task", "task_version", "model", "solver"), WHOLE),
        "dataset": Fields({"samples": WHOLE, "sample_ids": Each(WHOLE)}),
        "model_args": Fields(dict.fromkeys(HINTS, WHOLE)),
        "model_generate_config": _REASONING,
        "config": Fields(dict.fromkeys(("limit", "sample_id", "epochs", "token_limit", "log_samples"), WHOLE)),
        "packages": Fields({"inspect_ai": WHOLE}),
        "metadata": _METADATA,
    }
)
_PLAN = Fields({"steps": Each(Fields({"solver": WHOLE, "params": Fields({"tools": _TOOLS})})), "config": _REASONING})
_RESULTS = Fields(
    {
        **dict.fromkeys(("total_samples", "completed_samples"), WHOLE),
        "early_stopping": PRESENT,
        "scores": Each(_SCORE),
        "scorer": Fields({"name": WHOLE}),
        "metrics": _METRICS,
        "headline": Fields({"score": WHOLE, "scorer": WHOLE}),
    }
)
FIELDS = {
    **dict.fromkeys(("version", "status", "invalidated"), WHOLE),
    "eval": _EVAL,
    "plan": _PLAN,
    "results": _RESULTS,
    "stats": Fields({"started_at": WHOLE, "completed_at": WHOLE}),
    "log_updates": Each(Fields({"edits": Each(Fields({"type": WHOLE}))})),
    "config_updates": Each(PRESENT),
    "metadata": _METADATA,
}
"""What is read of a header, and of the top of a log that is one JSON document."""


class LogStatus(StrEnum):
    """How Inspect says that a run ended."""

    STARTED = "started"
    SUCCESS = "success"
    CANCELLED = "cancelled"
    ERROR = "error"


@dataclass(frozen=True)
class PrintedMetric:
    """One number of a header; ``group`` joins numbers that one metric gave together, such as the ends of an interval."""

    key: str
    name: str
    group: str | None
    value: Decimal | None
    level: Decimal | None
    cluster: str | None


@dataclass(frozen=True)
class PrintedScore:
    """The numbers of one score under one way of reducing epochs to one value a sample."""

    name: str
    scorer: str | None
    reducer: str | None
    scored: int | None
    metrics: tuple[PrintedMetric, ...]


@dataclass(frozen=True)
class Header:
    """A header as it was found (``told``), with its plan and results made ready."""

    told: Mapping[str, Any] = field(repr=False)
    status: LogStatus
    sample_ids: tuple[str, ...] | None
    epochs: int
    total: int | None
    completed: int | None
    scores: tuple[PrintedScore, ...]

    @property
    def planned(self) -> int | None:
        """Samples times epochs as planned: the largest number that the header gives."""
        counted = [self.total, len(self.sample_ids) * self.epochs if self.sample_ids is not None else None]
        if not any(each is not None for each in counted):
            samples = whole(part(self.told, "eval", "dataset").get("samples"))
            return None if samples is None else samples * self.epochs
        return max(each for each in counted if each is not None)

    @property
    def cluster_keys(self) -> tuple[str, ...]:
        """The keys of metadata by which standard errors were clustered, each once."""
        return tuple(dict.fromkeys(metric.cluster for score in self.scores for metric in score.metrics if metric.cluster))


def read_fields(stream: JsonStream, *, until: str | None = None) -> dict[str, Any]:
    """Return the wanted fields of a header; reading stops at the key ``until`` if the run's own description came before it."""
    told: dict[str, Any] = {}
    for key in stream.fields():
        if key == until and "eval" in told:
            return told
        if key in FIELDS:
            told[key] = stream.value(FIELDS[key])
        else:
            stream.skip()
    stream.finish()
    return told


def header_of(told: Mapping[str, Any], file_name: str, where: str) -> Header:
    """Return the header made ready. Raises ``LogError`` that names the field which no log may lack or have otherwise."""

    def refuse(name: str, found: object, expected: str) -> NoReturn:
        raise LogError(file_name, f"{where}, {name}" if where else name, shown(found), expected)

    version = told.get("version", 1)  # the earliest logs did not write one
    if type(version) is not int or version > NEWEST_VERSION:
        refuse("version", version, f"a whole number up to {NEWEST_VERSION}, the newest that is known here")
    if not isinstance(told.get("eval"), dict):
        refuse("eval", told.get("eval"), "the description of a run")
    try:
        status = LogStatus(str(told.get("status")))
    except ValueError:
        refuse("status", told.get("status"), "started, success, cancelled or error")
    for name in ("model", "task"):
        if not spelled(told["eval"].get(name)):
            refuse(f"eval.{name}", told["eval"].get(name), "a name")
    config, dataset, results = part(told, "eval", "config"), part(told, "eval", "dataset"), part(told, "results")
    epochs = config.get("epochs")
    if epochs is not None and not (type(epochs) is int and 1 <= epochs <= 1_000_000):  # our choice: more repeats than anyone runs
        refuse("eval.config.epochs", epochs, "a whole number from 1")
    ids = dataset.get("sample_ids")
    if ids is not None and not (isinstance(ids, list) and all(isinstance(each, int | str) for each in ids)):
        refuse("eval.dataset.sample_ids", ids, "an array of names or numbers")
    names = None if ids is None else tuple(str(each) for each in ids)
    if names is not None and len(set(names)) < len(names):
        refuse("eval.dataset.sample_ids", "a sample twice", "each sample once")
    for name in ("total_samples", "completed_samples"):
        if results.get(name) is not None and whole(results[name]) is None:
            refuse(f"results.{name}", results[name], "a count")
    scores = tuple(_scores(results, refuse))
    return Header(told, status, names, epochs or 1, whole(results.get("total_samples")), whole(results.get("completed_samples")), scores)


def _scores(results: Mapping[str, Any], refuse: Callable[[str, object, str], NoReturn]) -> Iterable[PrintedScore]:
    found = results.get("scores")
    if found is None and isinstance(results.get("scorer"), dict):  # early 2024: one scorer, its metrics beside it
        found = [{**results["scorer"], "metrics": results.get("metrics")}]
    if found is MISFIT or any(not isinstance(each, dict) for each in found or ()):
        refuse("results.scores", "something else", "an array of objects")
    for place, each in enumerate(found or ()):
        name = spelled(each.get("name"))
        if not name:
            refuse(f"results.scores[{place}].name", each.get("name"), "a name")
        metrics = part(each, "metrics")
        yield PrintedScore(
            name,
            spelled(each.get("scorer")),
            spelled(each.get("reducer")),
            whole(each.get("scored_samples")),
            tuple(_metric(key, metric) for key, metric in metrics.items() if isinstance(metric, dict)),
        )


def _metric(key: str, told: Mapping[str, Any]) -> PrintedMetric:
    options = part(told, "params") or part(told, "options")
    name = spelled(told.get("name")) or key
    return PrintedMetric(
        key=spelled(key) or "metric",
        name=name.rsplit("/", 1)[-1],  # a package's prefix
        group=spelled(told.get("group")),
        value=finite(told.get("value")),
        level=finite(options.get("level")),
        cluster=spelled(options.get("cluster")),
    )


def part(told: Mapping[str, Any], *path: str) -> Mapping[str, Any]:
    """Return the object at a path, an empty one where there is none."""
    for step in path:
        found = told.get(step)
        told = found if isinstance(found, dict) else {}
    return told


def spelled(value: object) -> str | None:
    """Return a name as it was spelled, at most 500 characters, free of what no database keeps; None for anything else."""
    return (NO_TEXT.sub("\N{REPLACEMENT CHARACTER}", value)[:500] or None) if isinstance(value, str) else None


def whole(value: object) -> int | None:
    """Return a count, None for anything else."""
    return value if type(value) is int and 0 <= value < 2**53 else None


def finite(value: object) -> Decimal | None:
    """Return a number exactly as written; None for NaN, infinities, booleans, what no record holds, and all that is no number."""
    if isinstance(value, Decimal):
        return value if value.is_finite() and abs(value.adjusted()) <= LONGEST_NUMBER else None  # 1e99999999 has so many digits in words
    return Decimal(value) if type(value) is int else None


def shown(value: object) -> str:
    """Return what was found, short."""
    return "nothing" if value is None else "another kind of value" if value is MISFIT else repr(value)[:60]


def objects(value: object) -> list[Mapping[str, Any]]:
    """Return the objects of an array; none where there is no array. One of another kind counts as empty."""
    return [each if isinstance(each, dict) else {} for each in value] if isinstance(value, list) else []
