"""Two databases behind two servers: the examples, and the sample that fills every table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rsp.filing import take_in
from rsp.policies import bundled
from rsp.store.session import Store
from rsp.store.upgrade import upgrade
from tests.rsp.api.reads.asking import Asker, asking
from tests.rsp.cli.running import CLAUDE, PYTHIA

AT = datetime(2025, 2, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def examples_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The policies that come with rsp, a model with published evidence, and one with a training run."""
    url = f"sqlite:///{tmp_path_factory.mktemp('reads') / 'rsp.db'}"
    upgrade(url)
    with Store.open(url) as store:
        for file in bundled():
            take_in(store, file.content, file.name, actor="ada", at=AT, origin="bundled")
        for path in map(Path, (*CLAUDE, *PYTHIA)):
            take_in(store, path.read_bytes(), path.name, actor="ada", at=AT)
    return url


@pytest.fixture(scope="session")
def examples(examples_url: str) -> Iterator[Asker]:
    with asking(examples_url) as asker:
        yield asker


@pytest.fixture(scope="module")
def sample(filled_database: str) -> Iterator[Asker]:
    """The sample of every table, on each engine."""
    with asking(filled_database) as asker:
        yield asker
