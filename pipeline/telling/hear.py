"""Turns a recording into words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from pipeline.errors import Refused
from pipeline.roles import Needs, Transcriber
from pipeline.telling.feel import recording_of
from pipeline.telling.studio import Studio
from pipeline.words.event import StageFinished, StageStarted
from pipeline.words.prompt import Prompt, Said
from pipeline.words.sound import Artifact, Transcript, WordTiming


def hear(prompt: Prompt, studio: Studio) -> Transcript | None:
    """Return what was said; None where the prompt is text alone. Raises Refused `recording_wordless`."""
    spoken = prompt.spoken
    if not spoken:
        return None
    studio.say(StageStarted("hear"))
    pieces = [_written_down(at, said, prompt.language, studio) for at, said in enumerate(spoken)]
    transcript = together([(said.name, piece) for said, piece in zip(spoken, pieces, strict=True)])
    if not prompt.text.strip() and (not transcript.sure_text):
        raise Refused("recording_wordless")
    studio.say(StageFinished("hear"))
    return transcript


def transcribe(recording: Artifact, language: str | None, studio: Studio, *, careful: bool = False) -> Transcript:
    """Transcribe a kept recording, with the times of its words."""
    heard = recording_of(recording, studio)
    # With `careful` nobody waits live: the ear that hears best comes first.
    needs: Needs = {"careful": "file"} if careful else {}
    with studio.borrow(Transcriber, **needs) as transcriber:
        return transcriber.transcribe(heard, language, studio.check)


def together(pieces: Sequence[tuple[str, Transcript]]) -> Transcript:
    """Join transcripts of (name, transcript) in order; where several spoke, each turn under its name."""
    if len(pieces) == 1:
        return pieces[0][1]
    told = _turns([(name, piece.text) for name, piece in pieces if piece.text])
    several = len({name for name, _ in told}) > 1
    text = "\n".join(f"{name}: {said}" if several and name else said for name, said in told)
    lengths = [len(piece.text) for _, piece in pieces]
    # By length: one muttered word must not make a clear minute uncertain.
    sure = sum(piece.certainty * length for (_, piece), length in zip(pieces, lengths, strict=True))
    longest = max(pieces, key=lambda one: len(one[1].text))[1]
    return Transcript(text, longest.language, sure / (sum(lengths) or 1), tuple(_words(pieces)), tuple(told))


def _written_down(at: int, said: Said, language: str | None, studio: Studio) -> Transcript:
    if said.heard is not None:
        return said.heard
    return studio.once("hear", str(at), Transcript, lambda: transcribe(said.recording, language, studio, careful=True))


def _turns(told: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Join what one speaker says without another's turn between."""
    turns: list[tuple[str, str]] = []
    for name, text in told:
        if turns and turns[-1][0] == name:
            turns[-1] = (name, f"{turns[-1][1]} {text}")
        else:
            turns.append((name, text))
    return turns


def _words(pieces: Sequence[tuple[str, Transcript]]) -> Iterator[WordTiming]:
    """Give each word's time as if the recordings were played one after the other."""
    before_s = 0.0
    for _, piece in pieces:
        for word in piece.words:
            yield replace(word, start_s=word.start_s + before_s, end_s=word.end_s + before_s)
        before_s += piece.words[-1].end_s if piece.words else 0.0
