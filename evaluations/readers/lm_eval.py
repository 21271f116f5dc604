"""Results of lm-evaluation-harness: one reading a task, recounted from the samples where they were logged beside the results.

The rules kept here: the loader (``hf``, ``vllm``) is not the model; a group is an aggregate of tasks that are read themselves and is
not counted a second time; an error stands beside its own metric, and ``"N/A"``, an empty list, null and 0 are no error known; a run with
a limit is a subset and therefore partial; the samples beside must be those whose documents the header hashed.

Left out: documents, prompts and answers; the environment text, which tells of the machine; samples of another time than the results'.
Left out too: recounting a metric that is not a mean of its samples (perplexity, F1): its number stands as the header prints it, and
that is said.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice
from typing import Any

from evaluations.readers.item_names import item_slug
from evaluations.readers.lm_eval_rows import NO_METRIC, PASSES, SHARES, direction_of, left_out, printed_names, recovered, unit_of
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogFormat, LogReading, Measure, source_slug, unscored_of
from evaluations.readers.recounts import (
    AttemptBudget,
    ItemTally,
    bounded_warnings,
    disagreement,
    printed_score,
    status_of,
    unscored_words,
)
from evaluations.readers.stated import digest_of, stated_names
from evaluations.readers.strict_json import Part, document_lines, whole_document
from evaluations.records import ItemResult, Score, Statistic, Thinking
from evaluations.values import plain

TIME = re.compile(r"_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?)\.jsonl?$")  # local time of the start, as the program names its files
NAMED_MODEL = ("peft", "delta", "pretrained", "model", "path", "engine")  # the order in which the program itself looks
MOST_SHOWN = 20  # numbers of a group, and groups of a task, in what is told of them; our choice, a line stays a line
LONGEST_ARGUMENTS = 20_000  # characters of model_args; as Budget.text_characters


@dataclass
class _Results:
    """A results file and what holds for all of its tasks."""

    file: LogFile
    document: Part
    sha256: str
    left: AttemptBudget
    arguments: dict[str, str]
    legacy: bool
    groups: dict[str, tuple[str, ...]]
    above: dict[str, list[str]]  # what to say of the groups of a task
    arguments_digest: str


@dataclass
class _Told:
    """What a task's row and its samples tell, on the way to a reading."""

    measures: list[Measure] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)


def read_lm_eval(file: LogFile) -> tuple[LogReading, ...]:
    """Return a reading for every task of a results file. Raises ``LogError``."""
    document = whole_document(file)
    if not document.has("results"):
        raise LogError(file.name, "", "no results", "a results file of lm-evaluation-harness; samples are read beside theirs")
    arguments = _arguments(document["config"])
    groups = _groups(document)
    results = _Results(
        file=file,
        document=document,
        sha256=file.sha256(),
        left=AttemptBudget.of(file.name, file.budget),
        arguments=arguments,
        legacy=not document.has("n-samples"),
        groups=groups,
        above=_group_words(document, groups),
        arguments_digest=digest_of(arguments),
    )
    readings = [_reading(results, task, row) for task, row in document["results"].named() if task not in results.groups]
    if not readings:
        raise LogError(file.name, "results", "no task", "at least one")
    return tuple(readings)


def _groups(document: Part) -> dict[str, tuple[str, ...]]:
    """Return the groups whose every task has a row of its own; a group without them is read as a task, so that nothing is lost."""
    children = {group: tuple(each.required() for each in members.listed()) for group, members in document["group_subtasks"].named()}
    rows = document["results"].value

    above: dict[str, list[str]] = {}
    for group, inner in children.items():
        for each in inner:
            above.setdefault(each, []).append(group)
    missing = {group: len(inner) for group, inner in children.items()}  # children of which nothing is known yet
    covered = [name for name in above if not children.get(name) and name in rows]
    for name in covered:  # grows from tasks upward; a group within itself is never reached
        for group in above.get(name, ()):
            missing[group] -= 1
            if not missing[group]:
                covered.append(group)
    found = set(covered)
    counted = document["n-samples"]  # of tasks alone: what has samples of its own is no group, whatever it is called
    return {group: inner for group, inner in children.items() if inner and group in found and not counted.has(group)}


def _arguments(config: Part) -> dict[str, str]:
    """Return the arguments of the loader, which are written as ``a=1,b=2`` or as a mapping."""
    given = config["model_args"]
    if isinstance(given.value, dict):
        return {key: part.spelled() or "" for key, part in given.named() if isinstance(part.value, str | int | Decimal)}
    pairs = (each.partition("=") for each in (given.text(LONGEST_ARGUMENTS) or "").split(","))
    return {key.strip(): value.strip() for key, _, value in pairs if key.strip()}


def _model(results: _Results) -> tuple[str, list[str]]:
    """Return the model as the file spells it, and what is doubtful of it."""
    stated = next((results.arguments[key] for key in NAMED_MODEL if results.arguments.get(key)), None)
    named = results.document["model_name"].text()
    if named is not None:
        return named, [] if stated else ["model_name stands without a model in model_args: the program makes up a name then"]
    if stated is not None:
        return stated, []
    loader = results.document["config"]["model"].text()
    if loader is None:
        raise LogError(results.file.name, "config", "no model", "model_name, or a model in model_args")
    return loader, [f"the file names no model but {loader}, which may be the program that loaded it"]


def _snapshot_hint(results: _Results) -> str | None:
    """Return the revision asked for, or the digest it had: ``main`` says nothing where the digest is known."""
    config = results.document["config"]
    revision = results.arguments.get("revision") or config["model_revision"].spelled()
    sha = config["model_sha"].spelled()
    return sha if sha and revision in (None, "main") else revision


def _reading(results: _Results, task: str, row: Part) -> LogReading:
    document, config = results.document, results.document["config"]
    model, doubts = _model(results)
    log_id = _log_id(results, task, model)
    told = _Told(warnings=[*doubts, *results.above.get(task, ())])
    original, effective = document["n-samples"][task]["original"].count(), document["n-samples"][task]["effective"].count()
    _note_limit(told, config, original, effective)
    _note_choice(told, results, task, row, effective)
    items = _sampled(results, task, row, effective, told)
    _add_measures(results, task, row, items, effective or row["sample_len"].count(), told, log_id)
    scored = any(each.scores or unscored_of(each.items) < sum(len(item.attempts) for item in each.items) for each in told.measures)
    status, reason = status_of(told.shortfalls, scored=scored)
    version = document["lm_eval_version"].spelled()
    return LogReading(
        format=LogFormat.LM_EVAL,
        producer=f"lm_eval {version}" if version else None,
        log_id=log_id,
        file_name=results.file.name,
        file_sha256=results.sha256,
        model=model,
        snapshot_hint=_snapshot_hint(results),
        task=task,
        task_version=document["versions"][task].spelled(),
        stated=stated_names(document["configs"][task]["metadata"]),
        thinking=_thinking(results.arguments),
        status=status,
        status_reason=reason,
        measured_at=document["date"].seconds(),
        planned_samples=original,
        measures=tuple(told.measures),
        warnings=bounded_warnings(told.warnings),
    )


def _log_id(results: _Results, task: str, model: str) -> str:
    """Return the name of this execution. The start makes it; files of before 2024 have none, and there the content does."""
    document = results.document
    started = document["date"].spelled() or f"file {results.sha256}"
    asked = document["task_hashes"][task].spelled() or digest_of(document["configs"][task].value)
    return f"lm_eval-{digest_of([model, results.arguments_digest, task, asked, started])}"


def _thinking(arguments: dict[str, str]) -> Thinking:
    stated = arguments.get("enable_thinking", "").lower()
    return {"true": Thinking.EXTENDED, "false": Thinking.STANDARD}.get(stated, Thinking.NOT_STATED)


def _group_words(document: Part, groups: dict[str, tuple[str, ...]]) -> dict[str, list[str]]:
    """Return of each task what to say of its groups; each text is made once, since a group may have thousands of tasks."""
    above: dict[str, list[str]] = {}
    for group, children in groups.items():
        row = document["results"][group].named()
        numbers = ((key, part) for key, part in row if key not in NO_METRIC and isinstance(part.value, int | Decimal))
        printed = ", ".join(f"{key} {_shown_number(part)}" for key, part in islice(numbers, MOST_SHOWN))
        words = f"the group {group}, an aggregate of this task and others, is not read ({printed or 'no number'})"
        for task in dict.fromkeys(children):
            said = above.setdefault(task, [])
            if len(said) <= MOST_SHOWN:
                said.append(words)
    return above


def _shown_number(part: Part) -> str:
    number = None if isinstance(part.value, bool) else part.number()
    return "none" if number is None else plain(number)


def _note_limit(told: _Told, config: Part, original: int | None, effective: int | None) -> None:
    """Note whether the whole set was run: a subset is not the evaluation."""
    limit = config["limit"]
    if original is not None and effective is not None:
        if effective != original:
            told.shortfalls.append(f"{effective} of {original} samples were run")
    elif limit.value is not None:
        told.shortfalls.append(f"a limit of {limit.spelled()} was set, so that only a subset was run")
    elif not isinstance(config.value, dict) or "limit" not in config.value:
        told.shortfalls.append("the file does not say whether a limit was set")
    else:
        told.warnings.append("the file does not say over how many samples its numbers are")


def _note_choice(told: _Told, results: _Results, task: str, row: Part, effective: int | None) -> None:
    """Note samples that were chosen one by one: the program then counts the whole set as ``effective`` all the same."""
    counted = row["sample_len"].count()
    if counted is not None and effective is not None and counted != effective:
        told.shortfalls.append(f"the row of {task} is over {counted} samples, the header tells of {effective}")
    if any(
        isinstance(place.value, dict) and place.has("samples") for place in (results.document["config"], results.document["configs"][task])
    ):
        told.shortfalls.append("samples were chosen one by one, so that only a subset was run")


# --- samples -----------------------------------------------------------------------------------------------------------------------


@dataclass
class _Samples:
    """What lies beside a task: tallies by measure, and the measures whose values are no numbers."""

    tallies: dict[str, ItemTally] = field(default_factory=dict)
    uncounted: dict[str, int] = field(default_factory=dict)  # by how many lines
    filters: dict[str, list[str]] = field(default_factory=dict)  # of the metrics in the header's row
    hashed: Any = field(default_factory=hashlib.sha256)
    hashes: bool = True  # every line had its three digests, as those of 0.4.x do


def _sampled(results: _Results, task: str, row: Part, effective: int | None, told: _Told) -> dict[str, tuple[ItemResult, ...]]:
    """Return the items by measure from the samples of the task, and note where they and the header disagree."""
    found = TIME.search(results.file.name)
    name = f"samples_{task}_{found.group(1)}.jsonl" if found else None
    content = results.file.beside.get(name) if name else None
    if name is None or content is None:
        others = [each for each in results.file.beside if each.startswith(f"samples_{task}_")]
        told.warnings.append("no samples beside: its numbers are the header's own")
        if others:
            told.warnings.append(f"{', '.join(sorted(others)[:3])} has another time than the results, and was left alone")
        return {}
    names = printed_names(row)
    samples = _Samples()
    for each in names:
        metric, _, kept = each.partition(",")
        samples.filters.setdefault(metric, []).append(kept or "none")
    for line in document_lines(content, name, results.file.budget):
        _add_sample(line, samples, results.left)
    stated = results.document["task_hashes"][task].text()
    if stated and samples.hashes and samples.hashed.hexdigest() != stated:
        told.warnings.append(f"{name} holds other documents than the header hashed")
        told.shortfalls.append("the samples are not those of the header")
    for measure, lines in sorted(samples.uncounted.items()):
        told.warnings.append(f"{measure}: its samples are no single numbers, so that the header's number stands unchecked")
        tally = samples.tallies.pop(measure, None)
        if tally is not None or measure.partition(",")[0] in SHARES:  # genuine files have one kind of value in all of their lines
            told.shortfalls.append(f"{measure}: {lines} samples are no single numbers, {tally.attempts if tally else 0} are")
    for name_of in sorted({each if "," in each else f"{each},none" for each in names} - samples.tallies.keys() - samples.uncounted.keys()):
        told.shortfalls.append(f"{name_of}: the header prints it, and no sample beside tells of it")
    for measure, tally in samples.tallies.items():
        if effective is not None and len(tally) != effective:
            told.shortfalls.append(f"{measure}: the header tells of {effective} samples, {len(tally)} lie beside it")
        if tally.attempts != len(tally):
            told.shortfalls.append(f"{measure}: {tally.attempts} lines tell of {len(tally)} samples")
    return {measure: tally.items() for measure, tally in samples.tallies.items()}


def _add_sample(line: Part, samples: _Samples, left: AttemptBudget) -> None:
    item, kept = line["doc_id"].spelled(), line["filter"].text() or "none"
    if item is None:
        raise LogError(line.file_name, line.where, "no doc_id", "a sample of lm-evaluation-harness")
    hashes = [line[key].value for key in ("doc_hash", "prompt_hash", "target_hash")]
    if all(isinstance(each, str) and each.isascii() for each in hashes):
        samples.hashed.update("".join(hashes).encode())
    else:
        samples.hashes = False
    for metric, named in _metrics_of(line, samples, kept):
        measure = f"{metric},{named}"
        value = line[metric]
        if isinstance(value.value, list | dict | str):
            samples.uncounted[measure] = samples.uncounted.get(measure, 0) + 1
            continue
        number = Decimal(value.value) if isinstance(value.value, bool) else value.number()
        samples.tallies.setdefault(measure, ItemTally(left)).add(item, number, line)


def _metrics_of(line: Part, samples: _Samples, kept: str) -> Iterator[tuple[str, str]]:
    """Yield the metrics of a line and their filter; lines of before 2025 list neither, and there the header's row names them."""
    if line.has("metrics"):
        yield from ((part.required(), kept) for part in line["metrics"].listed())
        return
    for metric, filters in samples.filters.items():
        if metric in line.value and (line.has("filter") or len(filters) == 1):
            yield metric, kept if line.has("filter") else filters[0]


# --- the header's row --------------------------------------------------------------------------------------------------------------


def _add_measures(
    results: _Results, task: str, row: Part, items: dict[str, tuple[ItemResult, ...]], over: int | None, told: _Told, log_id: str
) -> None:
    """Add a measure for every metric of the row, and for every one that only the samples have."""
    names = printed_names(row)
    metrics = {each["metric"].spelled(): each for each in results.document["configs"][task]["metric_list"].listed()}
    for name in [*names, *sorted(set(items) - set(names))]:
        metric = name.partition(",")[0]
        results.left.take_measure(row)
        aggregation = metrics[metric]["aggregation"] if metric in metrics else row["(not stated)"]
        counted = items.get(name, ())
        printed = _printed(row, name, told)
        if words_out := left_out(name, counted, aggregation):
            told.warnings.append(words_out)
            if metric in SHARES and printed is not None and (words := disagreement(name, printed, counted)):
                told.shortfalls.append(words)  # a share of passes is the mean of its samples, whatever its aggregation is called
            counted = ()
        if counted and printed is not None and (words := disagreement(name, printed, counted)):
            told.warnings.append(words)
            told.shortfalls.append(words)
        if counted and printed is None and name not in names:
            told.warnings.append(f"{name}: only the samples tell of it")
        told.shortfalls.extend(filter(None, [unscored_words(name, counted)]))
        scores = () if printed is None else (_score(results, row, name, printed, over, log_id),)
        told.measures.append(
            Measure(
                name=name,
                unit=unit_of(metric, printed, counted),
                riskier_when=direction_of(results.document["higher_is_better"][task][metric]),
                items=counted,
                scores=scores,
                unscored=unscored_of(counted),
            )
        )


def _printed(row: Part, name: str, told: _Told) -> Decimal | None:
    part = row[name]
    value = None if part.value == "N/A" or isinstance(part.value, list) else part.number()
    if value is None and name in row.value:
        told.shortfalls.append(f"{name}: the header prints no finite number")
    return value


def _score(results: _Results, row: Part, name: str, value: Decimal, over: int | None, log_id: str) -> Score:
    metric, comma, kept = name.partition(",")
    part = row[f"{metric}_stderr{comma}{kept}"]
    error = part.number() if isinstance(part.value, int | Decimal) else None  # "N/A", [], null, absent: nothing is known
    if error is not None and error < 0:
        raise part.refusal("a standard error of 0 or more")
    note = recovered(value, error) if results.legacy and over is None else None
    slug = item_slug(metric if kept in ("", "none") else f"{metric}.{kept}")
    counted = (over, "effective samples of the results file") if over else None
    source = source_slug(LogFormat.LM_EVAL, log_id)
    if passes := PASSES.fullmatch(metric):
        k = int(passes.group(1))
        return printed_score(slug, source, value, error=error, counted=counted, note=note, statistic=Statistic.PASS_AT_K, k=k)
    return printed_score(slug, source, value, error=error, counted=counted, note=note)
