"""The collector of cycles is paused while a model is judged, and only then."""

from __future__ import annotations

import gc

import pytest

from rsp.collecting import paused_collector


def test_it_is_off_inside_and_on_again_afterwards() -> None:
    assert gc.isenabled()
    with paused_collector():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_on_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="refused"), paused_collector():
        raise ValueError("refused")
    assert gc.isenabled()


def test_whoever_had_it_off_finds_it_off() -> None:
    gc.disable()
    try:
        with paused_collector():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
