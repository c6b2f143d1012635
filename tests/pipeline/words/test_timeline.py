"""What is placed never moves."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.words.event import CueReady, Done, Event, Narrated
from pipeline.words.score import Scored, Tempo
from pipeline.words.sound import RATE_HZ, Artifact, Spoken, SpokenLine, WordTiming
from pipeline.words.timeline import Timeline

FILE = Artifact("0" * 64, ".wav", 1)


def spoken(passage: int, samples: int) -> Spoken:
    line = SpokenLine("narrator", "Once", "v", 0, samples, (WordTiming("Once", 0.0, samples / RATE_HZ),))
    return Spoken(0, passage, FILE, samples, (line,))


def scored(passage: int, samples: int) -> Scored:
    return Scored(0, passage, FILE, FILE, FILE, samples, 10, 10, Tempo(0, "ionian", 120.0, 4, 2))


def events_of(lengths: list[int]) -> list[Event]:
    told: list[Event] = [CueReady(scored(-1, 1000))]
    for passage, length in enumerate(lengths):
        told += [Narrated(spoken(passage, length)), CueReady(scored(passage, length + 7))]
    return told


@given(st.lists(st.integers(1, 100_000), min_size=1, max_size=6), st.data())
def test_repeated_events_change_nothing_and_places_follow_one_another(lengths: list[int], data: st.DataObject) -> None:
    events = events_of(lengths)
    plain = Timeline()
    for event in events:
        plain = plain.after(event)
    again = Timeline()
    for number, event in enumerate(events):
        again = again.after(event)
        repeated = data.draw(st.integers(0, number))
        assert again.after(events[repeated]) == again
    assert again == plain
    starts = [placed.start for placed in plain.placed]
    assert starts == [0, *(placed.end for placed in plain.placed[:-1])]
    assert plain.samples == 1000 + sum(length + 7 for length in lengths)


def test_words_stand_where_their_passage_stands() -> None:
    timeline = Timeline()
    for event in events_of([RATE_HZ, RATE_HZ]):
        timeline = timeline.after(event)
    assert [word.start_s for word in timeline.captions()] == [placed.start / RATE_HZ for placed in timeline.placed[1:]]


def test_it_is_whole_when_the_tale_is_done() -> None:
    assert Timeline().after(Done(FILE)).whole
