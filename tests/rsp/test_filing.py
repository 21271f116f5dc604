"""What only the record can know is still answered with the file's line and field, and nothing of the file is stored."""

from __future__ import annotations

from datetime import datetime

import pytest

from evaluations.documents import DocumentError
from rsp.errors import ConflictError, InputError
from rsp.filing import take_in
from rsp.policies import bundled
from rsp.store.reading import position
from rsp.store.session import Store
from tests.evaluations.test_evidence_file import HEAD

WRONG = {
    "a source twice": ("  - {slug: s, title: A source}\n", "  - {slug: s, title: A source}\n" * 2, "sources[1]", 4),
    "a snapshot twice": (
        "      - {slug: final, name: Final, kind: final, ordinal: 1, source: s}\n",
        "      - {slug: final, name: Final, kind: final, ordinal: 1, source: s}\n" * 2,
        "models[0].snapshots[1]",
        13,
    ),
    "a score twice": (
        "      - {statistic: mean, value: 69.70, source: s}\n",
        "      - {statistic: mean, value: 69.70, source: s}\n" * 2,
        "runs[0].scores[1]",
        29,
    ),
    "a snapshot of another model": ("snapshot: final\n", "snapshot: finale\n", "runs[0].snapshot", 23),
    "an unknown source": ("value: 69.70, source: s", "value: 69.70, source: t", "runs[0].scores[0].source", 28),
    "an unknown evaluation": ("evaluation: e\n", "evaluation: f\n", "runs[0].evaluation", 24),
    "an unknown version": ("version: v1\n", "version: v2\n", "runs[0].version", 25),
    "a score above its scale": ("value: 69.70", "value: 100.1", "runs[0].scores[0].value", 28),
    "a score under its scale": ("value: 69.70", "value: -0.1", "runs[0].scores[0].value", 28),
}


@pytest.mark.parametrize(("old", "new", "field", "line"), WRONG.values(), ids=WRONG.keys())
def test_what_only_the_record_knows_is_answered_with_the_line(
    store: Store, at: datetime, old: str, new: str, field: str, line: int
) -> None:
    assert old in HEAD
    with pytest.raises(DocumentError) as refused:
        take_in(store, HEAD.replace(old, new, 1).encode(), "evidence.yaml", actor="a tester", at=at)
    assert (field, line) in [(problem.field, problem.line) for problem in refused.value.problems]
    with store.read() as session:
        assert position(session).size == 0


def test_a_reference_to_another_models_snapshot_is_refused(store: Store, at: datetime) -> None:
    other = HEAD.replace("  - slug: m\n", "  - {slug: other, name: Other, developer: d, source: s}\n  - slug: m\n").replace(
        "model: m\n", "model: other\n"
    )
    with pytest.raises(DocumentError, match=r"runs\[0\].snapshot \(run r\): found snapshot final, expected a recorded snapshot of other"):
        take_in(store, other.encode(), "evidence.yaml", actor="a tester", at=at)


def test_each_format_goes_its_own_way(store: Store, at: datetime) -> None:
    assert take_in(store, HEAD.encode(), "evidence.yaml", actor="a tester", at=at).status == "stored"
    for file in bundled():
        assert take_in(store, file.content, file.name, actor="a tester", at=at, origin="bundled").status == "stored"
        assert take_in(store, file.content, file.name, actor="a tester", at=at).status == "known"


def test_a_released_policy_is_immutable(store: Store, at: datetime) -> None:
    policy = next(file for file in bundled() if file.name == "fictional-lab-1.0.yaml")
    take_in(store, policy.content, policy.name, actor="a tester", at=at)
    changed = policy.content.replace(b"fictional", b"Fictional", 1) + b"\n"
    softer = policy.content.replace(b"effective_on: ", b"effective_on: 2029-01-01 #", 1)
    assert softer != policy.content
    line = softer[: softer.index(b"effective_on")].count(b"\n") + 1
    words = rf"fictional-lab-1.0.yaml differs from fictional-lab-1.0 .*\n.*yaml:{line}: effective_on .*found .2029-01-01., expected .2030"
    with pytest.raises(ConflictError, match=words):
        take_in(store, softer, policy.name, actor="a tester", at=at)
    with pytest.raises(InputError, match="a released policy is immutable"):
        take_in(store, changed, policy.name, actor="a tester", at=at, supersede="because")


def test_a_second_file_of_a_version_is_refused_with_its_line(store: Store, at: datetime) -> None:
    first = next(file for file in bundled() if file.name == "fictional-lab-1.0.yaml").content
    take_in(store, first, "first.yaml", actor="a tester", at=at)
    second = first.replace(b"\nslug: fictional-lab-1.0\n", b"\nslug: fictional-lab-1.0-again\n", 1)
    assert second != first
    line = second[: second.index(b"\nversion:")].count(b"\n") + 2
    with pytest.raises(
        DocumentError, match=rf"^second.yaml:{line}: version: found version 1.0 of fictional-lab, expected one that no other"
    ):
        take_in(store, second, "second.yaml", actor="a tester", at=at)
    named = second.replace(b"\nversion:", b"\ncorrects: fictional-lab-1.0\nversion:", 1)
    assert take_in(store, named, "second.yaml", actor="a tester", at=at).status == "stored"


def test_a_bar_off_a_recorded_scale_is_refused_with_its_line(store: Store, at: datetime) -> None:
    policy, criteria = (
        next(file for file in bundled() if file.name == name).content
        for name in ("fictional-lab-1.0.yaml", "fictional-lab-1.0-criteria.yaml")
    )
    take_in(store, policy, "policy.yaml", actor="a tester", at=at)
    evidence = HEAD.replace("slug: e\n", "slug: cedar-protocols\n").replace("evaluation: e\n", "evaluation: cedar-protocols\n")
    assert "scale_high: 100" in evidence
    take_in(store, evidence.encode(), "evidence.yaml", actor="a tester", at=at)
    moved = criteria.replace(b"value: 0.50", b"value: 150", 1)
    line = moved[: moved.index(b"value: 150")].count(b"\n") + 1
    found = rf"^criteria.yaml:{line - 1}: criteria\[0\].rule_out \(criterion protocols, .*\): found a bar at 150, expected it on the scale"
    with pytest.raises(DocumentError, match=found):
        take_in(store, moved, "criteria.yaml", actor="a tester", at=at)


def test_an_evaluation_that_nothing_declares_is_refused_with_its_line(store: Store, at: datetime) -> None:
    policy, criteria = (
        next(file for file in bundled() if file.name == name).content
        for name in ("fictional-lab-1.0.yaml", "fictional-lab-1.0-criteria.yaml")
    )
    take_in(store, policy, "policy.yaml", actor="a tester", at=at)
    line = criteria[: criteria.index(b"evaluation: cedar-protocols")].count(b"\n") + 1
    found = rf"criteria.yaml:{line}: criteria\[0\].evaluation: found evaluation cedar-protocols version .*, which nothing declares"
    with pytest.raises(DocumentError, match=found):
        take_in(store, criteria, "criteria.yaml", actor="a tester", at=at)


def test_evidence_against_a_recorded_set_is_refused_with_its_line(store: Store, at: datetime) -> None:
    for name in ("fictional-lab-1.0.yaml", "fictional-lab-1.0-criteria.yaml"):
        file = next(file for file in bundled() if file.name == name)
        take_in(store, file.content, file.name, actor="a tester", at=at, origin="bundled")
    evidence = HEAD.replace("slug: e\n", "slug: cedar-protocols\n").replace("evaluation: e\n", "evaluation: cedar-protocols\n")
    lower = evidence.replace("scale_low: 0", "scale_low: 1", 1)
    assert lower != evidence
    with pytest.raises(
        DocumentError, match=r"^evidence.yaml:\d+: evaluations\[0\].versions\[0\].scale_high \(.*criteria set fictional-lab"
    ):
        take_in(store, lower.encode(), "evidence.yaml", actor="a tester", at=at)


def test_criteria_of_an_unloaded_policy_name_it(store: Store, at: datetime) -> None:
    criteria = next(file for file in bundled() if file.name == "claude-3-7-card.yaml")
    with pytest.raises(DocumentError, match=r"claude-3-7-card.yaml:\d+: policy: found anthropic-rsp-2\.0, expected a loaded policy"):
        take_in(store, criteria.content, criteria.name, actor="a tester", at=at)


@pytest.mark.parametrize("content", ["a: 1\n", "format: rsp-evidence/2\n", "format:\n"])
def test_a_file_of_no_known_format_is_refused(store: Store, at: datetime, content: str) -> None:
    with pytest.raises(DocumentError, match=r"file.yaml:1: format: .*expected one of rsp-evidence/1"):
        take_in(store, content.encode(), "file.yaml", actor="a tester", at=at)
