"""Feeling in a voice, by Whisper's encoder."""

from __future__ import annotations

from pipeline.backends.transcribe_whisper import open_backend

# The model that transcribes reads the voice too, from the one encoding that it makes.
__all__ = ["open_backend"]
