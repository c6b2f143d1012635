"""The trainer is right and repeats itself."""

from __future__ import annotations

import numpy as np
import pytest

from tests.mood.regression import fitted, minimum, odds_of, shares_of, temperature
from tests.mood.scores import calibration_error, confusion, macro_f1, unweighted_recall


def test_a_bowl_is_gone_down_to_its_bottom() -> None:
    stretch = np.array([1.0, 10.0, 100.0])
    at = minimum(lambda x: (float((stretch * (x - 3) ** 2).sum()), 2 * stretch * (x - 3)), np.zeros(3))
    assert np.abs(at - 3).max() < 1e-6


def test_the_slope_at_the_answer_is_flat() -> None:
    chance = np.random.default_rng(0)
    rows, labels = chance.normal(size=(60, 5)), chance.integers(0, 3, 60)
    head = fitted(rows, labels, 3, 0.5)
    shares = shares_of(odds_of(head, rows))
    slope = np.hstack([rows, np.ones((60, 1))]).T @ (shares - np.eye(3)[labels])
    slope[:-1] += 0.5 * head[:-1]
    assert np.abs(slope).max() < 1e-3


def test_fitting_twice_gives_the_same_bits() -> None:
    chance = np.random.default_rng(1)
    rows, labels = chance.normal(size=(80, 6)), chance.integers(0, 4, 80)
    assert fitted(rows, labels, 4, 0.1).tobytes() == fitted(rows, labels, 4, 0.1).tobytes()


def test_a_weightless_row_changes_nothing() -> None:
    chance = np.random.default_rng(2)
    rows, labels = chance.normal(size=(40, 4)), chance.integers(0, 2, 40)
    more = fitted(np.vstack([rows, 9 * np.ones((1, 4))]), np.append(labels, 1), 2, 0.1, np.append(np.ones(40), 0.0))
    assert more == pytest.approx(fitted(rows, labels, 2, 0.1), abs=1e-4)


def test_boasting_odds_are_cooled() -> None:
    chance = np.random.default_rng(3)
    labels = chance.integers(0, 3, 3_000)
    odds = chance.normal(size=(3_000, 3))
    odds[np.arange(3_000), labels] += 1.0
    heat = temperature(4 * odds, labels)
    assert heat > 2.5
    assert calibration_error(shares_of(4 * odds / heat), labels) < calibration_error(shares_of(4 * odds), labels)


def test_scores_count_every_class_alike() -> None:
    labels, read = np.array([0, 0, 0, 0, 1, 1]), np.array([0, 0, 0, 0, 0, 1])
    assert unweighted_recall(labels, read) == 0.75
    assert macro_f1(labels, read, (0, 1)) == pytest.approx((8 / 9 + 2 / 3) / 2)
    assert confusion(labels, read, 2).tolist() == [[4, 0], [1, 1]]
