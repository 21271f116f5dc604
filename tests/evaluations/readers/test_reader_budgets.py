"""Files made to exhaust are refused within 10 seconds of work and 200 MiB of growth, however they are made (issue, bad input)."""

from __future__ import annotations

from tests.evaluations.readers.hostile_files import AT_LENGTH, CASES, amiss


def test_no_hostile_file_costs_more_than_the_budget() -> None:
    """Those that take longest are tried by ``make abuse``."""
    assert len(CASES.keys() - AT_LENGTH) >= 18
    assert amiss() == {}
