"""What a report may not print: records whose visibility is restricted or hazardous.

The rules kept here: the decision stays (names and outcomes are public, class H0), the numbers and texts of such a record go, in
every place they reached; that something is withheld is always said; what a sentence was made of is unknown here, so a
sentence of a finding that rests on a withheld record goes whole.

Left out: an edition for each audience. Every report made here is one for all staff.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evaluations.evidence import Correction, ModelEvidence
from evaluations.records import WITHHELD_FROM, Sourced, Visibility
from evaluations.trials import PublishedDetermination
from thresholds.decision_records import Assessment, Gap, SafeguardScore, Verdict
from thresholds.finding_records import Alarm, AlarmState, Finding, IntervalEnd, SourceNote, VariantFinding

WITHHELD = "withheld (restricted)"


@dataclass(frozen=True, slots=True)
class WithheldRecord:
    """A record that exists and is not shown. ``name`` is made of kind and slug, which are public."""

    name: str
    visibility: Visibility


def hidden(record: Sourced) -> bool:
    """Say whether the texts and numbers of ``record`` are withheld."""
    return record.visibility in WITHHELD_FROM


def is_withheld(variant: VariantFinding) -> bool:
    """Say whether this variant's numbers were taken out of the report."""
    return variant.reason == WITHHELD


def withheld_records(evidence: ModelEvidence) -> tuple[WithheldRecord, ...]:
    """Return every record of ``evidence`` that a report may not print, by kind and slug."""
    return tuple(dict.fromkeys(_withheld(evidence)))


def _withheld(evidence: ModelEvidence) -> Iterator[WithheldRecord]:
    secret = _secret_parents(evidence)
    for kind, record, belongs_to in _named_records(evidence):
        if hidden(record):
            yield WithheldRecord(kind, record.visibility)
        elif visibility := next((secret[each] for each in _parents(belongs_to) if each in secret), None):
            yield WithheldRecord(kind, visibility)


Parent = tuple[str, ...]


def _secret_parents(evidence: ModelEvidence) -> dict[Parent, Visibility]:
    """Return what hides everything that belongs to it: evaluations, versions of evaluations, snapshots."""
    every: list[tuple[Parent, Sourced]] = [(("snapshot", each.slug), each) for each in evidence.model.snapshots]
    for evaluation in evidence.evaluations:
        every.append((("evaluation", evaluation.slug), evaluation))
        every += [(("version", evaluation.slug, each.slug), each) for each in evaluation.versions]
    return {parent: each.visibility for parent, each in every if hidden(each)}


def _parents(record: Sourced | None) -> Iterator[Parent]:
    """Yield what a record belongs to, by the names it tells itself; a score is asked by its run."""
    told = {name: getattr(record, name, None) for name in ("evaluation", "version", "snapshot")}
    if told["evaluation"] is not None:
        yield "evaluation", told["evaluation"]
        if told["version"] is not None:
            yield "version", told["evaluation"], told["version"]
    if told["snapshot"] is not None:
        yield "snapshot", told["snapshot"]


def _named_records(evidence: ModelEvidence) -> Iterator[tuple[str, Sourced, Sourced | None]]:
    """Yield every sourced record with its name, and the record that says what it belongs to."""
    for evaluation in evidence.evaluations:
        yield f"evaluation {evaluation.slug}", evaluation, None
    for snapshot in evidence.model.snapshots:
        yield f"snapshot {snapshot.slug}", snapshot, None
    for run in evidence.runs:
        yield f"run {run.slug}", run, run
        for score in run.scores:
            yield f"run {run.slug} / score {score.slug}", score, run
    of_the_model: tuple[tuple[str, tuple[Sourced, ...]], ...] = (
        *(("trial", evidence.trials), ("finding", evidence.findings), ("drop answer", evidence.drop_answers), ("claim", evidence.claims)),
        *(("determination", evidence.determinations), ("plan", evidence.plans), ("relation", evidence.relations)),
        ("registration", evidence.registrations),
    )
    for kind, records in of_the_model:
        for record in records:
            slug: str = getattr(record, "slug")  # noqa: B009  # every record of these lists has one, which their common base does not say
            yield f"{kind} {slug}", record, record


class Veil:
    """Takes what may not be printed out of an assessment, before anything is composed of it."""

    def __init__(self, evidence: ModelEvidence) -> None:
        """Note which records of ``evidence`` are withheld."""
        self.records = withheld_records(evidence)
        self._names = {each.name for each in self.records}
        answers = [each for each in evidence.drop_answers if self.hides(f"drop answer {each.slug}")]
        self._answered = {(each.evaluation, each.before, each.after) for each in answers}
        self._judged = {each.evaluation for each in evidence.findings if self.hides(f"finding {each.slug}")}
        self._related = {each.other for each in evidence.relations if self.hides(f"relation {each.slug}")}

    def hides(self, name: str) -> bool:
        """Say whether a record is withheld, by kind and slug; a score is if its run is."""
        return name in self._names or name.split(" / ", maxsplit=1)[0] in self._names

    def assessment(self, assessment: Assessment) -> Assessment:
        """Return ``assessment`` without what is withheld; outcomes stay."""
        if not self._names:
            return assessment
        fields = dict(assessment)
        fields["verdicts"] = tuple(self._verdict(each) for each in assessment.verdicts)
        fields["determinations"] = tuple(self._determination(each) for each in assessment.determinations)
        fields["safeguard_evidence"] = tuple(self._safeguard_score(each) for each in assessment.safeguard_evidence)
        return Assessment.model_validate(fields)

    def correction(self, correction: Correction) -> Correction:
        """Return ``correction`` without its values where its record is withheld."""
        if not self.hides(correction.record):
            return correction
        return Correction.model_validate({**dict(correction), "was": WITHHELD, "became": WITHHELD, "reason": WITHHELD})

    def _determination(self, determination: PublishedDetermination) -> PublishedDetermination:
        if not hidden(determination):
            return determination
        decided_by = None if determination.decided_by is None else WITHHELD
        blank = {"outcome": WITHHELD, "caveat": None, "note": None, "source_at": None, "decided_by": decided_by}
        return PublishedDetermination.model_validate({**dict(determination), **blank})

    def _safeguard_score(self, score: SafeguardScore) -> SafeguardScore:
        """Return a figure of how well safeguards work, or that there is one: a run of which any score is withheld tells none."""
        if not (self.hides(f"run {score.run}") or self._some_score_of(score.run)):
            return score
        blank = {"value": None, "as_printed": WITHHELD, "observations": None, "condition": None, "source": _bare(score.source)}
        return SafeguardScore.model_validate({**dict(score), **blank})

    def _verdict(self, verdict: Verdict) -> Verdict:
        if {verdict.bounded_by, verdict.inherited_from} & self._related:  # its reason repeats the words of the relation
            verdict = Verdict.model_validate({**dict(verdict), "reason": WITHHELD})
        told = tuple(self._without_answers(each) for each in verdict.findings)
        findings = tuple(self._finding(each) for each in told)
        if findings == told:
            return verdict if told == verdict.findings else Verdict.model_validate({**dict(verdict), "findings": told})
        touched = {slug for before, after in zip(told, findings, strict=True) for slug in _changed(before, after)}
        gaps = tuple(Gap.model_validate({**dict(each), "words": WITHHELD}) if each.criterion in touched else each for each in verdict.gaps)
        return Verdict.model_validate({**dict(verdict), "findings": findings, "gaps": gaps, "reason": WITHHELD})

    def _without_answers(self, finding: Finding) -> Finding:
        """Return a finding whose drops keep that they were answered, and lose by whom and in which words where the answer is withheld."""
        alarms = tuple(self._alarm(each, finding.evaluation) for each in finding.alarms)
        parts = tuple(self._without_answers(each) for each in finding.parts)
        if alarms == finding.alarms and parts == finding.parts:
            return finding
        return Finding.model_validate({**dict(finding), "alarms": alarms, "parts": parts})

    def _alarm(self, alarm: Alarm, evaluation: str | None) -> Alarm:
        if alarm.state is not AlarmState.ANSWERED or (evaluation, alarm.before, alarm.after) not in self._answered:
            return alarm
        blank = {"answered_by": WITHHELD, "answer": WITHHELD, "source": _bare(alarm.source)}
        return Alarm.model_validate({**dict(alarm), **blank})

    def _finding(self, finding: Finding) -> Finding:
        parts = tuple(self._finding(each) for each in finding.parts)
        variants = tuple(self._variant(each, finding.shape) for each in finding.variants)
        if finding.shape == "qualitative" and finding.evaluation in self._judged:  # which of several it repeats is not known here
            return Finding.model_validate({**dict(finding), "reason": WITHHELD, "source": _bare(finding.source)})
        if parts == finding.parts and variants == finding.variants:
            return finding
        gone = {each.variant for each in variants if is_withheld(each)}
        if gone:  # Holm's steps make each p of all the others, so one that is shown could give away one that is not
            variants = tuple(VariantFinding.model_validate({**dict(each), "p_rule_in_holm": None}) for each in variants)
        fields = {**dict(finding), "parts": parts, "variants": variants, "reason": WITHHELD, "disagreement": None}
        if finding.deciding_variant in gone or not gone:
            fields |= {"value": None, "low": None, "high": None, "rule_in_low": None, "readings": (), "source": None}
            fields |= {"low_end": IntervalEnd.UNESTIMABLE, "high_end": IntervalEnd.UNESTIMABLE, "method": None}
        fields |= {"alarms": (), "expected_excess": None, "p_rule_out": None, "p_rule_in": None}  # made of several variants at once
        if finding.highest_observed not in [each.value for each in variants]:
            fields["highest_observed"] = None
        return Finding.model_validate(fields)

    def _variant(self, variant: VariantFinding, shape: str) -> VariantFinding:
        kind = {"uplift": "trial", "qualitative": "finding"}.get(shape, "run")
        run, _, score = variant.variant.partition("/")
        name = f"{kind} {run} / score {score}" if score else f"{kind} {run}"
        snapshot_hidden = variant.snapshot is not None and self.hides(f"snapshot {variant.snapshot}")
        if not (self.hides(name) or snapshot_hidden or (kind == "run" and not score and self._some_score_of(run))):
            return variant
        fields = {**dict(variant), "reason": WITHHELD, "notes": (), "readings": (), "cohorts": (), "source": _bare(variant.source)}
        fields |= dict.fromkeys(("value", "low", "high", "rule_in_low", "method", "observations", "as_printed", "passed", "trials"))
        fields |= dict.fromkeys(("p_rule_out", "p_rule_in", "p_rule_in_holm", "heterogeneity", "unadjusted"))
        fields |= {"low_end": IntervalEnd.UNESTIMABLE, "high_end": IntervalEnd.UNESTIMABLE}
        return VariantFinding.model_validate(fields)

    def _some_score_of(self, run: str) -> bool:
        return any(each.startswith(f"run {run} / ") for each in self._names)


def _bare(source: SourceNote | None) -> SourceNote | None:
    return None if source is None else SourceNote.model_validate({**dict(source), "at": None})


def _changed(before: Finding, after: Finding) -> Iterator[str]:
    if before != after:
        yield before.criterion
    for old, new in zip(before.parts, after.parts, strict=True):
        yield from _changed(old, new)
