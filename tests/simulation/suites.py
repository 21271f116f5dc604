"""B1 and B17: tests that are run by the runner of the tests, here in full. No chance of ours, and no rule of ours.

B1 runs every reference case; B17 the property tests of statistics c6 with 1,000 examples each, which the Hypothesis profile of
``tests/conftest.py`` reads from the environment. A test that fails, errs or is skipped is a miss, and one miss breaks the bar.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.simulation.cells import MASTER_SEED, Bar, Cell, Generator, Line, Rate

ROOT = Path(__file__).parents[2]
NAMED = "test_*_properties.py"
EXAMPLES = 1000  # bar B17

CASES = Line("B1", "reference cases: misses", at_most=0.0)
PROPERTIES = Line("B17", f"properties, {EXAMPLES} examples each: misses", at_most=0.0)


@dataclass(frozen=True)
class Suite(Cell):
    """Test files, run in a process of their own."""

    files: tuple[str, ...]
    line: str
    examples: int | None = None

    @property
    def name(self) -> str:
        return ", ".join(Path(each).name for each in self.files)

    def rates(self, chance: Generator, replicates: int) -> Iterable[Rate]:  # noqa: ARG002 - the files bring what they need
        environment = os.environ | ({"RSP_EXAMPLES": str(self.examples)} if self.examples else {})
        with tempfile.TemporaryDirectory() as folder:
            report = Path(folder) / "report.xml"
            command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", *self.files]
            if self.examples:
                command += ["-m", "hypothesis", f"--hypothesis-seed={MASTER_SEED}"]
            ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            if not report.is_file():
                raise RuntimeError(f"no report came of {self.name}: {ended.stdout[-2000:]}{ended.stderr[-2000:]}")
            cases = list(ElementTree.parse(report).iter("testcase"))
        missed = [case.get("name", "") for case in cases if any(case.find(how) is not None for how in ("failure", "error", "skipped"))]
        if not cases or (ended.returncode != 0 and not missed):
            raise RuntimeError(f"{self.name} ended with {ended.returncode}: {ended.stdout[-2000:]}")
        yield Rate(self.line, f"{missed[0]} and {len(missed) - 1} more" if missed else f"none of {len(cases)}", len(missed), len(cases))


def reference_cases() -> Sequence[Cell]:
    """B1."""
    return [Suite(("tests/evaluations/test_reference.py",), CASES.key)]


def property_files() -> list[str]:
    """The files of property tests on the statistics and the verdicts."""
    return sorted(
        str(path.relative_to(ROOT)) for folder in ("evaluations", "thresholds") for path in (ROOT / "tests" / folder).rglob(NAMED)
    )


def properties() -> Sequence[Cell]:
    """B17, a cell a file."""
    return [Suite((file,), PROPERTIES.key, EXAMPLES) for file in property_files()]


SUITES = (Bar("B1", (CASES,), reference_cases), Bar("B17", (PROPERTIES,), properties))
