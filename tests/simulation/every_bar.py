"""All acceptance bars, in their order."""

from tests.simulation.cells import Bar
from tests.simulation.drops import DROP_BARS
from tests.simulation.horizons import HORIZON_BARS
from tests.simulation.items import ITEMS
from tests.simulation.looks import LOOK_BARS
from tests.simulation.missing import MISSING_BARS
from tests.simulation.power import POWER_BARS
from tests.simulation.proportions import PROPORTIONS
from tests.simulation.snapshots import CONTROLS, SNAPSHOT_BARS
from tests.simulation.suites import SUITES
from tests.simulation.trends import TREND_BARS
from tests.simulation.uplift import UPLIFT_BARS

BARS: tuple[Bar, ...] = tuple(
    sorted(
        (
            *SUITES,
            *PROPORTIONS,
            *ITEMS,
            *SNAPSHOT_BARS,
            *UPLIFT_BARS,
            *TREND_BARS,
            *MISSING_BARS,
            *LOOK_BARS,
            *DROP_BARS,
            *HORIZON_BARS,
            *POWER_BARS,
            *CONTROLS,
        ),
        key=lambda bar: int(bar.key[1:]),
    )
)
