"""B15: what an honest method can show, so that one which never decides cannot pass.

Two settings where the truth lies far under the bar; each is drawn as its section draws it (``snapshots``, ``uplift``).
"""

from __future__ import annotations

from collections.abc import Sequence

from tests.simulation.cells import Bar, Cell
from tests.simulation.snapshots import ALL_LOW, all_low
from tests.simulation.uplift import POWER, far_from_the_bar


def far_below() -> Sequence[Cell]:
    """Both settings."""
    return [*all_low(), *far_from_the_bar()]


POWER_BARS = (Bar("B15", (ALL_LOW, POWER), far_below),)
