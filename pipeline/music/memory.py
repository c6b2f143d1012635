"""What the composer remembers between passages."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from pipeline.words.score import Carry


@dataclass(frozen=True)
class Memory:
    """The carry, named."""

    scene: int = -1
    """The scene of the last passage; -1 before the first."""
    place: int = 0
    """Chords told in this scene."""
    bpm: float = 0.0
    """The scene's tempo, set by its first passage."""
    metre: int = 4
    mode: str = ""
    voices: tuple[int, ...] = ()
    """The last voicing, its bass at the end."""
    returns: int = 0
    """How often the motif has come."""
    told_s: float = 0.0
    """Length of all passages, the intro left out."""
    spoken_s: float = 0.0
    """Of it, words."""

    def to_carry(self) -> Carry:
        """As it goes into a durable step."""
        return {**asdict(self), "voices": list(self.voices)}


def memory_of(carry: Carry) -> Memory:
    """As it comes back."""
    return Memory(**{**carry, "voices": tuple(carry.get("voices", ()))})
