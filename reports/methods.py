"""What each statistical method does, in words, with its reference: the methods chapter of a report.

The rule kept here: a method named in a finding is explained, and one that is not known here is named as it is, never guessed.

Left out: the methods themselves (``evaluations``).
"""

from __future__ import annotations

from collections.abc import Iterable

from reports import numbers
from thresholds.criteria_set import CriteriaSet
from thresholds.decision_records import Assessment
from thresholds.finding_records import Finding
from thresholds.policy import Policy

METHODS = {
    "clopper_pearson": (
        "Exact binomial interval",
        "For a count of successes in single attempts: the interval of all shares that the count does not contradict. Its error never "
        "exceeds the stated level (Clopper and Pearson 1934, Biometrika 26:404).",
    ),
    "item_beta": (
        "Beta interval on items",
        "For a mean over items that may have been attempted several times: the exact binomial interval with the number of items as "
        "n, and the sum of item means as the count. Repeating an item adds no item (Hoeffding 1956, Ann. Math. Stat. 27:713).",
    ),
    "effective_n": (
        "Clustered beta interval",
        "For items that rise and fall together: a beta interval on the effective number of items, from the cluster-robust variance CR2 "
        "and Satterthwaite’s degrees of freedom (Korn and Graubard 1998; Bell and McCaffrey 2002; Miller 2024). A few clusters that all "
        "pass or all fail never count as certainty: the bound keeps a distance from the end that their number sets.",
    ),
    "effective_n_moderated": (
        "Clustered beta interval, moderated variance",
        "As the clustered beta interval, with the variance drawn towards the largest a share can have (Smyth 2004, SAGMB 3:3).",
    ),
    "student_t": (
        "Student’s t interval",
        "For a mean with a standard error: the mean plus and minus the quantile of t times the standard error.",
    ),
    "welch": ("Welch’s t interval", "For the difference of two arms with unequal spread (Welch’s degrees of freedom)."),
    "fieller_welch": (
        "Fieller–Welch interval of a ratio",
        "For the ratio of two arm means: all ratios r for which a Welch test of model minus r times control does not reject. It "
        "has no upper limit where the control mean cannot be told from zero (Fieller 1954, JRSS B 16:175). Reaching a rule-in bar must "
        "also hold on the logarithmic scale.",
    ),
    "stratified_fieller_welch": (
        "Stratified Fieller–Welch interval of a ratio",
        "As the Fieller–Welch interval, over several cohorts with equal weights. It speaks for these cohorts on average.",
    ),
    "fieller_covariance": (
        "Fieller interval of a ratio of correlated means",
        "As the Fieller–Welch interval, for two means that vary together.",
    ),
    "fieller_lin_adjusted": (
        "Adjusted Fieller interval of a ratio",
        "As the Fieller–Welch interval, of arm means adjusted for the covariate that was named before the results (Lin 2013, Ann. Appl. "
        "Stat. 7:295; variance HC2).",
    ),
    "lin_adjusted": (
        "Adjusted difference of two arms",
        "The difference of two arms, adjusted for the covariate that was named before the results (Lin 2013, Ann. Appl. Stat. 7:295).",
    ),
    "random_effects_modified_hk": (
        "Random effects over cohorts",
        "For five cohorts or more: the mean of all groups like these, on the logarithm of the ratio, with Paule and Mandel’s variance "
        "between cohorts and the modified Hartung–Knapp error, which agreement by luck never shortens (Roever, Knapp and Friede 2015).",
    ),
    "risk_ratio_wider": (
        "Ratio of two shares",
        "For trials in which everybody succeeds or fails: the wider of the score interval (Miettinen and Nurminen 1985) and one for small "
        "numbers.",
    ),
    "every_cohort": (
        "Least favourable cohort",
        "Each cohort has its own interval, and the least favourable one decides on either side.",
    ),
    "median_order_statistics": (
        "Order statistics of a median",
        "For a median over items: the scores that bracket it with the chance of a fair coin; nothing is assumed of how scores spread.",
    ),
    "geometric_mean_t": (
        "Geometric mean of ratios",
        "For speedups: Student’s t interval on the logarithms, turned back into ratios.",
    ),
    "poisson_rate": (
        "Exact Poisson interval",
        "For events over an exposure: all rates that the count does not contradict (Garwood 1936, Biometrika 28:437).",
    ),
    "logistic_horizon": (
        "Clustered time horizon",
        "The length of task that is solved at the stated reliability, by logistic regression on the logarithm of human minutes. The error "
        "is clustered by task family, with Student’s t on one degree of freedom less than there are families.",
    ),
    "paired_t": (
        "Paired interval on the same items",
        "The mean difference item by item, with the cluster-robust variance CR2 and Satterthwaite’s degrees of freedom.",
    ),
    "newcombe_difference": (
        "Newcombe’s interval of a difference",
        "The difference of two separate shares from the score bounds of both (Newcombe 1998, Stat. Med. 17:873). It describes; with few "
        "observations its error may exceed the level.",
    ),
    "fixed_items": (
        "Interval for one fixed list of items",
        "For the mean over just these items, from repeated attempts at each. It speaks of this list and of no other task.",
    ),
    "bradley_terry": (
        "Bradley–Terry rating",
        "A rating from wins and losses by logistic regression, relative to an anchor.",
    ),
    "widest_reading": (
        "Widest reading of an undefined plus-minus",
        "The source does not say what its ± means. Standard deviation, standard error and half-width of a 95 % interval are each worked "
        "out, with three participants an arm where no number is published; readings impossible on the scale are dropped; the widest of "
        "the rest decides.",
    ),
    "printed_interval": (
        "Interval as printed",
        "The source prints an interval. At its own level its ends are taken as printed; at another level they are rebuilt from it.",
    ),
}


def method_name(method: str | None) -> str:
    """Return the name of a method in words; one that is unknown here is shown by its own name."""
    if method is None:
        return "no interval"
    return METHODS.get(method, (method.replace("_", " "), ""))[0]


def used_methods(findings: Iterable[Finding]) -> tuple[tuple[str, str], ...]:
    """Return name and words of every method that any variant of ``findings`` used, in the order of this file."""
    used = {method for finding in findings for method in (finding.method, *(each.method for each in finding.variants)) if method}
    known = [METHODS[key] for key in METHODS if key in used]
    return (*known, *((method_name(key), "Described by the program that computed it.") for key in sorted(used - set(METHODS))))


def standing_remarks(
    assessment: Assessment, policy: Policy, criteria: CriteriaSet, findings: Iterable[Finding]
) -> tuple[tuple[str, str], ...]:
    """Return what holds for every finding: error level, snapshots, combination, and what is not corrected for."""
    levels = sorted({finding.level for finding in findings})
    shown = " and ".join(numbers.percentage(each) for each in levels) or numbers.percentage(1 - 2 * criteria.error_level.one_sided)
    error = criteria.error_level
    return (
        (
            "Error level",
            f"{numbers.percentage(error.one_sided)} one-sided for ruling out, and over all variants together for ruling in. "
            f"Intervals are drawn at {shown}: where several criteria must cross, each gets its part of the error level. "
            f"{error.words} ({error.citation})",
        ),
        (
            "Highest risk over snapshots",
            f"{policy.aggregate.words} ({policy.aggregate.citation}) Ruling out needs every planned variant below the bar, and so "
            "needs no correction (Berger 1982, Technometrics 24:295). Reaching a rule-in bar is tested at the error level divided by "
            "the number of variants, planned or supplied, whichever is more.",
        ),
        ("Missing variants", f"{criteria.coverage.words} ({criteria.coverage.citation}) A missing variant never counts as below a bar."),
        ("What a verdict puts in force", f"{policy.forcing.words} ({policy.forcing.citation})"),
        (
            "At a bar",
            "A score that equals a bar has reached it. Values are compared exactly; printed numbers get as many digits as keep them "
            "on their side of every bar.",
        ),
        (
            "Not corrected for",
            "The highest of several noisy scores lies above the highest true score; the size of that drift is not subtracted. Repeated "
            "looks at one trial are corrected for where the evidence says that there were any. Whether items share an origin is taken into "
            "account only where the evidence names clusters. The power a trial was planned with is not part of the evidence.",
        ),
        (
            "Program",
            f"Computed by rsp {assessment.code_version} from the record as of position {numbers.whole(assessment.as_of)}; the same "
            "inputs give the same report.",
        ),
    )
