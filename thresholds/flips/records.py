"""What would change a finding: one change is a ``Flip``, and the changes that do it together are a ``Way``.

The rules kept here: a flip says what would have to be otherwise, from how much to how much, and how sure that is; *no amount would do* and
*the search ended here* are answers of their own; numbers are on the evaluation's own scale and never rounded.

Left out: words (``reports.explaining``), and finding them (the other modules of this package).
"""

from __future__ import annotations

from enum import StrEnum

from evaluations.values import Record
from thresholds.outcomes import VerdictOutcome


class FlipKind(StrEnum):
    """What would have to be otherwise."""

    MORE_ITEMS = "more_items"  # at the same share; ``now`` and ``then`` are items or trials
    LARGER_SET = "larger_set"  # the version has too few items: every variant over a larger one, at its own share
    MORE_PARTICIPANTS = "more_participants"  # in the smallest arm, the others in proportion
    STATED_COUNT = "stated_count"  # the source says over how many, and they are at least ``then``
    STATED_SPREAD = "stated_spread"  # the source says what its plus-minus means; ``subject`` is the meaning
    STATED_INTERVAL = "stated_interval"  # the source prints an interval that ends on the safe side of ``then``
    PASSES = "passes"  # another number of passes of the same number
    POINT = "point"  # another point with the same error
    MISSING_RUN = "missing_run"  # at most ``then`` passed of ``now``
    WHOLE_RUN = "whole_run"
    DROP_ANSWER = "drop_answer"  # ``subject`` names the two snapshots
    SIGN_OFF = "sign_off"
    JUDGEMENT = "judgement"  # beside what is recorded: people judge it below, and somebody signs
    SUPERSEDED_JUDGEMENT = "superseded_judgement"  # a recorded one is corrected, with a reason, to lean as ``subject`` says
    HARDER_EVALUATION = "harder_evaluation"  # the evaluation is saturated or retired
    BAR_IN_FORCE = "bar_in_force"
    NUMERIC_BAR = "numeric_bar"
    BAR = "bar"  # a bar beyond ``then`` (to rule out), or at it (to lose a rule-out or a crossing)
    USABLE_SCORE = "usable_score"  # one from which an interval follows, under the criterion's own key


class Reach(StrEnum):
    """How sure it is that the change does it."""

    EXACT = "exact"  # the least there is: deciding again with it flips, with one less it does not
    ABOUT = "about"  # found on multiples of what was measured, or with a printed error scaled
    NEEDED = "needed"  # nothing is ruled out without it; what it gives will decide
    BEYOND = "beyond"  # not up to ``then``, where the search ended
    NEVER = "never"  # no amount: the point itself stands on the side of risk


DOES_IT = frozenset({Reach.EXACT, Reach.ABOUT})
REACH_ORDER = tuple(Reach)


class Flip(Record):
    """One change of the evidence or of a bar, under one criterion."""

    kind: FlipKind
    criterion: str
    variant: str | None = None  # run or trial, or snapshot and mode of a missing one
    subject: str | None = None
    now: float | None = None
    then: float | None = None
    unit: str | None = None  # of ``now`` and ``then`` where they are counts of something; else they are on the evaluation's scale
    reach: Reach


class Direction(StrEnum):
    """By which kind of change."""

    MORE_EVIDENCE = "more_evidence"
    OTHER_RESULT = "other_result"
    OTHER_BAR = "other_bar"


class Way(Record):
    """Changes that together turn the finding on one criterion into ``verdict_to``.

    Where some change is out of reach, ``verdict_to`` is what the others alone come to.
    """

    criterion: str
    by: Direction
    verdict_from: VerdictOutcome
    verdict_to: VerdictOutcome
    flips: tuple[Flip, ...]

    @property
    def reach(self) -> Reach:
        """The least sure of all its changes."""
        return max((each.reach for each in self.flips), key=REACH_ORDER.index, default=Reach.EXACT)


class FindingFlips(Record):
    """Every way found to change one finding; parts of a compound have their own, and one criterion in two wholes has two levels."""

    criterion: str
    level: float
    verdict: VerdictOutcome
    ways: tuple[Way, ...]


class VerdictFlip(Record):
    """How many criteria would have to change for a verdict to become another, and which are the cheapest.

    ``criteria`` are those to change, ``among`` all that could be chosen from, the cheapest first. Without ``criteria``, which of them is
    not told.
    """

    verdict_from: VerdictOutcome
    verdict_to: VerdictOutcome
    criteria: tuple[str, ...]
    among: tuple[str, ...]
    reach: Reach


class BlockingBase(Record):
    """A model this one was made from, whose own verdict keeps the threshold from being ruled out, whatever is found of this one."""

    model: str
    name: str
    outcome: VerdictOutcome


class VerdictFlips(Record):
    """What would change one verdict, and each finding it rests on."""

    threshold: str
    verdict: VerdictOutcome
    sets: tuple[VerdictFlip, ...]
    blocked_by: tuple[BlockingBase, ...]
    findings: tuple[FindingFlips, ...]
