"""Words that stand without spaces."""

from __future__ import annotations

import numpy as np

from pipeline.roles import Utterance
from pipeline.speaking.acting import after_s
from pipeline.speaking.spoken import spoken
from pipeline.speaking.word_times import word_times
from pipeline.words.sound import RATE_HZ

SOUND = np.sin(np.arange(RATE_HZ) / 20).astype(np.float32)


def times(text: str, shares: list[tuple[str, float]], say_as: dict[str, str] | None = None) -> list[tuple[str, float]]:
    heard = word_times(spoken(text, "zh", say_as), Utterance(SOUND, tuple(shares)), 1.0)
    return [(word.text, round(word.end_s, 2)) for word in heard]


def test_each_word_of_an_unspaced_line_has_its_time() -> None:
    shares = [("他", 0.2), ("走了，", 0.2), ("", 0.2), ("她", 0.1), ("哭了。", 0.3)]
    assert times("他走了，她哭了。", shares) == [("他", 1.2), ("走了，", 1.4), ("她", 1.7), ("哭了。", 2.0)]


def test_the_same_word_twice_is_two_words() -> None:
    shares = [("走，", 0.3), ("走", 0.3), ("吧！", 0.2), ("走。", 0.2)]
    assert times("走，走吧！ 走。", shares) == [("走，", 1.3), ("走", 1.6), ("吧！", 1.8), ("走。", 2.0)]


def test_a_narrator_that_tells_no_parts_places_the_line_as_one() -> None:
    assert times("他走了。", []) == [("他走了。", 2.0)]


def test_what_the_server_wants_said_is_found_without_spaces() -> None:
    said = spoken("小明和Bob走了。", "zh", {"bob": "鲍勃", "小明": "/ɕjau↓mi↗ŋ/"})
    assert [(one.written, one.spoken) for one in said] == [("小明和Bob走了。", "/ɕjau↓mi↗ŋ/ 和鲍勃走了。")]
    assert times("小明走了。", [("/ɕ/", 0.5), ("走了。", 0.5)], {"小明": "/ɕ/"}) == [("小明走了。", 2.0)]


def test_wide_marks_ask_for_the_silence_of_their_kin() -> None:
    for wide, narrow in zip("。，！？", ".,!?", strict=True):
        assert after_s(f"他走了{wide}」") == after_s(f'he left{narrow}"')
