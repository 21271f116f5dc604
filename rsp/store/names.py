"""The slugs behind the keys, and the keys behind the slugs, of everything that a record can refer to.

The rules kept here: a name is looked up when it is asked for and then remembered, so that taking in one score costs the same in a
database of a thousand logs as in an empty one; whoever reads everything fetches all names at once (``all_names``). Names are never
corrected, so no position is asked for, and what is on the disk is remembered from one writing transaction to the next (``NamesOnDisk``).

Left out: names that a file brings and the database does not hold yet. Whoever merges the file gives them keys (``Names.given``).
"""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import ColumnElement, Connection, select, text

from rsp.store.tables import DeveloperRow, EvaluationRow, EvaluationVersionRow, ModelRow, SnapshotRow, SourceRow, ThreatDomainRow
from rsp.store.types import new_id

Slugs = tuple[str, ...]
"""What names a record: its slug, or its parent's and its own."""

_GLOBAL = {"source": SourceRow, "domain": ThreatDomainRow, "developer": DeveloperRow, "model": ModelRow, "evaluation": EvaluationRow}
_WITHIN = {"snapshot": (SnapshotRow, ModelRow, "model_id"), "version": (EvaluationVersionRow, EvaluationRow, "evaluation_id")}
TARGETS = (*_GLOBAL, *_WITHIN)


class _SlugsByKey(dict[str, Slugs]):
    def __init__(self, fetched: Callable[[str], Slugs]) -> None:
        self._fetched = fetched

    def __missing__(self, key: str) -> Slugs:
        self[key] = self._fetched(key)
        return self[key]


MOST_REMEMBERED = 100_000  # names; our choice: some 30 MB, and more than the largest campaign has


class NamesOnDisk:
    """Names that a commit brought, for everybody who writes through one store.

    What a transaction under way has added is not among them: it may be taken back. Nothing here can make a wrong reference: if the file
    below were exchanged for another, the foreign key would have no row to point at, and the database would refuse it.
    """

    def __init__(self) -> None:
        self.keys: dict[tuple[str, Slugs], str] = {}
        self.slugs: dict[tuple[str, str], Slugs] = {}

    def met(self, target: str, slugs: Slugs, key: str) -> None:
        """Remember a name."""
        if len(self.keys) >= MOST_REMEMBERED:
            self.keys.clear()
            self.slugs.clear()
        self.keys[target, slugs] = key
        self.slugs[target, key] = slugs


class Names:
    """Looks names up in one transaction. ``slugs[target][key]`` gives the slugs of a row that is there.

    ``on_disk`` remembers those that entries before ``committed`` brought.
    """

    def __init__(self, connection: Connection, on_disk: NamesOnDisk | None = None, committed: int = 0) -> None:
        self._connection = connection
        self._on_disk, self._committed = on_disk or NamesOnDisk(), committed
        self.slugs = {target: _SlugsByKey(self._slugs_of(target)) for target in TARGETS}
        self._keys: dict[str, dict[Slugs, str | None]] = {target: {} for target in TARGETS}
        self._given: dict[str, dict[Slugs, str]] = {target: {} for target in TARGETS}

    def key(self, target: str, slugs: Slugs) -> str | None:
        """Return the key of what carries that name, recorded or given here; ``None`` if nothing does."""
        keys = self._keys[target]
        if slugs not in keys:
            keys[slugs] = self._recorded(target, slugs) or self._given[target].get(slugs)
        return keys[slugs]

    def _recorded(self, target: str, slugs: Slugs) -> str | None:
        if (known := self._on_disk.keys.get((target, slugs))) is not None:
            return known
        row = self._connection.execute(_KEY_OF[target], dict(zip(_MARKS, slugs, strict=False))).one_or_none()
        if row is None:
            return None
        key, entry_seq = row
        if entry_seq < self._committed:
            self._on_disk.met(target, slugs, key)
        return str(key)

    def given(self, target: str, slugs: Slugs) -> str:
        """Return the key of that name, a new one if nothing carries it yet."""
        if (known := self.key(target, slugs)) is not None:
            return known
        self._given[target][slugs] = self._keys[target][slugs] = made = new_id()
        return made

    def within(self, target: str, scope: Slugs, seen: Callable[[int], bool] | None = None) -> list[str]:
        """Return the slugs of everything of that kind below ``scope``, for telling which names are near.

        ``seen`` says of an entry whether what it brought may be told; without it, everything may.
        """
        rows = self._connection.execute(_BELOW[target], dict(zip(_MARKS, scope, strict=False)))
        recorded = [slug for slug, entry_seq in rows if seen is None or seen(entry_seq)]
        return sorted({*recorded, *(slugs[-1] for slugs in self._given[target] if slugs[:-1] == scope)})

    def _slugs_of(self, target: str) -> Callable[[str], Slugs]:
        def slugs_of(key: str) -> Slugs:
            if (known := self._on_disk.slugs.get((target, key))) is not None:
                return known
            *slugs, entry_seq = self._connection.execute(_SLUGS_OF[target], {"key": key}).one()
            if entry_seq < self._committed:
                self._on_disk.met(target, tuple(slugs), key)
            return tuple(slugs)

        return slugs_of


def all_names(connection: Connection, models: ColumnElement[bool]) -> Names:
    """Return the names of everything recorded, of snapshots only those of the models meant: for whoever reads all of it."""
    names = Names(connection)
    for target, row in _GLOBAL.items():
        table = row.__table__
        names.slugs[target].update({key: (slug,) for key, slug in connection.execute(select(table.c.id, table.c.slug))})
    version, snapshot = EvaluationVersionRow.__table__, SnapshotRow.__table__
    for key, evaluation, slug in connection.execute(select(version.c.id, version.c.evaluation_id, version.c.slug)):
        names.slugs["version"][key] = (*names.slugs["evaluation"][evaluation], slug)
    meant = select(ModelRow.__table__.c.id).where(models)
    query = select(snapshot.c.id, snapshot.c.model_id, snapshot.c.slug).where(snapshot.c.model_id.in_(meant))
    for key, model, slug in connection.execute(query):
        names.slugs["snapshot"][key] = (*names.slugs["model"][model], slug)
    return names


_MARKS = ("first", "second")
# The names of tables come from our own classes, and every value is bound.
_SLUGS_OF = {
    **{target: text(f"SELECT slug, entry_seq FROM {row.__tablename__} WHERE id = :key") for target, row in _GLOBAL.items()},  # noqa: S608
    **{
        target: text(
            f"SELECT above.slug, own.slug, own.entry_seq FROM {row.__tablename__} own "  # noqa: S608
            f"JOIN {above.__tablename__} above ON above.id = own.{column} WHERE own.id = :key"
        )
        for target, (row, above, column) in _WITHIN.items()
    },
}
_KEY_OF = {
    **{target: text(f"SELECT id, entry_seq FROM {row.__tablename__} WHERE slug = :first") for target, row in _GLOBAL.items()},  # noqa: S608
    **{
        target: text(
            f"SELECT own.id, own.entry_seq FROM {row.__tablename__} own "  # noqa: S608
            f"JOIN {above.__tablename__} above ON above.id = own.{column} WHERE above.slug = :first AND own.slug = :second"
        )
        for target, (row, above, column) in _WITHIN.items()
    },
}
_BELOW = {
    **{target: text(f"SELECT slug, entry_seq FROM {row.__tablename__}") for target, row in _GLOBAL.items()},  # noqa: S608
    **{
        target: text(
            f"SELECT own.slug, own.entry_seq FROM {row.__tablename__} own "  # noqa: S608
            f"JOIN {above.__tablename__} above ON above.id = own.{column} WHERE above.slug = :first"
        )
        for target, (row, above, column) in _WITHIN.items()
    },
}
