"""Elo ratings from games between models, by the Bradley-Terry model with one model held fixed (statistics a7).

The rules kept here: the chance that one model beats another is logistic in the difference of their ratings, 400 points for odds of ten
to one (Bradley and Terry 1952, Biometrika 39:324; Elo 1978); a rating exists only where wins lead from the model to the anchor and back
(Ford 1957, Am. Math. Monthly 64:28), so a model that won or lost everything has a record and no rating; a draw, where draws
are counted, is half a win for either side; sums are exact and players sorted, so the order of games changes no digit.

Left out: the order in which games were played. A rating here is not updated game by game; it is what all games together say.
Left out: games that depend on each other (the same prompt given to many pairs). The standard error takes them as independent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from evaluations.estimate import Bar, Estimate, Unestimable
from evaluations.exact_numbers import Given, exact_bar, exact_number, saturated, whole_count
from evaluations.quantiles import checked, p_above_by_bound, p_below_by_bound, t_below, z_quantile

Matrix = NDArray[np.float64]

POINTS = 400 / math.log(10)  # 400 points are odds of ten to one (Elo 1978, The Rating of Chessplayers)
USUAL_ANCHOR = Fraction(1000)  # our choice; only differences mean anything
MOST_STEPS = 200  # our choice: a fit takes about 8
UNSEEN = 1e-12  # our choice, relative: a loss of likelihood that is only its rounding
CLOSE = 1e-10  # our choice, relative: Newton's method doubles the digits, so after a step this small the last one stands

INDEPENDENT_GAMES = "Games are taken as independent of each other."
DRAWS = "A draw enters as half a win for either side."


@dataclass(frozen=True)
class Games:
    """All games of one pairing: ``wins_a`` of ``games`` went to ``a``; a draw adds one half to ``wins_a``."""

    a: str
    b: str
    wins_a: Given
    games: int


@dataclass(frozen=True, kw_only=True)
class RatingEstimate(Estimate):
    """A rating, or a difference of two, with normal bounds."""

    standard_error: float

    def lower(self, alpha: float) -> float:
        return self.value - z_quantile(checked(alpha)) * self.standard_error

    def upper(self, alpha: float) -> float:
        return self.value + z_quantile(checked(alpha)) * self.standard_error

    def p_below(self, bar: Bar) -> float:
        return p_below_by_bound(self.upper, bar, t_below(math.inf, self._distance(bar)))

    def p_above(self, bar: Bar) -> float:
        return p_above_by_bound(self.lower, bar, t_below(math.inf, -self._distance(bar)))

    def _distance(self, bar: Bar) -> float:
        return saturated(self.point - exact_bar(bar)) / self.standard_error


@dataclass(frozen=True)
class Ratings:
    """Ratings of everybody who played, the anchor at ``anchor_rating``. ``covariance`` is in squared points, in the order of ``fitted``."""

    anchor: str
    anchor_rating: Fraction
    fitted: tuple[str, ...]  # those with a finite rating, without the anchor, sorted
    strengths: tuple[Fraction, ...]  # their ratings less the anchor's
    covariance: tuple[tuple[float, ...], ...]
    unrated: Mapping[str, Unestimable]
    played: Mapping[str, int]  # games among the rated, of each of them
    notes: tuple[str, ...]

    def of(self, player: str) -> Estimate | Unestimable:
        """Rating of one player. Refuses one that never played, one without a finite rating, and the anchor, whose rating is no finding."""
        if player == self.anchor:
            return Unestimable("statistic_has_no_interval", f"{player} is the anchor: its rating is set, not measured", self.anchor_rating)
        found = self.difference(player, self.anchor)
        if isinstance(found, Unestimable):
            return found
        return self._estimate(self.anchor_rating + found.point, found.standard_error, self.played[player])

    def difference(self, one: str, other: str) -> RatingEstimate | Unestimable:
        """Rating of ``one`` less that of ``other``, with their covariance. Refuses where either has no finite rating."""
        for player in (one, other):
            if player in self.unrated:
                return self.unrated[player]
            if player != self.anchor and player not in self.fitted:
                return Unestimable("not_measured", f"{player} played no game")
        if one == other:
            return Unestimable("all_values_equal", f"{one} does not differ from itself")
        weights = {one: 1, other: -1}
        places = [(at, weights[name]) for at, name in enumerate(self.fitted) if name in weights]
        point = sum((weight * self.strengths[at] for at, weight in places), Fraction(0))
        variance = math.fsum(first * second * self.covariance[at][to] for at, first in places for to, second in places)
        return self._estimate(point, math.sqrt(variance), min(self.played[one], self.played[other]))

    def _estimate(self, point: Fraction, standard_error: float, played: int) -> RatingEstimate:
        return RatingEstimate(point, "bradley_terry", played, self.notes, standard_error=standard_error)


def ratings(games: Sequence[Games], anchor: str, anchor_rating: Given = USUAL_ANCHOR) -> Ratings | Unestimable:
    """Elo ratings by Bradley-Terry logistic regression, the anchor held at ``anchor_rating``; errors from the Hessian (statistics a7).

    Refuses as a whole: no games; counts that cannot be; a model against itself; an anchor that never played, won everything
    or lost everything. Refuses a player alone (``Ratings.of``): one whom no chain of games links to the anchor, and one who has
    no finite rating, because wins do not lead from it to the anchor and back (Ford 1957); its record stands in the words.
    """
    fixed, read = exact_number(anchor_rating, "the anchor's rating"), _read(games, anchor)
    if isinstance(fixed, Unestimable):
        return fixed
    if isinstance(read, Unestimable):
        return read
    wins = _wins(read)
    rated = _rated(wins, anchor)
    if rated == {anchor}:
        return Unestimable("no_finite_rating", f"no rating can be held against the anchor: {_record(wins, anchor)}")
    fitted = tuple(sorted(rated - {anchor}))
    solved = _fit(wins, (*fitted, anchor))
    if solved is None:
        return Unestimable("no_finite_rating", "the records are so one-sided that no ratings could be fitted")
    strengths, covariance = solved
    unrated = {player: _unrated(wins, player, anchor) for player in sorted({pair[0] for pair in wins} - rated)}
    counted = {pair: count for pair, count in wins.items() if rated.issuperset(pair)}  # a game against the unrated moves no rating
    drawn = any(each.denominator != 1 for each in counted.values())
    return Ratings(
        anchor, fixed, fitted,
        tuple(Fraction(POINTS * each) for each in strengths.tolist()),
        tuple(tuple(POINTS**2 * each for each in row) for row in covariance.tolist()),
        unrated, {player: _played(counted, player) for player in sorted(rated)},
        (INDEPENDENT_GAMES, DRAWS) if drawn else (INDEPENDENT_GAMES,),
    )  # fmt: skip


def _read(games: Sequence[Games], anchor: str) -> list[tuple[str, str, Fraction, int]] | Unestimable:
    """The games with exact numbers, or why they cannot be read."""
    read = []
    for each in games:
        if each.a == each.b:
            return Unestimable("impossible_count", f"{each.a} is said to have played itself")
        won, played = exact_number(each.wins_a, f"wins of {each.a}"), whole_count(each.games, f"games of {each.a}")
        if isinstance(won, Unestimable):
            return won
        if isinstance(played, Unestimable):
            return played
        if played < 1 or not 0 <= won <= played:
            words = f"found {float(won):g} wins of {each.a} against {each.b} in {played} games, expected 0 to all of at least one"
            return Unestimable("impossible_count", words)
        read.append((each.a, each.b, won, played))
    if not read:
        return Unestimable("no_observations", "no game was played")
    if not any(anchor in pair[:2] for pair in read):
        return Unestimable("not_measured", f"the anchor {anchor} played no game")
    return read


Wins = Mapping[tuple[str, str], Fraction]


def _wins(read: Iterable[tuple[str, str, Fraction, int]]) -> Wins:
    """Wins of the first over the second of each ordered pair that met, summed exactly; 0 where it won none."""
    wins: dict[tuple[str, str], Fraction] = {}
    for one, other, won, played in read:
        wins[one, other] = wins.get((one, other), Fraction(0)) + won
        wins[other, one] = wins.get((other, one), Fraction(0)) + played - won
    return wins


def _reached(start: str, steps: Iterable[tuple[str, str]]) -> set[str]:
    """Everybody to whom some chain of steps leads from ``start``, itself included."""
    onward: dict[str, list[str]] = {}
    for one, other in steps:
        onward.setdefault(one, []).append(other)
    reached, waiting = {start}, [start]
    while waiting:
        new = set(onward.get(waiting.pop(), ())) - reached
        reached |= new
        waiting.extend(new)
    return reached


def _rated(wins: Wins, anchor: str) -> set[str]:
    """Those with a finite rating: wins lead from the anchor to them and back (Ford 1957)."""
    won = [pair for pair, count in wins.items() if count]
    return _reached(anchor, won) & _reached(anchor, [(loser, winner) for winner, loser in won])


def _played(wins: Wins, player: str) -> int:
    return int(sum(count for pair, count in wins.items() if player in pair))


def _record(wins: Wins, player: str) -> str:
    won = sum((count for (winner, _), count in wins.items() if winner == player), Fraction(0))
    return f"{player} won {float(won):g} of {_played(wins, player)} games"


def _unrated(wins: Wins, player: str, anchor: str) -> Unestimable:
    """Why a player has no rating, with its record in words."""
    won = [pair for pair, count in wins.items() if count]
    record = _record(wins, player)
    if anchor not in _reached(player, wins):
        return Unestimable("no_finite_rating", f"no chain of games links {player} to the anchor {anchor}; {record}")
    if anchor in _reached(player, won):
        why = f"nobody whom the anchor {anchor} beat, or who was beaten by one of those, ever beat it: any rating high enough fits"
    elif player in _reached(anchor, won):
        why = f"it beat neither the anchor {anchor} nor anybody who beat it, directly or through others: any rating low enough fits"
    else:
        why = f"no chain of wins leads from it to the anchor {anchor}, or back: nothing places the two against each other"
    return Unestimable("no_finite_rating", f"{record}; {why}")


def _fit(wins: Wins, players: Sequence[str]) -> tuple[Matrix, Matrix] | None:
    """Log strengths of greatest likelihood and their covariance, by Newton's method; the last player is held at 0.

    The information matrix is the Laplacian of the graph of games, each pairing weighing games times chance times chance of the other.
    """
    count, last = len(players), len(players) - 1
    won = np.array([[float(wins.get((one, other), 0)) for other in players] for one in players])
    met = won + won.T
    strengths = np.zeros(count)
    likelihood = _likelihood(won, strengths)
    for _ in range(MOST_STEPS):
        chance = _chances(strengths)
        spread = met * chance * chance.T
        information = (np.diag(spread.sum(axis=1)) - spread)[:last, :last]
        gradient = (won - met * chance).sum(axis=1)[:last]
        try:
            covariance = np.linalg.inv(information)
        except np.linalg.LinAlgError:
            return None
        step = np.append(covariance @ gradient, 0.0)
        share = 1.0
        while (found := _likelihood(won, strengths + share * step)) < likelihood - UNSEEN * abs(likelihood) and share > CLOSE:
            share /= 2
        strengths, likelihood = strengths + share * step, found
        if np.max(np.abs(step)) <= CLOSE * (1 + np.max(np.abs(strengths))):
            return (strengths[:last], covariance) if np.all(np.diag(covariance) > 0) and np.all(np.isfinite(covariance)) else None
    return None


def _chances(strengths: Matrix) -> Matrix:
    """Chance of the row's player to beat the column's."""
    apart = strengths[:, None] - strengths[None, :]
    small = np.exp(-np.abs(apart))
    return np.asarray(np.where(apart >= 0, 1.0, small) / (1 + small), dtype=np.float64)


def _likelihood(won: Matrix, strengths: Matrix) -> float:
    apart = strengths[None, :] - strengths[:, None]
    return -math.fsum((won * (np.maximum(apart, 0) + np.log1p(np.exp(-np.abs(apart))))).ravel().tolist())
