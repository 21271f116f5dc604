"""Every reference case is computed by the public function of its method and comes out as the independent package has it.

The file is our own copy, or the one that ``RSP_REFERENCE_CASES`` names. A method that no adapter knows fails: it is never skipped.
"""

from collections.abc import Callable

import pytest

from tests.evaluations.reference import horizons, maxima, planning, pooling, scores, trends, uplift
from tests.evaluations.reference.cases import Case, agree, cases

ROOMS = (scores, horizons, uplift, pooling, planning, maxima, trends)
ADAPTERS: dict[str, Callable[[Case], Case]] = {method: adapter for room in ROOMS for method, adapter in room.ADAPTERS.items()}


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case['id']}-{case['method']}")
def test_a_reference_case_comes_out_as_the_independent_package_has_it(case: Case) -> None:
    assert case["method"] in ADAPTERS, f"no adapter knows the method {case['method']}"
    agree(ADAPTERS[case["method"]](case["input"]), case["expected"], case["tolerance"], case["id"])
