"""However scores of several runs are mixed, each is laid out once, with its run, and is found again by the place it was sent at."""

from __future__ import annotations

from typing import Any, cast

from hypothesis import example, given
from hypothesis import strategies as st

from rsp.api.wire import scores
from rsp.store.session import Store

NAMES = st.sampled_from(["m", "n"])
SCORE = st.fixed_dictionaries({"slug": st.integers(0, 9)}, optional={"model": NAMES | st.none() | st.just([1]), "run": NAMES | st.just(7)})
NO_STORE = cast(Store, None)  # it is not asked


def named(value: Any) -> tuple[object, object]:
    """The run a value names."""
    return (value.get("model"), value.get("run"))


@given(st.lists(SCORE | st.sampled_from([None, "text", 5, []]), min_size=1, max_size=12))
@example([{"model": "m", "run": "m", "slug": 1}, {"model": "m", "run": "n", "slug": 2}, {"model": "m", "run": "m", "slug": 3}])
def test_every_score_is_laid_out_once_and_found_again(values: list[Any]) -> None:
    """Those of one run together; what names no run, or is no record at all, alone, so that it is refused by itself."""
    laid = scores(NO_STORE, values)
    met = []
    for place, addition in enumerate(laid.content["additions"]):
        if not isinstance(addition, dict):
            met.append(laid.back(("additions", place))[0])
            assert values[cast(int, met[-1])] is addition
            continue
        assert laid.back(("additions", place, "run"))[1:] == ("run",)
        for index, score in enumerate(addition["scores"]):
            number, *within = laid.back(("additions", place, "scores", index, "value"))
            assert within == ["value"]
            sent = values[cast(int, number)]
            assert named(sent) == named(addition)
            assert score == {name: held for name, held in sent.items() if name not in ("model", "run")}
            met.append(number)
    assert sorted(met) == list(range(len(values)))
    runs = [named(each) for each in values if isinstance(each, dict) and all(isinstance(name, str) for name in named(each))]
    together = [each for each in laid.content["additions"] if isinstance(each, dict) and all(isinstance(name, str) for name in named(each))]
    assert len(together) == len(set(runs))
