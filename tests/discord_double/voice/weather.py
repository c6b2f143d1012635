"""What can befall packets on their way."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.discord_double.voice.rtp import Frame

EXTENSION = b"\x51\x00\x01\x10\x90\x00\x00\x00"


@dataclass(frozen=True)
class Weather:
    """Fair by default. Sets name packets by their place in what is said (from 0), shares are chances from 0 to 1."""

    lose: frozenset[int] = frozenset()
    swap: frozenset[int] = frozenset()  # this one arrives after its follower
    repeat: frozenset[int] = frozenset()  # this one arrives twice
    lost_share: float = 0.0
    swapped_share: float = 0.0
    repeated_share: float = 0.0
    padded_share: float = 0.0  # 1 to 255 bytes behind the payload
    padding: int = 0  # bytes behind every payload; 0: those of padded_share
    empty_share: float = 0.0  # a packet of nothing but padding slips in before
    extended: bool = False  # header extensions
    reports_every: int = 0  # an RTCP sender report before every so many packets; 0: none
    seed: int = 0


FAIR = Weather()
ROUGH = Weather(
    lost_share=0.02,
    swapped_share=0.02,
    repeated_share=0.02,
    padded_share=0.15,
    empty_share=0.03,
    extended=True,
    reports_every=50,
)


class Sky:
    """The weather over one sender's packets, in the order they were sent."""

    def __init__(self, weather: Weather = FAIR) -> None:
        self.change(weather)
        self._shift = 0

    def change(self, weather: Weather) -> None:
        """Other weather from the next packet on, which counts as the first."""
        self.weather = weather
        self._dice = random.Random(weather.seed)
        self._place = -1
        self._late: Frame | None = None

    def through(self, frame: Frame) -> Iterator[Frame]:
        """What arrives now that this packet was sent."""
        self._place += 1
        if self._chance(self.weather.empty_share):
            # A packet of padding alone takes a sequence number of its own.
            yield replace(frame.shifted(self._shift), payload=b"", padding=self._dice.randint(1, 255), extension=None)
            self._shift += 1
        yield from self._ordered(self._dressed(frame.shifted(self._shift)))

    @property
    def report_due(self) -> bool:
        every = self.weather.reports_every
        return bool(every) and self._place % every == 0

    def _ordered(self, frame: Frame) -> Iterator[Frame]:
        weather, place = self.weather, self._place
        if place in weather.lose or self._chance(weather.lost_share):
            return
        late, self._late = self._late, None
        if late is None and (place in weather.swap or self._chance(weather.swapped_share)):
            self._late = frame
            return
        yield frame
        if place in weather.repeat or self._chance(weather.repeated_share):
            yield frame
        if late is not None:
            yield late

    def _dressed(self, frame: Frame) -> Frame:
        weather = self.weather
        padding = weather.padding or (self._dice.randint(1, 255) if self._chance(weather.padded_share) else 0)
        extension = EXTENSION if weather.extended else frame.extension
        return replace(frame, padding=padding or frame.padding, extension=extension)

    def _chance(self, share: float) -> bool:
        return share > 0 and self._dice.random() < share
