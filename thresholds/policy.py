"""A policy as data: what its text says of levels, domains, thresholds, required safeguards, triggers and roles.

The rules kept here: every line carries its citation and its basis (policy text, card practice, our assumption), and without
one the file does not load; the number in a threshold's name is not the level it requires, so required safeguards are a list of
their own; what nobody has read in the original stands under ``unread`` and stays empty. A released file never changes.

Left out: bars, which come from cards and stand in criteria sets (``thresholds.criterion``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from evaluations.values import Count, Day, ExactNumber, Record, Slug, Text
from thresholds.outcomes import VerdictOutcome


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


class SafetyLevel(Cited):
    """A named bundle of safeguards, ordered by ``rank`` within its framework."""

    slug: Slug
    name: Text
    rank: Count
    words: Text


class PolicyDomain(Cited):
    """A threat domain as this policy sees it; ``parent`` makes it a tree."""

    slug: Slug
    name: Text
    parent: Slug | None = None
    threat_model: Text


class SafeguardKind(StrEnum):
    """Which half of a standard, or which other obligation."""

    DEPLOYMENT = "deployment"
    SECURITY = "security"
    AFFIRMATIVE_CASE = "affirmative_case"
    NOTICE = "notice"
    TESTING = "testing"


class Firmness(StrEnum):
    """How firmly the text asks for it."""

    REQUIRED = "required"
    AT_LEAST = "at_least"
    EXPECTED = "expected"
    AIM = "aim"


class RequiredSafeguard(Cited):
    """What must be in place once the threshold is reached, or cannot be ruled out. ``level`` names a safety level, if any."""

    slug: Slug
    kind: SafeguardKind
    level: Slug | None = None
    firmness: Firmness
    words: Text


class ThresholdKind(StrEnum):
    """A threshold, a checkpoint on the way to one, or a capability only watched."""

    THRESHOLD = "threshold"
    CHECKPOINT = "checkpoint"
    UNDER_INVESTIGATION = "under_investigation"


class CapabilityThreshold(Cited):
    """A prespecified capability at which present safeguards no longer suffice.

    ``rules_out`` names thresholds that are ruled out whenever this one is (not the converse).
    """

    slug: Slug
    name: Text
    domain: Slug
    kind: ThresholdKind
    definition: Text
    requires: tuple[RequiredSafeguard, ...] = ()
    rules_out: tuple[Slug, ...] = ()


class Aggregate(Cited):
    """How scores of several snapshots become one answer. Practice of the cards, so a cited field and not a constant."""

    rule: Literal["riskiest_snapshot"]
    words: Text


class Forcing(Cited):
    """Which verdicts put the required safeguards in force."""

    outcomes: tuple[VerdictOutcome, ...] = Field(min_length=1)
    words: Text

    @model_validator(mode="after")
    def _crossing_always_forces(self) -> Self:
        if VerdictOutcome.CROSSED not in self.outcomes:
            raise ValueError("found a policy under which a crossed threshold forces nothing, expected crossed among the outcomes")
        return self


class Trigger(Cited):
    """What calls for a new assessment: a multiple of effective compute, months, or somebody's discretion."""

    slug: Slug
    words: Text
    effective_compute_multiple: ExactNumber | None = None
    months: Count | None = None


class Role(Cited):
    """Who does what in the decision."""

    slug: Slug
    name: Text
    duty: Text


class Alias(Cited):
    """What another document calls a threshold of this policy."""

    label: Text
    threshold: Slug


class Standing(StrEnum):
    """Whether anybody is bound by it."""

    ADOPTED = "adopted"
    FICTIONAL = "fictional"


class Policy(Cited):
    """One version of one policy, file format ``rsp-policy/1``."""

    format: Literal["rsp-policy/1"]
    slug: Slug
    framework: Slug
    framework_name: Text
    version: Text
    title: Text
    developer: Text
    standing: Standing
    effective_on: Day
    documents: tuple[PolicyDocument, ...] = Field(min_length=1)
    aggregate: Aggregate
    forcing: Forcing
    levels: tuple[SafetyLevel, ...]
    domains: tuple[PolicyDomain, ...] = Field(min_length=1)
    thresholds: tuple[CapabilityThreshold, ...] = Field(min_length=1)
    triggers: tuple[Trigger, ...] = ()
    roles: tuple[Role, ...] = ()
    aliases: tuple[Alias, ...] = ()
    unread: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique_and_known(self) -> Self:
        domains, levels = [each.slug for each in self.domains], [each.slug for each in self.levels]
        thresholds = [each.slug for each in self.thresholds]
        for kind, slugs in (("domain", domains), ("level", levels), ("threshold", thresholds)):
            _expect_unique(kind, slugs)
        for domain in self.domains:
            _expect_known("domain", domain.parent, domains)
        for threshold in self.thresholds:
            _expect_known("domain", threshold.domain, domains)
            _expect_unique("required safeguard", [each.slug for each in threshold.requires])
            for other in threshold.rules_out:
                _expect_known("threshold", other, thresholds)
            for safeguard in threshold.requires:
                _expect_known("level", safeguard.level, levels)
        for alias in self.aliases:
            _expect_known("threshold", alias.threshold, thresholds)
        return self

    def domain(self, slug: Slug) -> PolicyDomain:
        """Return the domain of that name; the file was refused if a threshold names an unknown one."""
        return next(each for each in self.domains if each.slug == slug)


def _expect_unique(kind: str, slugs: list[str]) -> None:
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise ValueError(f"found {kind} {slug} twice, expected each {kind} once")


def _expect_known(kind: str, slug: str | None, known: list[str]) -> None:
    if slug is not None and slug not in known:
        raise ValueError(f"found {kind} {slug}, expected one of {', '.join(known)}")
