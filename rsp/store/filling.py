"""How the values of records become rows of their table, in the order the table lists its columns.

The rule kept here: what a row holds is what the columns' own ways to text give, and nothing but text, whole numbers and nothing; a column
that neither the record nor its place fills holds nothing. Records of one shape become rows together, a column at a time: of thousands of
scores most columns hold nothing, which is seen at once.

Left out: which key a reference means, and laying texts aside (``rsp.store.merging``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from operator import itemgetter
from typing import Any

from rsp.store.shapes import Shape
from rsp.store.types import Raw
from rsp.store.writing import RAW, form_of


class Fresh:
    """New records of one shape that will be rows, by column: their values, what their links name, their own keys, and their parents'."""

    def __init__(self) -> None:
        self.told: list[Mapping[str, Any]] = []
        self.links: list[Sequence[str | None]] = []  # of each record the keys, in the order of the shape's links
        self.keys: list[str] = []
        self.parents: list[str | None] = []

    def add(self, told: Mapping[str, Any], links: Sequence[str | None], key: str, parent: str | None) -> None:
        """Add one record."""
        self.add_children([told], [links], [key], parent)

    def add_children(
        self, told: Sequence[Mapping[str, Any]], links: Sequence[Sequence[str | None]], keys: Sequence[str], parent: str | None
    ) -> None:
        """Add records of one parent."""
        self.told += told
        self.links += links
        self.keys += keys
        self.parents += [parent] * len(keys)


Fill = Callable[[Fresh], Sequence[Sequence[Raw]]]
"""Makes the rows of records, as columns in the order of the table's. Raises ``TypeError`` for a value that no row may hold."""


@cache
def filling(shape: Shape) -> Fill:
    """Return what makes rows of a shape's records."""
    form, fields = form_of(shape.row), shape.plain_fields
    place = {name: at for at, name in enumerate((*fields, *(link.column for link in shape.links), "id", shape.parent))}
    told_of, nothing = itemgetter(*fields), len(place)
    arranged = itemgetter(*(place.get(name, nothing) for name in form.names))
    texts = {place[form.names[at]]: kind for at, kind in form.texts if form.names[at] in fields}

    def fill(fresh: Fresh) -> Sequence[Sequence[Raw]]:
        number = len(fresh.keys)
        told: list[Sequence[Any]] = list(zip(*map(told_of, fresh.told), strict=True))
        columns = [*told, *zip(*fresh.links, strict=True), fresh.keys, fresh.parents, (None,) * number]
        for at, column in enumerate(columns):
            if column.count(None) < number:
                columns[at] = texts[at].to_texts(column) if at in texts else column
                if not RAW.issuperset(map(type, columns[at])):
                    named = next(name for name in place if place[name] == at)
                    raise TypeError(
                        f"found other than text and whole numbers in {named} of {shape.row.__tablename__}, expected nothing else"
                    )
        made: Sequence[Sequence[Raw]] = arranged(columns)
        return made

    return fill
