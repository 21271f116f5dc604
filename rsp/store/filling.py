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
from typing import Any, NamedTuple

from rsp.store.shapes import Shape
from rsp.store.types import Raw
from rsp.store.writing import RAW, form_of


class Fresh(NamedTuple):
    """A record that will be a row: its values, the keys of what its links name in their order, its own key, and its parent's."""

    told: Mapping[str, Any]
    links: Sequence[str | None]
    key: str
    parent: str | None


Fill = Callable[[Sequence[Fresh]], list[tuple[Raw, ...]]]
"""Makes the rows of one or more records. Raises ``TypeError`` for a value that no row may hold."""


@cache
def filling(shape: Shape) -> Fill:
    """Return what makes rows of a shape's records."""
    form, fields = form_of(shape.row), shape.plain_fields
    place = {name: at for at, name in enumerate((*fields, *(link.column for link in shape.links), "id", shape.parent))}
    told_of, nothing = itemgetter(*fields), len(place)
    arranged = itemgetter(*(place.get(name, nothing) for name in form.names))
    texts = [(place[form.names[at]], to_text) for at, to_text in form.texts if form.names[at] in fields]

    def fill(fresh: Sequence[Fresh]) -> list[tuple[Raw, ...]]:
        told, links, keys, parents = zip(*fresh, strict=True)
        columns = [*zip(*map(told_of, told), strict=True), *zip(*links, strict=True), keys, parents, (None,) * len(keys)]
        for at, to_text in texts:
            if columns[at].count(None) < len(keys):
                columns[at] = tuple([None if value is None else to_text(value) for value in columns[at]])
        if not all(RAW.issuperset(map(type, column)) for column in columns):
            strange = [name for name, at in place.items() if not RAW.issuperset(map(type, columns[at]))]
            raise TypeError(f"found other than text and whole numbers in {strange} of {shape.row.__tablename__}, expected nothing else")
        return list(zip(*arranged(columns), strict=True))

    return fill
