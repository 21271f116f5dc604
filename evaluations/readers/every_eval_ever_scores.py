"""The numbers of an Every Eval Ever result as scores: what kind of number it is, its error, its interval, its unit, its direction.

The rules kept here: the statistic comes from the metric's own name or parameters, and is *not stated* where they do not tell; an interval
without a level, or one that does not hold its own value, is told in words and not kept; -1 on a scale with an unknown level is no value;
a result that rsp wrote itself comes back as the score it was, if its number is still the same.

Left out: judging whether a number is right. The samples beside do that, where there are any.
"""

from __future__ import annotations

from decimal import Decimal

from pydantic import ValidationError

from evaluations.readers.item_names import item_slug
from evaluations.readers.recounts import ZERO_ERROR
from evaluations.readers.strict_json import Part
from evaluations.records import MeasureUnit, RiskierWhen, Score, SpreadKind, Statistic
from evaluations.values import Slug

MEANS = frozenset({"accuracy", "acc", "mean", "exact_match", "exact-match", "f1", "average", "pass_rate", "score", "win_rate"})
STATISTICS = {
    **dict.fromkeys(MEANS, Statistic.MEAN),
    "share": Statistic.SHARE,
    "median": Statistic.MEDIAN,
    "max": Statistic.MAXIMUM,
    "maximum": Statistic.MAXIMUM,
    "ratio": Statistic.RATIO,
    "count": Statistic.COUNT,
    "time_horizon": Statistic.TIME_HORIZON,
}
UNITS = {
    "proportion": MeasureUnit.PROPORTION,
    "fraction": MeasureUnit.PROPORTION,
    "percent": MeasureUnit.PERCENT,
    "percentage": MeasureUnit.PERCENT,
    "%": MeasureUnit.PERCENT,
    "points": MeasureUnit.POINTS,
    "minutes": MeasureUnit.MINUTES,
}
COUNTS = frozenset({"k", "trials", "items", "runs"})  # fields of a score that are counts; the rest travel as text already
UNKNOWN_LEVEL = -1  # every_eval_ever 0.3.0, has_unknown_level


def statistic_of(metric: Part) -> tuple[Statistic, int | None]:
    """Return what a metric is, and k for pass@k."""
    names = [name.lower() for key in ("metric_id", "metric_name", "metric_kind") if (name := metric[key].text())]
    parameter = metric["metric_parameters"]["k"]
    k = parameter.count() if not isinstance(parameter.value, str | bool) else None
    for name in names:
        spelled = name.replace("@", "_at_").replace("-", "_").replace("__", "_")
        if spelled.startswith("pass_at_"):
            tries = spelled.removeprefix("pass_at_")
            k = k or (int(tries) if tries.isdigit() and len(tries) < 6 else None)  # 6 digits: more tries are no k
            return (Statistic.PASS_AT_K, k) if k else (Statistic.NOT_STATED, None)
    if k is not None and k > 1 and "pass_rate" in names:
        return Statistic.PASS_AT_K, k
    return next((STATISTICS[name] for name in names if name in STATISTICS), Statistic.NOT_STATED), None


def unit_of(metric: Part, values: list[Decimal]) -> MeasureUnit:
    """Return the unit as stated, or a proportion where the scale runs from 0 to 1; none where a value or the scale contradicts it.

    Numbers of 0 to 1 that are called percent are shares as often as not: 0.45 may be 45 percent, and whoever sends it has to say.
    """
    stated = metric["metric_unit"].text()
    unit = UNITS.get(stated.lower(), MeasureUnit.NOT_STATED) if stated else MeasureUnit.NOT_STATED
    if stated is None and limit(metric["min_score"]) == 0 and limit(metric["max_score"]) == 1:
        unit = MeasureUnit.PROPORTION
    top = {MeasureUnit.PROPORTION: 1, MeasureUnit.PERCENT: 100}.get(unit)
    if top is None:
        return unit
    other_scale = limit(metric["max_score"]) in {1, 100} - {top}
    shares = unit is MeasureUnit.PERCENT and any(values) and all(0 <= value <= 1 for value in values)
    return MeasureUnit.NOT_STATED if other_scale or shares or any(not 0 <= value <= top for value in values) else unit


def limit(part: Part) -> Decimal | None:
    """Return an end of a scale; ``None`` where it is open or not given."""
    return None if part.value in ("Infinity", "-Infinity") else part.number()


def beyond_scale(metric: Part, value: Decimal) -> str | None:
    """Return what to say of a value beyond the ends of its own scale."""
    low, high = limit(metric["min_score"]), limit(metric["max_score"])
    if (low is None or value >= low) and (high is None or value <= high):
        return None
    return f"the score {value} lies beyond its own scale, {'open' if low is None else low} to {'open' if high is None else high}"


def direction_of(metric: Part) -> RiskierWhen | None:
    """Return the direction of risk: better is more capable, and more capable is riskier."""
    lower = metric["lower_is_better"].truth()
    return None if lower is None else RiskierWhen.LOWER if lower else RiskierWhen.HIGHER


def is_unknown(metric: Part, value: Decimal | None) -> bool:
    """Whether a value stands for an unknown level."""
    return metric["has_unknown_level"].truth() is True and value == UNKNOWN_LEVEL


def score_of(result: Part, name: str, source: Slug, warnings: list[str]) -> Score | None:
    """Return the number of a result as a score, ``None`` if it has none, and note what of it could not be kept."""
    details = result["score_details"]
    metric = result["metric_config"]
    value = details["score"].number()
    if value is None or is_unknown(metric, value):
        warnings.append(f"{name}: {'its level is unknown' if value is not None else 'the file prints no finite score'}")
        return None
    if details["details"].has("rsp_statistic"):
        return _own_score(details, value, source, warnings)
    statistic, k = statistic_of(metric)
    slug = item_slug(name.replace(":", ".").lower())
    uncertainty = details["uncertainty"]
    items = uncertainty["num_samples"].count()
    error, deviation = uncertainty["standard_error"]["value"].number(), uncertainty["standard_deviation"].number()
    spread, kind = (error, SpreadKind.STANDARD_ERROR) if error else (deviation, SpreadKind.STANDARD_DEVIATION)
    low, high, level = _interval(uncertainty["confidence_interval"], value, name, warnings)
    if spread is not None and spread < 0:
        raise uncertainty.refusal("an error of 0 or more")
    return Score(
        slug=slug,
        source=source,
        statistic=statistic,
        k=k,
        value=value,
        items=items or None,
        items_basis="num_samples of the file" if items else None,
        spread=spread or None,  # 0 is told below and not kept: it would narrow an interval to nothing
        spread_kind=kind if spread else None,
        low=low,
        high=high,
        interval_level=level,
        note=ZERO_ERROR if error == 0 else None,
    )


def _interval(part: Part, value: Decimal, name: str, warnings: list[str]) -> tuple[Decimal | None, Decimal | None, Decimal | None]:
    low, high, level = part["lower"].number(), part["upper"].number(), part["confidence_level"].number()
    if low is None or high is None:
        return None, None, None
    if level is None or not 0 < level < 1:
        warnings.append(f"{name}: the interval {low} to {high} has no level between 0 and 1, and is not kept")
    elif not low <= value <= high:
        warnings.append(f"{name}: the interval {low} to {high} does not hold its own value {value}, and is not kept")
    else:
        return low, high, level
    return None, None, None


def _own_score(details: Part, value: Decimal, source: Slug, warnings: list[str]) -> Score | None:
    """Return a score that rsp wrote, from the texts it put beside the number."""
    fields: dict[str, object] = {"source": source}
    for key, part in details["details"].named():
        field, text = key.removeprefix("rsp_"), part.required()
        if key == field or field not in Score.model_fields or field == "source":
            continue
        if field in COUNTS and text.isdigit() and len(text) < 17:  # below 2^53, as evaluations.values.Count
            fields[field] = int(text)
        else:
            fields[field] = Decimal(text) if field in _NUMBERS and _is_plain(text) else text
    try:
        score = Score.model_validate(fields)
    except ValidationError as refused:
        first = refused.errors()[0]
        raise details["details"].refusal(f"a score as rsp writes it ({first['msg'].removeprefix('Value error, ')[:200]})") from None
    own = score.value if score.value is not None else _ratio(score)
    if own is None or float(own) != float(value):
        warnings.append(f"the score {value} is not the {own} that stands beside it as rsp wrote it; the score stands")
        return Score(slug=score.slug, source=source, statistic=Statistic.NOT_STATED, value=value)
    return score


def _ratio(score: Score) -> Decimal | None:
    return score.passed / score.trials if score.passed is not None and score.trials else None


_NUMBERS = frozenset({"value", "passed", "spread", "low", "high", "interval_level"})


def _is_plain(text: str) -> bool:
    return len(text) <= 90 and text.removeprefix("-").replace(".", "", 1).isdecimal() and text.isascii()  # 90: 40 digits, 40 zeros, signs
