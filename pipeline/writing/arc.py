"""Episodes inside one frame's arc."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pipeline.words.mood import Emotion
from pipeline.writing.episodes import MOST_FRAME_WORDS, Episode, Wanted, first_episode
from pipeline.writing.fill import HERO, Scope, filled
from pipeline.writing.frames import Refrain
from pipeline.writing.inner_episodes import InnerEpisodes
from pipeline.writing.joints import Joints, Meeting, joints_of
from pipeline.writing.lexicon import Being
from pipeline.writing.seeds import shuffled
from pipeline.writing.weave import NEAR, Weaving, Woven, spoken_words

OUTER_WORDS, EPISODE_WORDS = (220, 185, 270), 195
"""What the frame around a longer tale tells, the first whose whole has its length, and what each episode inside it."""
SECOND = "Z"
"""What joints call the hero of the second thread."""


@dataclass(frozen=True)
class ToldScene:
    """A scene of the whole tale, with those who speak in it."""

    name: str
    mood: Emotion
    turns: tuple[str, ...]
    scope: Scope
    fixed: tuple[int, ...] = ()
    """Which turns stand word for word, however freely a writer tells the others."""

    def with_more(self, *turns: str) -> ToldScene:
        """Return it with more said at the end, word for word."""
        count = len(self.turns)
        fixed = (*self.fixed, *range(count, count + len(turns)))
        return replace(self, turns=(*self.turns, *turns), fixed=fixed)


@dataclass(frozen=True)
class Telling:
    """A whole tale: what is told, in order, and the episodes that it is made of, the wish's own first."""

    prelude: str
    stretches: tuple[ToldScene, ...]
    episodes: tuple[Episode, ...]


def told(wanted: Wanted) -> Telling:
    """A short tale is one frame; a longer one has episodes inside its frame, or after it where it cannot be opened."""
    if wanted.guest is None:
        return _told(wanted)
    again = shuffled(joints_of(wanted.language).returns, wanted.asked.seed, "returns")[0]
    room = wanted.words - spoken_words(again.meet) - spoken_words(again.after)
    return _with_guest(_told(replace(wanted, words=room)), wanted.guest, again)


def _with_guest(tale: Telling, guest: Being, again: Meeting) -> Telling:
    """Somebody of the last tale met behind the beginning and behind the end, unless the frame has one of that name."""
    first, *others = tale.stretches
    scope = replace(first.scope, beings={**first.scope.beings, SECOND: guest})
    if not others or any(being.the == guest.the for one in tale.stretches for being in one.scope.beings.values()):
        return tale
    begun, ended = (filled(line, scope) for line in (again.meet, again.after))
    return replace(tale, stretches=(*_with((first,), begun), *_with(others, ended)))


def _told(wanted: Wanted) -> Telling:
    if wanted.words <= MOST_FRAME_WORDS:
        one = first_episode(wanted, wanted.words)
        return Telling(one.weaving.prelude, _stretches(one), (one,))
    tales: list[Telling] = []
    for words in OUTER_WORDS:
        outer = first_episode(wanted, words, opened=True)
        refrain = outer.frame.refrain if outer.weaving.opened_at else None
        tales.append(_Arc(wanted, outer, refrain).telling() if refrain else _in_a_row(wanted, outer))
        if _misses(tales[-1], wanted) <= NEAR * wanted.words:
            break
    right = [tale for tale in tales if _misses(tale, wanted) <= NEAR * wanted.words]
    return right[0] if right else min(tales, key=lambda tale: _misses(tale, wanted))


def _misses(tale: Telling, wanted: Wanted) -> int:
    """By how many words it misses its length."""
    return abs(
        sum(map(spoken_words, (tale.prelude, *(turn for one in tale.stretches for turn in one.turns)))) - wanted.words
    )


def _stretches(episode: Episode, joint: str = "", scenes: Sequence[Woven] | None = None) -> tuple[ToldScene, ...]:
    """Its scenes, with a sentence before them that leads in."""
    scope = episode.weaving.scope
    found = [
        ToldScene(one.name, one.mood, one.turns, scope, episode.fixed(one)) for one in scenes or episode.weaving.scenes
    ]
    first = found[0]
    if joint:
        first = replace(first, turns=(joint, *first.turns), fixed=(0, *(at + 1 for at in first.fixed)))
    return (first, *found[1:])


def _in_a_row(wanted: Wanted, outer: Episode) -> Telling:
    """What happened to the same people after it."""
    inner = InnerEpisodes(wanted, outer)
    bridges = shuffled(joints_of(wanted.language).bridges, wanted.asked.seed, "bridge")
    count = max(1, round((wanted.words - outer.weaving.words) / EPISODE_WORDS))
    stretches = [*_stretches(outer)]
    for at in range(count):
        left = wanted.words - inner.words
        one = inner.next(left // (count - at), bridges[at % len(bridges)])
        stretches += _stretches(one, one.weaving.prelude)
    return Telling(outer.weaving.prelude, tuple(stretches), tuple(inner.told))


class _Arc:
    """One frame opened: its beginning, episodes and a second thread, its end."""

    def __init__(self, wanted: Wanted, outer: Episode, refrain: Refrain) -> None:
        self._wanted, self._outer = wanted, outer
        self._joints: Joints = joints_of(wanted.language)
        self._inner = InnerEpisodes(wanted, outer)
        self._seed_of_other, other = self._inner.somebody_else()
        self._scope = replace(outer.weaving.scope, beings={**outer.weaving.scope.beings, SECOND: other})
        self._refrain = Refrain(
            filled(refrain.first, self._scope),
            tuple(filled(one, self._scope) for one in refrain.middle),
            filled(refrain.last, self._scope),
        )

    def telling(self) -> Telling:
        """Beginning, refrain, episodes with the second thread, the meeting, refrain, end, refrain."""
        at, scenes = self._outer.weaving.opened_at, self._outer.weaving.scenes
        meeting = self._meeting()
        refrains = [self._refrain.first, self._refrain.middle[-1], self._refrain.last]
        fixed = self._outer.weaving.words + sum(map(spoken_words, (*refrains, meeting.meet, meeting.after)))
        middle = self._middle(self._wanted.words - fixed)
        met = ToldScene(self._joints.meeting, Emotion.NEUTRAL, (), self._scope)
        met = met.with_more(meeting.meet, self._refrain.middle[-1])
        first = _with(_stretches(self._outer, scenes=scenes[:at]), self._refrain.first)
        last = _with(_stretches(self._outer, scenes=scenes[at:]), meeting.after, self._refrain.last)
        return Telling(self._outer.weaving.prelude, (*first, *middle, met, *last), tuple(self._inner.told))

    def _meeting(self) -> Meeting:
        one = shuffled(self._joints.meetings, self._wanted.asked.seed, "meeting")[0]
        return Meeting(filled(one.meet, self._scope), filled(one.after, self._scope))

    def _middle(self, words: int) -> list[ToldScene]:
        """The second thread, cut in two by the hero's own episodes where there is room for any."""
        count = max(1, round(words / EPISODE_WORDS))
        seed = self._wanted.asked.seed
        elsewhere, again = (
            filled(shuffled(joints, seed, key)[0], self._scope)
            for joints, key in ((self._joints.elsewhere, "elsewhere"), (self._joints.again, "again"))
        )
        refrain = self._refrain.middle[0] if count > 2 else ""
        left = words - spoken_words(refrain) - spoken_words(again) * (count > 1)
        before = self._inner.words
        thread = self._inner.of_somebody_else(self._seed_of_other, left // count, elsewhere, cut=count > 1)
        own = [
            self._inner.next((left - self._inner.words + before) // (count - at), joint)
            for at, joint in zip(range(1, count), self._into(count), strict=False)
        ]
        return self._interlaced(thread, own, again if own else "", refrain)

    def _into(self, count: int) -> list[str]:
        joints = shuffled(self._joints.meanwhile, self._wanted.asked.seed, "meanwhile")
        return [filled(joints[at % len(joints)], self._scope) for at in range(count)]

    def _interlaced(self, thread: Episode, own: Sequence[Episode], again: str, refrain: str) -> list[ToldScene]:
        weaving = thread.weaving
        cut = _cut_of(weaving)
        if not own:
            return [*_stretches(thread, weaving.prelude)]
        episodes = [_stretches(one, one.weaving.prelude) for one in own]
        lead = episodes[:1] if len(episodes) > 1 else []
        lead = [_with(one, refrain) for one in lead] if refrain else lead
        rest = episodes[len(lead) :]
        return [
            *(stretch for one in lead for stretch in one),
            *_stretches(thread, weaving.prelude, weaving.scenes[:cut]),
            *(stretch for one in rest for stretch in one),
            *(_stretches(thread, again, weaving.scenes[cut:]) if cut < len(weaving.scenes) else ()),
        ]


def _cut_of(weaving: Weaving) -> int:
    """Before which scene a thread may be left: where it opens, else in its middle, once its hero was named."""
    name, scenes = weaving.scope.beings[HERO].the, weaving.scenes
    named = next((at for at, one in enumerate(scenes, 1) if any(name in turn for turn in one.turns)), len(scenes))
    return max(named, weaving.opened_at or len(scenes) // 2)


def _with(stretches: Sequence[ToldScene], *turns: str) -> tuple[ToldScene, ...]:
    """With more said at the end."""
    return (*stretches[:-1], stretches[-1].with_more(*turns))
