"""kill -9 while clients submit over HTTP, on each engine: nothing acknowledged is lost, nothing is there twice, also when sent again."""

from __future__ import annotations

from tests.abuse.crash import BACK_WITHIN, crash

KILLS = 1  # on each engine; our choice for the suite of every day, since every kill starts the server twice. The long run takes 200
BUSY_MACHINE = 12  # times slower than alone: tests share their processors with each other


def test_what_was_acknowledged_is_there_once(database: str) -> None:
    """Eight clients, each score under its own key; what no answer came to is sent again after the kill."""
    found = crash(database, KILLS)
    assert found.refused == ()
    assert (found.lost, found.doubled, found.verified) == (0, 0, "intact")
    assert found.acknowledged >= KILLS
    assert found.slowest_start < BACK_WITHIN * BUSY_MACHINE
