"""Names of items as records carry them, made of the names that other programs give their samples.

The rules kept here: the same spelling always gives the same name, so that items of two runs can be matched; two spellings give two
names, ``Q1`` and ``q1`` too, since some sets hold both; a spelling that is a name of a record already stays as it is. So a name that
was made here is left alone when it comes back.

Left out: the spelling itself where it is no name. It may be a question or a path, and a reading keeps nothing of a prompt but what the
first few letters of an identifier tell. A file that spells a made name on purpose could merge two of its own items, and no others.
"""

from __future__ import annotations

import hashlib
import re

from evaluations.values import Slug

NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,99}")  # as evaluations.values.Slug
KEPT = 40  # characters of the spelling; our choice: identifiers stay readable, sentences do not
DIGEST = 16  # hexadecimal digits, 64 bits: a million items of one set collide with a chance of 3 in 10^8 (birthday bound)


def item_slug(spelled: str) -> Slug:
    """Return the name of an item: the spelling where it is a name, else its readable beginning and a digest of all of it."""
    if NAME.fullmatch(spelled):
        return spelled
    readable = re.sub(r"[^a-z0-9._]+", "-", spelled[:KEPT].lower()).strip("._-") or "item"
    return f"{readable}-{hashlib.sha256(spelled.encode('utf-8', 'surrogatepass')).hexdigest()[:DIGEST]}"


def scaffold_slug(spelled: str) -> Slug:
    """Return the name of a scaffold, an agent or a task family: made as those of items are."""
    return item_slug(spelled)
