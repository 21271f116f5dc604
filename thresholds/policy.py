"""A policy as data: what its text says of levels, domains, thresholds and what forces their safeguards.

The rules kept here: every line carries its citation and its basis (policy text, card practice, our assumption), and without
one the file does not load; what nobody has read in the original stands under ``unread`` and stays empty; no threshold rules out itself,
however long the way round. A released file never changes: a fix is a new file that names the one it ``corrects``.

Left out: bars, which come from cards and stand in criteria sets (``thresholds.criteria_set``). Left out: whether the versions of a
framework follow each other without overlap, which no single file can say (``thresholds.load``).
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, model_validator

from evaluations.values import Day, ExactNumber, MisfitError, Slug, Text, added
from thresholds.citation import Cited, PolicyDocument
from thresholds.governance import Provision, Publication, ReportKind, Role, Trigger
from thresholds.outcomes import VerdictOutcome
from thresholds.safeguards import RequiredSafeguard, SafetyLevel


class PolicyDomain(Cited):
    """A threat domain as this policy sees it; ``parent`` makes it a tree."""

    slug: Slug
    name: Text
    parent: Slug | None = None
    threat_model: Text


class ThresholdKind(StrEnum):
    """A threshold, something on the way to one, or a capability only watched."""

    THRESHOLD = "threshold"
    CHECKPOINT = "checkpoint"
    ALERT = "alert"  # set lower than a threshold, so that it is reached first
    TRACKED = "tracked"  # asks for tracking and for no safeguards
    UNDER_INVESTIGATION = "under_investigation"


class TurnsOn(StrEnum):
    """What has to be judged."""

    CAPABILITY = "capability"
    CAPABILITY_AND_USE = "capability_and_use"  # also how much the model is relied on, and with which access (RSP 3)


class Buffer(Cited):
    """Distance that tests keep from the capability feared. ``effective_compute_multiple`` is ``None`` where the text names no size."""

    effective_compute_multiple: ExactNumber | None = None
    words: Text


class LinkRelation(StrEnum):
    """How a threshold stands to one of another policy."""

    ALIAS = "alias"  # the same text under another name or version
    SUCCESSOR = "successor"  # this one took the place of the other, and its text differs
    RESEMBLES = "resembles"  # alike in subject; neither stands for the other


class ThresholdLink(Cited):
    """A tie to a threshold of another policy version. It is shown when versions are compared, and never decides anything."""

    relation: LinkRelation
    policy: Slug
    threshold: Slug
    words: Text


class CapabilityThreshold(Cited):
    """A prespecified capability at which present safeguards no longer suffice.

    ``rules_out`` names thresholds that are ruled out whenever this one is (not the converse). ``tier`` is its level within the domain
    where the framework has levels; ``reference_world`` is against which tools uplift is judged.
    """

    slug: Slug
    name: Text
    domain: Slug
    kind: ThresholdKind
    definition: Text
    requires: tuple[RequiredSafeguard, ...] = ()
    rules_out: tuple[Slug, ...] = ()
    tier: Text | None = added(None)
    turns_on: TurnsOn = added(TurnsOn.CAPABILITY)
    reference_world: Text | None = added(None)
    buffer: Buffer | None = added(None)
    links: tuple[ThresholdLink, ...] = added(())


class Aggregate(Cited):
    """How scores of several snapshots become one answer. Practice of the cards, so a cited field and not a constant."""

    rule: Literal["riskiest_snapshot"]
    words: Text


class Overall(Cited):
    """How the verdicts on all thresholds become one. The riskiest domain decides; a file says so only where its text does."""

    rule: Literal["worst_domain"]
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


class Alias(Cited):
    """What another document calls a threshold of this policy."""

    label: Text
    threshold: Slug


class Standing(StrEnum):
    """Whether anybody is bound by it."""

    ADOPTED = "adopted"
    FICTIONAL = "fictional"


Misfit = tuple[tuple[str | int, ...], str, str]
"""Where in a record something does not fit, what was found there, and what was expected."""

NAMED = {  # lists of a policy whose members have names, and what messages call a member
    "levels": "level",
    "domains": "domain",
    "thresholds": "threshold",
    "triggers": "trigger",
    "roles": "role",
    "publication": "publication",
    "reports": "report",
    "provisions": "provision",
}


class Policy(Cited):
    """One version of one policy, file format ``rsp-policy/1``. ``effective_until`` is the first day on which it no longer governs,
    ``None`` if the text says none: then it ends when the framework's next version takes effect."""

    format: Literal["rsp-policy/1"]
    slug: Slug
    framework: Slug
    framework_name: Text
    version: Text
    title: Text
    developer: Text
    standing: Standing
    effective_on: Day
    effective_until: Day | None = added(None)
    corrects: Slug | None = added(None)
    documents: tuple[PolicyDocument, ...] = Field(min_length=1)
    aggregate: Aggregate
    overall: Overall | None = added(None)
    forcing: Forcing
    levels: tuple[SafetyLevel, ...]
    domains: tuple[PolicyDomain, ...] = Field(min_length=1)
    thresholds: tuple[CapabilityThreshold, ...] = Field(min_length=1)
    triggers: tuple[Trigger, ...] = ()
    roles: tuple[Role, ...] = ()
    publication: tuple[Publication, ...] = added(())
    reports: tuple[ReportKind, ...] = added(())
    provisions: tuple[Provision, ...] = added(())
    aliases: tuple[Alias, ...] = ()
    unread: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _parts_fit(self) -> Self:
        misfits = [*self._twice(), *self._unknown(), *self._circles()]
        if self.effective_until is not None and self.effective_until <= self.effective_on:
            found = f"effective_until {self.effective_until} with effective_on {self.effective_on}"
            misfits.append((("effective_until",), found, "a later day"))
        if misfits:
            raise MisfitError(misfits)
        return self

    def _twice(self) -> Iterator[Misfit]:
        for name, kind in NAMED.items():
            yield from twice((name,), kind, [each.slug for each in getattr(self, name)])
        for place, threshold in enumerate(self.thresholds):
            yield from twice(("thresholds", place, "requires"), "required safeguard", [each.slug for each in threshold.requires])

    def _unknown(self) -> Iterator[Misfit]:
        domains, levels = [each.slug for each in self.domains], [each.slug for each in self.levels]
        thresholds = [each.slug for each in self.thresholds]
        for place, domain in enumerate(self.domains):
            yield from unknown(("domains", place, "parent"), "domain", domain.parent, domains)
        for place, threshold in enumerate(self.thresholds):
            here = ("thresholds", place)
            yield from unknown((*here, "domain"), "domain", threshold.domain, domains)
            for index, other in enumerate(threshold.rules_out):
                yield from unknown((*here, "rules_out", index), "threshold", other, thresholds)
            for index, safeguard in enumerate(threshold.requires):
                yield from unknown((*here, "requires", index, "level"), "level", safeguard.level, levels)
        for place, alias in enumerate(self.aliases):
            yield from unknown(("aliases", place, "threshold"), "threshold", alias.threshold, thresholds)

    def _circles(self) -> Iterator[Misfit]:
        implied = {each.slug: each.rules_out for each in self.thresholds}
        for place, threshold in enumerate(self.thresholds):
            if threshold.slug in reached(threshold.slug, implied):
                found = f"threshold {threshold.slug}, which by way of rules_out rules out itself"
                yield ("thresholds", place, "rules_out"), found, "implications that end"
        parents: dict[str, tuple[str, ...]] = {each.slug: (each.parent,) if each.parent else () for each in self.domains}
        for place, domain in enumerate(self.domains):
            if domain.slug in reached(domain.slug, parents):
                yield ("domains", place, "parent"), f"domain {domain.slug} above itself", "parents that do not lead back to it"

    def domain(self, slug: Slug) -> PolicyDomain:
        """Return the domain of that name; the file was refused if a threshold names an unknown one."""
        return next(each for each in self.domains if each.slug == slug)

    def threshold(self, slug: Slug) -> CapabilityThreshold:
        """Return the threshold of that name. Raises ``KeyError``."""
        for each in self.thresholds:
            if each.slug == slug:
                return each
        raise KeyError(slug)


def twice(path: tuple[str | int, ...], kind: str, slugs: list[str]) -> Iterator[Misfit]:
    """Yield a misfit for every slug that stands in a list again."""
    for place, slug in enumerate(slugs):
        if slug in slugs[:place]:
            yield (*path, place, "slug"), f"{kind} {slug} twice", f"each {kind} once"


def unknown(path: tuple[str | int, ...], kind: str, slug: str | None, known: list[str]) -> Iterator[Misfit]:
    """Yield a misfit for a slug that names nothing."""
    if slug is not None and slug not in known:
        yield path, f"{kind} {slug}", f"one of {', '.join(known)}"


def reached(start: str, ways: dict[str, tuple[str, ...]]) -> set[str]:
    """Return everything that ``start`` leads to, itself only if a way leads back."""
    met: set[str] = set()
    waiting = list(ways.get(start, ()))
    while waiting:
        step = waiting.pop()
        if step not in met:
            met.add(step)
            waiting.extend(ways.get(step, ()))
    return met
