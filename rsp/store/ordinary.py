"""Which new records of a list need no look at each alone: those of thousands of scores that are sent together.

The rule kept here: a list is ordinary where nothing is below its records, none of their texts is laid aside or looks as if it were, and
everything they refer to is known by its own name. Whatever is not gets the look that finds the words for what is wrong with it.

Left out: that look, and what is on record already (``rsp.store.merging``).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from evaluations.values import Record
from rsp.store.shapes import LAID_ASIDE, Shape, text_fields
from rsp.store.writing import SEAL

Links = Sequence[tuple[str, ...]]
"""Of each record, the keys of what it refers to, in the order of the shape's links."""


def ordinary_links(shape: Shape, records: Sequence[Record], key: Callable[[str, tuple[str, ...]], str | None]) -> Links | None:
    """Return what the records of an ordinary list refer to, ``None`` if the list is not; ``key`` gives the key of what carries a name."""
    if shape.children or shape.whole is not None or any(len(link.fields) > 1 or link.target == "snapshot" for link in shape.links):
        return None
    told = [each.__dict__ for each in records]
    seen = [each.get("visibility") for each in told]
    if any(seen.count(strict) for strict in LAID_ASIDE):
        return None
    for name in text_fields(shape.record):
        if any(text is not None and text.startswith(SEAL) for text in {each[name] for each in told}):
            return None
    columns = [_keys(link.target, [each[link.fields[0]] for each in told], key) for link in shape.links]
    if any(None in column for column in columns):
        return None
    return list(zip(*columns, strict=True)) if columns else [()] * len(told)


def _keys(target: str, names: Sequence[str | None], key: Callable[[str, tuple[str, ...]], str | None]) -> Sequence[Any]:
    found = {name: None if name is None else key(target, (name,)) for name in set(names)}
    return [found[name] for name in names]
