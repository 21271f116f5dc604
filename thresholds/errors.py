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
