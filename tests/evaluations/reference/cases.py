"""The file of reference cases, how its numbers are read, and how what we compute is held against what it expects.

The rule kept here: a number of the file is taken as written (0.1 is one tenth), a refusal must give the reason the case gives, and
what a case does not state is not compared.
"""

import json
import os
from fractions import Fraction
from pathlib import Path
from typing import Any

from evaluations.estimate import Unestimable

OWN_COPY = Path(__file__).parents[2] / "data" / "statistics" / "cases.json"


Case = dict[str, Any]


def exact(number: float) -> Fraction:
    """The number as written, not as the float nearest to it."""
    return Fraction(repr(number))


def error(given: Case) -> float:
    """One-sided error of a two-sided level."""
    return float((1 - exact(given["level"])) / 2)


def refused(outcome: Unestimable) -> Case:
    return {"refused": True, "reason": outcome.reason}


def cases() -> list[Case]:
    """The cases of the file that ``RSP_REFERENCE_CASES`` names, or of our own copy."""
    held: list[Case] = json.loads(Path(os.environ.get("RSP_REFERENCE_CASES") or OWN_COPY).read_text())["cases"]
    return held


def agree(got: Any, want: Any, tolerance: Case, at: str) -> None:
    """Compare as the file of cases says; what the case does not state is not compared."""
    if isinstance(want, dict):
        for name, each in want.items():
            agree(got[name], each, tolerance, f"{at}.{name}")
    elif isinstance(want, list):
        assert len(got) == len(want), at
        for place, (one, other) in enumerate(zip(got, want, strict=True)):
            agree(one, other, tolerance, f"{at}[{place}]")
    elif isinstance(want, bool) or want is None or (isinstance(want, str) and want not in ("inf", "-inf")):
        assert got == want, at
    elif isinstance(want, str):
        assert got == float(want), at
    else:
        assert abs(got - want) <= tolerance["abs"] + tolerance["rel"] * abs(want), f"{at}: {got} instead of {want}"
