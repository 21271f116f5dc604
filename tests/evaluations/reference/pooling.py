"""Reference cases of pooled and adjusted trials: each method of the file by the public function that answers it."""

from collections.abc import Callable

from evaluations.estimate import Unestimable
from evaluations.uplift.covariates import adjusted_difference, adjusted_means
from evaluations.uplift.pooling import PooledMean, meta_analysis
from evaluations.uplift.risk_ratios import ScoreMethod, score_ratio
from tests.evaluations.reference.cases import Case, exact, refused
from tests.evaluations.reference.uplift import one_sided


def read(number: float | None) -> object:
    """A number as written; what is missing or no finite number goes in as it is, to be refused."""
    return exact(number) if isinstance(number, int | float) and abs(number) < float("inf") else number


def form(mean: PooledMean, alpha: float) -> Case:
    low, high = mean.interval(alpha)
    return {"tau2": mean.tau_squared, "estimate": mean.estimate, "se": mean.standard_error, "lower": low, "upper": high}


def pooled(given: Case) -> Case:
    found = meta_analysis([read(each) for each in given["effects"]], [read(each) for each in given["variances"]])
    if isinstance(found, Unestimable):
        return refused(found)
    alpha, differ = one_sided(given), found.heterogeneity
    forms = {
        "common_effect": found.common_effect, "dl_normal": found.dersimonian_laird,
        "pm_modified_hk": found.paule_mandel_modified, "pm_hartung_knapp": found.paule_mandel_plain,
        "reml_modified_hk": found.reml_modified, "reml_hartung_knapp": found.reml_plain,
    }  # fmt: skip
    further = found.paule_mandel_modified.prediction(alpha)
    return {
        "Q": differ.q, "Q_df": differ.degrees_of_freedom, "Q_p": differ.p, "I2_percent_q": differ.i_squared_percent, "tau": differ.tau,
        **{name: form(mean, alpha) for name, mean in forms.items()},
        "prediction_pm_modified_hk": {"lower": further[0], "upper": further[1]},
    }  # fmt: skip


def shares(given: Case) -> Case:
    counts, alpha = [given[each] for each in ("successes_t", "n_t", "successes_c", "n_c")], one_sided(given)
    found: Case = {}
    methods: tuple[ScoreMethod, ...] = ("koopman", "miettinen_nurminen")
    for method in methods:
        score = score_ratio(*counts, method)
        if isinstance(score, Unestimable):
            return refused(score)
        found[method] = {"lower": score.lower(alpha), "upper": score.upper(alpha)}
        found["estimate"] = None if score.counts.ratio is None else float(score.counts.ratio)
    return found


def adjusted(given: Case) -> Case:
    everybody = list(zip(given["score"], given["treated"], given["covariate"], strict=True))
    arms = [[(read(score), read(covariate)) for score, z, covariate in everybody if z == side] for side in (1, 0)]
    found, difference = adjusted_means(*arms), adjusted_difference(*arms)
    if isinstance(found, Unestimable):
        return refused(found)
    if isinstance(difference, Unestimable):
        return refused(difference)
    model, control, alpha = found.treatment, found.control, one_sided(given)
    return {
        "adjusted_control_mean": float(control.mean), "adjusted_treatment_mean": float(model.mean), "difference": difference.value,
        "se_hc2": found.standard_error(), "se_hc3": found.standard_error(hc=3), "df": found.degrees_of_freedom,
        "lower": difference.lower(alpha), "upper": difference.upper(alpha),
        "var_control_mean": control.variance_hc2, "var_treatment_mean": model.variance_hc2, "cov_means": found.covariance,
    }  # fmt: skip


ADAPTERS: dict[str, Callable[[Case], Case]] = {"meta_analysis": pooled, "risk_ratio": shares, "ancova_lin": adjusted}
