"""The policies and criteria sets that come with rsp: where their files lie.

The files are the truth; the database holds their projection.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files


@dataclass(frozen=True)
class BundledFile:
    """A policy or criteria file of the package."""

    name: str
    content: bytes


def bundled() -> tuple[BundledFile, ...]:
    """Return every file that comes with rsp: policies first, since a criteria set names its policy; by slug, so that a file comes
    after the one it corrects."""
    found = []
    for package in ("thresholds.policies", "thresholds.criteria"):
        slugs = sorted(each.name.removesuffix(".yaml") for each in files(package).iterdir() if each.name.endswith(".yaml"))
        found += [BundledFile(f"{slug}.yaml", files(package).joinpath(f"{slug}.yaml").read_bytes()) for slug in slugs]
    return tuple(found)
