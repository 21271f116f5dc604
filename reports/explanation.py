"""The record that one verdict explained is, and its JSON: what a door promises, and nothing that computes it.

The rule kept here: a program that only describes or prints an explanation needs no statistics; a server that nobody asks yet stays small.

Left out: composing one (``reports.explaining``) and words for the terminal (``reports.explanation_text``).
"""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

from evaluations.values import Record
from thresholds.citation import Basis
from thresholds.decision_records import Verdict
from thresholds.finding_records import Finding
from thresholds.flips.records import BlockingBase, FindingFlips, VerdictFlip
from thresholds.outcomes import Compared, Rule, VerdictOutcome

SCHEMA_VERSION = 1  # of the explanation's JSON; a new number is added, old meanings never change


class Standing(StrEnum):
    """Whether the whole is the same whichever way what is unknown would fall."""

    SAME = "same"
    DEPENDS = "depends"


class Opposed(StrEnum):
    """Whether anything in a threshold's own findings speaks against ruling it out."""

    NOTHING = "nothing"
    SOMETHING = "something"


class Combination(Record):
    """How several indicators come to one: so many of those that count must cross."""

    rule: Rule
    crossings_needed: int
    counted: tuple[str, ...]
    not_counted: tuple[str, ...]  # declared not load-bearing
    unknown: int
    whichever_way: Standing
    words: str
    citation: str
    basis: Basis


class Margin(Record):
    """How far what is compared stands from the bar that decides, and the deciding variant from the next one.

    ``distance`` is positive on the side of risk, whichever way risk runs; ``lead`` is how much riskier the deciding variant is. An end that
    a formula put beyond the scale is taken at the end of the scale, as it is printed; ``at_computed`` then holds it as it was computed.
    """

    bar: str  # rule_out | rule_in
    compared: Compared
    at: float
    distance: float
    next_variant: str | None = None
    lead: float | None = None
    at_computed: float | None = None


class JudgementLine(Record):
    """What people said under a qualitative criterion."""

    slug: str
    by: str
    leaning: str
    words: str
    signed_off_by: str | None
    signed_off_on: str | None
    source: str
    source_at: str | None


class CriterionStep(Record):
    """One criterion, or one part of it ``depth`` levels down. ``flips`` is ``None`` where they would tell what is withheld."""

    criterion: str
    depth: int
    counts: bool
    finding: Finding
    margin: Margin | None
    judgements: tuple[JudgementLine, ...]
    combination: Combination | None
    flips: FindingFlips | None


class RelationLine(Record):
    """A judgement that what was found of another model speaks of this one."""

    kind: str
    other: str
    other_name: str
    domain: str | None
    domain_name: str | None
    words: str
    judged_by: str
    signed_off_by: str | None


class Named(Record):
    """A threshold or model with the name it has in a text."""

    slug: str
    name: str


class Explanation(Record):
    """The whole chain for one threshold. ``rests_on`` names the thresholds and models that its verdict was taken from."""

    schema_version: int
    model: str
    model_name: str
    policy: str
    policy_title: str
    policy_version: str
    criteria: str
    criteria_title: str
    code_version: str
    as_of: int
    as_of_recorded_at: datetime
    verdict: Verdict
    forcing_outcomes: tuple[VerdictOutcome, ...]
    forcing_words: str
    forcing_citation: str
    combination: Combination | None
    rests_on: tuple[Named, ...]
    rules_out: tuple[Named, ...]  # thresholds that the policy rules out with this one
    ruled_out_with: tuple[Named, ...]  # thresholds with which the policy rules out this one
    against: Opposed  # whether this one's own findings keep that from happening
    relations: tuple[RelationLine, ...]
    steps: tuple[CriterionStep, ...]
    would_change: tuple[VerdictFlip, ...]
    blocked_by: tuple[BlockingBase, ...]  # models it was made from, which keep it from being ruled out


def explanation_json(told: Explanation) -> str:
    """Return an explanation as JSON text that ends in a line break."""
    return json.dumps(told.model_dump(mode="json"), ensure_ascii=False, allow_nan=False, indent=2, sort_keys=True) + "\n"
