"""Every Eval Ever: one reading for every evaluation named in an aggregate file, recounted from the samples that lie beside it.

The rules kept here: results of one ``evaluation_name`` are the measures of one reading; an execution is known by its content, because
converters put the time of conversion into ``evaluation_id``; samples count only if they are the file's own (its checksum, its number of
rows, its evaluation and model); the format has no place for how many samples were planned, so that a converted run is completed only
where its samples account for the whole set, while a published number stands as published.

Left out: inputs, outputs and messages of samples; prices, latencies, the judge's prompt. Read leniently: 0.2.0, 0.2.1 and 0.3.0 differ
in fields that are not needed here, and unknown fields are normal.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from evaluations.readers.every_eval_ever_samples import Samples, samples_beside
from evaluations.readers.every_eval_ever_scores import beyond_scale, direction_of, is_unknown, score_of, statistic_of, unit_of
from evaluations.readers.item_names import scaffold_slug
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogFormat, LogReading, Measure, source_slug, unscored_of
from evaluations.readers.recounts import AttemptBudget, bounded_warnings, disagreement, status_of, unscored_words
from evaluations.readers.stated import digest_of, stated_names
from evaluations.readers.strict_json import Part, whole_document
from evaluations.records import ItemResult, RunStatus, Score, Statistic, Thinking

VERSIONS = ("0.2.", "0.3.")
RECOUNTED = frozenset({Statistic.MEAN, Statistic.SHARE})  # statistics that the mean of the samples should give again


@dataclass
class _Told:
    """What the results of one name tell, on the way to a reading."""

    measures: list[Measure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)


def read_every_eval_ever(file: LogFile) -> tuple[LogReading, ...]:
    """Return a reading for every evaluation name of an aggregate. Raises ``LogError``."""
    document = whole_document(file)
    version = document["schema_version"].spelled() or ""
    if not version.startswith(VERSIONS):
        raise LogError(file.name, "schema_version", repr(version[:40]), "0.2.0, 0.2.1 or 0.3.0")
    results: dict[str, list[Part]] = {}
    left = AttemptBudget.of(file.name, file.budget)
    for result in document["evaluation_results"].listed():
        left.take_measure(result)
        results.setdefault(result["evaluation_name"].required(), []).append(result)
    if not results:
        raise LogError(file.name, "evaluation_results", "no result", "at least one")
    named = {task: dict(zip(_measure_names(group), group, strict=True)) for task, group in results.items()}
    samples = samples_beside(file, document, {(task, name): part for task, group in named.items() for name, part in group.items()})
    sha256 = file.sha256()
    return tuple(_reading(file, sha256, document, task, group, samples) for task, group in named.items())


def _measure_names(results: list[Part]) -> list[str]:
    """Return a name for every result: its own identifier, else its metric's, and a number where that is not unique."""
    keys = ("metric_id", "metric_name", "metric_kind")
    given = [
        each["evaluation_result_id"].text() or next((name for key in keys if (name := each["metric_config"][key].text())), "score")
        for each in results
    ]
    names: dict[str, None] = {}
    taken = set(given)
    seen: Counter[str] = Counter()
    for name in given:
        seen[name] += 1
        unique = name
        while unique in names or (unique != name and unique in taken):
            unique = f"{name[:480]} ({seen[name]})"  # 480: room for the number within the 500 of a name
            seen[name] += unique in names or unique in taken
        names[unique] = None
    return list(names)


def _reading(file: LogFile, sha256: str, document: Part, task: str, results: dict[str, Part], samples: Samples) -> LogReading:
    log_id = _log_id(document, task, list(results.values()))
    told = _Told(warnings=list(samples.warnings), shortfalls=list(samples.shortfalls))
    for name, result in results.items():
        _add_measure(told, name, result, samples.items_of(task, name), source_slug(LogFormat.EVERY_EVAL_EVER, log_id))
    told.shortfalls.extend(samples.shortfalls_of(task))
    sampled = any(each.items for each in told.measures)
    told.shortfalls.extend(_uncertain_plan(document, list(results.values()), sampled=sampled))
    first = next(iter(results.values()))
    if _is_published(document) and not _own_status(document):
        told.warnings.append("a published number: the file tells of no execution, and not whether all of it was scored")
    status, reason = _status(document, told)
    repeated = any(len(item.attempts) > 1 for each in told.measures for item in each.items)  # how often was planned, nobody says
    generation = first["generation_config"]
    return LogReading(
        format=LogFormat.EVERY_EVAL_EVER,
        producer=_producer(document),
        log_id=log_id,
        file_name=file.name,
        file_sha256=sha256,
        model=document["model_info"]["id"].text() or document["model_info"]["name"].required(),
        snapshot_hint=_snapshot_hint(document["model_info"]["additional_details"]),
        task=task,
        task_version=first["metric_config"]["additional_details"]["rsp_task_version"].text(),
        stated=stated_names(document["model_info"]["additional_details"], first["metric_config"]["additional_details"]),
        thinking=_thinking(generation),
        token_budget=generation["generation_args"]["eval_limits"]["token_limit"].count(),
        scaffold=_scaffold(generation),
        tools=_tools(generation),
        status=status,
        status_reason=reason,
        measured_at=first["evaluation_timestamp"].seconds() or document["evaluation_timestamp"].seconds(),
        planned_samples=None if repeated else _planned(first),
        measures=tuple(told.measures),
        warnings=bounded_warnings(told.warnings),
    )


def _log_id(document: Part, task: str, results: list[Part]) -> str:
    """Return the name of an execution: what was measured of what, when, and every number; not when it was converted."""
    told = [
        [each["evaluation_result_id"].value, each["metric_config"]["metric_id"].value, each["metric_config"]["metric_name"].value]
        + [each["score_details"][key].value for key in ("score", "uncertainty")]
        + [each["source_data"]["dataset_name"].value]
        for each in results
    ]
    ran = results[0]["evaluation_timestamp"].value or document["evaluation_timestamp"].value
    run = document["source_metadata"]["additional_details"]["rsp_run"].text()
    return f"every_eval_ever-{digest_of([document['model_info']['id'].value, task, ran, run, told])}"


def _producer(document: Part) -> str | None:
    name, version = document["eval_library"]["name"].text(), document["eval_library"]["version"].spelled()
    return " ".join(each for each in (name, version) if each and each != "unknown") or None


def _snapshot_hint(details: Part) -> str | None:
    keys = ("rsp_snapshot", "model_snapshot", "snapshot", "revision", "model_revision", "model_sha", "checkpoint")
    return next((hint for key in keys if isinstance(details[key].value, str) and (hint := details[key].text())), None)


def _thinking(generation: Part) -> Thinking:
    """Return whether the model could think first. ``reasoning: false`` is what converters write where they know nothing: not stated."""
    own = generation["additional_details"]["rsp_thinking"].text()
    if own in {each.value for each in Thinking}:
        return Thinking(own)
    return Thinking.EXTENDED if generation["generation_args"]["reasoning"].truth() else Thinking.NOT_STATED


def _scaffold(generation: Part) -> str | None:
    own = generation["additional_details"]["rsp_scaffold"].text()
    return scaffold_slug(own) if own else None


def _tools(generation: Part) -> str | None:
    if own := generation["additional_details"]["rsp_tools"].text(20_000):  # as evaluations.values.Text
        return own
    tools = generation["generation_args"]["agentic_eval_config"]["available_tools"].listed()
    return ", ".join(name for each in tools if (name := each["name"].text()))[:20_000] or None


def _planned(result: Part) -> int | None:
    """Return how many samples the set has, where the file says so; converters also write it as text."""
    data = result["source_data"]
    if data.has("samples_number"):
        return data["samples_number"].count()
    text = data["additional_details"]["samples_number"].spelled() or ""
    return int(text) if text.isdecimal() and len(text) < 10 else None  # 10 digits: no set is as large


# --- measures ----------------------------------------------------------------------------------------------------------------------


def _add_measure(told: _Told, name: str, result: Part, items: tuple[ItemResult, ...], source: str) -> None:
    metric = result["metric_config"]
    score = score_of(result, name, source, told.warnings)
    if score is None:
        told.shortfalls.append(f"{name}: the file prints no score")
    told.shortfalls.extend(_contradictions(name, metric, score, items))
    told.shortfalls.extend(filter(None, [unscored_words(name, items)]))
    values = [value for item in items for value in item.attempts if value is not None]
    printed = [score.value] if score is not None and score.value is not None else []
    told.measures.append(
        Measure(
            name=name,
            unit=unit_of(metric, [*printed, *values]),
            riskier_when=direction_of(metric),
            items=items,
            scores=(score,) if score is not None else (),
            unscored=unscored_of(items),
        )
    )


def _contradictions(name: str, metric: Part, score: Score | None, items: tuple[ItemResult, ...]) -> Iterable[str]:
    """Yield where a number contradicts its scale or its samples; each leaves the run short, and the reason tells it."""
    if score is None or score.value is None:
        return
    if (words := beyond_scale(metric, score.value)) and not is_unknown(metric, score.value):
        yield f"{name}: {words}"
    if not items:
        return
    if score.items is not None and score.items != len(items):
        yield f"{name}: the header tells of {score.items} samples, {len(items)} lie beside it"
    statistic, _ = statistic_of(metric)
    if statistic in RECOUNTED and (words := disagreement(name, score.value, items)):
        yield words


def _uncertain_plan(document: Part, results: list[Part], *, sampled: bool) -> Iterable[str]:
    """Yield why it is not known that the whole set was run; what has samples beside it is more than a published number."""
    planned = [_planned(each) for each in results]
    done = [each["score_details"]["uncertainty"]["num_samples"].count() for each in results]
    short = [(n, of) for n, of in zip(done, planned, strict=True) if n is not None and of is not None and n != of]
    if short:
        yield f"{short[0][0]} of the set's {short[0][1]} samples were scored"
    elif (_is_published(document) and not sampled) or _own_status(document):
        return
    elif None in planned or None in done:
        yield "the file does not say whether all planned samples were run and scored"


def _is_published(document: Part) -> bool:
    """Whether the file repeats numbers that somebody published, as a card does, and does not tell of an execution."""
    return document["source_metadata"]["source_type"].text() == "documentation"


def _own_status(document: Part) -> str | None:
    return document["source_metadata"]["additional_details"]["rsp_status"].text()


def _status(document: Part, told: _Told) -> tuple[RunStatus, str | None]:
    """Return the status: what the results show, and never better than what rsp wrote when the file is its own."""
    scored = any(each.scores or unscored_of(each.items) < sum(len(item.attempts) for item in each.items) for each in told.measures)
    status, reason = status_of(told.shortfalls, scored=scored)
    own = _own_status(document)
    if own is None or own == RunStatus.COMPLETED.value:
        return status, reason
    if own not in {each.value for each in RunStatus}:
        raise document["source_metadata"]["additional_details"]["rsp_status"].refusal("a status of a run")
    stated = document["source_metadata"]["additional_details"]["rsp_status_reason"].text(20_000)  # as evaluations.values.Text
    return RunStatus(own), stated or reason or f"the file says {own}"
