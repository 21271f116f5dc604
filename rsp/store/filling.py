"""How the values of a record become one row of its table, in the order the table lists its columns.

The rule kept here: what a row holds is what the columns' own ways to text give, and nothing but text, whole numbers and nothing; a column
that neither the record nor its place fills holds nothing. Where each value goes is worked out once a shape: a batch has thousands.

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

Fill = Callable[[Mapping[str, Any], Sequence[str | None], str, str | None], tuple[Raw, ...]]
"""Makes the row of a record's values, the keys of what its links name in their order, its own key, and its parent's."""


@cache
def filling(shape: Shape) -> Fill:
    """Return what makes rows of a shape's records."""
    form, fields = form_of(shape.row), shape.plain_fields
    place = {name: at for at, name in enumerate((*fields, *(link.column for link in shape.links), "id", shape.parent))}
    told_of, nothing = itemgetter(*fields), len(place)
    arranged = itemgetter(*(place.get(name, nothing) for name in form.names))
    texts = [(place[form.names[at]], to_text) for at, to_text in form.texts if form.names[at] in fields]

    def fill(told: Mapping[str, Any], links: Sequence[str | None], key: str, parent: str | None) -> tuple[Raw, ...]:
        held = [*told_of(told), *links, key, parent, None]
        for at, to_text in texts:
            if held[at] is not None:
                held[at] = to_text(held[at])
        if not RAW.issuperset(map(type, held)):
            strange = [name for name, at in place.items() if type(held[at]) not in RAW]
            raise TypeError(f"found other than text and whole numbers in {strange} of {shape.row.__tablename__}, expected nothing else")
        row: tuple[Raw, ...] = arranged(held)
        return row

    return fill
