"""One verdict explained: every step from the evidence to the safeguards, and what would change it.

The rules kept here: nothing is decided here; what a reader may not see is taken out before anything is composed, and with it what would
change a finding that rests on it, because a limit tells the number it was found from; the order of effort is then not told either.

Left out: the record itself (``reports.explanation``), words for the terminal (``reports.explanation_text``), and finding what
would change it (``thresholds.flips``).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from evaluations.evidence import ModelEvidence
from evaluations.records import RiskierWhen
from reports import numbers, wording
from reports.explanation import (
    SCHEMA_VERSION,
    Combination,
    CriterionStep,
    Explanation,
    JudgementLine,
    Margin,
    Named,
    Opposed,
    RelationLine,
    Standing,
)
from reports.withholding import WITHHELD, Veil, hidden
from thresholds.combining import is_load_bearing, settled
from thresholds.criteria_set import CriteriaSet, ThresholdCriteria
from thresholds.criterion import CompoundCriterion, crossings_needed
from thresholds.decision_records import Assessment, Verdict
from thresholds.finding_records import Finding, IntervalEnd, VariantFinding
from thresholds.flips.combinations import Ground, verdict_flips
from thresholds.flips.records import FindingFlips, Reach, VerdictFlip
from thresholds.outcomes import Compared, VerdictOutcome
from thresholds.policy import Policy
from thresholds.relations import nothing_against
from thresholds.variant_findings import takes_part


def explanation(
    assessment: Assessment,
    threshold: str,
    policy: Policy,
    criteria: CriteriaSet,
    evidence: ModelEvidence,
    related: Mapping[str, Assessment] | None = None,
) -> Explanation:
    """Return the chain behind the verdict on ``threshold``, as any reader may see it. ``assessment`` comes as it was decided."""
    veil = Veil(evidence)
    shown = veil.assessment(assessment)
    decided = next(each for each in assessment.verdicts if each.threshold == threshold)
    seen = next(each for each in shown.verdicts if each.threshold == threshold)
    digests = (assessment.policy_sha256, assessment.criteria_sha256)
    flips = verdict_flips(decided, Ground(evidence, policy, criteria, related, *digests))
    withheld = {old.criterion for (_, old), (_, new) in zip(_flat(decided.findings), _flat(seen.findings), strict=True) if old != new}
    line = next((each for each in criteria.thresholds if each.threshold == threshold), None)
    steps = _steps(
        seen, criteria, evidence, veil, {(each.criterion, each.level): each for each in flips.findings if each.criterion not in withheld}
    )
    return Explanation(
        schema_version=SCHEMA_VERSION,
        model=shown.model,
        model_name=shown.model_name,
        policy=shown.policy,
        policy_title=shown.policy_title,
        policy_version=shown.policy_version,
        criteria=shown.criteria,
        criteria_title=shown.criteria_title,
        code_version=shown.code_version,
        as_of=shown.as_of,
        as_of_recorded_at=shown.as_of_recorded_at,
        verdict=seen,
        forcing_outcomes=policy.forcing.outcomes,
        forcing_words=policy.forcing.words,
        forcing_citation=policy.forcing.citation,
        combination=None if line is None else _combination(line.criteria, seen.findings, line, criteria, evidence),
        rests_on=tuple(_rests_on(seen, policy, related or {})),
        rules_out=tuple(_named(each, policy) for each in policy.threshold(threshold).rules_out),
        ruled_out_with=tuple(Named(slug=each.slug, name=each.name) for each in policy.thresholds if threshold in each.rules_out),
        against=Opposed.NOTHING if nothing_against(decided) else Opposed.SOMETHING,
        relations=tuple(_relations(evidence, policy, related or {}, veil)),
        steps=tuple(steps),
        would_change=tuple(_without_order(each, withheld, decided) for each in flips.sets),
        blocked_by=flips.blocked_by,
    )


def _named(threshold: str, policy: Policy) -> Named:
    return Named(slug=threshold, name=policy.threshold(threshold).name)


def _rests_on(verdict: Verdict, policy: Policy, related: Mapping[str, Assessment]) -> Iterator[Named]:
    """Yield what the verdict names by slug, with names."""
    if verdict.implied_by is not None:
        yield _named(verdict.implied_by, policy)
    for slug in (verdict.bounded_by, verdict.inherited_from):
        if slug is not None:
            yield Named(slug=slug, name=_model_name(slug, related))


def _model_name(slug: str, related: Mapping[str, Assessment]) -> str:
    return next((each.model_name for key, each in related.items() if slug in (key, each.model)), slug)


def _flat(findings: Sequence[Finding], depth: int = 0) -> Iterator[tuple[int, Finding]]:
    for finding in findings:
        yield depth, finding
        yield from _flat(finding.parts, depth + 1)


def _steps(
    verdict: Verdict, criteria: CriteriaSet, evidence: ModelEvidence, veil: Veil, flips: Mapping[tuple[str, float], FindingFlips]
) -> Iterator[CriterionStep]:
    for depth, finding in _flat(verdict.findings):
        criterion, combination = criteria.criterion(finding.criterion), None
        if isinstance(criterion, CompoundCriterion):
            combination = _combination(criterion.parts, finding.parts, criterion, criteria, evidence)
        yield CriterionStep(
            criterion=finding.criterion,
            depth=depth,
            counts=is_load_bearing(finding.criterion, criteria, evidence),
            finding=finding,
            margin=margin(finding),
            judgements=tuple(_judgements(finding, evidence, veil)),
            combination=combination,
            flips=flips.get((finding.criterion, finding.level)),
        )


def _combination(
    slugs: Sequence[str],
    findings: Sequence[Finding],
    said: ThresholdCriteria | CompoundCriterion,
    criteria: CriteriaSet,
    evidence: ModelEvidence,
) -> Combination:
    bearing = [slug for slug in slugs if is_load_bearing(slug, criteria, evidence)]
    needed = max(crossings_needed(said.rule, said.k, len(bearing)), 1)
    held = [each for each in findings if each.criterion in bearing]
    return Combination(
        rule=said.rule,
        crossings_needed=needed,
        counted=tuple(bearing),
        not_counted=tuple(slug for slug in slugs if slug not in bearing),
        unknown=sum(each.verdict is VerdictOutcome.INSUFFICIENT_EVIDENCE for each in held),
        whichever_way=Standing.SAME if settled(findings, bearing, said.rule, needed) else Standing.DEPENDS,
        words=said.words,
        citation=said.citation,
        basis=said.basis,
    )


def margin(finding: Finding) -> Margin | None:
    """Return how far the deciding variant stands from the bar that decides; ``None`` where no number was compared with a bar."""
    row = next((each for each in finding.variants if each.variant == finding.deciding_variant), None)
    if row is None or finding.compared is None or finding.rule_out is None or finding.rule_in is None:
        return None
    sign = -1 if finding.riskier_when is RiskierWhen.LOWER else 1
    crossed = finding.verdict is VerdictOutcome.CROSSED
    at, compared = _held(row, finding, sign, crossed=crossed)
    if at is None:
        return None
    bar, shown = finding.rule_in if crossed else finding.rule_out, _on_scale(at, finding)
    others = [each for each in finding.variants if each is not row and takes_part(each) and each.value is not None]
    far = [(sign * number, each) for each in others if (number := _held(each, finding, sign, crossed=crossed)[0]) is not None]
    following = max(far, key=lambda each: each[0], default=None)
    return Margin(
        bar="rule_in" if crossed else "rule_out",
        compared=compared,
        at=shown,
        distance=sign * (shown - bar),
        next_variant=None if following is None else following[1].variant,
        lead=None if following is None else sign * shown - sign * _on_scale(sign * following[0], finding),
        at_computed=None if shown == at else at,
    )


def _on_scale(end: float, finding: Finding) -> float:
    """Return an end as it is printed: a formula may put it beyond the scale, where no score is."""
    shown = numbers.onto_scale(end, (finding.scale_low, finding.scale_high), wording.bars_of(finding))
    assert shown is not None
    return shown


def _held(row: VariantFinding, finding: Finding, sign: int, *, crossed: bool) -> tuple[float | None, Compared]:
    """Return what of a variant is held against the bar: the end of its interval, or its point where that is compared or all there is."""
    if finding.compared is Compared.POINT:
        return row.value, Compared.POINT
    if crossed:
        return row.rule_in_low, Compared.BOUND
    end, kind = (row.high, row.high_end) if sign > 0 else (row.low, row.low_end)
    if kind is IntervalEnd.UNBOUNDED:
        return None, Compared.BOUND
    return (row.value, Compared.POINT) if end is None else (end, Compared.BOUND)


def _judgements(finding: Finding, evidence: ModelEvidence, veil: Veil) -> Iterator[JudgementLine]:
    if finding.shape != "qualitative":
        return
    for each in evidence.findings:
        if each.evaluation != finding.evaluation:
            continue
        secret = hidden(each) or veil.hides(f"finding {each.slug}")
        yield JudgementLine(
            slug=each.slug,
            by=each.by,
            leaning=each.leaning.value,
            words=WITHHELD if secret else each.words,
            signed_off_by=each.signed_off_by,
            signed_off_on=None if each.signed_off_on is None else each.signed_off_on.isoformat(),
            source=each.source,
            source_at=None if secret else each.source_at,
        )


def _relations(evidence: ModelEvidence, policy: Policy, related: Mapping[str, Assessment], veil: Veil) -> Iterator[RelationLine]:
    """Yield the relations; of one that is withheld the words and who judged go, while models and outcomes are public."""
    domains = {each.slug: each.name for each in policy.domains}
    for each in evidence.relations:
        secret = veil.hides(f"relation {each.slug}")
        yield RelationLine(
            kind=each.kind.value,
            other=each.other,
            other_name=_model_name(each.other, related),
            domain=each.domain,
            domain_name=None if each.domain is None else domains.get(each.domain, each.domain),
            words=WITHHELD if secret else each.words,
            judged_by=WITHHELD if secret else each.judged_by,
            signed_off_by=WITHHELD if secret and each.signed_off_by else each.signed_off_by,
        )


def _without_order(found: VerdictFlip, withheld: set[str], verdict: Verdict) -> VerdictFlip:
    """Return which criteria would have to change without what their choice and order tell of a withheld one."""
    if not withheld & {*found.criteria, *found.among}:
        return found
    order = [each.criterion for _, each in _flat(verdict.findings)]
    chosen = found.criteria if {*found.among} <= {*found.criteria} else ()
    fields = {"criteria": tuple(sorted(chosen, key=order.index)), "among": tuple(sorted(found.among, key=order.index))}
    return VerdictFlip.model_validate({**dict(found), **fields, "reach": Reach.NEEDED})
