"""How a run that an Inspect log tells of ended: completed only if everything that was planned was run, scored and left as it was.

The rules kept here: what is in doubt is not complete; each shortfall is told in words and counts; a subset of an evaluation is not the
evaluation; numbers that contradict each other leave the run partial whichever is right.

Left out: which shortfalls a policy may bear. That is its business (``thresholds``).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from evaluations.readers.inspect_header import Header, LogStatus, objects, part, whole
from evaluations.readers.inspect_samples import Samples
from evaluations.readers.log_reading import Measure
from evaluations.readers.recounts import bounded_words, unscored_words
from evaluations.records import RunStatus

BY_A_PERSON = "operator"  # the kind of limit that is a person who stopped the sample; others belong to how the model was elicited
KNOWN_EDITS = frozenset({"tags", "metadata"})  # that touch no score (formats.md 1.2)


def status_of(header: Header, samples: Samples, measures: Sequence[Measure], doubts: Sequence[str]) -> tuple[RunStatus, str | None]:
    """Return the status and, unless it is completed, why; ``doubts`` are contradictions and what a container adds."""
    told = samples.told.values()
    if gone := sum(each.invalidated for each in told) or header.told.get("invalidated") not in (None, False):
        counted = f"{int(gone)} of {len(samples.told)} samples" if any(each.invalidated for each in told) else "the log or samples of it"
        return RunStatus.INVALIDATED, f"{counted} were declared invalid after the run"
    reasons = [*_of_the_run(header, samples), *_of_samples(header, samples), *_of_measures(samples, measures), *doubts]
    scored = any(value is not None for measure in measures for item in measure.items for value in item.attempts)
    printed = not samples.told and any(measure.scores for measure in measures)
    if header.status is LogStatus.STARTED or not (scored or printed):
        return RunStatus.FAILED, bounded_words([*reasons, *([] if scored or printed else ["nothing was scored"])])
    reason = bounded_words(reasons)
    return (RunStatus.PARTIAL, reason) if reason else (RunStatus.COMPLETED, None)


def _of_the_run(header: Header, samples: Samples) -> Iterator[str]:
    if header.status is LogStatus.STARTED:
        yield "the log has no end: the run was killed or goes on"
    elif header.status is not LogStatus.SUCCESS:
        yield f"Inspect ended the run with status {header.status.value}"
    yield from _subset(header)
    if header.told.get("results") and part(header.told, "results").get("early_stopping") is not None:
        yield "the run was stopped early by rule"
    updates = header.told.get("log_updates")
    if updates is not None and not isinstance(updates, list):
        yield "edits after the run are written in a way that is not known here"
    edits = [edit for update in objects(updates) for edit in objects(update.get("edits"))]
    if strange := sum(edit.get("type") not in KNOWN_EDITS for edit in edits):
        yield f"{strange} edits after the run are of a kind that is not known here"
    if not samples.told and header.status is LogStatus.SUCCESS:
        yield "the log holds no samples to count again"


def _subset(header: Header) -> Iterator[str]:
    config, dataset = part(header.told, "eval", "config"), part(header.told, "eval", "dataset")
    limit, chosen, of = config.get("limit"), config.get("sample_id"), whole(dataset.get("samples"))
    planned = (header.planned or 0) // header.epochs
    if limit is not None and not (type(limit) is int and limit > planned > 0):  # a limit that is reached may have cut something off
        yield f"limit {str(limit)[:40]}: a subset of the evaluation's samples{f' ({planned} of {of})' if of else ''}"
    elif chosen is not None:
        yield f"sample_id: a subset of the evaluation's samples was chosen{f' ({planned} of {of})' if of else ''}"
    elif of is not None and planned < of:
        yield f"{planned} of the {of} samples of the dataset were planned"


def _of_samples(header: Header, samples: Samples) -> Iterator[str]:
    told = samples.told.values()
    if header.planned is None:
        yield "the log does not say how many samples were planned"
    elif samples.told and len(samples.told) < header.planned:
        yield f"{header.planned - len(samples.told)} of {header.planned} planned attempts are not in the log"
    if samples.told and header.sample_ids is not None:
        planned = set(header.sample_ids)
        if others := sum(name not in planned for name, _ in samples.told):
            yield f"{others} attempts are at samples that were not planned"
    if epochs := sum(epoch > header.epochs for _, epoch in samples.told):
        yield f"{epochs} attempts are in epochs that were not planned, which were {header.epochs}"
    for count, words in (
        (sum(each.errored for each in told), "ended with an error"),
        (sum(each.limit == BY_A_PERSON for each in told), "were stopped by a person"),
        (sum(each.edited for each in told), "have scores that were edited after the run"),
    ):
        if count:
            yield f"{count} of {len(told)} attempts {words}"


def _of_measures(samples: Samples, measures: Sequence[Measure]) -> Iterator[str]:
    for measure in measures:
        if words := unscored_words(measure.name, measure.items):
            yield words
    for axis, count in samples.unreadable.items():
        yield f"{axis.key or axis.scorer}: {count} values are no number and no grade that Inspect knows"


def counts_against(header: Header, samples: Samples) -> Iterator[str]:
    """Yield where the header's counts contradict each other or the samples."""
    if header.sample_ids is not None and header.total is not None and header.total != len(header.sample_ids) * header.epochs:
        yield (f"the header plans {len(header.sample_ids)} samples times {header.epochs} epochs, and counts {header.total} in all")
    if header.completed is not None and header.total is not None and header.completed > header.total:
        yield f"the header counts {header.completed} completed of {header.total} attempts"
    unharmed = sum(not each.errored for each in samples.told.values())
    if samples.told and header.completed is not None and header.completed != unharmed:
        yield f"the header counts {header.completed} attempts without error, the samples give {unharmed}"
    elif not samples.told and header.completed is not None and header.total is not None and header.completed < header.total:
        yield f"the header counts {header.completed} of {header.total} attempts without error"
