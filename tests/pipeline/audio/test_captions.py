"""Captions are readable and in time."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from pipeline.audio.captions import MOST_CHARS, MOST_CUE_S, Shown, captions, srt, webvtt
from pipeline.words.score import Scored
from pipeline.words.sound import RATE_HZ, Artifact, Spoken, SpokenLine, WordTiming
from pipeline.words.timeline import Placed, Timeline
from tests.pipeline.audio.making import TEMPO, made

STAMP = r"\d\d:\d\d:\d\d"


def spoken(text: str, speaker: str = "narrator", seconds_a_word: float = 0.3, start_s: float = 10.0) -> Timeline:
    words = tuple(
        WordTiming(word, nth * seconds_a_word, (nth + 0.9) * seconds_a_word) for nth, word in enumerate(text.split())
    )
    line = SpokenLine(speaker, text, "any", 0, int(words[-1].end_s * RATE_HZ), words)
    sound = Artifact("0", ".wav", 0)
    voice = Spoken(0, 0, sound, line.end, (line,))
    return Timeline((Placed(int(start_s * RATE_HZ), _no_music(line.end), voice),), whole=True)


def test_every_word_is_shown_once_at_its_own_time(tmp_path: Path) -> None:
    timeline = made(tmp_path, (3.0, 4.0)).timeline
    words = [word for one in captions(timeline, {}) for word in one.words]
    assert words == list(timeline.captions())


def test_a_caption_is_short_enough_to_read() -> None:
    long = spoken(" ".join(f"word{n}" for n in range(120)))
    shown = captions(long, {})
    assert len(shown) > 6
    assert all(len(one.text) <= MOST_CHARS and one.end_s - one.start_s <= MOST_CUE_S for one in shown)


def test_captions_never_stand_over_each_other() -> None:
    quick = captions(spoken("Run. " * 40, seconds_a_word=0.2), {})
    assert all(before.end_s <= after.start_s for before, after in pairwise(quick))


def test_it_breaks_behind_a_clause_where_there_is_one() -> None:
    said = "The keeper climbed the tower and lit the great lamp, and then the whole sea answered him."
    assert captions(spoken(said), {})[0].text.endswith("lamp,")


def test_a_speaker_is_named_and_the_narrator_is_not() -> None:
    said = webvtt(captions(spoken("Who is there?", "Mira"), {}), "en")
    assert "<v Mira>Who" in said
    assert "Mira: Who is there?" in srt(webvtt(captions(spoken("Who is there?", "Mira"), {}), "en"))
    assert "<v" not in webvtt(captions(spoken("Nobody."), {}), "en")


def test_a_sound_is_told_when_it_begins_and_not_again(tmp_path: Path) -> None:
    timeline = made(tmp_path, (3.0, 3.0, 3.0)).timeline
    shown = captions(timeline, {0: ("rain",), 1: ("rain",), 2: ("wind", "rain")})
    assert [one.heard for one in shown if one.sounds] == ["[rain]", "[wind]"]
    assert "<i>[rain]</i>\n" in webvtt(shown, "en")
    assert "[wind]\nOnce" in srt(webvtt(shown, "en"))


def test_a_sound_long_before_any_word_has_its_own_caption() -> None:
    late = spoken("Listen.")
    (placed,) = late.placed
    assert placed.spoken is not None
    line = placed.spoken.lines[0]
    words = tuple(replace(word, start_s=word.start_s + 4, end_s=word.end_s + 4) for word in line.words)
    voice = replace(placed.spoken, lines=(replace(line, words=words),))
    first, second = captions(replace(late, placed=(replace(placed, spoken=voice),)), {0: ("rain",)})
    assert (first.heard, first.text, second.heard, second.text) == ("[rain]", "", "", "Listen.")


def test_webvtt_and_subrip_have_their_own_clocks() -> None:
    shown = captions(spoken("Once upon a time", start_s=3_661.5), {})
    assert re.search(rf"^{STAMP}\.\d\d\d --> {STAMP}\.\d\d\d$", webvtt(shown, "en"), re.MULTILINE)
    assert re.search(rf"^01:01:01,500 --> {STAMP},\d\d\d$", srt(webvtt(shown, "en")), re.MULTILINE)
    assert webvtt(shown, "pt").startswith("WEBVTT\n")


def test_every_word_carries_its_moment() -> None:
    said = webvtt(captions(spoken("Once upon a time"), {}), "en")
    assert "Once <00:00:10.300>upon <00:00:10.600>a <00:00:10.900>time" in said


def test_marks_that_mean_something_to_a_player_are_made_harmless() -> None:
    said = webvtt(captions(spoken("<b>5 & 6 --> 7", "A<B>"), {}), "en")
    assert "&lt;b&gt;5" in said
    assert "<v A&lt;B&gt;>" in said
    assert said.count(" --> ") == 1
    assert "A<B>: <b>5 & 6 --> 7\n" in srt(said)


def test_subrip_breaks_a_long_caption_near_its_middle() -> None:
    long = "The keeper climbed the tower and lit the great lamp before the storm came."
    *_, first, second = srt(webvtt(captions(spoken(long), {}), "en")).strip().split("\n")
    assert f"{first} {second}" == long
    assert abs(len(first) - len(second)) < 12


@pytest.mark.parametrize(("words", "text"), [(("昔", "々", "ある", "夜"), "昔々ある夜"), (("a", "夜"), "a 夜")])
def test_languages_without_spaces_get_none(words: tuple[str, ...], text: str) -> None:
    assert Shown(0, 1, tuple(WordTiming(word, 0, 1) for word in words)).text == text


def test_a_line_without_word_times_is_shown_whole() -> None:
    timeline = spoken("All at once.")
    (placed,) = timeline.placed
    assert placed.spoken is not None
    bare = replace(placed.spoken, lines=tuple(replace(line, words=()) for line in placed.spoken.lines))
    (one,) = captions(replace(timeline, placed=(replace(placed, spoken=bare),)), {})
    assert one.text == "All at once."


def _no_music(samples: int) -> Scored:
    none = Artifact("0", ".wav", 0)
    return Scored(0, 0, none, none, none, samples, 0, 0, TEMPO)
