"""Mistakes that a policy colleague makes, by name: each is refused with the file, the line it stands in, and the reason.

What only the record can know (a version edited after its release, two files of one version, dates of versions that overlap) is tried in
``tests/rsp/store/test_policy_consistency.py``; what only the cases or the record know of evaluations, in
``tests/rsp/cli/test_policy_check.py``.
"""

from __future__ import annotations

from typing import NamedTuple

import pytest

from evaluations.documents import DocumentError, read_document
from thresholds.load import expect_fit, load_criteria, load_policy

POLICY = """\
format: rsp-policy/1
slug: mine-1
framework: mine
framework_name: Framework of mine
version: "1"
title: Policy of mine
developer: A lab
standing: fictional
effective_on: "2030-01-01"
citation: "a document"
basis: our_assumption
documents: [{slug: doc, title: A document, read: whole}]
aggregate: {rule: riskiest_snapshot, words: the riskiest, citation: "a card", basis: card_practice}
forcing: {outcomes: [crossed, not_ruled_out], words: as if crossed, citation: "section 1", basis: policy_text}
levels:
  - {slug: level-2, name: Level 2, rank: 2, words: some safeguards, citation: "section 2", basis: policy_text}
  - {slug: level-3, name: Level 3, rank: 3, words: strong safeguards, citation: "section 2", basis: policy_text}
domains:
  - {slug: chemistry, name: Chemistry, threat_model: somebody, citation: "section 3", basis: policy_text}
  - {slug: poisons, name: Poisons, parent: chemistry, threat_model: somebody, citation: "section 3", basis: policy_text}
thresholds:
  - slug: first
    name: First
    domain: chemistry
    kind: checkpoint
    definition: on the way
    rules_out: [second]
    citation: "section 4.1"
    basis: policy_text
  - slug: second
    name: Second
    domain: poisons
    kind: threshold
    definition: too capable
    requires:
      - {slug: security, kind: security, level: level-3, firmness: required, words: protect, citation: "section 4.2", basis: policy_text}
    citation: "section 4.2"
    basis: policy_text
"""

CRITERIA = """\
format: rsp-criteria/1
slug: mine-1-card
policy: mine-1
title: Bars of a card
published_on: "2030-02-01"
citation: "a card"
basis: card_practice
error_level: {one_sided: 0.025, words: ours, citation: "our choice", basis: our_assumption}
coverage: {require: every_snapshot, words: all of them, citation: "our choice", basis: our_assumption}
evaluations:
  - {slug: exam, version: v1, name: Exam, kind: benchmark, unit: percent, riskier_when: higher, scale_low: 0, scale_high: 100, <cited>}
  - {slug: errors, version: v1, name: Errors, kind: benchmark, unit: percent, riskier_when: lower, scale_low: 0, scale_high: 100, <cited>}
  - {slug: talk, version: v1, name: Talk, kind: judgement, unit: words, riskier_when: higher, <cited>}
thresholds:
  - {threshold: first, rule: any, criteria: [exam-score], words: one of them, <cited>}
  - {threshold: second, rule: k_of_n, k: 2, criteria: [exam-score, exam-errors, whole], words: two of three, <cited>}
criteria:
  - slug: exam-score
    shape: score
    title: Score
    evaluation: exam
    version: v1
    statistic: share
    compared: bound
    words: the exam
    citation: p
    basis: card_practice
    rule_out: {value: 50, words: half, <cited>}
    rule_in: {value: 80, words: most, <cited>}
  - slug: exam-errors
    shape: score
    title: Errors
    evaluation: errors
    version: v1
    statistic: share
    compared: bound
    words: the errors
    citation: p
    basis: card_practice
    from_on: "2031-01-01"
    rule_out: {value: 60, words: most fail, <cited>}
    rule_in: {value: 20, words: few fail, <cited>}
    earlier:
      - until_on: "2031-01-01"
        rule_out: {value: 70, words: most failed, <cited>}
        words: before
        citation: p
        basis: card_practice
  - {slug: talk, shape: qualitative, title: Talk, evaluation: talk, version: v1, question: "Is it?", words: people, <cited>}
  - {slug: whole, shape: compound, title: Whole, rule: all, parts: [exam-score, talk], words: both, <cited>}
""".replace("<cited>", "citation: p, basis: card_practice")  # every line of a set has a source


class Mistake(NamedTuple):
    """What a colleague wrote instead of what, the line it is told at by its text, and the reason given."""

    written: str
    instead: str
    line: str
    reason: str


POLICY_MISTAKES = {
    "a key twice": Mistake(
        "slug: mine-1\n", "slug: mine-1\nslug: mine-2\n", "slug: mine-2", "found the key a second time, expected each key once"
    ),
    "an unknown key": Mistake(
        "standing: fictional", "standng: fictional", "standng", "found an unknown field, expected no such field here"
    ),
    "a version that is a number": Mistake('version: "1"', "version: 1", "version: 1", "expected text (put it in quotes)"),
    "a date that is no date": Mistake('"2030-01-01"', '"1 January"', "effective_on", "expected a date such as 2025-02-24"),
    "a line without its citation": Mistake('    citation: "section 4.1"\n', "", "slug: first", "citation: found no value"),
    "an unknown word": Mistake("kind: checkpoint", "kind: milestone", "milestone", "'checkpoint'"),
    "an implication in a circle": Mistake(
        "definition: too capable",
        "definition: too capable\n    rules_out: [first]",
        "rules_out: [second]",
        "by way of rules_out rules out itself",
    ),
    "an implication of something unknown": Mistake(
        "rules_out: [second]", "rules_out: [third]", "rules_out: [third]", "found threshold third, expected one of first, second"
    ),
    "a threshold twice": Mistake("slug: second", "slug: first", "slug: first\n    name: Second", "found threshold first twice"),
    "an unknown domain": Mistake(
        "domain: poisons", "domain: venoms", "domain: venoms", "found domain venoms, expected one of chemistry, poisons"
    ),
    "a domain above itself": Mistake("parent: chemistry", "parent: poisons", "parent: poisons", "found domain poisons above itself"),
    "an unknown level": Mistake(
        "level: level-3,", "level: level-4,", "level: level-4", "found level level-4, expected one of level-2, level-3"
    ),
    "a crossing that forces nothing": Mistake(
        "[crossed, not_ruled_out]", "[not_ruled_out]", "forcing:", "expected crossed among the outcomes"
    ),
    "an end before the start": Mistake(
        'effective_on: "2030-01-01"\n',
        'effective_on: "2030-01-01"\neffective_until: "2029-12-31"\n',
        "effective_until",
        "found effective_until 2029-12-31 with effective_on 2030-01-01, expected a later day",
    ),
    "an anchor": Mistake("documents: [", "documents: &documents [", "documents:", "found an anchor or alias"),
}

CRITERIA_MISTAKES = {
    "an unknown evaluation": Mistake(
        "evaluation: exam\n",
        "evaluation: exma\n",
        "evaluation: exma",
        "found evaluation exma version v1, expected one that the set declares",
    ),
    "an unknown version of an evaluation": Mistake(
        "evaluation: exam\n    version: v1", "evaluation: exam\n    version: v2", "evaluation: exam\n", "found evaluation exam version v2"
    ),
    "a bar on the wrong side of its partner": Mistake(
        "value: 80, words: most,", "value: 40, words: most,", "value: 50", "found rule_out 50 riskier than rule_in 40, expected it safer"
    ),
    "a bar on the wrong side where fewer is riskier": Mistake(
        "value: 20, words: few", "value: 90, words: few", "value: 60", "found rule_out 60 riskier than rule_in 90, expected it safer"
    ),
    "an earlier bar off its scale": Mistake(
        "value: 70", "value: 170", "value: 170", "found a bar at 170, expected it on the scale 0 to 100"
    ),
    "a bar off its scale": Mistake("value: 50", "value: -1", "value: -1", "found a bar at -1, expected it on the scale 0 to 100"),
    "a bar in quotes": Mistake("value: 50", 'value: "50 %"', '"50 %"', "expected a number: digits only, without quotes or a percent sign"),
    "a bar without its citation": Mistake("words: half, citation: p,", "words: half,", "words: half", "citation: found no value"),
    "a count of more than there are": Mistake("value: 50", "passed: 34, of: 33", "passed: 34", "found 34 of 33"),
    "a k above what there is": Mistake("k: 2,", "k: 4,", "k: 4", "found k 4 of 3, expected 1 to 3"),
    "a k where none is counted": Mistake("rule: k_of_n, k: 2", "rule: all, k: 2", "rule: all, k: 2", "found k without k_of_n"),
    "an unknown criterion": Mistake(
        "criteria: [exam-score],", "criteria: [exam-scor],", "exam-scor]", "found criterion exam-scor, expected one of"
    ),
    "a criterion inside itself": Mistake(
        "parts: [exam-score, talk]",
        "parts: [exam-score, whole]",
        "slug: whole",
        "found criterion whole inside itself, expected parts that end",
    ),
    "a criterion twice": Mistake(
        "slug: exam-errors", "slug: exam-score", "slug: exam-score\n    shape: score\n    title: Errors", "exam-score twice"
    ),
    "a threshold twice": Mistake(
        "threshold: second", "threshold: first", "k_of_n", "found threshold first twice, expected each threshold once"
    ),
    "a threshold the policy does not have": Mistake(
        "threshold: second", "threshold: third", "threshold: third", "a threshold of mine-1: first, second"
    ),
    "an evaluation twice": Mistake(
        "slug: errors, version", "slug: exam, version", "name: Errors", "found evaluation exam version v1 twice"
    ),
    "bars that stand on the same day": Mistake(
        'until_on: "2031-01-01"', 'until_on: "2031-02-01"', "slug: exam-errors", "expected dates that do not overlap"
    ),
    "bars that end before they start": Mistake(
        'from_on: "2031-01-01"',
        'from_on: "2031-01-01"\n    until_on: "2030-01-01"',
        "slug: exam-errors",
        "expected the first day before the last",
    ),
    "people's rule without people": Mistake("rule: any,", "rule: qualitative,", "rule: qualitative", "without a qualitative criterion"),
    "an unknown shape": Mistake("shape: compound", "shape: formula", "shape: formula", "expected a shape: score, uplift, qualitative"),
    "a gate before itself": Mistake(
        "shape: compound, title: Whole, rule: all, parts: [exam-score, talk]",
        "shape: gate, title: Whole, gate: talk, harder: talk",
        "shape: gate",
        "found talk as gate and as harder, expected two criteria",
    ),
    "two levels of no share": Mistake(
        "statistic: share\n",
        "statistic: mean\n    success_at: {value: 50, words: half, citation: p, basis: card_practice}\n",
        "slug: exam-score\n    shape",
        "found success_at with the statistic mean, expected share",
    ),
    "an error level above a half": Mistake("one_sided: 0.025", "one_sided: 0.5", "one_sided", "expected above 0 and under 0.5"),
}


def line_of(text: str, part: str) -> int:
    assert part in text, part
    return text[: text.index(part)].count("\n") + 1


def wrong(right: str, mistake: Mistake) -> str:
    assert right.count(mistake.written) >= 1, mistake.written
    return right.replace(mistake.written, mistake.instead, 1)


def test_the_files_are_right_before_anything_is_wrong_with_them() -> None:
    policy = load_policy(POLICY.encode(), "policy.yaml").record
    criteria = load_criteria(CRITERIA.encode(), "criteria.yaml").record
    expect_fit(criteria, policy, read_document(CRITERIA.encode(), "criteria.yaml"))


@pytest.mark.parametrize("name", POLICY_MISTAKES)
def test_a_mistake_in_a_policy_is_refused_where_it_stands(name: str) -> None:
    mistake = POLICY_MISTAKES[name]
    text = wrong(POLICY, mistake)
    with pytest.raises(DocumentError) as refused:
        load_policy(text.encode(), "policy.yaml")
    told = [line for line in str(refused.value).splitlines() if line.startswith(f"policy.yaml:{line_of(text, mistake.line)}: ")]
    assert any(mistake.reason in line for line in told), str(refused.value)


@pytest.mark.parametrize("name", CRITERIA_MISTAKES)
def test_a_mistake_in_a_criteria_set_is_refused_where_it_stands(name: str) -> None:
    mistake = CRITERIA_MISTAKES[name]
    text = wrong(CRITERIA, mistake)
    policy = load_policy(POLICY.encode(), "policy.yaml").record
    with pytest.raises(DocumentError) as refused:
        expect_fit(load_criteria(text.encode(), "criteria.yaml").record, policy, read_document(text.encode(), "criteria.yaml"))
    told = [line for line in str(refused.value).splitlines() if line.startswith(f"criteria.yaml:{line_of(text, mistake.line)}: ")]
    assert any(mistake.reason in line for line in told), str(refused.value)
