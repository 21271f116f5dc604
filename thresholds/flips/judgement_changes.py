"""What people would have to say or sign: a further judgement, a signature, or another judgement in the place of a recorded one.

The rules kept here: a recorded judgement stays, and the riskiest leaning decides; so a further *below* rules out only where nothing else
was said. Where something was, that judgement must be superseded, which is a correction with a reason and another result, not more evidence.

Left out: whether people would say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evaluations.trials import Leaning, QualitativeFinding
from thresholds.criterion import QualitativeCriterion
from thresholds.finding_records import Finding
from thresholds.flips.deciding import Case, changed
from thresholds.flips.records import Direction, Flip, FlipKind, Reach
from thresholds.judgements import is_signed, judged
from thresholds.outcomes import SubLabel


def judgement_flips(case: Case, finding: Finding, by: Direction) -> Iterator[Flip]:
    """Yield what stands between people's judgements and a rule-out, and is taken away by this kind of change."""
    against = [each for each in heard(case) if each.leaning is not Leaning.BELOW]
    if against and by is Direction.MORE_EVIDENCE:
        yield Flip(kind=FlipKind.JUDGEMENT, criterion=case.slug, subject=against[0].leaning.value, reach=Reach.NEVER)
        return
    if against:
        for each in against:
            yield _corrected(case, each, Leaning.BELOW)
    elif finding.sub_label is SubLabel.SATURATED:
        yield Flip(kind=FlipKind.HARDER_EVALUATION, criterion=case.slug, reach=Reach.NEEDED)
    else:
        yield _said(case)


def _said(case: Case) -> Flip:
    """Return the flip of a signature under the first judgement that lacks one; of a judgement, where there is none."""
    day = case.evidence.recorded_at.date()
    unsigned = next((each for each in heard(case) if not is_signed(each, day)), None)
    if unsigned is None:
        return Flip(kind=FlipKind.JUDGEMENT, criterion=case.slug, reach=Reach.EXACT)
    return Flip(kind=FlipKind.SIGN_OFF, criterion=case.slug, variant=unsigned.slug, reach=Reach.EXACT)


def uncrossing_flips(case: Case) -> tuple[Flip, ...]:
    """Return the least that takes a crossing away: every judgement above, superseded by one between the bars."""
    own = [each for each in heard(case) if each.leaning is Leaning.ABOVE and each.version == case.criterion.version]
    return tuple(_corrected(case, each, Leaning.BETWEEN) for each in own)


def _corrected(case: Case, judgement: QualitativeFinding, leaning: Leaning) -> Flip:
    kind = FlipKind.SUPERSEDED_JUDGEMENT
    return Flip(kind=kind, criterion=case.slug, variant=judgement.slug, subject=leaning.value, reach=Reach.EXACT)


def heard(case: Case) -> tuple[QualitativeFinding, ...]:
    """Return the judgements that count under the criterion."""
    assert isinstance(case.criterion, QualitativeCriterion)
    return judged(case.criterion, case.evidence).heard


def with_judgement(case: Case) -> Case:
    """Return the case with one signed judgement below beside all there are."""
    made = QualitativeFinding(
        slug=f"supposed-{len(case.evidence.findings)}",
        model=case.evidence.model.slug,
        snapshot=None,
        evaluation=case.criterion.evaluation,
        version=case.criterion.version,
        by="somebody",
        leaning=Leaning.BELOW,
        words="supposed",
        source="supposed",
        **_signature(case),
    )
    return case.with_evidence(findings=(*case.evidence.findings, made))


def with_signature(flip: Flip, case: Case) -> Case:
    """Return the case with one judgement signed off."""
    return _with_fields(flip, case, _signature(case))


def with_correction(flip: Flip, case: Case) -> Case:
    """Return the case with one judgement superseded by one that leans as the flip says, and is signed off."""
    assert flip.subject is not None
    return _with_fields(flip, case, {"leaning": Leaning(flip.subject), **_signature(case)})


def _with_fields(flip: Flip, case: Case, fields: dict[str, Any]) -> Case:
    of_this = case.criterion.evaluation
    findings = case.evidence.findings
    return case.with_evidence(
        findings=tuple(changed(each, fields) if (each.evaluation, each.slug) == (of_this, flip.variant) else each for each in findings)
    )


def _signature(case: Case) -> dict[str, Any]:
    return {"signed_off_by": "somebody", "signed_off_on": case.evidence.recorded_at.date()}
