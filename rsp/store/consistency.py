"""What must hold between the records of a file, and between them and what is recorded, beyond what one record can say of itself.

The rules kept here: a name stands once within its parent; two snapshots of a model share no place in the order of training; no
chain of parents goes in a circle, and none of relations between models; a value lies on its evaluation version's scale; a drop is
answered forwards in training; a covariate is known of everybody, also in cohorts that only the record holds. Every breach is
collected, none stops the others.

Left out: values that are not on the scale by their nature: a ratio, and a count of how often. Left out: scores recorded earlier when a
correction moves a version's scale; the report shows a score off its scale, and refusing would hide the correction. Left out: a pretest,
which may be another test on another scale; and whether everybody has a team, because who has none worked alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from evaluations.documents import Problem
from evaluations.evidence import EvidenceFile, RunAddition
from evaluations.records import Run, Statistic
from rsp.store.gathering import WITHHELD, Stored
from rsp.store.shapes import FILE_SHAPES, Shape
from rsp.store.wholes import NAMED_BY, WHOLES

Path = tuple[str | int, ...]
Known = Mapping[str, Mapping[tuple[str, ...], Stored]]
Scale = tuple[Decimal | None, Decimal | None]

OFF_SCALE = (Statistic.RATIO, Statistic.COUNT)


def inconsistencies(file: EvidenceFile, known: Known, seen: Callable[[int], bool] | None = None) -> Iterator[Problem]:
    """Yield everything wrong between the records of ``file`` and those ``known``; ``seen`` says of which entries values may be told."""
    for name, shape in FILE_SHAPES.items():
        yield from _twice(shape, getattr(file, name), (name,), "")
    yield from _twice_added(file)
    yield from _otherwise_registered(file, known, seen)
    yield from _meaning_two(file)
    yield from _shared_ordinals(file, known)
    yield from _circles(file, known)
    yield from _circular_relations(file, known)
    yield from _off_scale(file, known)
    yield from _backwards(file, known)
    yield from _covariate_lacking(file, known)


def _twice(shape: Shape, records: Sequence[Any], path: Path, above: str) -> Iterator[Problem]:
    yield from _names_twice(
        records, lambda each: (getattr(each, "model", None) if shape.of_a_model else None, str(getattr(each, shape.key))), path, above
    )
    for index, each in enumerate(records):
        here, title = (*path, index), f"{above}{shape.word} {getattr(each, shape.key)}"
        for name, child in shape.children.items():
            yield from _twice(child, getattr(each, name), (*here, name), f"{title} / ")
        if shape.whole in NAMED_BY:
            held, named_by = getattr(each, shape.whole), NAMED_BY[shape.whole]
            if len({getattr(one, named_by) for one in held}) < len(held):  # the common case of a long list costs one set
                yield from _names_twice(held, _by(named_by), (*here, shape.whole), f"{title} / ")


def _twice_added(file: EvidenceFile) -> Iterator[Problem]:
    """Yield what additions tell twice: of one run a score, or an item."""
    scores: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    items: set[tuple[str, str]] = set()
    for place, each in enumerate(file.additions):
        where, told = f"run {each.run}", scores[each.model, each.run]
        slugs = [score.slug for score in each.scores]
        if len(set(slugs)) == len(slugs) and told.isdisjoint(slugs):  # the common case of a long list costs two sets
            told.update(slugs)
            slugs = []
        for index, slug in enumerate(slugs):
            if slug in told:
                yield Problem(("additions", place, "scores", index), f"{slug} again", "each score of a run once", where)
            told.add(slug)
        if each.items:
            if (each.model, each.run) in items:
                yield Problem(("additions", place, "items"), "items of the run again", "all items of a run in one addition", where)
            items.add((each.model, each.run))
            yield from _names_twice(each.items, _by("item"), ("additions", place, "items"), f"{where} / ")


REGISTERED = ("snapshot", "evaluation", "version", "thinking", "scaffold", "token_budget", "tools")


def _otherwise_registered(file: EvidenceFile, known: Known, seen: Callable[[int], bool] | None) -> Iterator[Problem]:
    """Yield where a run is another one than was registered under its name, and runs registered only once they were reported."""
    reported = known["runs"].keys() | {(each.model, each.slug) for each in file.runs}
    for place, each in enumerate(file.registrations):
        if (each.model, each.slug) in reported and (each.model, each.slug) not in known["registrations"]:
            found, where = f"a registration of {each.slug}, which is reported already", f"registration {each.slug}"
            yield Problem(("registrations", place, "slug"), found, "a run registered before it starts", where)
    registered: dict[tuple[str, ...], dict[str, Any]] = {key: stored.fields for key, stored in known["registrations"].items()}
    registered |= {(each.model, each.slug): {name: getattr(each, name) for name in REGISTERED} for each in file.registrations}
    for place, run in enumerate(file.runs):
        for name in REGISTERED if (run.model, run.slug) in registered else ():
            expected = registered[run.model, run.slug][name]
            if getattr(run, name) != expected:
                found = f"{name} {getattr(run, name) or 'nothing'}"
                stored = known["registrations"].get((run.model, run.slug))
                meant = f"{WITHHELD if stored is not None and name in stored.sealed else expected or 'nothing'}, as the run was registered"
                told_by = None if stored is None else stored.corrected.get(name, stored.entry_seq)
                if seen is not None and told_by is not None and not seen(told_by):
                    meant = f"what entry {told_by} registered"
                yield Problem(("runs", place, name), found, meant, f"run {run.slug}")


def _meaning_two(file: EvidenceFile) -> Iterator[Problem]:
    """Yield aliases of one file that give one spelling two meanings. Those recorded earlier are told when a log is assigned."""
    met: dict[tuple[object, ...], str] = {}
    for place, alias in enumerate(file.model_aliases):
        yield from _spelled_twice(met, (alias.spelled, alias.snapshot_hint), ("model_aliases", place, "spelled"), alias.slug)
    met = {}
    for place, each in enumerate(file.task_aliases):
        yield from _spelled_twice(met, (each.task, each.task_version, each.measure), ("task_aliases", place, "task"), each.slug)


def _spelled_twice(met: dict[tuple[object, ...], str], name: tuple[object, ...], path: Path, slug: str) -> Iterator[Problem]:
    first = met.setdefault(name, slug)
    if first != slug:
        told = " ".join(str(each) for each in name if each is not None)
        yield Problem(path, f"{told} again", f"one meaning of it (the alias {first} gives one)", f"alias {slug}")


def _by(field: str) -> Callable[[Any], tuple[str | None, str]]:
    return lambda each: (None, str(getattr(each, field)))


def _names_twice(records: Sequence[Any], name_of: Callable[[Any], tuple[str | None, str]], path: Path, above: str) -> Iterator[Problem]:
    first: dict[tuple[str | None, str], int] = {}
    for index, each in enumerate(records):
        name = name_of(each)
        if name in first:
            place = f"{above}{path[-1]}"
            yield Problem((*path, index), f"{name[1]} again", f"each name once (the first is number {first[name] + 1})", place)
        first.setdefault(name, index)


def _ordinals(file: EvidenceFile, known: Known, model: str) -> dict[str, int]:
    """Return the places of a model's snapshots in the order of training, as they would stand once the file is recorded."""
    stored = known["models"].get((model,))
    held = {} if stored is None else {slug: each.fields["ordinal"] for slug, each in stored.children["snapshots"].items()}
    told = (snapshot for each in file.models if each.slug == model for snapshot in each.snapshots)
    return held | {snapshot.slug: snapshot.ordinal for snapshot in told}


def _shared_ordinals(file: EvidenceFile, known: Known) -> Iterator[Problem]:
    for place, model in enumerate(file.models):
        held = _ordinals(file, known, model.slug)
        for index, snapshot in enumerate(model.snapshots):
            others = [slug for slug, ordinal in held.items() if ordinal == snapshot.ordinal and slug != snapshot.slug]
            if others:
                path: Path = ("models", place, "snapshots", index, "ordinal")
                where = f"model {model.slug} / snapshot {snapshot.slug}"
                yield Problem(path, f"ordinal {snapshot.ordinal}", f"one that {' and '.join(others)} does not have", where)


def _circles(file: EvidenceFile, known: Known) -> Iterator[Problem]:
    parents = {each.fields["slug"]: each.fields["parent"] for each in known["domains"].values()}
    parents |= {each.slug: each.parent for each in file.domains}
    yield from _in_a_circle(file.domains, parents, ("domains",), "domain ")
    for place, model in enumerate(file.models):
        stored = known["models"].get((model.slug,))
        parents = {} if stored is None else {slug: each.fields["parent"] for slug, each in stored.children["snapshots"].items()}
        parents |= {each.slug: each.parent for each in model.snapshots}
        yield from _in_a_circle(model.snapshots, parents, ("models", place, "snapshots"), f"model {model.slug} / snapshot ")


def _in_a_circle(records: Sequence[Any], parents: Mapping[str, str | None], path: Path, above: str) -> Iterator[Problem]:
    for index, each in enumerate(records):
        met, step = {each.slug}, each.parent
        while step is not None and step not in met:
            met.add(step)
            step = parents.get(step)
        if step == each.slug:
            yield Problem((*path, index, "parent"), f"parent {each.parent}", "parents that do not lead back to it", above + each.slug)


def _circular_relations(file: EvidenceFile, known: Known) -> Iterator[Problem]:
    """Yield the relations by which a model would be judged by itself, whatever their kinds and domains."""
    leading = {key: each.fields["other"] for key, each in known["relations"].items()}
    leading |= {(each.model, each.slug): each.other for each in file.relations}
    ways: dict[str, list[str]] = {}
    for (model, _), other in sorted(leading.items()):
        ways.setdefault(model, []).append(other)
    for place, relation in enumerate(file.relations):
        way = _way(relation.other, relation.model, ways)
        if way is not None:
            found = f"other {relation.other}, which is related back to {relation.model} ({' -> '.join((relation.model, *way))})"
            yield Problem(("relations", place, "other"), found, "relations that do not lead back to it", f"relation {relation.slug}")


def _way(start: str, goal: str, ways: Mapping[str, Sequence[str]]) -> tuple[str, ...] | None:
    """Return the shortest way from one model to another, both ends named, or ``None``."""
    waiting: list[tuple[str, ...]] = [(start,)]
    met = {start}
    for way in waiting:  # grows while it is walked
        if way[-1] == goal:
            return way
        ahead = [each for each in ways.get(way[-1], ()) if each not in met]
        met.update(ahead)
        waiting += [(*way, each) for each in ahead]
    return None


def _off_scale(file: EvidenceFile, known: Known) -> Iterator[Problem]:
    scales = _scales(file, known)
    for place, run in enumerate(file.runs):
        scale = scales.get((run.evaluation, run.version), (None, None))
        yield from _results_off(run, scale, ("runs", place), f"run {run.slug}")
    for place, addition in enumerate(file.additions):
        stored = known["additions"].get((addition.model, addition.run))
        if stored is not None:
            scale = scales.get((stored.fields["evaluation"], stored.fields["version"]), (None, None))
            yield from _results_off(addition, scale, ("additions", place), f"run {addition.run}")
    for place, trial in enumerate(file.trials):
        scale = scales.get((trial.evaluation, trial.version), (None, None))
        for number, cohort in enumerate(trial.cohorts):
            for index, arm in enumerate(cohort.arms):
                path: Path = ("trials", place, "cohorts", number, "arms", index)
                title = f"trial {trial.slug} / cohort {cohort.slug} / arm {arm.kind.value}"
                yield from _off(arm.mean, scale, (*path, "mean"), title)
                yield from _off(arm.highest, scale, (*path, "highest"), title)
                for spot, person in enumerate(arm.participants):
                    yield from _off(person.score, scale, (*path, "participants", spot, "score"), f"{title} / participant {person.code}")


def _results_off(told: Run | RunAddition, scale: Scale, path: Path, title: str) -> Iterator[Problem]:
    if scale == (None, None):
        return
    # Asked of all together first: words for every score took longer than the rest.
    if not _all_on([number for score in told.scores for number in (score.value, score.low, score.high)], scale):
        for index, score in enumerate(told.scores):
            for field in ("value", "low", "high") if score.statistic not in OFF_SCALE else ():
                yield from _off(getattr(score, field), scale, (*path, "scores", index, field), f"{title} / score {score.slug}")
    if not _all_on([number for item in told.items for number in item.attempts], scale):
        for index, item in enumerate(told.items):
            for place, number in enumerate(item.attempts):
                yield from _off(number, scale, (*path, "items", index, "attempts", place), f"{title} / item {item.item}")


def _scales(file: EvidenceFile, known: Known) -> dict[tuple[str, str], Scale]:
    scales: dict[tuple[str, str], Scale] = {}
    for (evaluation, *_), stored in known["evaluations"].items():
        for slug, version in stored.children["versions"].items():
            scales[evaluation, slug] = (version.fields["scale_low"], version.fields["scale_high"])
    for each in file.evaluations:
        scales |= {(each.slug, version.slug): (version.scale_low, version.scale_high) for version in each.versions}
    return scales


def _on(value: Decimal, scale: Scale) -> bool:
    low, high = scale
    return (low is None or low <= value) and (high is None or value <= high)


def _all_on(values: Sequence[Decimal | None], scale: Scale) -> bool:
    """Say whether all of these lie on the scale, which the outermost of them decide."""
    known = [value for value in values if value is not None]
    return not known or (_on(min(known), scale) and _on(max(known), scale))


def _off(value: Decimal | None, scale: Scale, path: Path, where: str) -> Iterator[Problem]:
    if value is None or _on(value, scale):
        return
    low, high = scale
    if low is None:
        yield Problem(path, f"{value}", f"a value on the scale up to {high}", where)
    elif high is None:
        yield Problem(path, f"{value}", f"a value on the scale from {low}", where)
    else:
        yield Problem(path, f"{value}", f"a value on the scale {low} to {high}", where)


def _backwards(file: EvidenceFile, known: Known) -> Iterator[Problem]:
    for place, answer in enumerate(file.drop_answers):
        held = _ordinals(file, known, answer.model)
        if {answer.before, answer.after} <= held.keys() and not held[answer.before] < held[answer.after]:
            found = f"{answer.before} (ordinal {held[answer.before]}) before {answer.after} (ordinal {held[answer.after]})"
            yield Problem(("drop_answers", place, "before"), found, "the snapshot earlier in training first", f"drop answer {answer.slug}")


def _covariate_lacking(file: EvidenceFile, known: Known) -> Iterator[Problem]:
    """Yield the recorded cohorts that a trial's covariate is not known of. What the file tells, the trial has checked itself."""
    for place, trial in enumerate(file.trials):
        stored = known["trials"].get((trial.model, trial.slug))
        if stored is None or trial.adjusted_for is None:
            continue
        told = {cohort.slug for cohort in trial.cohorts}
        for slug, cohort in sorted(stored.children["cohorts"].items()):
            if slug not in told and not all(_has_pretests(arm) for arm in cohort.children["arms"].values()):
                found = f"the recorded cohort {slug} without a pretest of everybody"
                yield Problem(("trials", place, "adjusted_for"), found, "one of every participant of every cohort", f"trial {trial.slug}")


def _has_pretests(arm: Stored) -> bool:
    people = WHOLES["participants"].told(arm.whole or [])
    return bool(people) and all(person["pretest"] is not None for person in people)
