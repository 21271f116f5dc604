"""The samples that lie beside an Every Eval Ever aggregate: one line a sample and attempt, gathered by the result they belong to.

The rules kept here: the file is the one the aggregate means, by checksum, number of rows, evaluation and model, or the difference is told
and the runs fall short; a line belongs to the result it names, and to the only one of its name where it names none; a sample that ended
in an error, or at an unknown level, has no value; where score and ``is_correct`` contradict each other the score stands, and both are told.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import PurePosixPath
from typing import BinaryIO

from evaluations.readers.every_eval_ever_scores import is_unknown
from evaluations.readers.item_names import item_slug
from evaluations.readers.log_file import LogFile
from evaluations.readers.recounts import AttemptBudget, ItemTally
from evaluations.readers.strict_json import Part, document_lines
from evaluations.records import ItemResult

Result = tuple[str, str]
"""Evaluation name and measure."""

DIGESTS = {"sha256": 64, "md5": 32}  # every_eval_ever 0.3.0, hash_algorithm; hexadecimal digits


@dataclass
class Samples:
    """What the samples beside an aggregate tell. ``warnings`` and ``shortfalls`` hold for every reading of the file."""

    warnings: list[str] = field(default_factory=list)
    shortfalls: list[str] = field(default_factory=list)
    tallies: dict[Result, ItemTally] = field(default_factory=dict)
    told: dict[str | None, Counter[str]] = field(default_factory=dict)  # by evaluation name; ``None`` where a line names none of them
    met: set[tuple[Result, str, str | None]] = field(default_factory=set)  # results, their samples, and the epochs of these

    def items_of(self, task: str, measure: str) -> tuple[ItemResult, ...]:
        """Return the items of one result and forget them."""
        tally = self.tallies.pop((task, measure), None)
        return tally.items() if tally is not None else ()

    def shortfalls_of(self, task: str) -> list[str]:
        """Return in counts what was wrong with samples of one evaluation name."""
        both = self.told.get(task, Counter()) + self.told.get(None, Counter())
        return [f"{count} {words}" for words, count in sorted(both.items())]

    def note(self, task: str | None, words: str) -> None:
        self.told.setdefault(task, Counter())[words] += 1


def samples_beside(file: LogFile, document: Part, results: Mapping[Result, Part]) -> Samples:
    """Read the samples of an aggregate, if they lie beside it. Raises ``LogError``."""
    samples = Samples()
    refers = document["detailed_evaluation_results"]
    path = refers["file_path"].text(4_096)  # characters; the longest path of a file system
    names = [f"{file.name.removesuffix('.json')}_samples.jsonl", *([PurePosixPath(path).name] if path else [])]
    found = next(((each, content) for each in names if (content := file.beside.get(each)) is not None), None)
    if found is None:
        if path:
            samples.warnings.append("the file refers to samples, which do not lie beside it: its numbers are the header's own")
        return samples
    (name, content), owners = found, _Owners(results)
    _expect_digest(samples, refers, name, content)
    left, rows = AttemptBudget.of(name, file.budget), 0
    for line in document_lines(content, name, file.budget):
        rows += 1
        _add_line(samples, line, document, owners, left)
    if (stated := refers["total_rows"].count()) is not None and stated != rows:
        samples.shortfalls.append(f"{name} holds {rows} rows, the file says {stated}")
    return samples


def _expect_digest(samples: Samples, refers: Part, name: str, content: BinaryIO) -> None:
    algorithm, stated = refers["hash_algorithm"].text(), refers["checksum"].text()
    if not stated:
        return
    if algorithm not in DIGESTS or len(stated) != DIGESTS[algorithm]:
        samples.warnings.append("the checksum of the samples is of no kind known here, and was not checked")
        return
    content.seek(0)
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while block := content.read(2**20):
        digest.update(block)
    if digest.hexdigest() != stated.lower():
        samples.shortfalls.append(f"{name} has another checksum than the file says")


def _add_line(samples: Samples, line: Part, document: Part, owners: _Owners, left: AttemptBudget) -> None:
    task, item = line["evaluation_name"].required(), line["sample_id"].spelled()
    if item is None:
        raise line["sample_id"].refusal("the identifier of a sample")
    known = task if task in owners.by_task else None
    if line["evaluation_id"].value != document["evaluation_id"].value or line["model_id"].value != document["model_info"]["id"].value:
        samples.note(known, "samples are of another evaluation or model and were left out")
        return
    owner = owners.of(task, line["evaluation_result_id"].text())
    if owner is None:
        samples.note(known, "samples belong to no result of the file and were left out")
        return
    value = _value(samples, line, task, owner[1])
    told = line["metadata"]
    epoch = told["epoch"].spelled() if isinstance(told.value, dict) else None
    cluster = told["rsp_cluster"].text() if isinstance(told.value, dict) else None
    if ((task, owner[0]), item, epoch) in samples.met:
        samples.note(task, "samples stand a second time" if epoch else "samples stand a second time and name no epoch")
    samples.met.add(((task, owner[0]), item, epoch))
    order = int(epoch) if epoch and epoch.isdecimal() and len(epoch) < 10 else None  # 10 digits: no run repeats a sample as often
    tally = samples.tallies.setdefault((task, owner[0]), ItemTally(left))
    tally.add(item, value, line, order=order, cluster=item_slug(cluster) if cluster else None)


class _Owners:
    """Which result a line of samples belongs to."""

    def __init__(self, results: Mapping[Result, Part]) -> None:
        self.by_task: dict[str, list[tuple[str, Part]]] = {}
        self._by_id: dict[tuple[str, str], list[tuple[str, Part]]] = {}
        for (task, measure), part in results.items():
            self.by_task.setdefault(task, []).append((measure, part))
            self._by_id.setdefault((task, part["evaluation_result_id"].text() or ""), []).append((measure, part))

    def of(self, task: str, identifier: str | None) -> tuple[str, Part] | None:
        """Return measure and result by the identifier, or the only one of that name; ``None`` where that is not one."""
        found = self._by_id.get((task, identifier)) if identifier else self.by_task.get(task)
        return found[0] if found and len(found) == 1 else None


def _value(samples: Samples, line: Part, task: str, result: Part) -> Decimal | None:
    """Return the value of one attempt, ``None`` where nobody could score it."""
    told = line["evaluation"]
    score, correct = told["score"], told["is_correct"].truth()
    value = Decimal(score.value) if isinstance(score.value, bool) else score.number()
    if value is None and score.value is None and correct is not None:
        value = Decimal(correct)
    if line["error"].value not in (None, ""):
        samples.note(task, "samples ended in an error")
        return None
    if is_unknown(result["metric_config"], value):
        return None
    if value in (0, 1) and correct is not None and bool(value) is not correct:
        samples.note(task, "samples have a score that contradicts their is_correct")
    return value
