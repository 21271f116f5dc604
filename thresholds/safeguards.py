"""Safeguards as a policy asks for them: kind, level, how firmly, and by when.

The rules kept here: the number in a threshold's name is not the level it requires, so what is required is a list of its own; a level
is named only where the text names one.

Left out: whether a safeguard is in place, which is a fact of a deployment and no part of a policy.
"""

from __future__ import annotations

from enum import StrEnum

from evaluations.values import Count, Slug, Text, added
from thresholds.citation import Cited


class SafetyLevel(Cited):
    """A named bundle of safeguards, ordered by ``rank`` within its framework."""

    slug: Slug
    name: Text
    rank: Count
    words: Text


class SafeguardKind(StrEnum):
    """Which half of a standard, or which other obligation."""

    DEPLOYMENT = "deployment"
    SECURITY = "security"
    AFFIRMATIVE_CASE = "affirmative_case"
    SAFETY_CASE = "safety_case"
    ARGUMENT = "argument"  # what must be argued, without saying by which safeguards (RSP 3)
    REPORT = "report"
    NOTICE = "notice"
    TESTING = "testing"
    TRACKING = "tracking"


class Firmness(StrEnum):
    """How firmly the text asks for it, the firmest first."""

    REQUIRED = "required"
    AT_LEAST = "at_least"
    PLANNED = "planned"  # what the developer says it will do whatever others do
    EXPECTED = "expected"
    AIM = "aim"
    RECOMMENDED = "recommended"  # what the developer holds the whole industry should do


class Due(StrEnum):
    """By when a safeguard has to be in place, the earliest first."""

    DURING_DEVELOPMENT = "during_development"
    BEFORE_INTERNAL_USE = "before_internal_use"
    BEFORE_EXTERNAL_DEPLOYMENT = "before_external_deployment"


class RequiredSafeguard(Cited):
    """What must be in place once the threshold is reached, or cannot be ruled out. ``level`` names a safety level, if any; ``due``
    is ``None`` where the text does not say by when."""

    slug: Slug
    kind: SafeguardKind
    level: Slug | None = None
    firmness: Firmness
    due: Due | None = added(None)
    words: Text
