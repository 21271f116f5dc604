"""The Claude 3.7 Sonnet example in a fresh database."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from rsp.filing import take_in
from rsp.policies import bundled
from rsp.store.session import Store
from rsp.store.upgrade import upgrade

EXAMPLE = Path(__file__).parents[1] / "examples/claude-3-7-sonnet"
AT = datetime(2026, 1, 1, tzinfo=UTC)


def loaded(folder: Path) -> Store:
    """Return a store that holds the policies that come with rsp and the example."""
    url = f"sqlite:///{folder / 'example.db'}"
    upgrade(url)
    store = Store.open(url)
    for file in bundled():
        take_in(store, file.content, file.name, actor="bench", at=AT, origin="bundled")
    for path in sorted(EXAMPLE.glob("*.yaml")):
        take_in(store, path.read_bytes(), path.name, actor="bench", at=AT)
    return store
