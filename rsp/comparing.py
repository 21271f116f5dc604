"""Use case: what differs between two policies, or between two criteria sets. Writes nothing and needs no database.

The rules kept here: a name is looked for on record first, then among the files that come with rsp, then as a file; where something was
taken from is told; two policies are compared with their criteria sets only where it is plain which sets are meant.

Left out: which threshold of one policy belongs to which of the other (``thresholds.policy_diff``). Left out: judging a model by two
policies (``rsp.side_by_side``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from evaluations.documents import DocumentError, Problem, read_document
from rsp.config import is_absent
from rsp.errors import InputError, UnknownNameError
from rsp.policies import BundledFile, bundled
from thresholds.change_records import Change, ComparedForm, Comparison, Pair, Side
from thresholds.criteria_diff import criteria_changes
from thresholds.criteria_set import CriteriaSet
from thresholds.load import load_criteria, load_policy
from thresholds.policy import Policy
from thresholds.policy_diff import later_names, policy_changes, threshold_pairs

if TYPE_CHECKING:  # what is compared without a record should not wait for the libraries of a database
    from rsp.store.reading import PolicyText
    from rsp.store.session import Store

FILE_ENDINGS = (".yaml", ".yml", ".json")
BUNDLED, RECORDED = "comes with rsp", "on record"


@dataclass(frozen=True)
class Found:
    """A policy or criteria set with the digest of what it says, and where it was found."""

    record: Policy | CriteriaSet
    sha256: str
    found: str

    @property
    def side(self) -> Side:
        """How a comparison names it."""
        form = ComparedForm.POLICY if isinstance(self.record, Policy) else ComparedForm.CRITERIA
        return Side(
            form=form,
            slug=self.record.slug,
            title=self.record.title,
            found=self.found,
            sha256=self.sha256,
            unread=self.record.unread,
        )


class Shelf:
    """Every policy and criteria set that can be named: those on record, where there is a database, and those that come with rsp."""

    def __init__(self, database: str) -> None:
        """Keep where the record is; it and the files are read once something is asked that they can answer."""
        self._database = database
        self._packaged = {file.name.removesuffix(".yaml"): file for file in bundled()}  # a file is named by its slug
        self._opened: dict[str, Found] = {}

    @cached_property
    def _recorded(self) -> dict[str, Found]:
        """What is on record; nothing where there is no database. Raises ``StoreError`` for one that cannot serve."""
        if is_absent(self._database):
            return {}
        from rsp.store.session import Store  # noqa: PLC0415  # a comparison of files waits for no library of databases

        with Store.open(self._database) as store:
            return _on_record(store)

    def _named(self, slug: str) -> Found | None:
        if slug in self._recorded:
            return self._recorded[slug]
        if slug in self._packaged and slug not in self._opened:
            self._opened[slug] = _read(self._packaged[slug], BUNDLED)
        return self._opened.get(slug)

    def named(self, name: str) -> Found:
        """Return what a name or path means.

        Raises ``UnknownNameError`` naming near ones, ``InputError`` for a file that cannot be read, ``DocumentError`` for what is
        wrong in it.
        """
        path = Path(name)
        if path.suffix in FILE_ENDINGS or len(path.parts) > 1:
            return _read(BundledFile(name, _content(path)), f"file {name}")
        found = self._named(name)
        if found is not None:
            return found
        if path.is_file():
            return _read(BundledFile(name, _content(path)), f"file {name}")
        unknown = UnknownNameError("policy or criteria set", name, {*self._recorded, *self._packaged})
        if not is_absent(self._database):
            raise unknown
        raise InputError(f"{unknown}, or a file. Only what comes with rsp was looked through: there is no database {self._database}")

    def in_force(self, of: Side) -> tuple[Found, ...]:
        """Return the criteria sets of a policy that no other one corrects; of a policy on record, those on record."""
        slugs = [slug for slug, file in self._packaged.items() if of.slug.encode() in file.content]  # spares reading most of them
        held = [found for slug in sorted({*self._recorded, *slugs}) if (found := self._named(slug)) is not None]
        sets = [each for each in held if isinstance(each.record, CriteriaSet) and each.record.policy == of.slug]
        if of.found == RECORDED:
            sets = [each for each in sets if each.found == RECORDED]
        corrected = {each.record.corrects for each in sets}
        return tuple(each for each in sets if each.record.slug not in corrected)

    def linked(self, *ends: Policy) -> dict[str, Policy]:
        """Return the policies that links lead to from these, near or far, by slug."""
        reached: dict[str, Policy] = {}
        waiting = [*ends]
        while waiting:
            for slug in {link.policy for threshold in waiting.pop().thresholds for link in threshold.links} - reached.keys():
                found = self._named(slug)
                if found is not None and isinstance(found.record, Policy):
                    reached[slug] = found.record
                    waiting.append(found.record)
        return reached


def comparison(database: str, before: str, after: str) -> Comparison:
    """Return everything in which two policies, or two criteria sets, differ. Raises ``InputError`` if they are one of each."""
    shelf = Shelf(database)
    left, right = shelf.named(before), shelf.named(after)
    pair = Pair(before=left.side, after=right.side)
    if isinstance(left.record, Policy) and isinstance(right.record, Policy):
        return _policies(shelf, left.record, right.record, pair)
    if isinstance(left.record, CriteriaSet) and isinstance(right.record, CriteriaSet):
        return Comparison(pairs=(pair,), changes=criteria_changes(left.record, right.record))
    kinds = [f"the {'policy' if isinstance(each.record, Policy) else 'criteria set'} {each.record.slug}" for each in (left, right)]
    raise InputError(f"found {' and '.join(kinds)}, expected two policies or two criteria sets")


def _policies(shelf: Shelf, before: Policy, after: Policy, pair: Pair) -> Comparison:
    """Compare two policies, and their criteria sets where each has just one in force."""
    known = shelf.linked(before, after)
    changes: tuple[Change, ...] = policy_changes(before, after, known)
    sets = shelf.in_force(pair.before), shelf.in_force(pair.after)
    missing = [_not_one(each.slug, held) for each, held in zip((before, after), sets, strict=True) if len(held) != 1]
    if missing:
        return Comparison(pairs=(pair,), not_compared="; ".join(dict.fromkeys(missing)), changes=changes)
    (left,), (right,) = sets
    assert isinstance(left.record, CriteriaSet)
    assert isinstance(right.record, CriteriaSet)
    bars = criteria_changes(left.record, right.record, later_names(threshold_pairs(before, after, known)))
    return Comparison(pairs=(pair, Pair(before=left.side, after=right.side)), changes=(*changes, *bars))


def _not_one(slug: str, held: Sequence[Found]) -> str:
    if not held:
        return f"{slug} has no criteria set"
    return f"{slug} has {len(held)} criteria sets ({', '.join(each.record.slug for each in held)}); name two of them to compare them"


def _on_record(store: Store) -> dict[str, Found]:
    from rsp.store.reading import criteria_sets, policies, policy  # noqa: PLC0415  # a comparison of files waits for no library of databases

    held: dict[str, Found] = {}
    with store.read() as session:
        for slug in policies(session):
            text = policy(session, slug)
            held[slug] = _recorded(Policy.model_validate_json(text.body), text)
            for each in criteria_sets(session, slug):
                held[each.slug] = _recorded(CriteriaSet.model_validate_json(each.body), each)
    return held


def _recorded(record: Policy | CriteriaSet, text: PolicyText) -> Found:
    return Found(record, text.body_sha256, RECORDED)


def _read(file: BundledFile, found: str) -> Found:
    """Read a policy or criteria file, whichever its ``format`` says. Raises ``DocumentError``."""
    match read_document(file.content, file.name).value.get("format"):
        case "rsp-policy/1":
            policy_file = load_policy(file.content, file.name)
            return Found(policy_file.record, policy_file.body_sha256, found)
        case "rsp-criteria/1":
            criteria_file = load_criteria(file.content, file.name)
            return Found(criteria_file.record, criteria_file.body_sha256, found)
        case other:
            said = f"“{other}”" if other else "no value"
            raise DocumentError(file.name, (Problem(("format",), said, "rsp-policy/1 or rsp-criteria/1", line=1),))


def _content(path: Path) -> bytes:
    if not path.is_file():
        raise InputError(f"found no file at {path}, expected a policy or criteria file, or a name on record")
    try:
        return path.read_bytes()
    except OSError as refused:
        raise InputError(f"found no readable file at {path} ({refused.strerror}), expected one") from refused
