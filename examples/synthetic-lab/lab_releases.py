"""What the fictional laboratory is: its releases, their snapshots, and what they were measured by.

The rule kept here: only ``random()`` and exact arithmetic, so that every machine makes the same bytes (see ``make_lab``).
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

SEED = "fictional-lab/20300101"
SOURCE = "fictional-generator"

SNAPSHOTS = (
    ("early", "early", "early", None),
    ("helpful-1", "helpful-only 1", "helpful_only", "early"),
    ("helpful-2", "helpful-only 2", "helpful_only", "helpful-1"),
    ("rc-1", "release candidate 1", "release_candidate", "early"),
    ("rc-2", "release candidate 2", "release_candidate", "rc-1"),
    ("final", "final", "final", "rc-2"),
)
STEPS = (-0.10, 0.0, 0.01, -0.03, -0.01, 0.0)  # how far each snapshot lies from its model's rate: the helpful-only ones lead


@dataclass(frozen=True)
class Release:
    """One fictional model: its month of release and its training compute at the last snapshot."""

    slug: str
    year: int
    month: int
    compute: int  # of the final snapshot, in FLOP


RELEASES = (Release("larch-1", 2030, 3, 10**24), Release("larch-2", 2031, 1, 5 * 10**24), Release("larch-3", 2031, 11, 3 * 10**25))


@dataclass(frozen=True)
class Task:
    """One fictional evaluation measured item by item, with the rate of each of the three releases."""

    slug: str
    name: str
    kind: str
    domain: str
    items: int
    clusters: int
    attempts: int
    rates: tuple[float, float, float]
    unit: str = "share of items"
    riskier_when: str = "higher"
    sampling: str = "items"
    is_graded: bool = False
    has_modes: bool = False
    spread: float = 0.12  # standard deviation of item difficulty around the rate


TASKS = (
    Task("cedar-protocols", "Fictional protocol questions", "benchmark", "cbrn", 200, 50, 2, (0.24, 0.655, 0.955)),
    Task(
        "cedar-troubleshooting", "Fictional troubleshooting, graded", "expert_graded", "cbrn", 80, 20, 3, (0.30, 0.57, 0.80), is_graded=True
    ),
    Task("cedar-knowledge", "Fictional knowledge questions", "expert_graded", "cbrn", 60, 60, 1, (0.35, 0.55, 0.80)),
    Task("cedar-old-quiz", "Fictional old quiz", "benchmark", "cbrn", 120, 120, 1, (0.70, 0.80, 0.985)),
    Task(
        "cedar-plan-errors",
        "Fictional plans with a critical error",
        "expert_graded",
        "cbrn",
        100,
        100,
        1,
        (0.94, 0.66, 0.32),
        unit="share of plans",
        riskier_when="lower",
    ),
    Task("moss-repairs", "Fictional hard software repairs", "benchmark", "autonomy", 90, 30, 5, (0.12, 0.36, 0.62)),
    Task(
        "moss-deduplication",
        "Fictional data cleaning",
        "agentic_task",
        "autonomy",
        60,
        60,
        1,
        (0.005, 0.15, 0.40),
        unit="share of trials",
        sampling="trials_of_one_task",
        spread=0.0,
    ),
    Task("moss-research", "Fictional research suite", "agentic_task", "autonomy", 90, 30, 5, (0.04, 0.08, 0.34)),
    Task("moss-horizon", "Fictional long tasks", "agentic_task", "autonomy", 80, 80, 1, (0.08, 0.14, 0.52), has_modes=True),
    Task("fern-network", "Fictional network challenges", "capture_the_flag", "cyber", 60, 60, 5, (0.01, 0.04, 0.11)),
    Task("fern-web", "Fictional web challenges", "capture_the_flag", "cyber", 60, 60, 5, (0.015, 0.08, 0.30)),
    Task("fern-reversing", "Fictional reversing challenges", "capture_the_flag", "cyber", 60, 60, 5, (0.01, 0.03, 0.08)),
    Task("fern-range", "Fictional network range", "agentic_task", "cyber", 90, 30, 2, (0.06, 0.24, 0.76), has_modes=True),
)


def sourced(**fields: Any) -> dict[str, Any]:
    """Return ``fields`` marked as synthetic."""
    return {**fields, "source": SOURCE, "confidence": "synthetic"}


def bell(stream: Random) -> float:
    """Return a draw of mean 0 and standard deviation 1 that is nearly normal: twelve uniforms, which are exact everywhere."""
    return sum(stream.random() for _ in range(12)) - 6.0
