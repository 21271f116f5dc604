"""The collector of cycles is paused while a model is judged, and only then; of a server it walks what came after its start."""

from __future__ import annotations

import gc

import pytest

from rsp.api.settings import Settings
from rsp.collecting import leave_out_what_is_loaded, paused_collector
from rsp.serving import Service, _worker_app


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


def test_what_is_loaded_is_not_walked_again() -> None:
    """And what comes later is."""
    loaded = [Service]
    leave_out_what_is_loaded()
    try:
        later = [Service]
        walked = {id(each) for each in gc.get_objects()}
        assert (id(loaded) in walked, id(later) in walked) == (False, True)
    finally:
        gc.unfreeze()


def test_a_server_starts_with_what_it_loaded_left_out(database: str) -> None:
    before = gc.get_freeze_count()
    try:
        app = _worker_app(Service(database, Settings(), 0))
        assert gc.get_freeze_count() > before
        app.state.store.close()
    finally:
        gc.unfreeze()
