"""What comparing several variants adds to a finding: how far a maximum stands too high, what a crossing is corrected for, sudden changes.

The rules kept here: the highest of several is never shown without saying that it stands too high by luck, and that saying so decides
nothing (statistics c2); a sudden drop between two snapshots is a question that stays in view, with its answer and who gave it; a
jump is shown and asks nothing; a change of a share is in points, never in percent.

Left out: finding changes and deciding what an open question takes away (``thresholds.alarms``, ``thresholds.findings``).
"""

from __future__ import annotations

from collections.abc import Iterator

from evaluations.records import RiskierWhen, Statistic
from reports import numbers, vocabulary, wording
from reports.document import Block, Cell, Column, Paragraph, Table
from thresholds.finding_records import Alarm, AlarmState, Finding


def compared_variants(finding: Finding) -> Iterator[Block]:
    """Yield what a reader must know of the maximum of ``finding``; nothing where one variant stands alone."""
    if finding.expected_excess is not None:
        yield Paragraph(excess_sentence(finding, finding.expected_excess), label="Highest of several.")
    if finding.corrected_for > finding.variants_planned > 0:
        yield Paragraph(corrections_sentence(finding), label="More than planned.")
    if len(finding.crossed_variants) > 1:
        yield Paragraph(crossed_sentence(finding), label="Which crossed.")
    if finding.alarms:
        columns = (Column("From, to", 2.6), Column("Change", 1.5), Column("p, corrected", 1.5), Column("Question", 3.2))
        caption = f"Sudden changes of {finding.evaluation_name} between consecutive snapshots, on the items both have."
        yield Table(caption, columns, tuple(_alarm_row(finding, each) for each in finding.alarms))


def excess_sentence(finding: Finding, excess: float) -> str:
    """Return how far the highest of so many stands from the truth by luck alone, if all were equal."""
    end, side = ("lowest", "too low") if finding.riskier_when is RiskierWhen.LOWER else ("highest", "too high")
    many = wording.plural(finding.variants_compared, "variant")
    most = numbers.difference(excess, finding.unit)
    return (
        f"If all {many} were equally capable, the {end} of them would by luck alone stand up to {most} {side} on average; less, the "
        f"more their errors have in common. This describes the observed score and takes no part in the verdict."
    )


def corrections_sentence(finding: Finding) -> str:
    """Return why a crossing is corrected for more variants than were planned."""
    supplied, planned = wording.plural(finding.corrected_for, "variant"), numbers.whole(finding.variants_planned)
    return (
        f"{supplied} with a score stand against {planned} planned, so a crossing must survive picking the riskiest of all "
        f"{numbers.whole(finding.corrected_for)}; each further variant asks more of it. A rule-out is not made easier by them."
    )


def crossed_sentence(finding: Finding) -> str:
    """Name the variants that reach the bar after Holm's correction, in the order in which all are shown."""
    names = [
        wording.variant_name(each.snapshot, each.snapshot_name, each.thinking)
        for each in finding.variants
        if each.variant in finding.crossed_variants
    ]
    return f"The bar is reached by {', '.join(dict.fromkeys(names))}, allowing for picking the riskiest (Holm’s steps)."


def _alarm_row(finding: Finding, alarm: Alarm) -> tuple[Cell, ...]:
    thinking = "" if alarm.thinking.value == "not_stated" else vocabulary.THINKING_WORDS[alarm.thinking]
    unit = "share" if finding.statistic == Statistic.TIME_HORIZON else finding.unit  # passes were compared, never minutes
    items = f"{numbers.whole(alarm.items)} items" if alarm.items else "of the scores themselves: too few items are in both"
    p = "not testable" if alarm.p_holm is None else numbers.p_value(alarm.p_holm)
    corrected = "" if alarm.p_holm is None else f"one-sided; for {wording.plural(alarm.pairs, 'pair')}"
    return (
        Cell(f"{alarm.before_name} to {alarm.after_name}", thinking, strong=True),
        Cell(numbers.difference(alarm.change, unit), items),
        Cell(p, corrected),
        Cell(f"{vocabulary.ALARM_WORDS[alarm.kind]}, {vocabulary.ALARM_STATE_WORDS[alarm.state]}", _question(alarm)),
    )


def _question(alarm: Alarm) -> str:
    """Return what the change asks, and what was answered."""
    if alarm.state is AlarmState.OPEN:
        return "the later snapshot looks safer and nobody has said why: while this is open nothing is ruled out"
    if alarm.state is AlarmState.ANSWERED:
        source = "" if alarm.source is None or alarm.source.at is None else f" ({alarm.source.at})"
        return f"{alarm.answered_by}: {alarm.answer}{source}"
    return "the later snapshot looks riskier; its score counts in any case"
