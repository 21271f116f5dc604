"""Use case: what differs between two policies, or between two criteria sets. Writes nothing and needs no database.

The rules kept here: a name is looked for on record first, then among the files that come with rsp, then as a file; where something was
taken from is told; two policies are compared with their criteria sets only where it is plain which sets are meant.

Left out: which threshold of one policy belongs to which of the other (``thresholds.policy_diff``). Left out: judging a model by two
policies (``rsp.side_by_side``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evaluations.documents import DocumentError, Problem, read_document
from rsp.errors import InputError, StoreError, UnknownNameError
from rsp.policies import BundledFile, bundled
from rsp.store.reading import PolicyText, criteria_sets, policies, policy
from rsp.store.session import Store
from thresholds.change_records import Change, ComparedForm, Comparison, Pair, Side
from thresholds.criteria_diff import criteria_changes
from thresholds.criteria_set import CriteriaSet
from thresholds.load import load_criteria, load_policy
from thresholds.policy import Policy
from thresholds.policy_diff import later_names, policy_changes, threshold_pairs

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
        """Read what is on record. A database that is not there, or cannot serve, leaves the files; why is kept for a name not found."""
        self.without_record: str | None = None
        self.held: dict[str, Found] = {}
        for file in bundled():
            each = _read(file, BUNDLED)
            self.held[each.record.slug] = each
        try:
            with Store.open(database) as store:
                self.held |= _on_record(store)
        except StoreError as missing:
            self.without_record = str(missing)

    def named(self, name: str) -> Found:
        """Return what a name or path means.

        Raises ``UnknownNameError`` naming near ones, ``InputError`` for a file that cannot be read, ``DocumentError`` for what is
        wrong in it.
        """
        path = Path(name)
        if path.suffix in FILE_ENDINGS or len(path.parts) > 1:
            return _read(BundledFile(name, _content(path)), f"file {name}")
        if name in self.held:
            return self.held[name]
        if path.is_file():
            return _read(BundledFile(name, _content(path)), f"file {name}")
        unknown = UnknownNameError("policy or criteria set", name, self.held)
        if self.without_record is None:
            raise unknown
        raise InputError(f"{unknown}, or a file. Only what comes with rsp was looked through: {self.without_record}")

    def in_force(self, of: Side) -> tuple[Found, ...]:
        """Return the criteria sets of a policy that no other one corrects; of a policy on record, those on record."""
        sets = [each for each in self.held.values() if isinstance(each.record, CriteriaSet) and each.record.policy == of.slug]
        if of.found == RECORDED:
            sets = [each for each in sets if each.found == RECORDED]
        corrected = {each.record.corrects for each in sets}
        return tuple(each for each in sets if each.record.slug not in corrected)


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
    known = {slug: each.record for slug, each in shelf.held.items() if isinstance(each.record, Policy)}
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
