"""METR's runs.jsonl, the data behind time horizons: one reading for every agent, an item a task, an attempt a run.

The rules kept here: agents are told apart by ``alias``, because two snapshots may share a ``model``; people's baselines are left out, and
that is said; a run that a fatal error ended has no score, and neither has one without a number; attempts stand in the order they
started; a task keeps how long people need for it and its family, whose tasks rise and fall together. An agent that was not run on every
task of its file falls short.

Left out: the raw ``score`` of 2025, which is on a scale of each task's own, and the weights, which follow from the runs. Left out: the
data itself. METR's repository names no licence, so that its rows are read where the user has them and are never passed on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from itertools import islice

from evaluations.readers.item_names import item_slug, scaffold_slug
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError, LogFormat, LogReading, Measure, unscored_of
from evaluations.readers.recounts import AttemptBudget, ItemTally, bounded_warnings, status_of, unscored_words
from evaluations.readers.stated import digest_of
from evaluations.readers.strict_json import Part, document_lines, instant
from evaluations.records import MeasureUnit, RiskierWhen

PEOPLE = frozenset({"human"})
BINARY, CONTINUOUS = "score_binarized", "score_cont"
WITHOUT_SOURCE = "time horizon tasks"  # files of 2025 do not name the suite
FIRST_MILLISECOND = 10**11  # March 1973: below it a time is in seconds, or none
MOST_AGENTS = 1_000  # our choice; METR's files hold a dozen or two


@dataclass
class _Agent:
    """Rows of one alias, on the way to a reading."""

    alias: str
    tallies: dict[str, ItemTally] = field(default_factory=dict)
    sources: Counter[str] = field(default_factory=Counter)
    models: set[str] = field(default_factory=set)
    scaffolds: set[str] = field(default_factory=set)
    tasks: dict[str, tuple[str | None, Decimal | None]] = field(default_factory=dict)
    runs: list[str] = field(default_factory=list)
    completed_at: tuple[Decimal, Part] | None = None  # in milliseconds, and where it stands
    told: Counter[str] = field(default_factory=Counter)
    shortfalls: Counter[str] = field(default_factory=Counter)


def read_metr_runs(file: LogFile) -> tuple[LogReading, ...]:
    """Return a reading for every agent of the file, in the order they first come. Raises ``LogError``."""
    agents: dict[str, _Agent] = {}
    left, people = AttemptBudget.of(file.name, file.budget), 0
    for row in document_lines(file.content, file.name, file.budget):
        alias = row["alias"].required()
        if alias in PEOPLE or row["model"].text() in PEOPLE:
            people += 1
            continue
        if len(agents) == MOST_AGENTS and alias not in agents:
            raise LogError(file.name, row.where, f"more than {MOST_AGENTS} aliases", "a file of runs of agents")
        _add_run(agents.setdefault(alias, _Agent(alias)), row, left)
    if not agents:
        raise LogError(file.name, "", f"no runs of an agent ({people} of people)", "at least one")
    sha256 = file.sha256()
    every_task = {task for agent in agents.values() for task in agent.tasks}
    said = [f"{people} runs of people are baselines and were left out"] if people else []
    return tuple(_reading(file, sha256, agent, every_task, said) for agent in agents.values())


def _add_run(agent: _Agent, row: Part, left: AttemptBudget) -> None:
    task, family = row["task_id"].required(), row["task_family"].text()
    minutes = row["human_minutes"].number()
    if minutes is not None and minutes <= 0:
        agent.shortfalls["runs state human_minutes that are not above 0"] += 1
        minutes = None
    if task not in agent.tasks:
        left.take_name(row, family or "")
    if agent.tasks.setdefault(task, (family, minutes)) != (family, minutes):
        agent.shortfalls["runs state another family or other human_minutes than the first run of their task"] += 1
    family, minutes = agent.tasks[task]
    failed = row["fatal_error_from"].value not in (None, "")
    if failed:
        agent.told["runs were ended by a fatal error and have no score"] += 1
    started = row["started_at"].number() or 0
    continuous = CONTINUOUS in agent.tallies or row.has(CONTINUOUS)
    if continuous and CONTINUOUS not in agent.tallies and agent.runs:
        agent.shortfalls[f"runs came before the first with {CONTINUOUS}"] += len(agent.runs)
    for name in (BINARY, CONTINUOUS):
        if name == CONTINUOUS and not continuous:
            continue
        value = None if failed else _score(row[name])
        tally = agent.tallies.setdefault(name, ItemTally(left))
        tally.add(task, value, row, order=started, cluster=_cluster(family), human_minutes=minutes)
    _note_origin(agent, row, left)


def _cluster(family: str | None) -> str | None:
    return item_slug(family) if family else None


def _score(part: Part) -> Decimal | None:
    value = Decimal(part.value) if isinstance(part.value, bool) else part.number()
    if value is not None and not 0 <= value <= 1:
        raise part.refusal("a score from 0 to 1")
    return value


def _note_origin(agent: _Agent, row: Part, left: AttemptBudget) -> None:
    source, run = row["task_source"].text() or WITHOUT_SOURCE, row["run_id"].spelled() or _without_name(row)
    if source not in agent.sources:
        left.take_name(row, source)
    left.take_name(row, run)
    agent.sources[source] += 1
    agent.runs.append(run)
    for key, seen in (("model", agent.models), ("scaffold", agent.scaffolds)):
        if (text := row[key].text()) and len(seen) < MOST_AGENTS:
            seen.add(text)
    completed = row["completed_at"]
    value = completed.number()
    if value is not None and value >= FIRST_MILLISECOND and (agent.completed_at is None or value > agent.completed_at[0]):
        agent.completed_at = value, completed


def _without_name(row: Part) -> str:
    """Return what stands for the name of a run without one: what its row says, so that two files of such runs are not one log."""
    return f"unnamed {digest_of(row.value)[:16]}"  # 64 bits, as of a source


def _measured_at(agent: _Agent) -> datetime | None:
    """Return when the last run ended; ``None`` where no row says so in milliseconds."""
    return None if agent.completed_at is None else instant(agent.completed_at[0] / 1000, agent.completed_at[1])


def _reading(file: LogFile, sha256: str, agent: _Agent, every_task: set[str], said: list[str]) -> LogReading:
    measures = tuple(_measure(name, tally) for name, tally in agent.tallies.items())
    shortfalls = [words for each in measures if (words := unscored_words(each.name, each.items))]
    shortfalls += [f"{count} {words}" for words, count in agent.shortfalls.items()]
    if len(agent.tasks) < len(every_task):
        shortfalls.append(f"{len(agent.tasks)} of the file's {len(every_task)} tasks were run")
    shortfalls += _repeated(agent)
    status, reason = status_of(shortfalls, scored=any(value is not None for each in measures[0].items for value in each.attempts))
    scaffold = next(iter(agent.scaffolds)) if len(agent.scaffolds) == 1 else None
    return LogReading(
        format=LogFormat.METR_RUNS,
        log_id=f"metr_runs-{digest_of([agent.alias, sorted(agent.runs)])}",
        file_name=file.name,
        file_sha256=sha256,
        model=agent.alias,
        snapshot_hint=next(iter(agent.models)) if len(agent.models) == 1 and agent.models != {agent.alias} else None,
        task=_task(agent),
        scaffold=scaffold_slug(scaffold) if scaffold else None,
        status=status,
        status_reason=reason,
        measured_at=_measured_at(agent),
        headline=BINARY,
        measures=measures,
        warnings=bounded_warnings([*said, *_warnings(agent)]),
    )


def _task(agent: _Agent) -> str:
    """Return the set of tasks as the file names it: its sources. Agents run on other sources were given another test."""
    names = sorted(agent.sources)
    return "+".join(names) if sum(map(len, names)) + len(names) < 400 else f"{len(names)} task sources"  # 400: a name holds 500


def _warnings(agent: _Agent) -> Iterator[str]:
    yield from (f"{count} {words}" for words, count in agent.told.items())
    if len(agent.sources) > 1:
        yield f"runs by source of the task: {', '.join(f'{name} {count}' for name, count in islice(sorted(agent.sources.items()), 20))}"
    if len(agent.scaffolds) > 1:
        yield f"the alias was run with {len(agent.scaffolds)} scaffolds: {', '.join(islice(sorted(agent.scaffolds), 5))}"
    if without := sum(minutes is None for _, minutes in agent.tasks.values()):
        yield f"{without} tasks do not say how long people need for them"


def _repeated(agent: _Agent) -> Iterator[str]:
    """Yield that runs stand on more than one row: a row that is copied would count its score twice."""
    if repeated := [run for run, count in Counter(agent.runs).items() if count > 1]:
        yield f"{len(repeated)} run_id stand on more than one row, such as {repeated[0][:60]}"


def _measure(name: str, tally: ItemTally) -> Measure:
    items = tally.items()
    return Measure(name=name, unit=MeasureUnit.PROPORTION, riskier_when=RiskierWhen.HIGHER, items=items, unscored=unscored_of(items))
