"""A passage scored to its locked picture."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.music.figures import read_figures
from pipeline.music.memory import Memory, memory_of
from pipeline.music.notes import Note, Part, beat_s
from pipeline.music.palette import read_palettes
from pipeline.music.piece import Score
from pipeline.words.mood import Emotion, Mood
from pipeline.words.sound import RATE_HZ
from pipeline.words.story import Passage
from tests.pipeline.music.tales import alone, composed, line, onsets, plan_of, random_tale

SCORE = Score(read_palettes(), read_figures())
JOY, FEAR, CALM = Mood.pure(Emotion.JOY), Mood.pure(Emotion.FEAR), Mood.pure(Emotion.SADNESS)
spans = st.lists(st.tuples(st.floats(0, 2.5), st.floats(0.05, 4)), max_size=5)


@pytest.mark.parametrize("seed", range(12))
def test_at_once_or_passage_by_passage_the_notes_are_the_same(seed: int) -> None:
    plan, pictures = random_tale(seed)
    assert list(composed(SCORE, plan, pictures)) == list(composed(SCORE, plan, pictures, through_json=True))


def test_an_empty_carry_goes_on_behind_the_intro() -> None:
    plan, pictures = random_tale(3)
    _, after_intro = SCORE.intro(plan)
    first = pictures[0]
    begun = SCORE.passage(plan, first.passage, first.lines, first.samples, after_intro, last=False)
    assert begun == SCORE.passage(plan, first.passage, first.lines, first.samples, Memory(), last=False)
    assert memory_of(json.loads(json.dumps(begun[1].to_carry()))) == begun[1]


@settings(max_examples=150)
@given(gaps=spans, closing_s=st.floats(0, 6), emotion=st.sampled_from(list(Emotion)), seed=st.integers(0, 99))
def test_no_note_of_the_motif_sounds_while_somebody_speaks(
    gaps: list[tuple[float, float]], closing_s: float, emotion: Emotion, seed: int
) -> None:
    at_s, lines = 0.0, []
    for gap_s, long_s in gaps:
        lines.append(line(at_s + gap_s, at_s + gap_s + long_s))
        at_s += gap_s + long_s
    mood = Mood.pure(emotion)
    passage = Passage(0, 0, "", (), mood, closes_scene=True)
    samples = round((at_s + closing_s) * RATE_HZ)
    piece, _ = SCORE.passage(plan_of([mood, JOY], seed), passage, lines, samples, Memory(), last=False)
    for note in piece.lead:
        assert all(note.off_s * RATE_HZ <= one.start or note.on_s * RATE_HZ >= one.end for one in lines)
        assert note.off_s <= piece.samples / RATE_HZ


def test_a_pause_long_enough_carries_the_motif() -> None:
    lines = (line(0.2, 3.0), line(6.0, 8.0))
    passage = Passage(0, 0, "", (), JOY)
    piece, memory = SCORE.passage(plan_of([JOY, CALM], 5), passage, lines, 9 * RATE_HZ, Memory(), last=False)
    assert [note for note in piece.lead if 3.0 < note.on_s < 6.0]
    assert memory.returns > 0


@pytest.mark.parametrize("emotion", list(Emotion))
def test_beneath_a_line_at_most_half_as_much_happens(emotion: Emotion) -> None:
    under_count = pause_count = 0
    lines = (line(4.0, 8.0), line(12.0, 16.0), line(20.0, 24.0), line(28.0, 32.0))
    for seed in range(6):
        mood = Mood.pure(emotion)
        passage = Passage(0, 0, "", (), mood)
        piece, _ = SCORE.passage(plan_of([mood] * 2, seed), passage, lines, 32 * RATE_HZ, Memory(), last=False)
        under, free = onsets((*piece.bed, *piece.lead), lines)
        under_count, pause_count = under_count + len(under), pause_count + len(free)
    assert under_count <= pause_count / 2


def test_beneath_a_calm_line_only_pad_and_slow_bass_sound() -> None:
    passage = Passage(0, 0, "", (), CALM)
    lines = (line(0.0, 8.0),)
    piece, _ = SCORE.passage(plan_of([CALM, JOY], 1), passage, lines, 8 * RATE_HZ, Memory(), last=False)
    beneath = [note for note in piece.bed if note.on_s < 8.0]
    assert {note.channel for note in beneath} == {Part.PAD, Part.TEXTURE, Part.BASS}
    bass = sorted(note.on_s for note in beneath if note.channel == Part.BASS)
    assert all(later - earlier >= 2 * beat_s(piece.tempo) - 0.05 for earlier, later in pairwise(bass))


@pytest.mark.parametrize("seed", range(15))
def test_a_tale_ends_on_its_home_chord_after_the_last_word(seed: int) -> None:
    plan, pictures = random_tale(seed)
    piece = list(composed(SCORE, plan, pictures))[-1]
    end_s = piece.samples / RATE_HZ
    held = [note for note in (*piece.bed, *piece.lead) if note.off_s > end_s - 0.1]
    third = 4 if piece.tempo.mode in ("ionian", "lydian", "mixolydian", "phrygian_dominant") else 3
    assert {(note.key - plan.home_key) % 12 for note in held} <= {0, third, 7}
    assert min(note.on_s for note in held) >= pictures[-1].lines[-1].end / RATE_HZ
    assert not piece.vamp_samples
    assert not piece.ring_s
    assert end_s - pictures[-1].lines[-1].end / RATE_HZ >= 2.0
    assert end_s - pictures[-1].lines[-1].end / RATE_HZ < 7.0


def test_a_scene_asks_for_the_key_of_the_next() -> None:
    plan = plan_of([CALM, Mood.pure(Emotion.NEUTRAL), CALM], 8)
    passage = Passage(0, 0, "", (), CALM, closes_scene=True)
    piece, _ = SCORE.passage(plan, passage, (line(0.1, 7.0),), 8 * RATE_HZ, Memory(), last=False)
    next_passage = Passage(1, 1, "", (), plan.beats[1].target)
    following, _ = SCORE.passage(plan, next_passage, (), 8 * RATE_HZ, Memory(), last=False)
    last_chord = {note.key % 12 for note in piece.bed if note.channel == Part.PAD and note.on_s == _last_on(piece.bed)}
    leading_note = (following.tempo.tonic - 1) % 12
    assert leading_note in last_chord


def test_a_sudden_turn_is_left_bare() -> None:
    passage = Passage(0, 0, "", (), JOY, closes_scene=True)
    piece, _ = SCORE.passage(plan_of([JOY, FEAR], 8), passage, (line(0.1, 7.0),), 8 * RATE_HZ, Memory(), last=False)
    last_bass_s = max(note.on_s for note in piece.bed if note.channel == Part.BASS)
    assert {note.channel for note in piece.bed if note.on_s >= last_bass_s - 0.02} == {Part.BASS}


TURNING = plan_of([CALM, Mood.pure(Emotion.NEUTRAL), FEAR, CALM], 8)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("closing_s", [0.0, 0.4, 3.0])
def test_after_the_line_a_tale_turns_on_one_chord_sounds_and_then_nothing(seed: int, closing_s: float) -> None:
    passage, lines = Passage(2, 2, "", (), FEAR, closes_scene=True), (line(0.1, 2.0), line(2.4, 7.0))
    samples = round((7 + closing_s) * RATE_HZ)
    piece, _ = SCORE.passage(replace(TURNING, seed=seed), passage, lines, samples, Memory(), last=False)
    after = [note for note in (*piece.bed, *piece.lead) if note.on_s > 7.0]
    assert after
    assert max(note.on_s for note in after) - min(note.on_s for note in after) < 0.03
    assert piece.hush_s is not None
    assert all(note.off_s <= piece.hush_s + 0.01 for note in (*piece.bed, *piece.lead))
    assert piece.hush_s - after[0].on_s >= 0.4
    assert 1.0 <= piece.samples / RATE_HZ - piece.hush_s < 1.2


def test_a_tale_turns_once_and_a_short_one_never() -> None:
    for plan, expected in ((TURNING, [2]), (plan_of([CALM, FEAR, CALM], 8), [])):
        turns = []
        for scene, beat in enumerate(plan.beats):
            passage = Passage(scene, scene, "", (), beat.target, closes_scene=True)
            piece, _ = SCORE.passage(plan, passage, (line(0, 6),), 7 * RATE_HZ, Memory(), last=False)
            turns += [] if piece.hush_s is None else [scene]
        assert turns == expected


def test_a_silent_scene_has_no_note_but_keeps_its_bars() -> None:
    plan, pictures = random_tale(4, silent=(1,))
    pieces = list(composed(SCORE, plan, pictures))
    for one, piece in zip(pictures, pieces, strict=True):
        assert bool(piece.bed) != (one.passage.scene == 1)
        assert piece.samples >= one.samples


def test_of_five_scenes_the_calmest_inner_one_is_left_without_music() -> None:
    moods = [JOY, FEAR, CALM, JOY, CALM]
    plan, memory, silent = plan_of(moods, 3), Memory(), []
    for scene, mood in enumerate(moods):
        passage = Passage(scene, scene, "", (), mood, closes_scene=True)
        piece, memory = SCORE.passage(plan, passage, (line(0, 6),), 7 * RATE_HZ, memory, last=False)
        silent += [] if piece.bed else [scene]
    assert silent == [2]


def test_a_scene_keeps_one_key_one_mode_and_nearly_one_tempo() -> None:
    for seed in range(20):
        plan, pictures = random_tale(seed)
        scenes: dict[int, list[tuple[int, str, float]]] = {}
        for one, piece in zip(pictures, composed(SCORE, plan, pictures), strict=True):
            tempo = piece.tempo
            scenes.setdefault(one.passage.scene, []).append((tempo.tonic, tempo.mode, tempo.bpm))
        for tempos in scenes.values():
            assert len({(tonic, mode) for tonic, mode, _ in tempos}) == 1
            assert max(bpm for *_, bpm in tempos) / min(bpm for *_, bpm in tempos) < 1.2


@pytest.mark.parametrize("samples", [1, RATE_HZ // 2, 3600 * RATE_HZ])
@pytest.mark.parametrize("last", [False, True])
def test_half_a_second_or_an_hour_can_be_scored(samples: int, *, last: bool) -> None:
    passage = Passage(0, 0, "", (), FEAR, closes_scene=True, closes_tale=last)
    piece, _ = SCORE.passage(plan_of([FEAR], 2), passage, (line(0, samples / RATE_HZ),), samples, Memory(), last=last)
    assert piece.samples >= samples
    assert piece.samples - samples < 10 * RATE_HZ
    assert all(0 <= note.on_s < note.off_s for note in (*piece.bed, *piece.lead, *piece.vamp))


def test_all_seven_feelings_at_once_make_music() -> None:
    everything = Mood.of(dict.fromkeys(Emotion, 1.0))
    piece = alone(SCORE, everything, 1)
    assert piece.bed
    assert piece.lead


def test_a_felt_mood_colours_the_passage_and_leaves_the_key_alone() -> None:
    plan = plan_of([JOY, CALM], 9)
    as_planned, memory = SCORE.passage(plan, Passage(0, 0, "", (), JOY), (), 8 * RATE_HZ, Memory(), last=False)
    darker = Passage(0, 1, "", (), FEAR)
    felt, _ = SCORE.passage(plan, darker, (), 8 * RATE_HZ, memory, last=False)
    assert felt.tempo.tonic == as_planned.tempo.tonic
    assert felt.programs != as_planned.programs


def test_three_hundred_tales_share_no_melody() -> None:
    emotions = list(Emotion)
    melodies = set()
    for seed in range(300):
        piece = alone(SCORE, Mood.pure(emotions[seed % 7]), seed, 20)
        first = piece.lead[:8]
        sixteenth_s = 15 / piece.tempo.bpm
        melodies.add(tuple((b.key - a.key, round((b.on_s - a.on_s) / sixteenth_s)) for a, b in pairwise(first)))
    assert len(melodies) == 300


def test_the_melody_hardly_ever_rubs_against_what_sounds() -> None:
    notes = rubs = 0
    for seed in range(42):
        piece = alone(SCORE, Mood.pure(list(Emotion)[seed % 7]), seed, 40)
        held = [note for note in piece.bed if note.channel in (Part.PAD, Part.TEXTURE, Part.BASS, Part.FIGURE)]
        for sung in piece.lead:
            beneath = (one for one in held if one.on_s <= sung.on_s + 0.012 and one.off_s > sung.on_s + 0.02)
            notes += 1
            rubs += any((sung.key - one.key) % 12 in (1, 11) for one in beneath)
    assert notes > 1_000
    assert rubs / notes < 0.005


def test_no_key_is_struck_while_it_sounds() -> None:
    for seed in range(10):
        plan, pictures = random_tale(seed)
        for piece in composed(SCORE, plan, pictures):
            for notes in (piece.bed, piece.lead, piece.vamp):
                sounding: dict[tuple[int, int], Note] = {}
                for note in sorted(notes):
                    before = sounding.get((note.channel, note.key))
                    assert before is None or before.off_s <= note.on_s
                    sounding[note.channel, note.key] = note


def test_the_vamp_holds_the_chord_the_passage_ended_on() -> None:
    plan, pictures = random_tale(6)
    for one, piece in zip(pictures, composed(SCORE, plan, pictures), strict=True):
        if one.last:
            continue
        waiting = {note.key % 12 for note in piece.vamp if note.channel == Part.BASS}
        assert waiting
        assert not [note for note in piece.vamp if note.channel == Part.LEAD]
        assert piece.vamp_samples > 0


def _last_on(notes: tuple[Note, ...]) -> float:
    return max(note.on_s for note in notes if note.channel == Part.PAD)


def test_memory_counts_what_was_told() -> None:
    plan, pictures = random_tale(2)
    memory = Memory()
    told = 0
    for one in pictures:
        piece, memory = SCORE.passage(plan, one.passage, one.lines, one.samples, memory, last=one.last)
        told += piece.samples
    assert memory.told_s == pytest.approx(told / RATE_HZ)
    assert replace(memory, voices=()).to_carry()["voices"] == []
