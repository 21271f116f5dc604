"""``rsp --help`` against a bare interpreter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from benchmarks.measuring import Measured, paired


def start_help(_: Path) -> Measured:
    """Time ``rsp --help`` as a process."""

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)

    return paired("rsp --help", lambda: run("-m", "rsp", "--help"), "python -c pass", lambda: run("-c", "pass"), runs=9)
