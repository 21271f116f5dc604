"""The chapter on safeguards: what all verdicts together ask for, what each verdict puts in force, and how well such safeguards work.

The rules kept here: a demand names every threshold it rests on; figures on safeguards stand beside the demand with their direction and n,
and nothing is concluded from them.

Left out: whether a safeguard is in place, which no record says.
"""

from __future__ import annotations

from collections.abc import Iterable

from reports import safeguard_words, vocabulary
from reports.document import Block, Bullets, Cell, Column, Entry, Heading, Paragraph, Table, Tone
from thresholds.decision_records import Assessment, SafeguardDemand
from thresholds.safeguards import SafeguardKind


def safeguard_chapter(shown: Assessment) -> Iterable[Block]:
    """Yield the chapter; where nothing is in force it says so, and still shows what is known of safeguards."""
    yield Heading(1, "Required safeguards in force")
    if shown.safeguards:
        yield Paragraph(
            "The number in the name of a threshold is not the safety level it requires. Each line below is asked for by the policy for the "
            "verdicts named; of each kind the highest level stands first, and a lower one where it is asked for more firmly or earlier."
        )
        yield _demands(shown)
        yield _by_threshold(shown)
    else:
        yield Paragraph("No verdict of this report puts a required safeguard in force.")
    yield from _evidence(shown)


def _demands(shown: Assessment) -> Table:
    columns = (Column("Kind and level", 1.5), Column("How firmly, by when", 1.3), Column("What it rests on", 2.2), Column("In words", 3.2))
    rows = tuple(
        (
            Cell(vocabulary.KIND_WORDS[each.kind], each.level_name or "", strong=True),
            Cell(vocabulary.FIRMNESS_WORDS[each.firmness], "" if each.due is None else vocabulary.DUE_WORDS[each.due]),
            Cell(_grounds(each)),
            Cell(" ".join(each.words)),
        )
        for each in shown.safeguards
    )
    return Table("What all verdicts together ask for.", columns, rows)


def _grounds(demand: SafeguardDemand) -> str:
    return "; ".join(f"{each.name} ({vocabulary.VERDICT_WORDS[each.outcome]})" for each in demand.rests_on)


def _by_threshold(shown: Assessment) -> Table:
    rows = tuple(
        (
            Cell(verdict.name, strong=True) if place == 0 else Cell(""),
            Cell(vocabulary.KIND_WORDS[each.kind], each.level_name or ""),
            Cell(vocabulary.FIRMNESS_WORDS[each.firmness]),
            Cell(each.words, each.citation),
        )
        for verdict in shown.verdicts
        for place, each in enumerate(verdict.required_safeguards)
    )
    columns = (Column("Because of", 1.7), Column("Kind and level", 1.5), Column("Firmness", 1.0), Column("What must be in place", 4.0))
    return Table("The same, threshold by threshold, with the lines of the policy.", columns, rows)


def _evidence(shown: Assessment) -> Iterable[Block]:
    if not shown.safeguard_evidence:
        return
    yield Heading(2, "How well such safeguards work")
    for kind in SafeguardKind:
        told = tuple(safeguard_words.score_sentences(shown.safeguard_evidence, kind))
        if told:
            yield Bullets(tuple(Entry(sentence, f"{vocabulary.KIND_WORDS[kind]}.") for sentence in told))
    yield Paragraph(safeguard_words.NOT_WEIGHED, Tone.QUIET)
