"""What happened to the fictional releases beside their measurements: plans, effective compute, assessments, calls, and a relation.

The rules kept here: effective compute is set by hand and not derived from training compute; every date is as fictional as the releases.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lab_releases import RELEASES, SNAPSHOTS, TASKS, sourced

COMPUTE = {  # release -> effective compute with its low and high end, in units of the first release
    "larch-1": (1, 0.9, 1.1),
    "larch-2": (5, 4.2, 6),
    "larch-3": (30, 24, 38),
}
ASSESSED = RELEASES[:2]  # the third one waits for its assessment


def _trigger(number: int) -> str:
    return "Fictional: at least four times the effective compute" if number else "Fictional: first model of the family"


def plan_records() -> Iterator[dict[str, Any]]:
    for number, release in enumerate(RELEASES):
        yield sourced(
            slug="plan",
            model=release.slug,
            comparison_model=RELEASES[number - 1].slug if number else None,
            trigger=_trigger(number),
            planned=[
                {
                    "evaluations": [task.slug for task in TASKS if task.has_modes is has_modes],
                    "snapshots": [slug for slug, _, _, _ in SNAPSHOTS],
                    "thinking": ["standard", "extended"] if has_modes else ["standard"],
                }
                for has_modes in (False, True)
            ],
        )


def effective_compute_records() -> Iterator[dict[str, Any]]:
    for release in RELEASES:
        value, low, high = COMPUTE[release.slug]
        yield sourced(
            slug="at-the-end-of-training",
            model=release.slug,
            reached_on=f"{release.year}-{release.month:02d}-06",
            value=value,
            low=low,
            high=high,
            unit="times the effective compute of larch-1 (fictional)",
            entered_by="Fictional scaling team",
            basis="Fictional: set by hand; a real laboratory would say how it compares models",
        )


def assessment_records() -> Iterator[dict[str, Any]]:
    for number, release in enumerate(ASSESSED):
        yield sourced(
            slug="comprehensive",
            model=release.slug,
            depth="comprehensive",
            completed_on=f"{release.year}-{release.month:02d}-22",
            comparison_model=ASSESSED[number - 1].slug if number else None,
            trigger=_trigger(number),
            held_by="Fictional evaluation team",
        )


def call_records() -> Iterator[dict[str, Any]]:
    yield sourced(
        slug="scores-jumped",
        model="larch-3",
        kind="discretion",
        called_on="2031-11-10",
        comparison_model="larch-2",
        called_by="A fictional officer",
        words="Fictional: the release candidates do better than anybody planned for, so the whole suite has to be judged again.",
    )


def relation_records() -> Iterator[dict[str, Any]]:
    yield sourced(  # nobody signed it: it can make a verdict on larch-3 more cautious, and rule nothing out
        slug="made-from-larch-2",
        model="larch-3",
        kind="inherited_from",
        other="larch-2",
        domain=None,
        judged_by="Fictional training team",
        words="Fictional: training went on from the last weights of larch-2.",
    )
