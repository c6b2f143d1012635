"""Longer tales are more story."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import Refused
from pipeline.tables import language_file
from pipeline.words.prompt import Prompt
from pipeline.words.story import Plan
from pipeline.writing.frames import ABOUT_ANOTHER, ABOUT_HERO, frames_in, read_frame
from pipeline.writing.joints import joints_of
from pipeline.writing.told_lines import plain_text
from pipeline.writing.tongue import tongues
from tests.pipeline.writing.telling import planned

STORM = "A lighthouse keeper befriends a storm"
WISHES = {
    "en": STORM, "pt": "Um dragão com medo de vela", "es": "Una niña que tiene miedo de las tormentas",
    "fr": "Un robot qui veut apprendre à danser", "it": "Un drago che ha paura delle candele",
    "de": "Ein Drache, der Angst vor Kerzen hat",
}  # fmt: skip
SOME = sorted(code for code in tongues() if code in WISHES)


def _scenes(made: Plan) -> list[str]:
    return [plain_text(" ".join(beat.turns)) for beat in made.beats]


@pytest.mark.parametrize("language", SOME)
@pytest.mark.parametrize("words", [450, 1_200])
def test_the_two_threads_of_a_longer_tale_meet_before_its_own_frame_ends(language: str, words: int) -> None:
    made = planned(Prompt(WISHES[language], 4, words, language))
    names, scenes = [beat.intent for beat in made.beats], _scenes(made)
    met = max(at for at, name in enumerate(names) if name == joints_of(language).meeting)
    assert 0 < met < len(names) - 1
    strangers = {one.name for one in made.facts.people if one.name in scenes[met]}
    assert strangers, scenes[met]
    assert any(name in scene for name in strangers for scene in scenes[:met])
    assert any(name in scenes[-1] for name in strangers)


@pytest.mark.parametrize("language", SOME)
def test_a_refrain_is_told_first_then_where_the_threads_meet_and_last_of_all(language: str) -> None:
    made = planned(Prompt(WISHES[language], 2, 1_200, language))
    frame, scenes = frames_in(language)[made.shape], _scenes(made)
    assert frame.refrain, made.shape
    names = [beat.intent for beat in made.beats]
    met = max(at for at, name in enumerate(names) if name == joints_of(language).meeting)
    assert any(scene.endswith(_stable_end(frame.refrain.first)) for scene in scenes[1:4])
    assert scenes[met].endswith(_stable_end(frame.refrain.middle[-1]))
    assert scenes[-1].endswith(_stable_end(frame.refrain.last))


def _stable_end(words: str) -> str:
    """What stands behind the last slot or choice of a sentence."""
    end = min(words.rpartition("}")[2], words.rpartition("]")[2], key=len)
    return plain_text(end).replace(" :", ":")


def test_a_long_tale_tells_no_two_episodes_of_one_kind() -> None:
    for seed in range(4):
        made = planned(Prompt(STORM, seed, 1_200))
        frames = [frames_in("en")[one.frame] for one in made.chosen]
        assert len(frames) >= 4
        for at, one in enumerate(frames):
            assert all(one.id != two.id and not one.verbs & two.verbs for two in frames[at + 1 :]), made.chosen


def test_the_hero_of_an_episode_is_not_introduced_again_and_lives_where_they_lived() -> None:
    for seed in range(6):
        text = " ".join(_scenes(planned(Prompt("A dragon named Ember sells ice cream", seed, 1_200))))
        assert text.count("a dragon named Ember") + text.count("Ember, a dragon,") <= 1


@pytest.mark.parametrize("language", SOME)
def test_every_language_has_frames_that_open_and_frames_that_fit_inside(language: str) -> None:
    frames = frames_in(language).values()
    assert sum(one.opens for one in frames) >= (16 if language in {"en", "pt"} else 6)
    for whose in (ABOUT_HERO, ABOUT_ANOTHER):
        assert any(one.about.inside == whose for one in frames)


@pytest.mark.parametrize(
    ("old", "new"),
    [('"...", ', ""), ("[refrain]", "[unsaid]"), ('"open", ', '"...", "open", '), ('"...", ', '"...", "...", ')],
)
def test_a_mark_without_a_refrain_or_out_of_its_place_is_refused(old: str, new: str, tmp_path: Path) -> None:
    file = tmp_path / "en" / "tales" / "learn.toml"
    file.parent.mkdir(parents=True)
    written = language_file("en", "tales/learn").read_text(encoding="utf-8")
    assert old in written
    file.write_text(written.replace(old, new), encoding="utf-8")
    with pytest.raises(Refused, match="table_invalid"):
        read_frame(file)
