"""Only a few reports are made at once; who would wait too long is told to come back."""

from __future__ import annotations

from threading import BoundedSemaphore

import pytest

from rsp.api.rendering import one_of_few
from rsp.errors import BusyError, answer_to


def test_who_finds_no_place_in_time_is_told_to_come_back() -> None:
    places = BoundedSemaphore(1)
    with one_of_few(places, 0.01):
        with pytest.raises(BusyError) as refused, one_of_few(places, 0.01):
            pass
        assert answer_to(refused.value).http_status == 503
    with one_of_few(places, 0.01):
        pass


def test_a_place_is_free_again_after_a_fault() -> None:
    places = BoundedSemaphore(1)
    with pytest.raises(ZeroDivisionError), one_of_few(places, 0.01):
        _ = 1 / 0
    with one_of_few(places, 0.01):
        pass
