"""Errors by who must react: the sender, somebody who was first, the operator. One table says how each is answered.

The rules kept here: a message says what was found, what was expected, where, and what to do; every error of the shell is an
``RspError`` of exactly one branch; the HTTP status and the exit code of a branch stand in ``ANSWERS`` and nowhere else. Exit code 1
is absent from that table: it is how ``rsp gate`` says no, which is an answer and no error.

Left out: errors of the pure core, which it defines itself, and wording for HTTP bodies.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from evaluations.documents import Problem

FIRST_STEPS = "`rsp policy load` records the policies that come with rsp, `rsp load FILE` your evidence and your own files"


class RspError(Exception):
    """Base of every error of the shell."""


class InputError(RspError):
    """What was sent is wrong; the sender corrects it."""


class EvidenceError(InputError):
    """A file was refused as a whole. ``problems`` holds everything wrong with it, not only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class UnassignedError(EvidenceError):
    """A name in a log that nobody has said the meaning of. ``entry`` is the alias to record, with the meaning still to be filled in."""

    def __init__(self, problem: Problem, entry: str) -> None:
        told = replace(
            problem, expected=f"{problem.expected}. Say it beside the log, or fill in the capitals and record this with `rsp load`: {entry}"
        )
        super().__init__((told,))
        self.entry = entry


class UnknownNameError(InputError):
    """A name that nothing recorded carries. ``near`` holds recorded names that look like it."""

    def __init__(self, kind: str, name: str, known: Iterable[str] | None, *, why: str = "") -> None:
        known = None if known is None else sorted(known)
        self.kind, self.name, self.near = kind, name, near_names(name, known or ())
        super().__init__(f"found {kind} {name!r}{why}, expected {expected_name(kind, name, known)}")


class NothingRecordedError(UnknownNameError):
    """A name was asked for where no entry is recorded yet."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__(kind, name, ())
        self.args = (f"found {kind} {name!r}, and nothing is recorded yet: {FIRST_STEPS}",)


class UnknownPositionError(InputError):
    """A position of the log, or an instant, that the record cannot answer for."""

    def __init__(self, asked: str, expected: str) -> None:
        super().__init__(f"found as_of {asked!r}, expected {expected}")


class ConflictError(RspError):
    """Something else stands there already. ``problems`` names each field with the stored and the found value, if fields differ."""

    def __init__(self, message: str, problems: Iterable[Problem] = ()) -> None:
        self.summary = message
        self.problems = tuple(problems)
        super().__init__("\n".join([message, *(str(problem) for problem in self.problems)]))


class UnknownCallerError(RspError):
    """Nobody knows who calls: no token, or none that is valid."""


class NotPermittedError(RspError):
    """The person may not do this."""


class StaleError(RspError):
    """What the person decided on has changed since they looked; they look again."""


class StoreError(RspError):
    """The database cannot serve; the operator reacts."""


class BusyError(StoreError):
    """Another writer held the database for too long; whoever asked tries again."""


class AwayError(StoreError):
    """The server could not be reached; whether something was recorded is unknown, and sending it again records nothing twice."""


@dataclass(frozen=True)
class Answer:
    """How a door answers an error. ``word`` is what the HTTP API calls it, so that a client knows it again."""

    http_status: int
    exit_code: int
    word: str


# HTTP: RFC 9110 section 15.5 and 15.6. Exit code 2: the shell's custom for "the command could not do its work".
ANSWERS: Mapping[type[RspError], Answer] = {
    RspError: Answer(500, 2, "internal"),
    InputError: Answer(422, 2, "input"),
    UnknownNameError: Answer(404, 2, "unknown-name"),
    UnknownPositionError: Answer(404, 2, "unknown-position"),
    ConflictError: Answer(409, 2, "conflict"),
    UnknownCallerError: Answer(401, 2, "unknown-caller"),
    NotPermittedError: Answer(403, 2, "not-permitted"),
    StaleError: Answer(409, 2, "stale"),
    StoreError: Answer(503, 2, "store"),
    BusyError: Answer(503, 2, "busy"),
}


def answer_to(error: RspError) -> Answer:
    """Return the answer of the error's own class or of its nearest base that has one."""
    return next(ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS)


def near_names(name: str, known: Iterable[str]) -> tuple[str, ...]:
    """Return up to three recorded names that look like ``name``."""
    return tuple(get_close_matches(name, list(known), n=3, cutoff=0.6))  # 0.6 is difflib's own default


def expected_name(kind: str, name: str, known: Iterable[str] | None) -> str:
    """Return what to write after "expected": the near names, or the first few, or that there are none.

    ``known`` is ``None`` for who may not be told what is recorded.
    """
    if known is None:
        return f"a recorded {kind}"
    known = sorted(known)
    if near := near_names(name, known):
        return f"a recorded {kind}, perhaps {' or '.join(near)}"
    if not known:
        return f"a recorded {kind}; none is recorded yet"
    shown = ", ".join(known[:5]) + (" ..." if len(known) > 5 else "")  # 5: our choice, a line stays a line
    return f"a recorded {kind}; recorded are {shown}"
