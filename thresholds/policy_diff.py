"""Two policies in, everything in which they differ out.

The rules kept here:
1. A threshold is matched by its slug within one framework, and otherwise only by links that lead to the other policy, directly or by way
   of policies between: *alias* (the same text) or *successor* (took its place). Two frameworks share no threshold by name alone. One that
   was split is compared with each of its successors. *Resembles* matches nothing and is told beside what one side lacks.
2. Every other line is matched by its slug.
3. What one side lacks is an addition or a removal only if that side was read whole (``unread`` empty); otherwise it is found on the other.
   Between two files of one version it is always one: of the file.
4. Roles that both sides have in another order are a change, whatever their words.
5. Citations, links and what was read are compared between two files of one version only, such as a file and its correction.

Left out: the slug of a file. Left out: what a difference means; nobody's obligation is computed here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from thresholds.change_records import Change, ChangedValue, ChangeKind, Subject
from thresholds.line_changes import Compared, Place, Reading, field_change, line_changes, matched, order_change, value_change, value_of
from thresholds.policy import Alias, CapabilityThreshold, LinkRelation, Policy, ThresholdLink

MONTHS, DAYS, TIMES = "months", "days", "x"


def _asked(safeguard: Any) -> ChangedValue:
    return tuple(str(each) for each in (safeguard.kind.value, safeguard.level, safeguard.firmness.value) if each is not None)


POLICY = Compared(
    Subject.POLICY,
    (
        "framework", "framework_name", "version", "title", "developer", "standing",
        "effective_on", "effective_until", "corrects", "format",
    ),
    lambda each: each.title,
    apart=(
        "slug", "documents", "aggregate", "overall", "forcing", "levels", "domains", "thresholds", "triggers", "roles", "publication",
        "reports", "provisions", "aliases", "unread",
    ),
)  # fmt: skip
THRESHOLD = Compared(
    Subject.THRESHOLD,
    ("name", "kind", "tier", "definition", "turns_on", "reference_world"),
    lambda each: (each.name, each.kind.value),
    apart=("slug", "domain", "requires", "rules_out", "buffer", "links"),
)
BUFFER = Compared(
    Subject.THRESHOLD, ("effective_compute_multiple", "words"), lambda each: each.words, units={"effective_compute_multiple": TIMES}
)
LINK = Compared(
    Subject.THRESHOLD,
    ("words",),
    lambda each: (each.relation.value, each.policy, each.threshold),
    apart=("relation", "policy", "threshold"),
)
SAFEGUARD = Compared(Subject.SAFEGUARD, ("kind", "level", "firmness", "due", "words"), _asked, apart=("slug",))
AGGREGATE = Compared(Subject.AGGREGATE, ("rule", "words"), lambda each: each.rule)
OVERALL = Compared(Subject.OVERALL, ("rule", "words"), lambda each: each.rule)
FORCING = Compared(Subject.FORCING, ("words",), lambda each: value_of(each.outcomes), apart=("outcomes",))
LISTS: Mapping[str, Compared] = {
    "levels": Compared(Subject.LEVEL, ("name", "rank", "words"), lambda each: each.name, apart=("slug",)),
    "domains": Compared(Subject.DOMAIN, ("name", "parent", "threat_model"), lambda each: each.name, apart=("slug",)),
    "triggers": Compared(
        Subject.TRIGGER,
        ("sort", "effective_compute_multiple", "months", "months_earliest", "days", "words"),
        lambda each: each.words,
        apart=("slug", "kind"),
        units={"effective_compute_multiple": TIMES, "months": MONTHS, "months_earliest": MONTHS, "days": DAYS},
    ),
    "roles": Compared(Subject.ROLE, ("name", "function", "step", "duty"), lambda each: each.name, apart=("slug",)),
    "publication": Compared(
        Subject.PUBLICATION,
        ("audience", "within_days", "when", "material"),
        lambda each: (each.audience.value, each.material),
        apart=("slug",),
        units={"within_days": DAYS},
    ),
    "reports": Compared(Subject.REPORT, ("name", "covers"), lambda each: each.name, apart=("slug", "sections")),
    "provisions": Compared(Subject.PROVISION, ("name", "words"), lambda each: each.name, apart=("slug",)),
    "documents": Compared(Subject.DOCUMENT, ("title", "address", "read"), lambda each: each.title, apart=("slug",)),
}
SECTION = Compared(Subject.REPORT_SECTION, ("title", "words"), lambda each: each.title, apart=("slug",))
ALIAS = Compared(Subject.ALIAS, (), lambda each: each.threshold, apart=("label", "threshold"))
_ORDER = tuple(Subject)
_LOOSER = (LinkRelation.ALIAS, LinkRelation.SUCCESSOR, LinkRelation.RESEMBLES)
Known = Mapping[str, Policy]
NONE_BETWEEN: Known = {}


@dataclass(frozen=True)
class ThresholdPair:
    """Two thresholds that are compared, or one that the other policy does not have; ``note`` is what links say of them."""

    before: CapabilityThreshold | None
    after: CapabilityThreshold | None
    note: str | None = None


@dataclass(frozen=True)
class Tie:
    """Where the links of a threshold lead in another policy, and by way of which policies between."""

    here: str
    there: str
    relation: LinkRelation
    way: tuple[str, ...]


def policy_changes(before: Policy, after: Policy, known: Known = NONE_BETWEEN) -> tuple[Change, ...]:
    """Return every difference between two policies, grouped by subject in a fixed order.

    ``known`` holds other policies by slug, whose links may lead from one to the other.
    """
    reading = Reading(not before.unread, not after.unread, _one_version(before, after))
    return in_order(_changes(before, after, threshold_pairs(before, after, known), reading))


def in_order(changes: Iterator[Change]) -> tuple[Change, ...]:
    """Return changes by subject, each subject's in the order found."""
    return tuple(sorted(changes, key=lambda each: _ORDER.index(each.subject)))


def threshold_pairs(before: Policy, after: Policy, known: Known = NONE_BETWEEN) -> tuple[ThresholdPair, ...]:
    """Match the thresholds of two policies: those of the earlier side in their order, then what only the later one has."""
    named = _by_slug(before, after) | _by_link(before, after, known)
    pairs = []
    for each in before.thresholds:
        partners = [other for other in after.thresholds if (each.slug, other.slug) in named]
        pairs += [ThresholdPair(each, other, named[each.slug, other.slug]) for other in partners]
        if not partners:
            pairs.append(ThresholdPair(each, None, _resembling(each, before, after, known)))
    met = {after_slug for _, after_slug in named}
    pairs += [ThresholdPair(None, each, _resembling(each, after, before, known)) for each in after.thresholds if each.slug not in met]
    return tuple(pairs)


def later_names(pairs: tuple[ThresholdPair, ...]) -> dict[str, tuple[str, ...]]:
    """Return, for each threshold of the earlier side that has partners, their slugs."""
    names: dict[str, tuple[str, ...]] = {}
    for pair in pairs:
        if pair.before is not None and pair.after is not None:
            names[pair.before.slug] = (*names.get(pair.before.slug, ()), pair.after.slug)
    return names


def _one_version(before: Policy, after: Policy) -> bool:
    return (before.framework, before.version) == (after.framework, after.version)


def _by_slug(before: Policy, after: Policy) -> dict[tuple[str, str], str | None]:
    if before.framework != after.framework:
        return {}
    slugs = {each.slug for each in after.thresholds}
    return {(each.slug, each.slug): None for each in before.thresholds if each.slug in slugs}


def _by_link(before: Policy, after: Policy, known: Known) -> dict[tuple[str, str], str | None]:
    """Return the pairs that links lead to. A threshold that already has a partner of its own slug needs none by link."""
    own = {slug for pair in _by_slug(before, after) for slug in pair}
    found: dict[tuple[str, str], str | None] = {}
    for one, other, turned in ((after, before, False), (before, after, True)):
        for tie in ties(one, other, known):
            if tie.relation is not LinkRelation.RESEMBLES and tie.here not in own:
                pair = (tie.here, tie.there) if turned else (tie.there, tie.here)
                found.setdefault(pair, _tied(tie, other))
    return found


def _tied(tie: Tie, other: Policy) -> str:
    way = f", by way of {', '.join(tie.way)}" if tie.way else ""
    return f"{tie.here}: {tie.relation.value} of {tie.there} of {other.slug}{way}"


def ties(one: Policy, other: Policy, known: Known) -> Iterator[Tie]:
    """Yield where links lead from one policy to the other, by way of ``known`` ones too.

    The loosest link of a way says what the whole way is; *resembles* leads no further than once.
    """
    policies = {**known, one.slug: one, other.slug: other}
    slugs = {each.slug for each in other.thresholds}
    for threshold in one.thresholds:
        waiting: list[tuple[tuple[ThresholdLink, ...], LinkRelation, tuple[str, ...]]] = [(threshold.links, LinkRelation.ALIAS, ())]
        met: set[tuple[str, str]] = set()
        while waiting:
            links, so_far, way = waiting.pop(0)
            for link in links:
                relation = max(so_far, link.relation, key=_LOOSER.index)
                twice_loose = so_far is link.relation is LinkRelation.RESEMBLES
                if twice_loose or (link.policy, link.threshold) in met or link.policy in (one.slug, *way):
                    continue
                met.add((link.policy, link.threshold))
                if link.policy == other.slug:
                    if link.threshold in slugs:
                        yield Tie(threshold.slug, link.threshold, relation, way)
                elif link.policy in policies:
                    further = [each for each in policies[link.policy].thresholds if each.slug == link.threshold]
                    waiting += [(each.links, relation, (*way, link.policy)) for each in further]


def _resembling(threshold: CapabilityThreshold, own: Policy, other: Policy, known: Known) -> str | None:
    """Say what of the other policy this one resembles, by its own links or by theirs."""
    found = [tie.there for tie in ties(own, other, known) if tie.here == threshold.slug]
    found += [tie.here for tie in ties(other, own, known) if tie.there == threshold.slug]
    return f"resembles {', '.join(dict.fromkeys(found))} of {other.slug}" if found else None


def _changes(before: Policy, after: Policy, pairs: tuple[ThresholdPair, ...], reading: Reading) -> Iterator[Change]:
    here = Place(after.slug, was_named=before.slug)
    yield from line_changes(POLICY, before, after, here, reading)
    if reading.one_version:
        yield from field_change(Subject.POLICY, "unread", before, after, here, reading)
    names = later_names(pairs)
    for pair in pairs:
        yield from _threshold(pair, names, reading)
    yield from line_changes(FORCING, before.forcing, after.forcing, Place("forcing"), reading)
    outcomes = _by_risk(before), _by_risk(after)
    yield from value_change(Subject.FORCING, "outcomes", outcomes, (before.forcing, after.forcing), Place("forcing"), reading)
    yield from line_changes(OVERALL, before.overall, after.overall, Place("overall"), reading)
    yield from line_changes(AGGREGATE, before.aggregate, after.aggregate, Place("aggregate"), reading)
    for attribute, compared in LISTS.items():
        for line in matched(getattr(before, attribute), getattr(after, attribute), lambda each: str(each.slug)):
            yield from line_changes(compared, line.before, line.after, Place(line.name), reading)
    yield from order_change(Subject.ROLE, "all roles", _acting(before, before), _acting(after, before), (before, after))
    yield from _sections(before, after, reading)
    meant = {id(each): names.get(each.threshold, ()) for each in before.aliases}
    for alias in matched(before.aliases, after.aliases, lambda each: _label(each, meant.get(id(each), ()))):
        either = alias.before or alias.after
        assert either is not None
        yield from line_changes(ALIAS, alias.before, alias.after, Place(either.label), reading)


def _by_risk(policy: Policy) -> tuple[str, ...]:
    return tuple(each.value for each in sorted(set(policy.forcing.outcomes), key=lambda each: -each.risk))


def _acting(policy: Policy, before: Policy) -> tuple[str, ...]:
    """Return the roles in the order in which they act: by step where every role has one, else as they stand in the file.

    Those who act together stand in the order of the earlier side, so that only a real change of order shows.
    """
    roles = policy.roles
    if all(each.step is not None for each in roles):
        place = {each.slug: index for index, each in enumerate(before.roles)}
        roles = tuple(sorted(roles, key=lambda each: (each.step or 0, place.get(each.slug, len(place)))))
    return tuple(each.slug for each in roles)


def _label(alias: Alias, later: tuple[str, ...]) -> str:
    """Return what an alias is matched by: its label, with its threshold under the later side's name where it has just one."""
    return f"{alias.label} / {later[0] if len(later) == 1 else alias.threshold}"


def _sections(before: Policy, after: Policy, reading: Reading) -> Iterator[Change]:
    for report in matched(before.reports, after.reports, lambda each: each.slug):
        left = report.before.sections if report.before else ()
        right = report.after.sections if report.after else ()
        for section in matched(left, right, lambda each: each.slug):
            yield from line_changes(SECTION, section.before, section.after, Place(section.name, within=report.name), reading)
        if report.before and report.after:
            slugs = [each.slug for each in left], [each.slug for each in right]
            yield from order_change(Subject.REPORT_SECTION, "all sections", *slugs, (report.before, report.after), report.name)


def _threshold(pair: ThresholdPair, names: Mapping[str, tuple[str, ...]], reading: Reading) -> Iterator[Change]:
    before, after = pair.before, pair.after
    either = after or before
    assert either is not None
    was_named = before.slug if before and before.slug != either.slug else None
    place = Place(either.slug, was_named=was_named, note=pair.note)
    if was_named is not None and before and after:
        yield _renamed(before, after, place)
    yield from line_changes(THRESHOLD, before, after, place, reading)
    if before and after:
        yield from value_change(Subject.THRESHOLD, "domain", (before.domain, after.domain), (before, after), place, reading)
        yield from _implications(before, after, names, place, reading)
        yield from line_changes(BUFFER, before.buffer, after.buffer, Place(place.name, None, was_named, "buffer."), reading)
        if reading.one_version:
            yield from _link_changes(before, after, place, reading)
    for line in matched(before.requires if before else (), after.requires if after else (), lambda each: each.slug):
        yield from line_changes(SAFEGUARD, line.before, line.after, Place(line.name, within=either.slug, was_named=was_named), reading)


def _renamed(before: CapabilityThreshold, after: CapabilityThreshold, place: Place) -> Change:
    return Change(
        subject=Subject.THRESHOLD,
        kind=ChangeKind.CHANGED,
        name=place.name,
        was_named=place.was_named,
        field="slug",
        before=before.slug,
        after=after.slug,
        before_citation=before.citation,
        after_citation=after.citation,
        note=place.note,
    )


def _implications(
    before: CapabilityThreshold, after: CapabilityThreshold, names: Mapping[str, tuple[str, ...]], place: Place, reading: Reading
) -> Iterator[Change]:
    """Yield a change of what is implied; a threshold implied under its earlier name is no change."""
    translated = {later for slug in before.rules_out for later in names.get(slug, (slug,))}
    if translated != set(after.rules_out):
        values = value_of(before.rules_out), value_of(after.rules_out)
        yield from value_change(Subject.THRESHOLD, "rules_out", values, (before, after), place, reading)


def _link_changes(before: CapabilityThreshold, after: CapabilityThreshold, place: Place, reading: Reading) -> Iterator[Change]:
    for link in matched(before.links, after.links, lambda each: f"{each.relation.value} {each.policy} {each.threshold}"):
        yield from line_changes(LINK, link.before, link.after, Place(place.name, None, place.was_named, "links."), reading)
