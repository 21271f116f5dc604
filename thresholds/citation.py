"""What every line of a policy or criteria file carries: its citation, and what kind of source that is.

The rule kept here: a line without a citation does not load.
"""

from __future__ import annotations

from enum import StrEnum

from evaluations.values import Record, Slug, Text


class Basis(StrEnum):
    """What a line of a policy or criteria file rests on."""

    POLICY_TEXT = "policy_text"
    CARD_PRACTICE = "card_practice"
    OUR_ASSUMPTION = "our_assumption"


class Cited(Record):
    """A line with its source: ``citation`` says document, section and page; ``basis`` what kind of source that is."""

    citation: Text
    basis: Basis


class PolicyDocument(Record):
    """A text the file cites."""

    slug: Slug
    title: Text
    address: Text | None = None
    read: Text  # how much of it was read, and in which form
