"""Feeling in a voice, by Whisper's encoder."""

from __future__ import annotations

from pipeline.backends.transcribe_whisper import open_backend

# The model that transcribes reads the voice too, with the same encoder.
__all__ = ["open_backend"]
