"""Who took part in a trial: everybody once, and a team within one arm (statistics b5, b6).

The rule kept here: a person counted in two cohorts would count twice, and a team spread over cohorts or arms would pass for people who
have nothing in common; either makes an interval too short, so such a trial has none until its codes say who is who.

Left out: people under a second name, whom no record can tell. Left out: refusing the record itself, which stays readable as it was made.
"""

from __future__ import annotations

from fractions import Fraction

from evaluations.estimate import Unestimable
from evaluations.trials import ArmKind, UpliftTrial


def counted_twice(trial: UpliftTrial, point: Fraction | None) -> Unestimable | None:
    """The refusal where a code stands in two cohorts, or a team in two arms; ``None`` where everybody counts once.

    One code in both arms of a cohort is taken for numbering within arms, which is usual.
    """
    cohorts: dict[str, str] = {}
    teams: dict[str, tuple[str, ArmKind]] = {}
    for cohort in trial.cohorts:
        for arm in cohort.arms:
            for person in arm.participants:
                if cohorts.setdefault(person.code, cohort.slug) != cohort.slug:
                    words = f"participant {person.code} stands in the cohorts {cohorts[person.code]} and {cohort.slug}"
                    return Unestimable("counted_twice", f"{words}; everybody counts once, under a code of their own", point)
                if person.team is not None and teams.setdefault(person.team, (cohort.slug, arm.kind)) != (cohort.slug, arm.kind):
                    words = f"team {person.team} stands in more than one arm"
                    return Unestimable("counted_twice", f"{words}; a team belongs to one arm of one cohort", point)
    return None
