"""What must hold between a policy or criteria set and what is recorded, beyond what the file can say of itself.

The rules kept here: a version of a framework is recorded once, and of two versions never both govern a day; a version without an end
ends when the next takes effect; a file that corrects another names one of its own kind and family that nobody corrected yet, and is
held against everything but the files it takes the place of; bars stand on the scale of the evaluation as it is recorded, and what a
set takes an evaluation to be is what is recorded of it, whichever of them is recorded first; a set that declares no evaluations names
none that is not recorded. Every breach is collected, none stops the others.

Left out: evaluations that a set declares itself and nothing recorded does, since such bars may come first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Literal

from sqlalchemy import true

from evaluations.documents import Problem
from evaluations.records import WITHHELD_FROM, Evaluation, EvaluationVersion
from rsp.errors import expected_name, near_names
from rsp.store.gathering import WITHHELD, Gathering, Stored
from rsp.store.names import all_names
from rsp.store.reading import PolicyText, in_force
from rsp.store.session import Session
from rsp.store.shapes import EVALUATION
from thresholds.criteria_set import CriteriaSet, ExpectedEvaluation, bar_scale
from thresholds.criterion import Scale, ScoreCriterion, SimpleCriterion, UpliftCriterion, bar_positions
from thresholds.declared import differing
from thresholds.policy import Policy

Versions = Mapping[tuple[str, str], Stored]
"""Evaluation versions as recorded, by the slugs of evaluation and version."""

Origin = Literal["bundled", "own"]
"""Whether a set comes with rsp or from its user."""

COMPARED = ("unit", "riskier_when", "scale_low", "scale_high")  # what a criteria set may say of an evaluation version


def recorded_versions(session: Session, as_of: int) -> Versions:
    """Return every evaluation version as it stands at a position, corrections laid over."""
    gathering = Gathering(session, as_of, all_names(session, ~true()))
    found = gathering.fetch(EVALUATION, true())
    gathering.overlay()
    return {(slug, version): held for (slug,), each in found.items() for version, held in each.children["versions"].items()}


def policy_problems(policy: Policy, recorded: Sequence[PolicyText]) -> Iterator[Problem]:
    """Yield everything that keeps a policy from standing beside the policies recorded."""
    yield from _corrects("policy", "framework", policy.framework, policy.corrects, recorded)
    replaced = _replaced(policy.corrects, recorded)
    others = [each for each in in_force(recorded) if each.told["framework"] == policy.framework and each.slug not in replaced]
    same = [each for each in others if each.told["version"] == policy.version]
    for each in same:
        expected = f"one that no other file carries, or corrects: {each.slug}; {each.slug} is that version ({_entry(each)})"
        yield Problem(("version",), f"version {policy.version} of {policy.framework}", expected)
    yield from _overlaps(policy, [each for each in others if each not in same])


def criteria_problems(
    criteria: CriteriaSet, recorded: Sequence[PolicyText], versions: Versions, origin: Origin = "own"
) -> Iterator[Problem]:
    """Yield everything that keeps a criteria set from standing beside the sets and evaluations recorded.

    A set that comes with rsp may name evaluations that nothing declares: two of them were released before sets could declare any, and
    are loaded before all evidence. Judged without that evidence they are refused (``thresholds.findings``).
    """
    yield from _corrects("criteria set", "policy", criteria.policy, criteria.corrects, recorded)
    for place, expected in enumerate(criteria.evaluations):
        if (expected.slug, expected.version) in versions:
            yield from _contradictions(expected, versions[expected.slug, expected.version], place)
    if not criteria.evaluations:  # else the file itself was refused for bars off the scales it declares
        yield from _off_bars(criteria, versions)
        if origin == "own":
            yield from _undeclared(criteria, versions)


def _undeclared(criteria: CriteriaSet, versions: Versions) -> Iterator[Problem]:
    """Yield each evaluation version that neither the set nor anything recorded declares: a misspelt name, or evidence still to come."""
    told: list[tuple[tuple[str | int, ...], str, str]] = [
        (("criteria", place, each.shape), each.evaluation, each.version)
        for place, each in enumerate(criteria.criteria)
        if isinstance(each, SimpleCriterion)
    ]
    told += [(("safeguard_evidence", place), each.evaluation, each.version) for place, each in enumerate(criteria.safeguard_evidence)]
    for path, evaluation, version in told:
        if (evaluation, version) in versions:
            continue
        held = sorted(slug for name, slug in versions if name == evaluation)
        near = tuple(held) if held else near_names(evaluation, {name for name, _ in versions})
        hint = f" (recorded: {'version' if held else 'evaluation'} {' or '.join(near)})" if near else ""
        expected = f"one that is recorded{hint}; load the evidence that declares it first, or declare it under evaluations"
        field = "version" if held else "evaluation"
        yield Problem((*path, field), f"evaluation {evaluation} version {version}, which nothing declares", expected)


def evidence_problems(
    evaluations: Sequence[Evaluation], recorded: Sequence[PolicyText], before: Versions, *, correcting: bool
) -> Iterator[Problem]:
    """Yield each field in which evidence contradicts what a recorded criteria set in force says of an evaluation, or rests its bars on.

    Only of versions that the evidence brings or, where it is ``correcting``, tells otherwise than ``before``: what already stood beside
    the sets keeps nothing else from being recorded.
    """
    new = [
        (("evaluations", place, "versions", index), evaluation.slug, version)
        for place, evaluation in enumerate(evaluations)
        for index, version in enumerate(evaluation.versions)
        if _is_new(version, before.get((evaluation.slug, version.slug)), correcting=correcting)
    ]
    for text in in_force(recorded) if new else ():  # most files bring none, and need no set read
        criteria = CriteriaSet.model_validate_json(text.body)
        for path, slug, version in new:
            yield from _against(criteria, text, path, slug, version)


def _is_new(version: EvaluationVersion, stored: Stored | None, *, correcting: bool) -> bool:
    if stored is None:
        return True
    held: EvaluationVersion = stored.record()
    return correcting and any(getattr(version, name) != getattr(held, name) for name in COMPARED)


def _against(
    criteria: CriteriaSet, text: PolicyText, path: tuple[str | int, ...], slug: str, version: EvaluationVersion
) -> Iterator[Problem]:
    where = f"evaluation {slug} version {version.slug}"
    remedy = f"give the version another slug, or correct {criteria.slug} by a new file first"
    declared = criteria.expected(slug, version.slug)
    for name in differing(declared, version) if declared is not None else ():
        hidden = name == "unit" and version.visibility in WITHHELD_FROM
        found = WITHHELD if hidden else _said(getattr(version, name))
        expected = f"{_said(getattr(declared, name))} as criteria set {criteria.slug} declares it ({_entry(text)}); {remedy}"
        yield Problem((*path, name), found, expected, f"{where}, {name}")
    if criteria.evaluations:  # its bars stand on the scales it declares
        return
    for criterion in criteria.criteria:
        if isinstance(criterion, ScoreCriterion | UpliftCriterion) and (criterion.evaluation, criterion.version) == (slug, version.slug):
            for off in _off(criterion, version, ()):
                held = f"{off.found}, criterion {criterion.slug} of criteria set {criteria.slug} ({_entry(text)})"
                field = "riskier_when" if off.found.startswith("rule_out") else "scale_low" if version.scale_high is None else "scale_high"
                yield Problem((*path, field), held, f"{off.expected}; {remedy}", where)


def _corrects(word: str, family: str, own: str, slug: str | None, recorded: Sequence[PolicyText]) -> Iterator[Problem]:
    if slug is None:
        return
    held = {each.slug: each for each in recorded}
    if slug not in held:
        yield Problem(("corrects",), slug, expected_name(word, slug, held))
        return
    found = held[slug].told[family]
    if found != own:
        yield Problem(("corrects",), f"{slug} of the {family} {found}", f"a {word} of the {family} {own}")
    for each in recorded:
        if each.corrects == slug:
            yield Problem(("corrects",), f"{slug}, which {each.slug} corrects already ({_entry(each)})", f"{each.slug}")


def _replaced(slug: str | None, recorded: Sequence[PolicyText]) -> set[str]:
    """Return the files that a correction of ``slug`` takes the place of: that one, what it corrected, and so on."""
    held = {each.slug: each for each in recorded}
    replaced: set[str] = set()
    while slug in held and slug not in replaced:
        replaced.add(slug)
        slug = held[slug].corrects
    return replaced


def _overlaps(policy: Policy, others: Sequence[PolicyText]) -> Iterator[Problem]:
    """Yield the versions of the framework that would govern a day together with this one."""
    start = policy.effective_on
    for each in others:
        begins, ends = date.fromisoformat(each.told["effective_on"]), each.told.get("effective_until")
        if begins == start:
            yield Problem(("effective_on",), f"{start}", f"another day: {each.slug} takes effect then ({_entry(each)})")
        elif begins < start and ends is not None and start < date.fromisoformat(ends):
            yield Problem(("effective_on",), f"{start}", f"{ends} or later: until then {each.slug} governs ({_entry(each)})")
        elif start < begins and policy.effective_until is not None and begins < policy.effective_until:
            expected = f"{begins} or earlier: then {each.slug} takes effect ({_entry(each)})"
            yield Problem(("effective_until",), f"{policy.effective_until}", expected)


def _entry(each: PolicyText) -> str:
    return each.file_name if each.entry_seq < 0 else f"{each.file_name}, entry {each.entry_seq}"


def _contradictions(expected: ExpectedEvaluation, stored: Stored, place: int) -> Iterator[Problem]:
    """Yield each field in which the set takes an evaluation version to be other than it is recorded."""
    version: EvaluationVersion = stored.record()
    for name in differing(expected, version):
        held = WITHHELD if name in stored.sealed else _said(getattr(version, name))
        told_by = stored.corrected.get(name, stored.entry_seq)
        where = f"evaluation {expected.slug} version {expected.version}"
        problem = f"{held} as recorded by entry {told_by}"
        yield Problem(("evaluations", place, name), _said(getattr(expected, name)), problem, f"{where}, {name}")


def _said(value: object) -> str:
    return "nothing" if value is None else str(value)


def _off_bars(criteria: CriteriaSet, versions: Versions) -> Iterator[Problem]:
    for place, criterion in enumerate(criteria.criteria):
        if not isinstance(criterion, ScoreCriterion | UpliftCriterion):
            continue
        stored = versions.get((criterion.evaluation, criterion.version))
        if stored is not None:
            version: EvaluationVersion = stored.record()
            yield from _off(criterion, version, ("criteria", place, criterion.shape))


def _off(criterion: ScoreCriterion | UpliftCriterion, version: EvaluationVersion, here: tuple[str | int, ...]) -> Iterator[Problem]:
    scale, riskier_when = bar_scale(criterion, _scale(version), version.riskier_when)
    bars = [(here, criterion.rule_out, criterion.rule_in)]
    bars += [((*here, "earlier", place), each.rule_out, each.rule_in) for place, each in enumerate(criterion.earlier)]
    for path, rule_out, rule_in in bars:
        try:
            bar_positions(rule_out, rule_in, scale, riskier_when)
        except ValueError as refused:
            found, _, expected = str(refused).removeprefix("found ").partition(", expected ")
            where = f"criterion {criterion.slug}, evaluation {criterion.evaluation} version {version.slug} as recorded"
            yield Problem((*path, "rule_out"), found, expected, where)


def _scale(version: EvaluationVersion) -> Scale:
    low, high = version.scale_low, version.scale_high
    return None if low is None else Fraction(low), None if high is None else Fraction(high)
