"""What an Inspect log tells of its samples: who they are, how each ended, and what every scorer gave it.

The rules kept here: a letter, a yes or no, a number and a number in quotes become numbers as Inspect makes them; what it cannot read it
counts as 0, and here it is a value that nobody could score; one sample is told of once; a sample is who its place says it is.

Left out: input, output, answers, explanations, events and all other text, which is passed over without being built.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple, NoReturn

from evaluations.readers.inspect_header import finite, part, shown, spelled
from evaluations.readers.item_names import scaffold_slug
from evaluations.readers.json_parts import PRESENT, WHOLE, Each, Fields
from evaluations.readers.log_file import LogFile
from evaluations.readers.log_reading import LogError
from evaluations.values import LONGEST_NUMBER, Slug

LETTERS = {"C": Decimal(1), "P": Decimal("0.5"), "I": Decimal(0), "N": Decimal(0)}  # formats.md 1.3: correct, partial, incorrect, none
WORDS = {"yes": Decimal(1), "true": Decimal(1), "no": Decimal(0), "false": Decimal(0)}
NUMBER = re.compile(r"\s*[-+]?(\d{1,40}(\.\d{0,40})?|\.\d{1,40})([eE][-+]?\d{1,3})?\s*")
MOST_SCORERS = 200  # names of scores in one log; our choice: more is no log of an evaluation
SCORE = Fields({"value": WHOLE, "history": Each(PRESENT)})


class Axis(NamedTuple):
    """One thing that was measured: a scorer's score, or one key of a score that is a dictionary."""

    scorer: str
    key: str | None


class Told(NamedTuple):
    """What is told of one attempt at one sample. ``limit`` names the kind of limit that ended it."""

    values: Mapping[Axis, Decimal | None]
    edited: int
    errored: int
    invalidated: int
    limit: str | None
    cluster: Slug | None
    unreadable: tuple[Axis, ...]


@dataclass
class Samples:
    """Every attempt that a log tells of, by the sample's name and its epoch, and what was found on the way."""

    file: LogFile
    cluster_key: str | None
    only_scorer: str  # whose score an early log means that names none
    told: dict[tuple[str, int], Told] = field(default_factory=dict)
    graded: set[Axis] = field(default_factory=set)  # by letters, or by yes and no
    unreadable: Counter[Axis] = field(default_factory=Counter)
    _axes: dict[Axis, Axis] = field(default_factory=dict)
    _numbers: dict[str, Decimal] = field(default_factory=dict)  # one object for each: most are 0 and 1
    last_epoch: int = 1
    _attempts: int = 0

    @property
    def wanted(self) -> Fields:
        """What is read of a sample."""
        fields = {"id": WHOLE, "epoch": WHOLE, "scores": Fields({"*": SCORE}), "score": SCORE, "error": PRESENT, "invalidation": PRESENT}
        key = {self.cluster_key: WHOLE} if self.cluster_key not in (None, "*") else {}
        return Fields({**fields, "limit": Fields({"type": WHOLE}), "metadata": Fields(key)})

    @property
    def unclustered(self) -> int:
        """How many attempts do not say what makes them rise and fall with others, where the header names such a thing."""
        return 0 if self.cluster_key is None else sum(each.cluster is None for each in self.told.values())

    @property
    def axes(self) -> tuple[Axis, ...]:
        """Everything that was measured of any sample, as first met."""
        return tuple(self._axes)

    def add(self, found: Any, where: str, named: tuple[str, int] | None = None) -> None:
        """Note one sample; ``named`` is who its place says it is."""
        identity = self.identity(found, where)
        if named is not None and named != identity:
            self._refuse(f"{where}, id and epoch", f"sample {identity[0][:60]!r} epoch {identity[1]}", "the sample that its name says")
        if identity in self.told:
            self._refuse(where, f"sample {identity[0][:60]!r} epoch {identity[1]} a second time", "each attempt once")
        told = self.told[identity] = self.read(found, where)
        self.last_epoch = max(self.last_epoch, identity[1])
        self.unreadable.update(told.unreadable)
        self._attempts += max(len(told.values), 1)  # one that has no score takes its place too
        if self._attempts > self.file.budget.attempts:
            self._refuse(where, f"more than {self.file.budget.attempts} scored attempts", "fewer in one file; split it")

    def identity(self, found: Any, where: str) -> tuple[str, int]:
        """Return the sample's name and epoch."""
        name, epoch = (found.get("id"), found.get("epoch", 1)) if isinstance(found, dict) else (None, 1)
        if isinstance(name, bool) or not isinstance(name, int | str):
            self._refuse(f"{where}, id", shown(name), "a name or a whole number")
        if type(epoch) is not int or epoch < 1:
            self._refuse(f"{where}, epoch", shown(epoch), "a whole number from 1")
        return str(name), epoch

    def read(self, found: Mapping[str, Any], where: str) -> Told:
        """Return what is told of a sample."""
        scores = found.get("scores")
        if scores is None and found.get("score") is not None:  # before scores had names
            scores = {self.only_scorer: found["score"]}
        if scores is not None and not isinstance(scores, dict):
            self._refuse(f"{where}, scores", shown(scores), "an object")
        values: dict[Axis, Decimal | None] = {}
        unreadable: list[Axis] = []
        edited = 0
        for scorer, score in (scores or {}).items():
            if not isinstance(score, dict):
                self._refuse(f"{where}, scores.{scorer[:60]}", shown(score), "an object with a value")
            edited += bool(score.get("history"))
            value = score.get("value")
            for key, each in value.items() if isinstance(value, dict) else ((None, value),):
                axis = self._axis(scorer, key)
                if axis in values:
                    self._refuse(
                        f"{where}, scores",
                        f"two scores that are both named {(axis.key or axis.scorer)[:60]}",
                        "names that can be told apart",
                    )
                values[axis] = self._number(axis, each, unreadable)
        limit = spelled(part(found, "limit").get("type")) if found.get("limit") is not None else None
        errored, invalidated = found.get("error") is not None, found.get("invalidation") is not None
        cluster = self._cluster(part(found, "metadata"))
        return Told(values, bool(edited), errored, invalidated, limit, cluster, tuple(unreadable))

    def _axis(self, scorer: str, key: str | None) -> Axis:
        axis = Axis(spelled(scorer) or "score", None if key is None else spelled(key) or "value")
        if axis not in self._axes and len(self._axes) >= MOST_SCORERS:
            self._refuse("samples", f"more than {MOST_SCORERS} names of scores", "fewer")
        return self._axes.setdefault(axis, axis)

    def _number(self, axis: Axis, value: Any, unreadable: list[Axis]) -> Decimal | None:
        """The number of a score as Inspect makes it, None where it makes none."""
        number: Decimal | None
        if isinstance(value, bool) or (isinstance(value, str) and (value in LETTERS or value.lower() in WORDS)):
            self.graded.add(axis)
            number = Decimal(int(value)) if isinstance(value, bool) else LETTERS.get(value, WORDS.get(value.lower()))
        elif isinstance(value, str):
            number = Decimal(value.strip()) if NUMBER.fullmatch(value) else None
        else:
            number = finite(value)
        if number is not None and len(number.as_tuple().digits) > LONGEST_NUMBER:
            number = Decimal(repr(float(number)))  # a float has 17 digits that say anything
        if number is not None and number and abs(number.adjusted()) > LONGEST_NUMBER:
            number = None
        if number is None:
            if value is not None and not (isinstance(value, Decimal) and value.is_nan()):  # both are how Inspect says: not scored
                unreadable.append(axis)
            return None
        return self._numbers.setdefault(str(number), number)

    def _cluster(self, metadata: Mapping[str, Any]) -> Slug | None:
        if self.cluster_key is None:
            return None
        value = metadata.get(self.cluster_key)
        if isinstance(value, str | int | Decimal):
            return scaffold_slug(str(value))
        return None

    def _refuse(self, where: str, found: str, expected: str) -> NoReturn:
        raise LogError(self.file.name, where, found, expected)
