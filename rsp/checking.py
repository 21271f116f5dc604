"""Use case: a policy, a criteria set or a file of cases checked where it lies, with the cases beside it. Writes nothing.

The rules kept here: what loading would refuse is refused here, with file, line and field, and a file is held against those given before
it, those that come with rsp and those on record, as if all of them had been loaded; what a file names is looked for among the files given,
beside them, among those that come with rsp, then on record; the database may be absent.

Left out: judging the cases (``thresholds.casebook``). Left out: an evaluation that only the cases of a set declare; loading refuses such a
set until the evidence that declares it is on record.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib.resources import files
from pathlib import Path

import rsp
from evaluations.documents import LARGEST_BYTES, Document, DocumentError, Problem, read_document
from evaluations.records import Evaluation
from rsp.config import is_absent
from rsp.errors import ConflictError, InputError, expected_name
from rsp.policies import BundledFile
from rsp.store import reading
from rsp.store.policy_consistency import criteria_problems, policy_problems
from rsp.store.policy_writing import released
from rsp.store.reading import PolicyText
from rsp.store.session import Store
from thresholds.case_coverage import TriedBar, tried_bars
from thresholds.case_evidence import known_evaluations
from thresholds.case_fit import set_misfits
from thresholds.casebook import Casebook, JudgedCase, judged, load_cases
from thresholds.criteria_set import CriteriaSet
from thresholds.errors import DecisionError
from thresholds.load import Loaded, expect_fit, load_criteria, load_policy
from thresholds.policy import Policy

POLICY, CRITERIA, CASES = "rsp-policy/1", "rsp-criteria/1", "rsp-cases/1"
FOLDERS = {POLICY: "policies", CRITERIA: "criteria", CASES: "cases"}  # beside a file, and in the package


@dataclass(frozen=True)
class CheckedSet:
    """One criteria set held against its policy, and its cases judged. ``cases`` names their file, ``None`` where none was found."""

    criteria: CriteriaSet
    policy: Policy
    cases: str | None
    judged: tuple[JudgedCase, ...]
    bars: tuple[TriedBar, ...]


@dataclass(frozen=True)
class Checked:
    """What checking one file found. A policy has as many sets as name it, a criteria set or a file of cases just one."""

    name: str
    format: str
    slug: str  # of a file of cases, that of its criteria set
    sets: tuple[CheckedSet, ...]
    passed_over: tuple[str, ...]  # files beside it that cannot be read, and so were not looked at


@dataclass(frozen=True)
class Given:
    """A file with what it says it is and its own name: of a file of cases, the name of its criteria set."""

    file: BundledFile
    format: str
    slug: str
    document: Document


def check(given: Sequence[BundledFile], database: str, cases: Sequence[BundledFile] = ()) -> tuple[Checked, ...]:
    """Check every file given, each by itself, with the cases of each criteria set it comes to; ``cases`` take the place of those beside.

    Raises ``DocumentError`` for anything wrong in a file, ``InputError`` where what it names is nowhere to be found.
    """
    opened, named = [_opened(each) for each in given], [_opened(each) for each in cases]
    for each in named:
        if each.format != CASES:
            raise each.document.error((Problem(("format",), f"“{each.format}”", f"“{CASES}”: a file of cases"),))
    shelves = [_Shelf([*named, *opened], Path(each.file.name), database, opened[:place]) for place, each in enumerate(opened)]
    checked = tuple(_checked(each, shelf) for each, shelf in zip(opened, shelves, strict=True))
    for each in named:
        if each.slug not in [slug for found in checked for one in found.sets for slug in (one.criteria.slug, one.criteria.corrects)]:
            raise each.document.error((Problem(("criteria",), f"“{each.slug}”", "a criteria set that one of the files checked comes to"),))
    return checked


def _opened(file: BundledFile) -> Given:
    document = read_document(file.content, file.name)
    form = document.value.get("format")
    if form not in FOLDERS:
        found = f"“{form}”" if form else "no value"
        raise DocumentError(file.name, (Problem(("format",), found, "one of " + ", ".join(FOLDERS), line=document.line(("format",))),))
    slug = document.value.get("criteria" if form == CASES else "slug")
    return Given(file, form, slug if isinstance(slug, str) else "", document)


def _checked(each: Given, shelf: _Shelf) -> Checked:
    if each.format == POLICY:
        policy = load_policy(each.file.content, each.file.name)
        _stands_beside_others(policy, each.document, shelf)
        sets = tuple(_set(criteria, document, policy, shelf) for criteria, document in shelf.criteria_of(policy.record.slug))
    else:
        if each.format == CASES:
            load_cases(each.file.content, each.file.name)  # what is wrong in the file itself is told before anything is looked for
            criteria, document = shelf.criteria(each)
        else:
            criteria, document = load_criteria(each.file.content, each.file.name), each.document
            _stands_beside_others(criteria, document, shelf)
        policy = shelf.policy(criteria.record.policy, document)
        sets = (_set(criteria, document, policy, shelf),)
    return Checked(each.file.name, each.format, each.slug, sets, tuple(shelf.passed_over))


def _stands_beside_others(loaded: Loaded[Policy] | Loaded[CriteriaSet], document: Document, shelf: _Shelf) -> None:
    """Refuse a file that could not be loaded beside the others: a released one changed, a second of one version, days governed twice."""
    record = loaded.record
    others = shelf.others(record)
    word = "policy" if isinstance(record, Policy) else "criteria set"
    try:
        if released(others, word, record.slug, loaded.body, loaded.file_name) is not None:
            return  # what was released stands, whatever was released since
    except ConflictError as refused:
        raise ConflictError(f"{refused.summary}\n{document.error(refused.problems)}") from refused
    if isinstance(record, Policy):
        problems = tuple(policy_problems(record, others))
    else:  # its evaluations are held against what its cases say too, in _set
        problems = tuple(criteria_problems(record, others, {}, "bundled"))
    if problems:
        raise document.error(problems)


def _set(criteria: Loaded[CriteriaSet], document: Document, policy: Loaded[Policy], shelf: _Shelf) -> CheckedSet:
    """Hold a set against its policy and against what is known of its evaluations, then judge its cases."""
    expect_fit(criteria.record, policy.record, document)
    book = shelf.cases(criteria.record)
    said = book.file.evaluations if book else ()
    problems = tuple(set_misfits(criteria.record, known_evaluations(said, ()), shelf.evaluations))
    if problems:
        raise document.error(problems)
    if book is None:
        return CheckedSet(criteria.record, policy.record, None, (), tried_bars(criteria.record, ()))
    try:
        cases = judged(book, policy, criteria, recorded=shelf.evaluations, code_version=rsp.__version__)
    except DecisionError as refused:
        raise InputError(f"{book.document.name}: {refused}") from refused
    return CheckedSet(criteria.record, policy.record, book.document.name, cases, tried_bars(criteria.record, cases))


@dataclass
class _Shelf:
    """Where the files that a file names are looked for: among those given, beside it, among those of the package, on record."""

    given: Sequence[Given]
    path: Path
    database: str
    before: Sequence[Given] = ()
    passed_over: list[str] = field(default_factory=list)

    def policy(self, slug: str, document: Document) -> Loaded[Policy]:
        """Return the policy a criteria set names. Raises ``DocumentError`` at the line that names it."""
        found = self._file(POLICY, slug)
        if found is not None:
            return load_policy(found.content, found.name)
        if slug in self._record.policies:
            return self._record.policies[slug]
        known = {*self._record.policies, *self._names(POLICY)}
        raise document.error((Problem(("policy",), slug, f"{expected_name('policy', slug, known)}, or a file beside this one"),))

    def criteria(self, cases: Given) -> tuple[Loaded[CriteriaSet], Document]:
        """Return the criteria set a file of cases names. Raises ``DocumentError`` at the line that names it."""
        found = self._file(CRITERIA, cases.slug)
        if found is not None:
            return load_criteria(found.content, found.name), read_document(found.content, found.name)
        if cases.slug in self._record.criteria:
            return self._record.criteria[cases.slug]
        known = {*self._record.criteria, *self._names(CRITERIA)}
        wanted = f"{expected_name('criteria set', cases.slug, known)}, or a file beside this one"
        raise cases.document.error((Problem(("criteria",), cases.slug, wanted),))

    def criteria_of(self, policy: str) -> list[tuple[Loaded[CriteriaSet], Document]]:
        """Return every criteria set that names the policy; of two of one name, the one looked for first."""
        held: dict[str, tuple[Loaded[CriteriaSet], Document]] = {}
        for file in self._files(CRITERIA):
            if policy.encode() not in file.content:  # spares reading most of them
                continue
            opened = _opened(file)
            if opened.document.value.get("policy") == policy and opened.slug not in held:
                held[opened.slug] = load_criteria(file.content, file.name), opened.document
        for slug, each in self._record.criteria.items():
            if each[0].record.policy == policy:
                held.setdefault(slug, each)
        return [held[slug] for slug in sorted(held)]

    def others(self, record: Policy | CriteriaSet) -> tuple[PolicyText, ...]:
        """Return the documents that ``record`` would stand beside: on record, of the package, given before it, and the one it corrects."""
        form, kin = (POLICY, record.framework) if isinstance(record, Policy) else (CRITERIA, record.policy)
        held = {each.slug: each for each in (self._record.policy_texts if form == POLICY else self._record.criteria_texts)}
        near = [file for file in _packaged(form) if kin.encode() in file.content or file.name == f"{record.slug}.yaml"]  # spares most
        near += [each.file for each in self.before if each.format == form]
        for file in near:
            text = _text(file, form)
            held.setdefault(text.slug, text)
        slug = record.corrects
        while slug is not None and slug not in held and (found := self._file(form, slug)) is not None:
            held[slug] = _text(found, form)
            slug = held[slug].corrects
        return tuple(held[slug] for slug in sorted(held))

    def cases(self, criteria: CriteriaSet) -> Casebook | None:
        """Return the cases of a criteria set; one that corrects another and has none of its own is held to the cases of that one."""
        for slug in (criteria.slug, criteria.corrects):
            found = None if slug is None else self._file(CASES, slug)
            if found is not None:
                return load_cases(found.content, found.name)
        return None

    @property
    def evaluations(self) -> tuple[Evaluation, ...]:
        """Every evaluation on record."""
        return self._record.evaluations

    @cached_property
    def _record(self) -> _Record:
        """What is on record; nothing where there is no database. Raises ``StoreError`` for one that cannot serve."""
        if is_absent(self.database):
            return _Record({}, {}, (), (), ())
        with Store.open(self.database) as store:
            return _read_record(store)

    def _file(self, form: str, slug: str) -> BundledFile | None:
        return next(self._files(form, slug), None)

    def _files(self, form: str, slug: str | None = None) -> Iterator[BundledFile]:
        """Yield files of a format, all or those of one name: among those given, beside, and of the package."""
        yield from (each.file for each in self.given if each.format == form and slug in (None, each.slug))
        here = self.path.parent
        for place in (here, here / FOLDERS[form], here.parent / FOLDERS[form]):
            for found in sorted(place.glob("*.yaml")) if place.is_dir() else ():
                yield from self._if_meant(found, form, slug)
        yield from (each for each in _packaged(form) if slug in (None, each.name.removesuffix(".yaml")))

    def _if_meant(self, path: Path, form: str, slug: str | None) -> Iterator[BundledFile]:
        """Yield a file beside if it is of that format and name. An unreadable one is passed over, unless its file name is that name."""
        if not path.is_file() or path.stat().st_size > LARGEST_BYTES:
            return
        file = BundledFile(str(path), path.read_bytes())
        if form.encode() not in file.content:  # large files of evidence may lie here too, and take long to read
            return
        try:
            found = _opened(file)
        except DocumentError:
            if path.stem == slug:
                yield file  # reading it will say what is wrong with it
            elif file.name not in self.passed_over:
                self.passed_over.append(file.name)
            return
        if found.format == form and slug in (None, found.slug):
            yield file

    def _names(self, form: str) -> Iterator[str]:
        yield from (_opened(each).slug for each in self._files(form))


def _packaged(form: str) -> Iterator[BundledFile]:
    """Yield the files of a format that come with rsp."""
    for each in sorted(files(f"thresholds.{FOLDERS[form]}").iterdir(), key=lambda each: each.name):
        if each.name.endswith(".yaml"):
            yield BundledFile(each.name, each.read_bytes())


def _text(file: BundledFile, form: str) -> PolicyText:
    """Return a file as it would stand on record."""
    loaded = load_policy(file.content, file.name) if form == POLICY else load_criteria(file.content, file.name)
    return PolicyText(loaded.record.slug, loaded.body, loaded.body_sha256, loaded.source_sha256, file.name, -1)


@dataclass(frozen=True)
class _Record:
    """What the database holds of policies, and of evaluations."""

    policies: dict[str, Loaded[Policy]]
    criteria: dict[str, tuple[Loaded[CriteriaSet], Document]]
    evaluations: tuple[Evaluation, ...]
    policy_texts: tuple[PolicyText, ...]
    criteria_texts: tuple[PolicyText, ...]


def _read_record(store: Store) -> _Record:
    with store.read() as session:
        policy_texts, criteria_texts = reading.policy_texts(session), reading.every_criteria_set(session)
        evaluations = reading.evaluations(session)
    policies = {each.slug: _loaded_policy(each) for each in policy_texts}
    sets = {each.slug: _loaded_criteria(each) for each in criteria_texts}
    return _Record(policies, sets, evaluations, policy_texts, criteria_texts)


def _loaded_policy(text: reading.PolicyText) -> Loaded[Policy]:
    record = Policy.model_validate_json(text.body)
    return Loaded(record, text.body, text.body_sha256, text.source_sha256, text.file_name)


def _loaded_criteria(text: reading.PolicyText) -> tuple[Loaded[CriteriaSet], Document]:
    """Return a set on record; its lines are those of the canonical body, which is one line long."""
    record = CriteriaSet.model_validate_json(text.body)
    loaded = Loaded(record, text.body, text.body_sha256, text.source_sha256, text.file_name)
    return loaded, read_document(text.body.encode(), f"{text.slug} (on record)")
