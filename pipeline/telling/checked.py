"""Checks a prompt before any model."""

from __future__ import annotations

from dataclasses import replace

from pipeline.errors import Missing, Refused
from pipeline.speaking.voices import blend_of, read_voices
from pipeline.tables import all_codes
from pipeline.words.prompt import MAX_PERSONA_CHARS, STYLES, Prompt
from pipeline.writing.tongue import tongues
from pipeline.writing.wish import accept, hold_to_length, refuse_unfit


def checked(prompt: Prompt) -> Prompt:
    """Return the prompt with its language as ISO 639-1.

    Raises Refused or Missing, before any model is asked, for words that cannot be told and for unknown names.
    """
    hold_to_length(prompt)
    if not prompt.spoken and (prompt.source is None or prompt.text.strip()):
        accept(prompt, prompt.text)  # a recording's words are known only once it is transcribed
    _check_storyteller(prompt)
    if prompt.source is not None and prompt.source.is_silent and not prompt.text.strip():
        raise Refused("picture_question")
    if prompt.style is not None and prompt.style not in STYLES:
        raise Refused("style_unknown", style=prompt.style, known=", ".join(STYLES))
    if prompt.voice is not None and prompt.learnt is None:
        _check_voice(prompt.voice)
    if prompt.change is not None and prompt.change.voice:
        _check_voice(prompt.change.voice)
    if prompt.language is None:
        return prompt
    language = prompt.language.replace("_", "-").split("-")[0].lower()
    written = tongues()
    # Some languages are spoken or understood here, but no tale is written in them: their folder has no tongue.toml.
    known = (*written, *(code for code in all_codes() if code not in written))
    if language not in known:
        raise Refused("language_unknown", language=prompt.language, known=", ".join(known))
    return replace(prompt, language=language)


def _check_storyteller(prompt: Prompt) -> None:
    teller = prompt.storyteller
    if not -1 <= teller.daring <= 1:
        raise Refused("daring_out_of_range", daring=teller.daring)
    if len(teller.persona) > MAX_PERSONA_CHARS:
        raise Refused("persona_too_long", chars=len(teller.persona), most=MAX_PERSONA_CHARS)
    refuse_unfit(teller.persona, prompt.rating)


def _check_voice(wished: str) -> None:
    known = {voice.id for voice in read_voices()}
    try:
        unknown = next((name for name, _ in blend_of(wished) if name not in known), "")
    except ValueError:
        unknown = wished
    if unknown:
        raise Missing("voice_unknown", voice=unknown)
