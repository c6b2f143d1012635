"""Notes as a MIDI file."""

from __future__ import annotations

import io

import mido
import numpy as np
import pytest

from pipeline.errors import Refused
from pipeline.music.midi import joined, midi_of
from pipeline.music.piece import Score
from pipeline.words.score import Cue
from pipeline.words.sound import RATE_HZ
from tests.pipeline.music.tales import composed, random_tale

NOTHING = np.zeros((0, 2), np.float32)


def cues(score: Score, seed: int) -> tuple[list[Cue], float]:
    plan, pictures = random_tale(seed)
    pieces = list(composed(score, plan, pictures))
    made = [
        Cue(NOTHING, NOTHING, NOTHING, NOTHING, piece.tempo, tuple(sorted((*piece.bed, *piece.lead))), piece.programs)
        for piece in pieces
    ]
    return made, sum(piece.samples for piece in pieces) / RATE_HZ


def read(data: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=io.BytesIO(data))


def test_another_reader_finds_every_note_and_the_whole_length(score: Score) -> None:
    for seed in range(5):
        made, seconds = cues(score, seed)
        whole = read(joined([midi_of(cue) for cue in made]))
        assert whole.length == pytest.approx(seconds, abs=0.01)
        on = [message for message in whole if message.type == "note_on"]
        assert len(on) == sum(len(cue.notes) for cue in made)
        assert len(on) == len([message for message in whole if message.type == "note_off"])


def test_notes_lie_where_they_sound(score: Score) -> None:
    made, _ = cues(score, 1)
    at_s, heard = 0.0, []
    for message in read(midi_of(made[0])):
        at_s += message.time
        if message.type == "note_on":
            heard.append(at_s)
    assert heard == pytest.approx(sorted(note[0] for note in made[0].notes), abs=0.003)


def test_a_passage_tells_tempo_metre_and_players(score: Score) -> None:
    made, _ = cues(score, 1)
    messages = list(read(midi_of(made[0])).tracks[0])
    tempo = next(message for message in messages if message.type == "set_tempo")
    assert mido.tempo2bpm(tempo.tempo) == pytest.approx(made[0].tempo.bpm, abs=0.01)
    assert {m.channel: m.program for m in messages if m.type == "program_change"} == made[0].programs


@pytest.mark.parametrize("data", [b"", b"MThd", b"RIFF" + bytes(100)])
def test_what_is_no_midi_is_refused(data: bytes) -> None:
    with pytest.raises(Refused):
        joined([data])
