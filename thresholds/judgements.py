"""A criterion that people answer in words: which of their judgements counts, and what it may do.

The rules kept here: the riskiest leaning on record decides; a judgement that leans *below* rules out only once somebody answerable has
signed it off, on or before the day that is judged; unsigned it can make a verdict more cautious and never less, so beside a signed
*below* an unsigned one changes nothing. A judgement by another rubric blocks where it leans towards risk, and crosses nothing.

Left out: whether the person who signed may do so, which is for the record of accounts to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from evaluations.evidence import ModelEvidence
from evaluations.records import WITHHELD_FROM
from evaluations.trials import Leaning, QualitativeFinding
from thresholds.criterion import QualitativeCriterion
from thresholds.lifecycles import weakened
from thresholds.outcomes import FindingOutcome, SubLabel, VerdictOutcome


class Judged(NamedTuple):
    """What the judgements come to: the leading one, if any, and what follows from it."""

    leading: QualitativeFinding | None
    heard: tuple[QualitativeFinding, ...]
    outcome: FindingOutcome
    verdict: VerdictOutcome
    sub_label: SubLabel | None


LEANING = {
    Leaning.BELOW: (FindingOutcome.BELOW, VerdictOutcome.RULED_OUT, None),
    Leaning.BETWEEN: (FindingOutcome.BETWEEN, VerdictOutcome.NOT_RULED_OUT, SubLabel.JUDGEMENT),
    Leaning.ABOVE: (FindingOutcome.ABOVE, VerdictOutcome.CROSSED, None),
    Leaning.NONE_STATED: (FindingOutcome.UNESTIMABLE, VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.JUDGEMENT),
}
UNSIGNED = (FindingOutcome.UNESTIMABLE, VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.NOT_SIGNED_OFF)
OTHER_RUBRIC = (FindingOutcome.BETWEEN, VerdictOutcome.NOT_RULED_OUT, SubLabel.INCOMPARABLE_VARIANT)
SATURATED = (FindingOutcome.UNESTIMABLE, VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.SATURATED)


def judged(criterion: QualitativeCriterion, evidence: ModelEvidence) -> Judged:
    """Return what people's judgements come to under one criterion, as of the day of the evidence."""
    day = evidence.recorded_at.date()
    heard = tuple(each for each in evidence.findings if each.evaluation == criterion.evaluation and _speaks(each, criterion))
    counted = _without_needless(heard, day)
    leading = max(counted, key=lambda each: _alone(each, criterion, day)[1].risk, default=None)
    if leading is None:
        return Judged(None, heard, FindingOutcome.UNESTIMABLE, VerdictOutcome.INSUFFICIENT_EVIDENCE, SubLabel.NOT_ASSESSED)
    outcome, verdict, label = _alone(leading, criterion, day)
    if verdict is VerdictOutcome.RULED_OUT and weakened(criterion.lifecycle, day):
        outcome, verdict, label = SATURATED
    return Judged(leading, heard, outcome, verdict, label)


def is_signed(finding: QualitativeFinding, day: date) -> bool:
    """Say whether somebody had signed the judgement off by that day."""
    return finding.signed_off_on is not None and finding.signed_off_on <= day


def judgement_words(judgement: QualitativeFinding | None, day: date) -> str:
    """Return who judged and what they said, with who signed it off; a restricted text is told to exist and not shown."""
    if judgement is None:
        return "No expert judgement is recorded."
    if judgement.visibility in WITHHELD_FROM:
        return f"{judgement.by}: words withheld ({judgement.visibility.value})."
    said = f"{judgement.by}: {judgement.words}"
    if judgement.leaning is not Leaning.BELOW:
        return said
    signed = judgement.signed_off_on
    return f"{said} (signed off by {judgement.signed_off_by})" if signed and signed <= day else f"{said} (nobody has signed it off)"


def _speaks(judgement: QualitativeFinding, criterion: QualitativeCriterion) -> bool:
    """Say whether a judgement counts: one by the criterion's own rubric always does, one by another where it leans towards risk."""
    return judgement.version == criterion.version or judgement.leaning in (Leaning.BETWEEN, Leaning.ABOVE)


def _without_needless(heard: Sequence[QualitativeFinding], day: date) -> list[QualitativeFinding]:
    """Leave out the unsigned *below* beside a signed one: it says nothing more cautious."""
    signed = any(each.leaning is Leaning.BELOW and is_signed(each, day) for each in heard)
    return [each for each in heard if not (signed and each.leaning is Leaning.BELOW and not is_signed(each, day))]


def _alone(
    judgement: QualitativeFinding, criterion: QualitativeCriterion, day: date
) -> tuple[FindingOutcome, VerdictOutcome, SubLabel | None]:
    if judgement.version != criterion.version:
        return OTHER_RUBRIC
    if judgement.leaning is Leaning.BELOW and not is_signed(judgement, day):
        return UNSIGNED
    return LEANING[judgement.leaning]
