"""Every row of every language."""

from __future__ import annotations

import re

import pytest

from pipeline.writing.forms import bodies_of, forms_of
from pipeline.writing.lexicon import KINDS, lexicon_of
from pipeline.writing.names import names_of
from pipeline.writing.tongue import tongues

LANGUAGES = sorted(tongues())
COLOURS = ("does", "where", "sound", "smell", "used", "small", "wrong", "fears", "keeper")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_row_has_its_forms(language: str) -> None:
    for key, noun in lexicon_of(language).rows.items():
        assert noun.kind in KINDS, key
        assert noun.names, key
        assert all(name.strip() == name and name for name in noun.names), key
        assert noun.one.strip(), key
        assert noun.the.strip(), key
        assert noun.gender in {"m", "f", "n", ""}, key
        assert noun.number in {"s", "p", "u"}, key
        for colour in COLOURS:
            told = getattr(noun, colour)
            assert not re.search(r"[{}\[\]|“”\"]", told), f"{key}.{colour}"
            assert not told.endswith((".", ",", "!")), f"{key}.{colour}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_stands_in_one_row(language: str) -> None:
    lexicon = lexicon_of(language)
    for noun in lexicon.rows.values():
        found = lexicon.find(noun.names[0])
        assert found is not None
        assert found.names[0] == noun.names[0] or noun.names[0] in found.names


@pytest.mark.parametrize("language", LANGUAGES)
def test_names_and_bodies_are_there(language: str) -> None:
    names = names_of(language)
    assert len(names.names) >= 40
    assert len(names.pairs) >= 5
    assert len(names.roles) >= 10
    assert "person" in bodies_of(language)
    forms = forms_of(language)
    assert all(
        len(row) == len(forms.classes) for row in (*forms.forms.values(), forms.new_articles, forms.known_articles)
    )


@pytest.mark.parametrize(
    ("language", "phrase", "one", "the"),
    [
        ("en", "a silver clock", "a silver clock", "the silver clock"),
        ("en", "the moon", "the moon", "the moon"),
        ("en", "candles", "candles", "the candles"),
        ("en", "my old kite", "an old kite", "the old kite"),
        ("en", "three dragons", "three dragons", "the three dragons"),
        ("en", "snow", "snow", "the snow"),
        ("pt", "um relógio", "um relógio", "o relógio"),
        ("pt", "a lua", "a lua", "a lua"),
        ("pt", "minha bicicleta azul", "uma bicicleta azul", "a bicicleta azul"),
        ("pt", "duas chaves", "duas chaves", "as duas chaves"),
        ("it", "un trenino rosso", "un trenino rosso", "il trenino rosso"),
        ("it", "il gattino", "un gattino", "il gattino"),
    ],
)
def test_a_phrase_of_a_wish_gets_its_articles(language: str, phrase: str, one: str, the: str) -> None:
    from pipeline.writing.forms import polished

    being = lexicon_of(language).being(phrase)
    assert (polished(being.one, language), being.the) == (one, the)
