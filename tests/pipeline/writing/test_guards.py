"""What a completion must not do."""

from __future__ import annotations

import pytest

from pipeline.words.prompt import Rating
from pipeline.writing.dialogue import completed, lines_of
from pipeline.writing.guards import Guard, cut_back, ended, repaired
from pipeline.writing.starters import Starter
from pipeline.writing.tongue import tongues

EN = tongues()["en"]
TOLD = "The fox walked slowly to the frozen river and looked for the silver bell."


def faults(own: str, speaker: str = "narrator", *, clipped: bool = False) -> frozenset[str]:
    text = f'{speaker} said, "_"' if speaker != "narrator" else "Then _"
    guard = Guard(EN, EN.system, "A fox who had lost a bell under the ice of the great river", Rating.ALL, TOLD)
    return guard.faults(Starter("flow", text, speaker), own, clipped)


@pytest.mark.parametrize(
    ("own", "code"),
    [
        ("the fox walked slowly to the frozen river.", "repeats"),
        ("o velho foi até o mar e não quis voltar para casa.", "language"),
        ("he was naked.", "rating"),
        ("you tell short stories aloud.", "leak"),
        ("as an AI I cannot say.", "leak"),
        ("a fox who had lost a bell under the ice.", "copy"),
        ("the the bell rang.", "stutters"),
        ("the bell ofMother rang.", "glued"),
        ("ran.", "short"),
        ("came nearer and said, in a low voice.", "unsaid"),
    ],
)
def test_each_fault_is_named(own: str, code: str) -> None:
    assert code in faults(own)


def test_a_good_sentence_has_none() -> None:
    assert faults("a warm wind opened the door of the mill.") == frozenset()


def test_nobody_speaks_to_himself_by_name() -> None:
    assert "own_name" in faults("I am tired, Wren.", "Wren")
    assert "own_name" in faults("The owl is tired.", "the owl")
    assert "own_name" not in faults("I am tired, Wren.", "the owl")


def test_an_unfinished_sentence_is_cut_back_to_where_it_stands() -> None:
    assert cut_back("found a bell in the snow, and it was cold and", EN) == "found a bell in the snow, and it was cold."
    assert cut_back("found a bell in the snow because the", EN) == "found a bell in the snow."
    assert cut_back("as she stood at the edge, waiting for", EN) == ""
    assert cut_back("he found it, but after a lot of work, he", EN) == ""


def test_no_sentence_goes_without_its_end() -> None:
    assert ended("she looked up at the", EN) == "she looked up."
    assert ended("she looked up!", EN) == "she looked up!"


def test_small_slips_are_mended() -> None:
    assert repaired("she ate a apple and an pear.", EN) == "she ate an apple and a pear."
    assert repaired("a voz de o mar em a noite.", tongues()["pt"]) == "a voz do mar na noite."
    assert repaired("la puerta de el castillo.", tongues()["es"]) == "la puerta del castillo."
    assert repaired("le arbre et la étoile de la horloge.", tongues()["fr"]) == "l'arbre et l'étoile de l'horloge."


def test_each_language_joins_speech_and_speaker_its_own_way() -> None:
    def joined(language: str, tail: str, own: str) -> str:
        return completed(Starter("nsay", f'"_" {tail}', "Ivy"), own, tongues()[language])

    assert joined("en", "said Ivy.", "I will go.") == '"I will go," said Ivy.'
    assert joined("en", "said Ivy.", "I will go!") == '"I will go!" said Ivy.'
    assert joined("es", "dijo Ivy.", "Me voy.") == '"Me voy", dijo Ivy.'
    assert joined("de", "sagte Ivy.", "Ich gehe!") == '"Ich gehe!", sagte Ivy.'
    assert joined("fr", "dit Ivy.", "Je pars !") == '"Je pars !" dit Ivy.'


def test_speech_is_the_speakers_and_the_rest_the_narrators() -> None:
    lines = lines_of('"Listen," the owl whispered, "I know the way."', "the owl", "whispered")
    assert [(line.speaker, line.text) for line in lines] == [
        ("the owl", "Listen,"),
        ("narrator", "the owl whispered,"),
        ("the owl", "I know the way."),
    ]
    assert lines[0].manner == "whispered"
