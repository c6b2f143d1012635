"""What a freer writer may say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from pipeline.roles import Ask, Kind, Turn
from pipeline.words.mood import Emotion
from pipeline.words.prompt import Prompt, Rating
from pipeline.writing.reins.asking import SceneAsker, ScenePart, asking_in
from pipeline.writing.reins.drafts import TOGETHER, TRIES, Drafts
from pipeline.writing.reins.guards import DraftBounds, fault_of, worth
from pipeline.writing.reins.outline import outlined
from pipeline.writing.reins.replies import Unattributed, with_speakers
from pipeline.writing.tongue import tongues
from tests.pipeline.writing.telling import planned

OUTLINE = "Ember heard the duck at the gate. The duck asked Ember to count her ducklings in the dark barn."
GOOD = (
    "The duck stood at the gate and shook the rain from her feathers. Ember came out to her. "
    '"Count my ducklings, they are in the dark barn," said the duck.'
)
PEOPLE = ("Ember", "the duck")
BOUNDS = DraftBounds("en", Rating.ALL, 25, OUTLINE, "It was a long night.", "a dragon who is afraid", PEOPLE)
PART = ScenePart(3, OUTLINE, 25, Emotion.JOY, PEOPLE)
PLAN = planned(Prompt("a dragon named Ember who is afraid of candles", 3))


def drafts(unsafe: bool = False) -> Drafts:
    asker = SceneAsker(Prompt("a dragon named Ember who is afraid of candles", 3), PLAN)
    return Drafts(asker, BOUNDS, 7, lambda _text: unsafe)


def test_a_sound_draft_has_no_fault() -> None:
    assert fault_of(GOOD, BOUNDS) == ""


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("empty", ""),
        ("thoughts", "<think> The family wants a duck. </think> " + GOOD),
        ("thoughts", "Scene: " + GOOD),
        ("markup", "**" + GOOD + "**"),
        ("markup", "1. " + GOOD),
        ("assistant", "As an AI I tell of the duck at the gate and of Ember who has to count ducklings in a barn."),
        ("assistant", "Sure, " + GOOD),
        ("unfinished", GOOD.removesuffix("said the duck.") + "said the"),
        ("length", "The duck asked Ember."),
        ("language", "O pato estava no portão, na chuva, e pediu que Ember contasse os patinhos no celeiro escuro."),
        ("glued", GOOD.replace("at the gate", "at theGate")),
        ("loop", "Ember and the duck stood at the dark gate. " * 2 + "The duck asked for her ducklings in the barn."),
        ("stranger", GOOD.replace("Ember came", "Then Roderick came to Ember")),
        ("lost", "A sailor on a far island built himself a boat of bottles and sang to whales all summer."),
        ("unfit", GOOD.replace("shook the rain from", "pulled the cock with the whore and")),
    ],
)  # fmt: skip
def test_a_draft_is_refused_for_what_is_wrong_with_it(fault: str, text: str) -> None:
    assert fault_of(text, BOUNDS) == fault


def test_every_quotation_has_the_speaker_who_is_named_beside_it() -> None:
    assert with_speakers(GOOD, PEOPLE, "en").count("@{the duck} “Count my ducklings") == 1
    before = with_speakers('Ember whispered: "Not now." The duck sat down.', PEOPLE, "en")
    assert before == "Ember whispered: @{Ember} “Not now.” The duck sat down."
    on = with_speakers('"Well," said the duck. "And hurry."', PEOPLE, "en")
    assert on == "@{the duck} “Well,” said the duck. @{the duck} “And hurry.”"


@pytest.mark.parametrize("text", ['"Who is there?" The night was dark and long and still.', 'Ember said, "Not now.'])
def test_a_quotation_of_nobody_is_not_told(text: str) -> None:
    with pytest.raises(Unattributed):
        with_speakers(text, PEOPLE, "en")


def test_every_language_that_is_written_says_how_its_writer_is_asked() -> None:
    for language in tongues():
        asking = asking_in(language)
        assert len(asking.labels) == 5
        assert set(asking.moods) == {one.value for one in Emotion}
        said = [asking.says.format(verb=verb, who="Ember") for verb in asking.verbs]
        spoken = "Vem" if language == "pt" else "Yes"
        for one in said:
            comma = "," if asking.comma_inside else ""
            assert with_speakers(f'"{spoken}{comma}"{one}', ("Ember",), language).startswith("@{Ember} “")


def test_the_best_of_three_is_told() -> None:
    short = 'Ember came to the gate. "Count my ducklings in the dark barn," said the duck.'

    def draft(turn: Turn, ask: Ask, count: int) -> Sequence[str]:
        assert (ask.kind, count) == (Kind.SCENE, TOGETHER)
        assert OUTLINE in turn.user
        assert " said the duck." in ask.says
        return ["As an AI, no.", short, GOOD]

    chosen = drafts().best(PART, "It was a long night.", (), draft)
    assert chosen.text.startswith("The duck stood at the gate")
    assert len(chosen.faults) == 1


def test_one_in_which_they_speak_is_told_before_one_in_which_nobody_does() -> None:
    spoken = replace(BOUNDS, outline='"Count my ducklings in the dark barn," said the duck at the gate.')
    mute = "The duck at the gate asked Ember to count the ducklings in the dark barn for her that night."
    assert fault_of(mute, spoken) == ""
    assert worth(GOOD, spoken) > worth(mute, spoken)
    assert worth(mute, replace(spoken, outline=mute)) > worth(GOOD, replace(spoken, outline=mute))


def test_three_failed_tries_leave_the_part_to_the_frame() -> None:
    seeds: list[int] = []

    def draft(_turn: Turn, ask: Ask, count: int) -> Sequence[str]:
        seeds.append(ask.seed)
        return ["No."] * count

    chosen = drafts().best(PART, "", (), draft)
    assert chosen.text == ""
    assert len(chosen.faults) == TOGETHER * TRIES
    assert len({*seeds}) == TRIES


def test_what_would_harm_is_no_draft() -> None:
    assert drafts(unsafe=True).best(PART, "", (), lambda *_: [GOOD]).text == ""


LINES = (
    "Beginning: Ember, a dragon, hides under the table whenever a candle is lit.\n"
    "Trouble: One night all the lamps go out and the duck cannot find her ducklings.\n"
    "Try: The dragon walks into the barn without any light and stumbles over a bucket.\n"
    "Turn: Ember sees that the candle trembles just as much as dragons do.\n"
    "End: Since then Ember carries the candle through the barn, and neither is afraid.\n"
)


def test_a_plan_has_a_sentence_for_each_of_its_labels_and_is_about_the_hero() -> None:
    asker = SceneAsker(Prompt("x", 3), PLAN)
    bounds = replace(BOUNDS, words=220, outline=PLAN.asked, told="", least_kept=0.1)
    made = iter([["Beginning: no", LINES.replace("Ember", "somebody"), ""], ["", LINES, ""]])
    lines = outlined(asker, "Ember", Emotion.JOY, bounds, lambda _text: False, 5, lambda *_: next(made))
    assert lines is not None
    assert [line.split()[0] for line in lines] == ["Ember,", "One", "The", "Ember", "Since"]


def test_a_plan_that_fails_three_times_is_none() -> None:
    asker = SceneAsker(Prompt("x", 3), PLAN)
    assert outlined(asker, "Ember", Emotion.JOY, BOUNDS, lambda _: False, 5, lambda *_: ["nothing"]) is None
