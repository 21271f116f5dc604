"""Errors: one answer a branch, and messages that help; and the package's own neighbours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import rsp
from rsp import errors
from rsp.errors import (
    ConflictError,
    EvidenceError,
    InputError,
    NotPermittedError,
    Problem,
    RspError,
    StaleError,
    StoreError,
    UnknownNameError,
    answer_to,
)

CHECKOUT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InputError("x"), 422),
        (EvidenceError([Problem(("a",), "x", "y")]), 422),
        (UnknownNameError("model", "x", []), 404),
        (ConflictError("x"), 409),
        (NotPermittedError("x"), 403),
        (StaleError("x"), 409),
        (StoreError("x"), 503),
    ],
)
def test_each_branch_has_one_answer(error: RspError, status: int) -> None:
    """HTTP status by branch; exit code 2, because 1 is how a gate says no."""
    assert answer_to(error).http_status == status
    assert answer_to(error).exit_code == 2


def test_every_problem_of_a_file_is_in_the_message() -> None:
    """In words if there are any, else by its path."""
    error = EvidenceError([Problem(("runs", 0), "1.4", "0 to 1", "run a"), Problem(("runs", 1, "value"), "x", "y")])
    assert str(error) == "run a: found 1.4, expected 0 to 1\nruns[1].value: found x, expected y"


def test_an_unknown_name_tells_near_ones_or_what_there_is() -> None:
    """Never just "unknown"."""
    assert "perhaps opus" in str(UnknownNameError("model", "opsu", ["opus", "sonnet"]))
    assert "recorded are a, b, c, d, e ..." in str(UnknownNameError("model", "zzz", ["f", "e", "d", "c", "b", "a"]))
    assert "none is recorded yet" in str(UnknownNameError("model", "zzz", []))


def test_importing_rsp_loads_no_database_library() -> None:
    """Nor do its errors: a command that prints help starts fast."""
    script = "import sys, rsp, rsp.errors; assert not {'sqlalchemy', 'alembic', 'scipy', 'matplotlib'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, cwd=CHECKOUT)


def test_a_stranger_of_our_neighbours_name_stops_the_import(tmp_path: Path) -> None:
    """The intruder is named; a half-deleted neighbour counts as one."""
    (tmp_path / "reports").mkdir()
    (tmp_path / "reports" / "__init__.py").write_text("")
    script = f"import sys; sys.path.insert(1, {str(CHECKOUT)!r}); import rsp"
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert found.returncode != 0
    assert str(tmp_path / "reports" / "__init__.py") in found.stderr


def test_an_absent_neighbour_stops_the_import(tmp_path: Path) -> None:
    """As it is after another package of that name was installed over ours and removed."""
    with pytest.raises(ImportError, match="found the package evaluations at"):
        rsp._refuse_strangers(tmp_path)


def test_every_error_of_the_shell_is_in_the_table_or_below_one_that_is() -> None:
    """And none is answered as the nameless base."""
    kinds = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, RspError) and each is not RspError]
    assert all(any(base in errors.ANSWERS for base in kind.__mro__ if base is not RspError) for kind in kinds)
