"""Elo ratings: the fit against an independent one, who has no finite rating, and differences with their covariance (statistics a7)."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse.csgraph import connected_components

from evaluations.estimate import Unestimable
from evaluations.ratings import DRAWS, INDEPENDENT_GAMES, Games, RatingEstimate, Ratings, ratings
from evaluations.resampling import chance
from tests.evaluations.measured import ALPHA, ends, estimated, refused

PLAYERS = "abcdef"
PUBLISHED = [
    Games("m1", "base", 31, 40), Games("m2", "base", 44, 50), Games("m2", "m1", 26, 45),
    Games("m3", "m2", 22, 40), Games("m3", "m1", 29, 38),
]  # fmt: skip


def rated(games: Sequence[Games], anchor: str = "base") -> Ratings:
    found = ratings(games, anchor)
    assert isinstance(found, Ratings), found
    return found


def rating(games: Sequence[Games], player: str, anchor: str = "base") -> RatingEstimate:
    found = rated(games, anchor).of(player)
    assert isinstance(found, RatingEstimate), found
    return found


def tournament(seed: int) -> list[Games]:
    draw, strengths = chance(seed), dict(zip(PLAYERS, (0.0, 0.4, 0.9, -0.5, 0.2, 1.3), strict=True))
    games = []
    for one, other in combinations(PLAYERS, 2):
        played = int(draw.integers(5, 60))
        games.append(Games(one, other, int(draw.binomial(played, 1 / (1 + math.exp(strengths[other] - strengths[one])))), played))
    return games


@pytest.mark.parametrize("seed", range(5))
def test_ratings_and_errors_are_those_of_a_logistic_regression(seed: int) -> None:
    games = tournament(seed)
    design = np.array([[(each.a == name) - (each.b == name) for name in PLAYERS[1:]] for each in games])
    counts = np.array([(each.wins_a, each.games - each.wins_a) for each in games])
    fit = sm.GLM(counts, design, family=sm.families.Binomial()).fit(tol=1e-14)
    points, found = 400 / math.log(10), rated(games, "a")
    for at, name in enumerate(PLAYERS[1:]):
        estimate = rating(games, name, "a")
        assert estimate.value == pytest.approx(1000 + points * fit.params[at], rel=1e-9)
        assert estimate.standard_error == pytest.approx(points * fit.bse[at], rel=1e-6)
    apart = np.array([0, 1, 0, -1, 0])
    difference = found.difference("c", "e")
    assert isinstance(difference, RatingEstimate)
    assert difference.value == pytest.approx(points * apart @ fit.params, rel=1e-8)
    assert difference.standard_error == pytest.approx(points * math.sqrt(apart @ fit.cov_params() @ apart), rel=1e-6)


def test_two_players_are_apart_by_their_odds() -> None:
    estimate = rating([Games("m", "base", 30, 40)], "m")
    assert estimate.value == pytest.approx(1000 + 400 * math.log10(3))
    assert estimate.standard_error == pytest.approx(400 / math.log(10) * math.sqrt(1 / 30 + 1 / 10))
    assert ends(estimate) == pytest.approx([estimate.value + side * 1.959963984540054 * estimate.standard_error for side in (-1, 1)])
    assert (estimate.method, estimate.observations, estimate.notes) == ("bradley_terry", 40, (INDEPENDENT_GAMES,))


def test_a_difference_does_not_depend_on_whose_rating_is_fixed() -> None:
    one, other = rated(PUBLISHED).difference("m3", "m1"), rated(PUBLISHED, "m2").difference("m3", "m1")
    assert isinstance(one, RatingEstimate)
    assert isinstance(other, RatingEstimate)
    assert (one.value, one.standard_error) == pytest.approx((other.value, other.standard_error), rel=1e-9)
    alone = [rating(PUBLISHED, player).standard_error for player in ("m3", "m1")]
    assert one.standard_error < math.hypot(*alone)  # both lean on the same games against the anchor


def test_a_difference_turned_around_changes_its_sign() -> None:
    one, other = estimated(rated(PUBLISHED).difference("m3", "m1")), estimated(rated(PUBLISHED).difference("m1", "m3"))
    assert other.point == -one.point
    assert ends(other) == tuple(-end for end in reversed(ends(one)))


def test_the_anchor_rating_moves_every_rating_alike() -> None:
    moved = ratings(PUBLISHED, "base", Decimal("1500.5"))
    assert isinstance(moved, Ratings)
    assert moved.of("m1").point == rating(PUBLISHED, "m1").point + Fraction(1001, 2)


ONE_SIDED = [
    *PUBLISHED, Games("top", "m1", 5, 5), Games("w", "top", 3, 6), Games("bottom", "m2", 0, 5), Games("x", "y", 2, 4),
    Games("beside", "top", 0, 3), Games("beside", "bottom", 3, 3),
]  # fmt: skip


@pytest.mark.parametrize(
    ("player", "words"),
    [
        ("top", "top won 11 of 14 games; nobody whom the anchor base beat, or who was beaten by one of those, ever beat it"),
        ("w", "w won 3 of 6 games; nobody whom the anchor base beat"),
        ("bottom", "bottom won 0 of 8 games; it beat neither the anchor base nor anybody who beat it"),
        ("beside", "beside won 3 of 6 games; no chain of wins leads from it to the anchor base, or back"),
        ("x", "no chain of games links x to the anchor base; x won 2 of 4 games"),
    ],
)
def test_who_won_or_lost_everything_has_a_record_and_no_rating(player: str, words: str) -> None:
    found = rated(ONE_SIDED)
    assert refused(found.of(player)) == ("no_finite_rating", None)
    assert refused(found.difference("m1", player)) == ("no_finite_rating", None)
    assert found.unrated[player].words.startswith(words)


def test_games_against_somebody_without_a_rating_move_no_rating() -> None:
    one, other = rating(ONE_SIDED, "m1"), rating(PUBLISHED, "m1")
    assert (one, ends(one)) == (other, ends(other))


def test_who_never_played_has_no_rating() -> None:
    assert refused(rated(PUBLISHED).of("nobody")) == ("not_measured", None)
    assert refused(rated(PUBLISHED).difference("m1", "nobody")) == ("not_measured", None)


def test_the_anchor_is_set_and_not_measured() -> None:
    assert refused(rated(PUBLISHED).of("base")) == ("statistic_has_no_interval", 1000)


def test_nobody_differs_from_themselves() -> None:
    assert refused(rated(PUBLISHED).difference("m1", "m1"))[0] == "all_values_equal"


@pytest.mark.parametrize(
    ("games", "reason"),
    [
        ([], "no_observations"),
        ([Games("m1", "m2", 1, 2)], "not_measured"),  # the anchor never played
        ([Games("base", "m1", 9, 9), Games("m1", "m2", 1, 2)], "no_finite_rating"),  # the anchor won everything
        ([Games("base", "m1", 0, 9)], "no_finite_rating"),
        ([Games("base", "base", 1, 2)], "impossible_count"),
        ([Games("base", "m1", 3, 2)], "impossible_count"),
        ([Games("base", "m1", -1, 2)], "impossible_count"),
        ([Games("base", "m1", 0, 0)], "impossible_count"),
        ([Games("base", "m1", math.nan, 2)], "not_a_number"),
        ([Games("base", "m1", Decimal("sNaN"), 2)], "not_a_number"),
    ],
)
def test_what_cannot_be_rated_at_all_is_refused(games: Sequence[Games], reason: str) -> None:
    found = ratings(games, "base")
    assert isinstance(found, Unestimable)
    assert found.reason == reason


def test_an_anchor_rating_that_is_no_number_is_refused() -> None:
    found = ratings(PUBLISHED, "base", math.inf)
    assert isinstance(found, Unestimable)
    assert found.reason == "not_a_number"


def test_a_draw_is_half_a_win_for_either_side() -> None:
    drawn = rating([Games("m", "base", Fraction(61, 2), 40)], "m")  # 30 won, 9 lost, 1 drawn
    assert drawn.value == pytest.approx(1000 + 400 * math.log10(30.5 / 9.5))
    assert drawn.notes == (INDEPENDENT_GAMES, DRAWS)
    assert rating([Games("m", "base", Decimal("0.5"), 1)], "m").point == 1000


won = st.tuples(st.sampled_from(PLAYERS), st.sampled_from(PLAYERS), st.integers(0, 6), st.integers(0, 6)).filter(
    lambda each: each[0] != each[1] and each[2] + each[3] > 0
)
tournaments = st.lists(won, min_size=1, max_size=14).map(lambda drawn: [Games(a, b, w, w + lost) for a, b, w, lost in drawn])


@settings(max_examples=120, deadline=None)
@given(tournaments)
def test_a_finite_rating_needs_wins_from_the_anchor_and_back(games: list[Games]) -> None:
    beat = np.zeros((6, 6))
    for each in games:
        beat[PLAYERS.index(each.a), PLAYERS.index(each.b)] += float(each.wins_a)
        beat[PLAYERS.index(each.b), PLAYERS.index(each.a)] += each.games - float(each.wins_a)
    group = connected_components(beat, directed=True, connection="strong")[1]  # Ford 1957, by another package
    together = {name for at, name in enumerate(PLAYERS) if group[at] == group[0]} - {"a"}
    found = ratings(games, "a")
    assert (set(found.fitted) if isinstance(found, Ratings) else set()) == together


@settings(max_examples=60, deadline=None)
@given(tournaments, st.data())
def test_neither_order_nor_side_of_the_games_changes_a_digit(games: list[Games], data: st.DataObject) -> None:
    around = [Games(each.b, each.a, each.games - int(each.wins_a), each.games) for each in data.draw(st.permutations(games))]
    assert ratings(games, "a") == ratings(around, "a")


@settings(max_examples=60, deadline=None)
@given(tournaments, st.sampled_from([0.05, ALPHA, 0.5]), st.floats(-3000, 3000))
def test_bounds_and_p_say_the_same_of_every_bar(games: list[Games], alpha: float, bar: float) -> None:
    found = ratings(games, "a")
    for player in found.fitted if isinstance(found, Ratings) else ():
        estimate = rating(games, player, "a")
        assert estimate.lower(alpha) <= estimate.value <= estimate.upper(alpha)
        assert (estimate.upper(alpha) < bar) == (estimate.p_below(bar) < alpha)
        assert (estimate.lower(alpha) >= bar) == (estimate.p_above(bar) <= alpha)
        assert (estimate.p_below(10**400), estimate.p_above(-(10**400))) == (0, 0)


anything: st.SearchStrategy[Any] = st.one_of(
    st.integers(-1, 9), st.sampled_from([None, True, "1", 0.5, 1e308, 5e-324, 1e-90, math.inf, Decimal("NaN"), 10**400, 2**53])
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc"), anything, anything), max_size=6), st.one_of(st.just(1000), anything)
)
def test_whatever_is_handed_in_gives_ordered_ends_or_a_reason(listed: list[tuple[Any, ...]], anchor_rating: Any) -> None:
    found = ratings([Games(*each) for each in listed], "a", anchor_rating)
    if isinstance(found, Unestimable):
        assert " " in found.words
        return
    for player in found.fitted:
        lower, upper = ends(estimated(found.of(player)))
        assert lower <= upper
