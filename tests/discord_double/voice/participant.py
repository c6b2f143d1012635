"""Whoever takes part in a voice call."""

from __future__ import annotations

from abc import ABC, abstractmethod

from tests.discord_double.refusal import Json
from tests.discord_double.voice.opcodes import Op
from tests.discord_double.voice.rtp import Frame
from tests.discord_double.voice.weather import Sky


class Participant(ABC):
    """A seat in a call: it is told things, in order, and given others' frames. None of this waits."""

    def __init__(self, user_id: int, ssrc: int) -> None:
        self.user_id, self.ssrc = user_id, ssrc
        self.sky = Sky()  # the weather over what this one sends
        self.announced = False  # has sent SPEAKING at least once
        self.muted = False  # by the server, or not yet a speaker on a stage
        self.deafened = False  # by the server

    @abstractmethod
    def text(self, op: Op, data: Json | None) -> None:
        """A JSON message of the voice gateway."""

    @abstractmethod
    def binary(self, op: Op, body: bytes) -> None:
        """A binary message of the voice gateway."""

    @abstractmethod
    def hear(self, sender: Participant, frame: Frame) -> None:
        """A frame of another's."""
