"""One server a module and engine; tests of a module use names of their own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from tests.conftest import PostgresServer
from tests.rsp.api.sending import Sender, sending


@pytest.fixture(scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def sender(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sender]:
    """A submitter at a server of each engine."""
    if request.param == "sqlite":
        path = tmp_path_factory.mktemp("served") / "rsp.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        path.chmod(0o600)
        with sending(f"sqlite:///{path}") as made:
            yield made
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(request.getfixturevalue("postgres_template")) as url, sending(url) as made:
        yield made
