"""What the keys of a row of lm-evaluation-harness mean: which are metrics, which are their errors, and on what scale they are.

The rules kept here: an error stands beside its own metric; a unit is stated only of metrics that the program defines as
shares; a number of items that was worked out is told and never counted on.

Left out: the samples beside, and what they contradict (``evaluations.readers.lm_eval``).
"""

from __future__ import annotations

import re
from decimal import Decimal

from evaluations.readers.strict_json import Part
from evaluations.records import ItemResult, MeasureUnit, RiskierWhen

NO_METRIC = frozenset({"name", "alias", "sample_len", "sample_count", "samples"})
PASSES = re.compile(r"pass@([1-9]\d{0,5})")  # as its tasks of writing programs call it
SHARES = frozenset({"acc", "acc_norm", "exact_match"})  # metrics of the program that are 0 or 1 a sample, and their mean
LARGEST_N = 10**7  # of a recovered number of items; our choice: no set is larger, and a standard error near 0 gives any number


def left_out(name: str, items: tuple[ItemResult, ...], aggregation: Part) -> str | None:
    """Return why the samples of a metric are not kept: their mean is another thing than the metric."""
    stated = aggregation.value
    if not items or stated in (None, "mean", "nanmean"):
        return None
    shown = stated if isinstance(stated, str) and re.fullmatch(r"[a-z0-9_]{1,40}", stated) else "a function of its own"
    return f"{name}: aggregated by {shown}, which samples cannot be averaged to; the header's number stands unchecked"


def printed_names(row: Part) -> list[str]:
    """Return the keys of a row that are metrics."""
    return [key for key, part in row.named() if key not in NO_METRIC and _is_metric(key, part) and not _is_error(key, row)]


def _is_metric(key: str, part: Part) -> bool:
    """Whether a key of a row is a number; a text is one where it says that there is none, or where a metric and a filter name it."""
    return not isinstance(part.value, str) or part.value == "N/A" or "," in key.strip()


def _is_error(key: str, row: Part) -> bool:
    """Whether a key is the error of another: ``acc_stderr,none`` of ``acc,none``."""
    metric, comma, kept = key.partition(",")
    return metric.endswith("_stderr") and f"{metric.removesuffix('_stderr')}{comma}{kept}" in row.value


def recovered(value: Decimal, error: Decimal | None) -> str | None:
    """Return over how many items a proportion was, from its error with n - 1: n = p (1 - p) / se^2 + 1. Told, never counted on."""
    if not error or not 0 < value < 1:
        return None
    n = value * (1 - value) / (error * error) + 1
    whole = int(n.to_integral_value()) if n < LARGEST_N else 0
    if not whole or abs(n - whole) > Decimal("0.01"):  # our choice: a true number of items comes out whole to six digits
        return None
    return f"The file does not say over how many items; if this is a proportion, its standard error tells of {whole}."


def unit_of(metric: str, printed: Decimal | None, items: tuple[ItemResult, ...]) -> MeasureUnit:
    """Return the unit where the metric is a share by the program's own definition, and no value says otherwise."""
    values = [printed, *(value for item in items for value in item.attempts)]
    within = all(value is None or 0 <= value <= 1 for value in values)
    return MeasureUnit.PROPORTION if (metric in SHARES or PASSES.fullmatch(metric)) and within else MeasureUnit.NOT_STATED


def direction_of(part: Part) -> RiskierWhen | None:
    """Return the direction of risk: better is more capable, and more capable is riskier."""
    higher = part.truth()
    return None if higher is None else RiskierWhen.HIGHER if higher else RiskierWhen.LOWER
