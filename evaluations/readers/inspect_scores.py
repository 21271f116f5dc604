"""The measures of an Inspect log: items counted again from its samples, and beside them the numbers that its header prints.

The rules kept here: every planned attempt has its place, ``None`` where nobody scored it; a standard error or an interval belongs to the
mean it was computed for, and to no group and no other number; an interval is joined by its group, since keys get suffixes; a number of
the header that the samples contradict stays, with both numbers told, and the items stand.

Left out: numbers of single groups, whose items are not those of the measure, and spreads that are no error (``std``, ``var``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from math import isclose

from pydantic import ValidationError

from evaluations.readers.inspect_header import Header, PrintedMetric, PrintedScore
from evaluations.readers.inspect_reducers import in_words, recounted, statistic_of
from evaluations.readers.inspect_samples import Axis, Samples
from evaluations.readers.item_names import item_slug
from evaluations.readers.log_reading import LogError, LogFormat, Measure, MeasureUnit, source_slug, unscored_of
from evaluations.readers.recounts import SAME, ZERO_ERROR
from evaluations.records import ItemResult, Score, SpreadKind, Statistic
from evaluations.values import Slug

MEANS = frozenset({"accuracy", "mean"})
ERRORS = ("stderr", "bootstrap_stderr", "bootstrap_std")  # of the mean; the last is the old name of the second (formats.md 1.3)
INTERVALS = ("ci_wilson", "ci")  # in this order: Wilson's holds near 0 and 1 too
DEFAULT_LEVEL = Decimal("0.95")  # of both in inspect_ai 0.3.260 to 0.3.285, where no level was passed
NO_SCORES = frozenset({"std", "var", "lower", "upper", *ERRORS})  # an end of an interval without its group belongs to nobody knows what


@dataclass
class Measures:
    """The measures of one log, with what the header contradicts and what to warn of."""

    header: Header
    samples: Samples
    log_id: str
    contradictions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    _named: dict[Axis, str] = field(default_factory=dict)

    def headline(self, scorer: str | None, score: str | None) -> str | None:
        """Return the measure that a headline means: one key of its scorer, else a score of that name."""
        if score is None:
            return None
        return self._named.get(Axis(scorer or "", score)) or self._named.get(Axis(score, None))

    @property
    def _epochs(self) -> int:
        """As many as were planned, and as there are: an attempt that nobody planned is kept all the same."""
        return max(self.header.epochs, self.samples.last_epoch)

    def made(self) -> tuple[Measure, ...]:
        """Return one measure for everything that was scored or printed."""
        printed: dict[Axis, list[PrintedScore]] = {axis: [] for axis in self._sampled_axes()}
        for score in self.header.scores:
            printed.setdefault(self._axis_of(score, printed), []).append(score)
        names = self._named = _names(printed)
        slugs = self._slugs(len(printed))
        return tuple(self._measure(names[axis], axis, scores, slugs) for axis, scores in printed.items())

    def _sampled_axes(self) -> Iterator[Axis]:
        """Everything scored in samples; a scorer of many keys that scored nothing once says so of each of its keys."""
        with_keys = {axis.scorer for axis in self.samples.axes if axis.key is not None}
        for axis in sorted(self.samples.axes, key=lambda each: (each.scorer, each.key or "")):
            valued = any(told.values.get(axis) is not None for told in self.samples.told.values())
            if axis.key is not None or axis.scorer not in with_keys or valued:
                yield axis

    def _axis_of(self, score: PrintedScore, known: dict[Axis, list[PrintedScore]]) -> Axis:
        keyed, single = Axis(score.scorer or "", score.name), Axis(score.name, None)
        if keyed in known:
            return keyed
        if single in known or score.scorer in (None, score.name):
            return single
        nothing_scored = Axis(score.scorer or "", None)
        if nothing_scored in known and not known[nothing_scored]:
            del known[nothing_scored]
        return keyed

    def _slugs(self, axes: int) -> dict[str, Slug]:
        """Return the item of each sample: those that were planned in their order, then others by name."""
        planned = self.header.sample_ids or ()
        others = {name for name, _ in self.samples.told} - set(planned)
        names = [*planned, *sorted(others, key=lambda name: (len(name), name))] if self.samples.told else []
        file = self.samples.file
        if len(names) * self._epochs * max(axes, 1) > file.budget.attempts:
            found = f"{len(names)} samples, {self._epochs} epochs and {axes} scores"
            raise LogError(file.name, "samples", found, f"at most {file.budget.attempts} attempts in all")
        slugs = {name: item_slug(name) for name in names}
        if len(set(slugs.values())) < len(slugs):
            raise LogError(file.name, "samples", "two samples whose names become one item", "names that can be told apart")
        return slugs

    def _measure(self, name: str, axis: Axis, printed: Sequence[PrintedScore], slugs: dict[str, Slug]) -> Measure:
        items = tuple(self._items(axis, slugs))
        used: Counter[str] = Counter()
        scores: list[Score] = []
        for score in printed:
            self._hold_against(name, axis, score, items)
            for made in self._scores(name, score, items):
                used[made.slug] += 1
                scores.append(made if used[made.slug] == 1 else made.but({"slug": f"{made.slug}.{used[made.slug]}"}))
        return Measure(name=name, unit=self._unit(axis, items), items=items, scores=tuple(scores), unscored=unscored_of(items))

    def _items(self, axis: Axis, slugs: dict[str, Slug]) -> Iterator[ItemResult]:
        epochs = range(1, self._epochs + 1)
        for name, slug in slugs.items():
            told = [self.samples.told.get((name, epoch)) for epoch in epochs]
            cluster = next((each.cluster for each in told if each and each.cluster), None)
            yield ItemResult(item=slug, cluster=cluster, attempts=tuple(each.values.get(axis) if each else None for each in told))

    def _unit(self, axis: Axis, items: Sequence[ItemResult]) -> MeasureUnit:
        """A share of 1 where letters or words were given, or nothing but 0 and 1; other numbers may be on any scale."""
        values = {value for item in items for value in item.attempts if value is not None}
        on_letters = axis in self.samples.graded and values <= {0, 1, Decimal("0.5")}
        return MeasureUnit.PROPORTION if values and (on_letters or values <= {0, 1}) else MeasureUnit.NOT_STATED

    def _hold_against(self, name: str, axis: Axis, score: PrintedScore, items: Sequence[ItemResult]) -> None:
        """Note where the header does not tell of the samples that lie beside it."""
        if not items:
            return
        as_items = sum(map(_is_scored, items))
        as_attempts = sum(value is not None for item in items for value in item.attempts)
        which = f"{name} ({score.reducer})" if score.reducer else name
        if score.scored is not None and score.scored not in (as_items, as_attempts):
            self.contradictions.append(f"{which}: the header counts {score.scored} scored samples, the samples give {as_items}")
        for metric in score.metrics:
            if metric.name not in MEANS or metric.group or metric.value is None or self.samples.unreadable[axis]:
                continue
            counted = recounted(score.reducer, items)
            if counted is None:
                continue
            if not any(isclose(float(metric.value), each, rel_tol=SAME, abs_tol=SAME) for each in counted):
                told = f"the samples give {counted[0]:.6g}" if counted else "no sample is scored"
                self.contradictions.append(f"{which}: the header prints {metric.key} {metric.value:f}, {told}")

    def _scores(self, name: str, score: PrintedScore, items: Sequence[ItemResult]) -> Iterator[Score]:
        again = sum(map(_is_scored, items))
        everything = len(self.samples.told) >= (self.header.planned or 0)
        over = again if items and (score.scored == again or (score.scored is None and everything)) else score.scored
        left_out = [metric.key for metric in score.metrics if metric.group and metric.group not in INTERVALS]
        left_out += [metric.key for metric in score.metrics if not metric.group and metric.value is None]
        if over == 0 or (items and not again):
            self.warnings.append(f"{name}: the header's numbers are left out, since they are over no scored sample")
            return
        if left_out:
            self.warnings.append(f"{name}: left out of the header's numbers, as no number of the whole: {', '.join(left_out[:20])}")
        for metric in score.metrics:
            if not metric.group and metric.name not in NO_SCORES and metric.value is not None:
                try:
                    yield self._score(metric, score, items, over)
                except ValidationError as misfit:
                    self.warnings.append(f"{name}: the header's {metric.key} is left out: {misfit.errors()[0]['msg'][:200]}")

    def _score(self, metric: PrintedMetric, printed: PrintedScore, items: Sequence[ItemResult], over: int | None) -> Score:
        fields: dict[str, object] = {"statistic": Statistic.NOT_STATED, "value": metric.value}
        notes: list[str] = []
        if metric.name in MEANS:
            fields["statistic"], k = statistic_of(printed.reducer)
            fields |= {"k": k} | _error(printed, notes) | _interval(printed, metric, notes) | self._passed(metric, printed, items)
            notes += in_words(printed.reducer, self.header.epochs)
        if over:
            basis = "scored samples, counted again" if over == sum(map(_is_scored, items)) else "scored_samples of the header"
            fields |= {"items": over, "items_basis": basis}
        slug = item_slug(metric.key.rsplit("/", 1)[-1]) + (f".{item_slug(printed.reducer)}" if printed.reducer else "")
        source = source_slug(LogFormat.INSPECT, self.log_id)
        return Score.model_validate({"slug": slug[:100], "source": source, "note": " ".join(notes) or None, **fields})

    def _passed(self, metric: PrintedMetric, printed: PrintedScore, items: Sequence[ItemResult]) -> dict[str, object]:
        """A share, where every sample was tried once and passed or failed, and the header says what they give."""
        values = [value for item in items for value in item.attempts if value is not None]
        if printed.reducer not in (None, "mean") or self.header.epochs != 1 or not values or not set(values) <= {0, 1}:
            return {}
        passed = sum(values)
        if metric.value is None or not isclose(float(metric.value), float(passed / len(values)), rel_tol=SAME, abs_tol=SAME):
            return {}
        return {"statistic": Statistic.SHARE, "passed": passed, "trials": len(values)}


def _is_scored(item: ItemResult) -> bool:
    return any(value is not None for value in item.attempts)


def _names(axes: Iterable[Axis]) -> dict[Axis, str]:
    """Return each measure's name: as Inspect calls it, with the scorer before it where two would be called the same."""
    axes = list(axes)
    called = Counter(axis.key or axis.scorer for axis in axes)
    return {axis: axis.scorer if axis.key is None else axis.key if called[axis.key] == 1 else f"{axis.scorer}.{axis.key}" for axis in axes}


def _error(printed: PrintedScore, notes: list[str]) -> dict[str, object]:
    for wanted in ERRORS:
        found = next((metric.value for metric in printed.metrics if metric.name == wanted and not metric.group), None)
        if found is not None and found > 0:
            return {"spread": found, "spread_kind": SpreadKind.STANDARD_ERROR}
        if found == 0:
            notes.append(ZERO_ERROR)
            return {}
    return {}


def _interval(printed: PrintedScore, of: PrintedMetric, notes: list[str]) -> dict[str, object]:
    for group in INTERVALS:
        ends = {metric.name: metric for metric in printed.metrics if metric.group == group}
        low, high = ends.get("lower"), ends.get("upper")
        if not low or not high or low.value is None or high.value is None or of.value is None:
            continue
        if low.value <= of.value <= high.value:
            notes.append(f"Interval: {group}.")
            return {"low": low.value, "high": high.value, "interval_level": low.level or DEFAULT_LEVEL}
        notes.append(f"The interval {group} from {low.value:f} to {high.value:f} does not hold the number, and was left out.")
    return {}
