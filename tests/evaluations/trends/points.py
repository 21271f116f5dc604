"""Points for the trend tests: METR's published table, and lists drawn at random."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from evaluations.trends.lines import LinePoint

METR = Path(__file__).parents[2] / "data" / "trends" / "metr_time_horizon_1_1.csv"


def metr(column: str = "p50_minutes", since: str = "", *, best_at_release: bool = True) -> list[LinePoint]:
    """Horizons in minutes over the ordinal day of release (METR, Time Horizon 1.1, CC-BY)."""
    rows = [row for row in csv.DictReader(METR.read_text().splitlines()) if row["release_date"] >= since]
    kept = [row for row in rows if row["is_sota"] == "true" or not best_at_release]
    return [LinePoint(date.fromisoformat(row["release_date"]).toordinal(), float(row[column]), name=row["agent"]) for row in kept]


def points(*pairs: tuple[Any, Any]) -> list[LinePoint]:
    return [LinePoint(x, y, name=str(at)) for at, (x, y) in enumerate(pairs)]


def along(y: list[Any], x: list[Any] | None = None, n: int | None = None) -> list[LinePoint]:
    return [LinePoint(place, height, n) for place, height in zip(x or range(len(y)), y, strict=True)]


@st.composite
def lines(draw: Any, least: int = 4, most: int = 9) -> list[LinePoint]:
    """Points on no exact line: distinct whole places, heights with a visible scatter."""
    places = draw(st.lists(st.integers(-50, 50), min_size=least, max_size=most, unique=True))
    slope, start = draw(st.integers(-20, 20)), draw(st.integers(-100, 100))
    steps = draw(st.lists(st.integers(-9, 9), min_size=len(places), max_size=len(places)))
    heights = [
        start + slope * place + step + (7 if at % 3 == 0 else -2 * at * at)
        for at, (place, step) in enumerate(zip(places, steps, strict=True))
    ]
    return [LinePoint(place, height, name=str(place)) for place, height in zip(places, heights, strict=True)]
