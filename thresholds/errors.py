"""What the deciding core refuses: its own few errors, named by the defect. The shell maps them (``rsp.errors``)."""

from __future__ import annotations


class DecisionError(ValueError):
    """The evidence and the criteria do not fit together; nothing may be concluded."""


class UnknownEvaluationError(DecisionError):
    """A criterion names an evaluation version that no evidence file declares: without it neither unit nor scale is known."""

    def __init__(self, criterion: str, evaluation: str, version: str) -> None:
        super().__init__(
            f"criterion {criterion}: found evaluation {evaluation} version {version}, which no evidence file declares; "
            f"expected it declared, even where it was never run; load a file that declares it"
        )


class UnmatchedPolicyError(DecisionError):
    """A criteria set was handed over with a policy it was not written for."""

    def __init__(self, criteria: str, expected: str, found: str) -> None:
        super().__init__(f"criteria {criteria}: found policy {found}, expected {expected}, which the set names")


class EvaluationMismatchError(DecisionError):
    """The evidence declares an evaluation otherwise than the criteria set takes it to be: its bars would be held against something else."""

    def __init__(self, criteria: str, evaluation: str, field: str, expected: str, found: str) -> None:
        super().__init__(
            f"criteria {criteria}: found evaluation {evaluation} with {field} {found} in the evidence, expected {expected}, which the set "
            f"was written for; correct the evidence, or write a set for this version"
        )


class CircularRelationError(DecisionError):
    """Models are said to bound, or to descend from, each other in a circle."""

    def __init__(self, models: tuple[str, ...]) -> None:
        super().__init__(f"found the relations {' -> '.join(models)}, expected relations that end; correct one of them")


class UnassessedRelationError(DecisionError):
    """A model is related to another whose assessment was not handed over: a riskier finding of that one would be lost unseen."""

    def __init__(self, model: str, other: str) -> None:
        super().__init__(
            f"model {model}: found a relation to {other} and no assessment of it, expected one under the same policy and criteria"
        )


class MisplacedBarError(DecisionError):
    """A bar, or the cutoff of a trial, stands where nothing can be compared with it."""

    def __init__(self, criterion: str, found: str, expected: str) -> None:
        super().__init__(f"criterion {criterion}: found {found}, expected {expected}; correct the criteria set, or the evaluation's scale")


class UnlikeRelationError(DecisionError):
    """A related model was assessed by other rules, or as of another position: what was found of it says nothing here."""

    def __init__(self, model: str, other: str) -> None:
        super().__init__(f"model {model}: found an assessment of {other} by another policy, set or position, expected one by the same")
