"""Whether a file of cases fits its criteria set and policy: every name it uses is known, every line is of a kind its criterion can hold.

The rules kept here: a case about nothing is refused, since it would hold whatever the policy says; so is a line that no criterion would
ever look at because its name is misspelt; a bar off its evaluation's scale is refused with the place where the bar stands.

Left out: what the evaluations of a set are where the set itself says it (``thresholds.criteria_set`` holds that file against itself).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from evaluations.documents import Problem
from evaluations.records import Evaluation, EvaluationVersion
from evaluations.values import Slug
from thresholds.case_evidence import UnfitLineError, measured_by
from thresholds.case_records import ALL, NOT_STATED, Case, CaseFile, JudgementLine, RelatedLine, ScoreLine, TrialLine
from thresholds.criteria_set import CriteriaSet, ExpectedEvaluation, bar_scale, named_parts
from thresholds.criterion import QualitativeCriterion, ScoreCriterion, SimpleCriterion, UpliftCriterion, bar_positions
from thresholds.declared import differing
from thresholds.policy import Policy

Path = tuple[str | int, ...]
Known = dict[tuple[Slug, Slug], EvaluationVersion]


def by_version(evaluations: Iterable[Evaluation]) -> Known:
    """Return every version of every evaluation by its two names."""
    return {(each.slug, version.slug): version for each in evaluations for version in each.versions}


def set_misfits(criteria: CriteriaSet, said: Iterable[Evaluation], on_record: Iterable[Evaluation]) -> Iterator[Problem]:
    """Yield, by place in the criteria file, what does not fit what its file of cases said of evaluations, and what is on record: each
    evaluation that nothing declares, each that is on record otherwise, and each bar off its scale or on the wrong side of its partner."""
    recorded = by_version(on_record)
    known = {**recorded, **by_version(said)}
    for place, criterion in enumerate(criteria.criteria):
        if not isinstance(criterion, SimpleCriterion):
            continue
        here: Path = ("criteria", place, criterion.shape)
        version = known.get((criterion.evaluation, criterion.version))
        expected = criteria.expected(criterion.evaluation, criterion.version)
        if version is None and expected is None:
            found = f"evaluation {criterion.evaluation} version {criterion.version}, which nothing declares"
            wanted = "one that the set declares, or its file of cases, or one on record"
            yield Problem((*here, "evaluation"), found, wanted)
        elif expected is None and version is not None and isinstance(criterion, ScoreCriterion | UpliftCriterion):
            yield from _off_bars(criterion, version, here)
    for place, each in enumerate(criteria.evaluations):
        yield from _contradicted(("evaluations", place), each, recorded.get((each.slug, each.version)))


def _contradicted(path: Path, expected: ExpectedEvaluation, found: EvaluationVersion | None) -> Iterator[Problem]:
    """Yield the first field in which an evaluation is other than the set declares it."""
    for name in differing(expected, found)[:1] if found is not None else ():
        said = f"evaluation {expected.slug} version {expected.version} with {name} {getattr(found, name)}"
        yield Problem(path, said, f"{getattr(expected, name)}, which the set was written for")


def _off_bars(criterion: ScoreCriterion | UpliftCriterion, version: EvaluationVersion, here: Path) -> Iterator[Problem]:
    low, high = (None if end is None else Fraction(end) for end in (version.scale_low, version.scale_high))
    scale, riskier_when = bar_scale(criterion, (low, high), version.riskier_when)
    pairs = [(here, criterion.rule_out, criterion.rule_in)]
    pairs += [((*here, "earlier", place), each.rule_out, each.rule_in) for place, each in enumerate(criterion.earlier)]
    for path, rule_out, rule_in in pairs:
        try:
            bar_positions(rule_out, rule_in, scale, riskier_when)
        except ValueError as refused:
            found, _, wanted = str(refused).removeprefix("found ").partition(", expected ")
            yield Problem((*path, "rule_out"), found, wanted)


def misfits(file: CaseFile, criteria: CriteriaSet, policy: Policy, evaluations: Iterable[Evaluation]) -> Iterator[Problem]:
    """Yield, by place in the file of cases, everything that does not fit the set and the policy."""
    versions = by_version(evaluations)
    for place, said in enumerate(file.evaluations):
        declared = criteria.expected(said.slug, said.version)
        if declared is not None:
            yield from _contradicted(("evaluations", place), declared, versions[said.slug, said.version])
    known = {*versions, *((each.slug, each.version) for each in criteria.evaluations)}
    told = [each.case for each in file.cases]
    for place, case in enumerate(file.cases):
        here: Path = ("cases", place)
        if told.index(case.case) < place:
            yield Problem((*here, "case"), "a sentence a second time", "each case with a sentence of its own")
        yield from _of_the_subject(case, criteria, policy, here)
        yield from _of_the_lines(case, criteria, known, here)
        yield from _of_the_rest(case, criteria, policy, here)
        yield from _of_what_is_expected(case, criteria, policy, here)


def thresholds_of(criterion: Slug, criteria: CriteriaSet) -> tuple[Slug, ...]:
    """Return the thresholds that a criterion speaks to, by itself or as a part of another."""
    return tuple(line.threshold for line in criteria.thresholds if any(criterion in _within(slug, criteria) for slug in line.criteria))


def threshold_of(case: Case, criteria: CriteriaSet) -> Slug | None:
    """Return the threshold a case is about: the one it names, or the only one its criterion speaks to."""
    if case.threshold is not None or case.criterion is None:
        return case.threshold
    found = thresholds_of(case.criterion, criteria)
    return found[0] if len(found) == 1 else None


def _within(slug: Slug, criteria: CriteriaSet) -> set[Slug]:
    return {slug}.union(*(_within(part, criteria) for _, part in named_parts(criteria.criterion(slug))))


def _one_of(path: Path, kind: str, slug: Slug | None, known: Iterable[Slug]) -> Iterator[Problem]:
    names = tuple(known)
    if slug is not None and slug not in names:
        yield Problem(path, f"{kind} {slug}", f"one of {', '.join(names)}" if names else f"no {kind}: there is none")


def _of_the_subject(case: Case, criteria: CriteriaSet, policy: Policy, here: Path) -> Iterator[Problem]:
    yield from _one_of((*here, "threshold"), "threshold", case.threshold, [each.slug for each in policy.thresholds])
    slugs = [each.slug for each in criteria.criteria]
    if case.criterion is not None and case.criterion not in slugs:
        yield from _one_of((*here, "criterion"), "criterion", case.criterion, slugs)
    elif case.criterion is not None:
        speaks = thresholds_of(case.criterion, criteria)
        if not speaks:
            yield Problem(
                (*here, "criterion"), f"criterion {case.criterion}, which no threshold asks for", "one that speaks to a threshold"
            )
        elif case.threshold is not None and case.threshold not in speaks:
            found = f"threshold {case.threshold}, to which criterion {case.criterion} does not speak"
            yield Problem((*here, "threshold"), found, f"one of {', '.join(speaks)}")
        elif case.threshold is None and len(speaks) > 1:
            yield Problem(here, f"no threshold, and criterion {case.criterion} speaks to several", f"threshold: {' or '.join(speaks)}")
    if case.expect.of_the_threshold and case.criterion is None and case.threshold is None:
        yield Problem(here, f"{', '.join(case.expect.of_the_threshold)} expected of no threshold", "the case to name one")


def _of_the_lines(case: Case, criteria: CriteriaSet, known: set[tuple[Slug, Slug]], here: Path) -> Iterator[Problem]:
    for index, line in enumerate(case.evidence):
        path: Path = (*here, "evidence", index)
        yield from _one_of((*path, "snapshot"), "snapshot", line.snapshot, (*case.snapshots, ALL, NOT_STATED))
        try:
            of = measured_by(line, case, criteria)
        except UnfitLineError as refused:
            yield Problem((*path, *refused.path), refused.found, refused.expected)
            continue
        if (of.evaluation, of.version) not in known:
            told = ", ".join(" ".join(each) for each in sorted(known) if each[0] == of.evaluation) or "none of that name"
            wanted = f"one that the set, this file's evaluations or the record declares ({told})"
            yield Problem(path, f"evaluation {of.evaluation} version {of.version or '(none)'}", wanted)
        if of.criterion is not None and not _is_held_by(line, of.criterion):
            kinds = "passed, value or attempts of a score; trial of an uplift trial; judged of a question to people"
            yield Problem(path, f"evidence of another kind than criterion {of.criterion.slug} ({of.criterion.shape}) compares", kinds)


def _is_held_by(line: ScoreLine | TrialLine | JudgementLine, criterion: SimpleCriterion) -> bool:
    if isinstance(line, TrialLine):
        return isinstance(criterion, UpliftCriterion)
    if isinstance(line, JudgementLine):
        return isinstance(criterion, QualitativeCriterion)
    return not isinstance(criterion, UpliftCriterion | QualitativeCriterion)


def _of_the_rest(case: Case, criteria: CriteriaSet, policy: Policy, here: Path) -> Iterator[Problem]:
    simple = [each.slug for each in criteria.criteria if isinstance(each, SimpleCriterion)]
    for index, line in enumerate(case.plan):
        path: Path = (*here, "plan", index)
        for each in line.criteria or ((case.criterion,) if case.criterion else ()):
            yield from _one_of((*path, "criteria"), "criterion", each, simple)
        if not line.criteria and case.criterion is None:
            yield Problem(path, "a plan for no criterion", "criteria: the ones to be measured")
        for slug in line.snapshots:
            yield from _one_of((*path, "snapshots"), "snapshot", slug, case.snapshots)
    for index, answer in enumerate(case.drop_answers):
        for name in ("before", "after"):
            yield from _one_of((*here, "drop_answers", index, name), "snapshot", getattr(answer, name), case.snapshots)
    for index, related in enumerate(case.related):
        yield from _of_a_relation(related, policy, (*here, "related", index))


def _of_a_relation(related: RelatedLine, policy: Policy, path: Path) -> Iterator[Problem]:
    for slug in related.thresholds:
        yield from _one_of((*path, "thresholds"), "threshold", slug, [each.slug for each in policy.thresholds])
    yield from _one_of((*path, "domain"), "domain", related.domain, [each.slug for each in policy.domains])


def _of_what_is_expected(case: Case, criteria: CriteriaSet, policy: Policy, here: Path) -> Iterator[Problem]:
    path: Path = (*here, "expect")
    for slug in case.expect.thresholds:
        yield from _one_of((*path, "thresholds", slug), "threshold", slug, [each.slug for each in policy.thresholds])
    yield from _one_of((*path, "deciding_snapshot"), "snapshot", case.expect.deciding_snapshot, case.snapshots)
    about = next((each for each in policy.thresholds if each.slug == threshold_of(case, criteria)), None)
    for slug in case.expect.safeguards or ():
        if about is not None:
            yield from _one_of((*path, "safeguards"), f"safeguard of {about.slug}", slug, [each.slug for each in about.requires])
