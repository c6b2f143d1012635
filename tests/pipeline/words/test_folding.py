"""Reading a text costs what its length costs."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.words.folding import read

CHARS = 4_000
MOST_CPU_S = 0.25
"""Several times what the slowest of such texts takes; what has no end takes hours."""
SIGNS = "_ .-*'’aZ1$|\n\u0301\u0316\u200b\ufdfa\u3316海ｐоé"
"""Gaps, letters, figures, marks that are sorted, and signs that become many letters."""


def cpu_s(text: str) -> float:
    begun_s = time.thread_time()
    read(text)
    return time.thread_time() - begun_s


@settings(max_examples=60, deadline=None)
@example("_", ":", "ab")
@given(st.text(SIGNS, min_size=1, max_size=6), st.text(SIGNS, max_size=3), st.text(SIGNS, max_size=3))
def test_no_text_of_four_thousand_characters_costs_more_than_a_moment(motif: str, first: str, last: str) -> None:
    body = (motif * CHARS)[: CHARS - len(first) - len(last)]
    assert cpu_s(first + body + last) < MOST_CPU_S


@settings(max_examples=30, deadline=None)
@given(st.text(min_size=1, max_size=40))
def test_nor_does_one_of_any_other_alphabet(motif: str) -> None:
    assert cpu_s((motif * CHARS)[:CHARS]) < MOST_CPU_S


@pytest.mark.parametrize("text", ["Name: {}Date", "{}", "a {}b"])
def test_a_form_to_be_filled_in_is_read_at_once(text: str) -> None:
    assert cpu_s(text.format("_" * 40)) < MOST_CPU_S
    assert cpu_s(text.format("_" * CHARS)) < MOST_CPU_S


def test_ten_times_the_marks_cost_no_hundred_times_as_much() -> None:
    few, many = ("a" + "\u0301\u0316" * half for half in (10_000, 100_000))
    least_s = min(cpu_s(few) for _ in range(3))
    assert cpu_s(many) < 40 * max(least_s, 0.001)
