"""The slugs behind the keys, and the keys behind the slugs, of everything that a record can refer to.

The rules kept here: a name is looked up when it is asked for and then remembered, so that taking in one score costs the same in a
database of a thousand logs as in an empty one; whoever reads everything fetches all names at once (``all_names``). Names are never
corrected, so no position is asked for.

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


class Names:
    """Looks names up in one transaction. ``slugs[target][key]`` gives the slugs of a row that is there."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.slugs = {target: _SlugsByKey(self._slugs_of(target)) for target in TARGETS}
        self._keys: dict[str, dict[Slugs, str | None]] = {target: {} for target in TARGETS}
        self._given: dict[str, dict[Slugs, str]] = {target: {} for target in TARGETS}

    def key(self, target: str, slugs: Slugs) -> str | None:
        """Return the key of what carries that name, recorded or given here; ``None`` if nothing does."""
        keys = self._keys[target]
        if slugs not in keys:
            found = self._connection.execute(_KEY_OF[target], dict(zip(_MARKS, slugs, strict=False))).scalar()
            keys[slugs] = found or self._given[target].get(slugs)
        return keys[slugs]

    def given(self, target: str, slugs: Slugs) -> str:
        """Return the key of that name, a new one if nothing carries it yet."""
        if (known := self.key(target, slugs)) is not None:
            return known
        self._given[target][slugs] = self._keys[target][slugs] = made = new_id()
        return made

    def within(self, target: str, scope: Slugs) -> list[str]:
        """Return the slugs of everything of that kind below ``scope``, for telling which names are near."""
        recorded = self._connection.execute(_BELOW[target], dict(zip(_MARKS, scope, strict=False))).scalars()
        return sorted({*recorded, *(slugs[-1] for slugs in self._given[target] if slugs[:-1] == scope)})

    def _slugs_of(self, target: str) -> Callable[[str], Slugs]:
        return lambda key: tuple(self._connection.execute(_SLUGS_OF[target], {"key": key}).one())


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
    **{target: text(f"SELECT slug FROM {row.__tablename__} WHERE id = :key") for target, row in _GLOBAL.items()},  # noqa: S608
    **{
        target: text(
            f"SELECT above.slug, own.slug FROM {row.__tablename__} own "  # noqa: S608
            f"JOIN {above.__tablename__} above ON above.id = own.{column} WHERE own.id = :key"
        )
        for target, (row, above, column) in _WITHIN.items()
    },
}
_KEY_OF = {
    **{target: text(f"SELECT id FROM {row.__tablename__} WHERE slug = :first") for target, row in _GLOBAL.items()},  # noqa: S608
    **{
        target: text(
            f"SELECT own.id FROM {row.__tablename__} own "  # noqa: S608
            f"JOIN {above.__tablename__} above ON above.id = own.{column} WHERE above.slug = :first AND own.slug = :second"
        )
        for target, (row, above, column) in _WITHIN.items()
    },
}
_BELOW = {
    **{target: text(f"SELECT slug FROM {row.__tablename__}") for target, row in _GLOBAL.items()},  # noqa: S608
    **{
        target: text(
            f"SELECT own.slug FROM {row.__tablename__} own "  # noqa: S608
            f"JOIN {above.__tablename__} above ON above.id = own.{column} WHERE above.slug = :first"
        )
        for target, (row, above, column) in _WITHIN.items()
    },
}
