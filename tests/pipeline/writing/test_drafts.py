"""One sentence, drafted until it passes."""

from __future__ import annotations

import pytest

from pipeline.roles import Ask
from pipeline.words.prompt import Rating
from pipeline.writing.drafts import END_WORDS, TRIES, Draft, Model, Room, drafted
from pipeline.writing.guards import Guard
from pipeline.writing.starters import Starter
from pipeline.writing.tongue import tongues

ENGLISH = tongues()["en"]
GUARD = Guard(ENGLISH, ENGLISH.system, "a fox who sells dreams", Rating.ALL, "")
BEGUN = Starter("flow", "The fox _")
ROOM = Room(2, 9, 5, 0.0, "0:0")
Asked = tuple[Ask, str]


def _drafted(answers: list[str], starter: Starter = BEGUN) -> tuple[Draft, list[Asked]]:
    asked: list[Asked] = []

    def complete(ask: Ask, begun: str) -> str:
        asked.append((ask, begun))
        return answers[len(asked) - 1]

    return drafted(starter, ROOM, 7, 1, GUARD, Model(complete, lambda _: 0.0)), asked


def test_a_sentence_that_only_lacks_its_end_is_ended_and_not_written_anew() -> None:
    draft, asked = _drafted([" walked slowly under the great silver lanterns of the harbour to", " the quiet sea."])
    assert draft.own == "walked slowly under the great silver lanterns of the harbour the quiet sea."
    assert [begun for _, begun in asked] == ["", "walked slowly under the great silver lanterns of the harbour"]
    assert asked[1][0].most_words == END_WORDS
    assert asked[1][0].max_tokens < asked[0][0].max_tokens
    assert draft.tries == 2


def test_what_finds_no_end_even_so_is_begun_anew() -> None:
    endless = " walked slowly under great silver lanterns past old harbour"
    draft, asked = _drafted([endless, " houses made of red brick that", " sang to the small children."])
    assert [begun for _, begun in asked] == ["", "walked slowly under great silver lanterns past old", ""]
    assert draft.own == "sang to the small children."


def test_what_has_another_fault_is_never_gone_on_with() -> None:
    speaking = Starter("hsay", 'Lin said, "_"', "Lin")
    draft, asked = _drafted(["My name is Lin and", "I sell only dreams here."], speaking)
    assert [begun for _, begun in asked] == ["", ""]
    assert draft.own == "I sell only dreams here."


@pytest.mark.parametrize("answer", ["", " so", " the the"])
def test_however_bad_the_answers_are_it_stops_asking(answer: str) -> None:
    draft, asked = _drafted([answer] * TRIES)
    assert len(asked) == TRIES
    assert draft.faults


def test_of_several_that_pass_the_one_the_model_is_surest_of_is_told() -> None:
    sure = {
        "crossed the wide square alone.": -2.5,
        "sat down beside the fountain.": -0.5,
        "knew nothing about it.": -4.0,
    }
    answers = iter(sure)
    model = Model(lambda _ask, _begun: next(answers), sure.__getitem__)
    draft = drafted(BEGUN, ROOM, 7, 3, GUARD, model)
    assert draft.own == "sat down beside the fountain."
    assert next(answers, None) is None


def test_what_is_written_but_once_is_not_weighed() -> None:
    def never(_own: str) -> float:
        raise AssertionError("nobody asked for it")

    model = Model(lambda _ask, _begun: "crossed the wide square alone.", never)
    assert drafted(BEGUN, ROOM, 7, 1, GUARD, model).tries == 1
