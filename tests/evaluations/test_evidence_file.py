"""An evidence file is taken whole or refused whole, with line, field, what was found and what was expected."""

from __future__ import annotations

import pytest

from evaluations.documents import DocumentError
from evaluations.evidence_file import read_evidence

HEAD = """format: rsp-evidence/1
sources:
  - {slug: s, title: A source}
developers:
  - {slug: d, name: A developer}
models:
  - slug: m
    name: Model
    developer: d
    source: s
    snapshots:
      - {slug: final, name: Final, kind: final, ordinal: 1, source: s}
evaluations:
  - slug: e
    name: Evaluation
    kind: benchmark
    source: s
    versions:
      - {slug: v1, unit: percent, riskier_when: higher, scale_low: 0, scale_high: 100, source: s}
runs:
  - slug: r
    model: m
    snapshot: final
    evaluation: e
    version: v1
    source: s
    scores:
      - {statistic: mean, value: 69.70, source: s}
"""

WRONG = {
    "an unknown field": (("value: 69.70", "value: 69.70, colour: red"), 28, "runs[0].scores[0].colour", "an unknown field"),
    "a boolean for a number": (("69.70", "true"), 28, "runs[0].scores[0].value", "true"),
    "a quoted number": (("69.70", "'69.70'"), 28, "runs[0].scores[0].value", "without quotes or a percent sign"),
    "a number too long": (("69.70", "1" * 60), 28, "runs[0].scores[0].value", "fewer"),
    "text for a number": (("69.70", "high"), 28, "runs[0].scores[0].value", "high"),
    "a missing field": (("    evaluation: e\n    version: v1\n", "    version: v1\n"), 21, "runs[0].evaluation", "required"),
    "a word that is none of the words": (("statistic: mean", "statistic: avarage"), 28, "runs[0].scores[0].statistic", "avarage"),
    "an upper-case slug": (("slug: final,", "slug: FINAL,"), 12, "models[0].snapshots[0].slug", "lower-case"),
    "a number for a name": (("name: Model", "name: 3.7"), 8, "models[0].name", "3.7"),
    "an instant without a zone": (
        ("    version: v1\n    source", "    version: v1\n    measured_at: 2025-02-24T12:00:00\n    source"),
        26,
        "runs[0].measured_at",
        "zone",
    ),
    "a number for a date": (
        ("developer: d\n    source", "developer: d\n    released_on: 20250224\n    source"),
        10,
        "models[0].released_on",
        "a date",
    ),
    "digits in quotes for an instant": (
        ("    version: v1\n    source", "    version: v1\n    measured_at: '20260101'\n    source"),
        26,
        "runs[0].measured_at",
        "zone",
    ),
    "digits in quotes for a day": (
        ("developer: d\n    source", "developer: d\n    released_on: '86400'\n    source"),
        10,
        "models[0].released_on",
        "2025-02-24",
    ),
    "an instant before the calendar": (
        ("    version: v1\n    source", "    version: v1\n    measured_at: 0001-01-01T00:00:00+14:00\n    source"),
        26,
        "runs[0].measured_at",
        "years 1 to 9999",
    ),
    "a count in quotes": (("value: 69.70", "passed: 3, trials: '3_0'"), 28, "runs[0].scores[0].trials", "without quotes"),
    "a count of ten million digits": (("value: 69.70", "passed: 3, trials: 1e10000000"), 28, "runs[0].scores[0].trials", "expected fewer"),
    "a number beyond every decimal": (("69.70", "1e99999999999999999999"), 28, "runs[0].scores[0].value", "ordinary size"),
    "an upside-down scale": (("scale_low: 0", "scale_low: 200"), 19, "evaluations[0].versions[0]", "low below high"),
    "a spread without its kind": (("value: 69.70", "value: 69.70, spread: 3"), 28, "runs[0].scores[0]", "spread_kind"),
    "a score over nothing": (("value: 69.70", "passed: 0, trials: 0"), 28, "runs[0].scores[0]", "at least one"),
    "more passed than tried": (("value: 69.70", "passed: 5, trials: 4"), 28, "runs[0].scores[0]", "0 to 4"),
    "a failed run without a reason": (
        ("    version: v1\n    source", "    version: v1\n    status: failed\n    source"),
        21,
        "runs[0]",
        "status_reason",
    ),
    "an empty run": (("    scores:\n      - {statistic: mean, value: 69.70, source: s}\n", ""), 21, "runs[0]", "scores or items"),
    "another format": (("rsp-evidence/1", "rsp-evidence/9"), 1, "format", "rsp-evidence/1"),
}


@pytest.mark.parametrize(("change", "line", "field", "words"), WRONG.values(), ids=WRONG.keys())
def test_a_mistake_is_answered_with_line_and_field(change: tuple[str, str], line: int, field: str, words: str) -> None:
    assert change[0] in HEAD
    with pytest.raises(DocumentError) as refused:
        read_evidence(HEAD.replace(*change, 1).encode(), "evidence.yaml")
    problem = refused.value.problems[0]
    assert (problem.field, problem.line) == (field, line)
    assert words in str(problem)


def test_the_same_text_without_a_mistake_is_taken() -> None:
    file, _ = read_evidence(HEAD.encode(), "evidence.yaml")
    assert str(file.runs[0].scores[0].value) == "69.70"


def test_every_mistake_of_a_file_is_told_at_once() -> None:
    wrong = HEAD.replace("69.70", "true").replace("name: Model", "name: 3.7")
    with pytest.raises(DocumentError) as refused:
        read_evidence(wrong.encode(), "evidence.yaml")
    assert len(refused.value.problems) == 2
