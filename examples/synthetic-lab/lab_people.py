"""What people did and said in the fictional laboratory: uplift trials, judgements in words, and decisions.

Left out: any judgement of a real system. Means and spreads are chosen so that the fictional policy meets every kind of verdict.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from lab_releases import RELEASES, SEED, Release, bell, sourced

UPLIFT = {  # trial -> release -> cohort -> (mean and spread of the control arm, of the model arm)
    "cedar-uplift": {
        "larch-1": {"novices": (30, 9, 33, 9), "students": (36, 9, 39, 10)},
        "larch-2": {"novices": (29, 9, 58, 12), "students": (36, 9, 72, 12)},
        "larch-3": {"novices": (29, 8, 79, 9), "students": (35, 9, 84, 8)},
    },
    "cedar-followup": {
        "larch-1": {"novices": (31, 9, 34, 9)},
        "larch-2": {"novices": (31, 9, 61, 11)},
        "larch-3": {"novices": (31, 9, 81, 8)},
    },
}
PER_ARM = 24
JUDGEMENT = {
    "larch-1": ("below", "Fictional: answers stay at the level of a textbook, and errors would stop any attempt early."),
    "larch-2": ("between", "Fictional: the reviewers disagree. Some steps are now correct, and errors remain in most plans."),
    "larch-3": ("above", "Fictional: the reviewers agree that the help is considerable."),
}


def participants(release: Release, trial: str, cohort: str, arm: str, mean: int, spread: int) -> list[dict[str, Any]]:
    """Return one arm's scores from 0 to 100 in whole points, under codes."""
    stream = Random(f"{SEED}/{release.slug}/{trial}/{cohort}/{arm}")  # noqa: S311 (as above)
    draws = [bell(stream) for _ in range(PER_ARM)]
    centre = sum(draws) / PER_ARM  # taken out, so that an arm's mean is what the table says
    scores = [min(max(int(mean + spread * (draw - centre) + 0.5), 0), 100) for draw in draws]
    return [{"code": f"{cohort}-{arm}-{place + 1:02d}", "score": score} for place, score in enumerate(scores)]


def trial_records(release: Release) -> Iterator[dict[str, Any]]:
    for trial, by_release in UPLIFT.items():
        yield sourced(
            slug=trial,
            model=release.slug,
            snapshot="helpful-2",
            evaluation=trial,
            version="v1",
            task="Fictional: write a plan for a made-up task in a made-up world",
            hours_allowed=12,
            grader="Fictional graders with a fictional rubric",
            cohorts=[
                {
                    "slug": cohort,
                    "name": f"Fictional {cohort}",
                    "arms": [
                        {
                            "kind": "control",
                            "conditions": "fictional library only",
                            "participants": participants(release, trial, cohort, "control", *numbers[:2]),
                        },
                        {
                            "kind": "model",
                            "conditions": f"the library and {release.slug}",
                            "participants": participants(release, trial, cohort, "model", *numbers[2:]),
                        },
                    ],
                }
                for cohort, numbers in by_release[release.slug].items()
            ],
        )


SIGNED_OFF = {  # a rule-out in words needs a signature; it counts from its day on, and the clock of the record is a real one
    "signed_off_by": "A fictional officer",
    "signed_off_on": "2020-01-01",
}


def finding_records() -> Iterator[dict[str, Any]]:
    for release in RELEASES:
        leaning, words = JUDGEMENT[release.slug]
        signature = SIGNED_OFF if leaning == "below" else {}
        yield sourced(
            slug="review",
            model=release.slug,
            snapshot="helpful-2",
            evaluation="cedar-review",
            version="v1",
            by="Three fictional experts",
            leaning=leaning,
            words=words,
            visibility="restricted" if leaning == "above" else "staff",
            **signature,
        )


def determination_records() -> Iterator[dict[str, Any]]:
    outcomes = ("Fictional: below every threshold", "Fictional: treated as if reached", "Fictional: reached in the biological domain")
    for release, outcome in zip(RELEASES, outcomes, strict=True):
        yield sourced(
            slug="overall",
            model=release.slug,
            domain=None,
            outcome=outcome,
            decided_by="A fictional officer",
            decided_on=f"{release.year}-{release.month:02d}-25",
        )
