"""Reading by copying alone."""

from __future__ import annotations

import pytest

from pipeline.backends.grammar import grammar_of
from pipeline.roles import Ask, Kind, Turn
from pipeline.writing.deeds import deed_forms
from pipeline.writing.lexicon import lexicon_of
from pipeline.writing.read_plainly import is_certain, read_plainly
from pipeline.writing.read_wish import looked_at, matter_of, read_wish, system, turn_of

WISH = "Write me a scary story about Pip the mouse who steals the moon"


def _read(wish: str, answer: str, language: str = "en") -> dict[str, str]:
    def complete(turn: Turn, ask: Ask) -> str:
        assert turn == turn_of(matter_of(wish, language))
        assert ask.source == matter_of(wish, language)
        return answer

    reading = read_wish(wish, language, 1, complete)
    return {key: value for key, value in vars(reading).items() if value}


def test_what_is_read_are_words_of_the_wish() -> None:
    read = _read(WISH, "hero: Pip; who: the mouse; deed: steals the moon.")
    assert (read["hero"], read["who"], read["deed"], read["thing"]) == (
        "Pip",
        "the mouse",
        "steals the moon",
        "the moon",
    )
    assert read["how"] == "Write me a scary story about"


def test_what_does_not_stand_in_the_wish_is_not_believed() -> None:
    read = _read(WISH, "hero: Pip; who: a wizard; deed: steals the cheese.")
    assert read["hero"] == "Pip"
    assert "wizard" not in str(read)
    assert "deed" not in read


@pytest.mark.parametrize(
    ("wish", "answer", "hero", "who"),
    [
        ("Bo the beaver builds a bridge", "who: Bo the beaver; deed: builds a bridge.", "Bo", "the beaver"),
        ("Bo the beaver builds a bridge", "hero: Bo the beaver; deed: builds a bridge.", "Bo", "the beaver"),
        ("a wizard sings", "hero: a wizard; deed: sings.", "", "a wizard"),
        ("I can't sleep", "who: I; deed: can't sleep.", "", ""),
        ("Priya found a key", "who: Priya; deed: found a key.", "Priya", ""),
    ],
)
def test_names_and_beings_are_put_in_their_places(wish: str, answer: str, hero: str, who: str) -> None:
    read = _read(wish, answer)
    assert (read.get("hero", ""), read.get("who", "")) == (hero, who)


def test_the_grammar_leaves_no_word_that_is_not_the_wishs() -> None:
    grammar = grammar_of(Ask(Kind.FACTS, 1, source="a fox sings. Loud!"), "")
    assert '"a fox sings"' in grammar
    assert '"sings. Loud"' not in grammar
    assert '"wolf"' not in grammar


def test_every_wish_is_read_after_the_same_words() -> None:
    assert turn_of("a").system == turn_of("b").system == system()


@pytest.mark.parametrize("wish", ["", "!!!", "🐉", "...", " " * 50])
def test_a_wish_without_words_reads_as_nothing(wish: str) -> None:
    assert not any(vars(read_wish(wish, "en", 1, lambda _turn, _ask: "hero: x.")).values())
    assert not any(vars(read_plainly(wish, "en")).values())


@pytest.mark.parametrize(
    ("wish", "language", "hero", "who", "deed"),
    [
        (
            "Mara, a retired pirate, opens a tea shop for ghosts",
            "en",
            "Mara",
            "a retired pirate",
            "opens a tea shop for ghosts",
        ),
        ("a dragon who is afraid of candles", "en", "", "a dragon", "is afraid of candles"),
        ("Um dragão com medo de vela", "pt", "", "Um dragão", ""),
        ("A lighthouse keeper befriends a storm", "en", "", "A lighthouse keeper", "befriends a storm"),
    ],
)
def test_without_a_model_the_usual_order_is_read(wish: str, language: str, hero: str, who: str, deed: str) -> None:
    read = read_plainly(wish, language)
    assert (read.hero, read.who, read.deed) == (hero, who, deed)


@pytest.mark.parametrize(
    ("wish", "language", "certain"),
    [
        ("A wizard opens a school for clumsy dragons", "en", True),
        ("tell me a bedtime story about a hedgehog who is allergic to autumn", "en", True),
        ("um menino que não quer tomar banho", "pt", True),
        ("my hamster Peanut died yesterday, tell it softly", "en", False),
        ("the day gravity took a holiday", "en", False),
        ("dragon", "en", False),
    ],
)
def test_a_short_wish_of_which_nothing_is_left_over_needs_no_model(wish: str, language: str, certain: bool) -> None:
    assert is_certain(read_plainly(wish, language), wish, language) is certain


@pytest.mark.parametrize(
    ("wish", "language", "what"),
    [
        ("a boy sends a letter to the wind", "en", {"thing": "a letter", "other": "the wind"}),
        ("um menino manda uma carta para o vento", "pt", {"thing": "uma carta", "other": "o vento"}),
        ("Oscar brings a piece of the sun to his grandmother", "en", {"thing": "a piece of the sun"}),
        ("A penguin gets a job at the bank", "en", {"place": "at the bank"}),
        ("um fantasma mora na biblioteca da cidade", "pt", {"place": "na biblioteca da cidade", "thing": ""}),
        ("a toaster falls in love with the night cleaner", "en", {"other": "the night cleaner", "thing": ""}),
        ("a birthday present for a dragon", "en", {"thing": "a birthday present", "other": "a dragon", "who": ""}),
        ("Um jacaré com dor de dente", "pt", {"thing": "dor de dente", "deed": "", "state": "com dor de dente"}),
        ("um dragão com medo de vela", "pt", {"thing": "vela"}),
        ("a lua e o vaga-lume ficam amigos", "pt", {"who": "a lua e o vaga-lume", "thing": "", "other": ""}),
        ("Leo and his goldfish move to the desert", "en", {"hero": "Leo", "other": "his goldfish"}),
        ("quem pintou o muro da escola?", "pt", {"who": "", "deed": "pintou o muro da escola"}),
        ("my hamster Nugget escaped", "en", {"hero": "Nugget", "who": "my hamster"}),
        ("a raindrop who doesnt want to fall", "en", {"deed": "doesn't want to fall"}),
        ("for Lucy, age 4: a duckling finds her mother", "en", {"who": "a duckling", "how": "for Lucy, age 4:"}),
        ("two brothers fight over the last cookie", "en", {"who": "two brothers", "thing": "the last cookie"}),
        ("two old friends argue about the sandwich", "en", {"who": "two old friends", "thing": "the sandwich"}),
        ("dois vizinhos brigam por causa de um galo", "pt", {"who": "dois vizinhos", "other": "um galo"}),
        ("a story about friends", "en", {"who": ""}),
        ("the gingerbread house health inspector", "en", {"who": "the gingerbread house health inspector", "deed": ""}),
        ("a baker whose bread sings", "en", {"who": "a baker", "deed": "", "state": "whose bread sings"}),
        ("um rei cuja coroa canta", "pt", {"who": "um rei", "deed": "", "state": "cuja coroa canta"}),
        ("a whale lost in a river", "en", {"who": "a whale", "deed": "", "state": "lost in a river"}),
        ("a fox lost her tail", "en", {"who": "a fox", "deed": "lost her tail", "state": ""}),
        ("Zuri finds a singing seashell", "en", {"thing": "a singing seashell"}),
        ("a skeleton looks for his missing rib", "en", {"thing": "his missing rib"}),
        ("a knight who is allergic to armor", "en", {"thing": "armor"}),
        ("a king who learns to yodel", "en", {"thing": ""}),
        ("the king's crown disappears every night", "en", {"who": "the king's crown"}),
        ("the king's crown is missing", "en", {"who": "", "deed": "", "thing": "the king's crown"}),
        ("o gato do vizinho sumiu", "pt", {"deed": ""}),
        ("perdi minha boneca no ônibus", "pt", {"who": "", "deed": "perdi minha boneca no ônibus"}),
        ("não consigo dormir por causa do trovão", "pt", {"who": "", "thing": "trovão"}),
        ("no puedo dormir por la tormenta", "es", {"who": "", "thing": "la tormenta"}),
        ("I failed my exam today", "en", {"who": "", "deed": "failed my exam today"}),
        ("me and my brother found a treasure", "en", {"who": "my brother", "deed": "found a treasure"}),
        ("I can't sleep because of the thunder", "en", {"who": "", "thing": "the thunder"}),
        ("does the sun ever get lonely?", "en", {"who": "the sun", "deed": "ever get lonely"}),
    ],
)
def test_what_a_wish_names_beside_its_hero_is_found(wish: str, language: str, what: dict[str, str]) -> None:
    read = vars(read_plainly(wish, language))
    assert {key: read[key] for key in what} == what


@pytest.mark.parametrize(
    ("phrase", "one", "the"),
    [
        ("gifts", "gifts", "the gifts"),
        ("all mirrors", "mirrors", "the mirrors"),
        ("the grumpiest cactus", "the grumpiest cactus", "the grumpiest cactus"),
    ],
)
def test_several_and_superlatives_take_the_right_article(phrase: str, one: str, the: str) -> None:
    being = lexicon_of("en").being(phrase)
    assert (being.one, being.the) == (one, the)


@pytest.mark.parametrize(
    ("deed", "language", "past"),
    [
        ("crosses the road and regrets it", "en", "crossed the road and regretted it"),
        ("wants to dance and sing", "en", "danced and sang"),
        ("eats chips and fish", "en", "ate chips and fish"),
        ("robs a bank and a bakery", "en", "robbed a bank and a bakery"),
        ("planta uma guitarra e espera chover", "pt", "plantou uma guitarra e esperou chover"),
        ("kauft Brot und verkauft es", "de", "kaufte Brot und verkaufte es"),
        ("ouvre une boutique et vend du vent", "fr", "ouvrit une boutique et vendit du vent"),
        ("seduz o galinheiro", "pt", "seduziu o galinheiro"),
        ("learned to wave and never stopped", "en", "waved"),
        ("aprendeu a fazer café e não para mais", "pt", "fez café"),
    ],
)
def test_both_of_two_deeds_are_told_in_every_form(deed: str, language: str, past: str) -> None:
    assert deed_forms(deed, language)["past"] == past


@pytest.mark.parametrize(
    ("wish", "language", "what"),
    [
        ("the moderator of our server bans the moon", "en", {"who": "the moderator of our server"}),
        (
            "a mouse in a tuxedo crashes the wedding",
            "en",
            {"who": "a mouse in a tuxedo", "deed": "crashes the wedding"},
        ),
        ("uma fada sem asa pega o metrô", "pt", {"who": "uma fada sem asa", "deed": "pega o metrô"}),
        ("o goleiro cego defende um pênalti", "pt", {"who": "o goleiro cego", "deed": "defende um pênalti"}),
        ("morreu o papagaio do seu Zé", "pt", {"hero": "", "who": "o papagaio do seu Zé", "deed": "morreu"}),
        ("le chat de Léa parle la nuit", "fr", {"hero": "", "who": "le chat de Léa", "deed": "parle la nuit"}),
        ("der Hausmeister der Schule findet eine Tür", "de", {"who": "der Hausmeister der Schule"}),
        ("why does the moon follow our car?", "en", {"who": "the moon"}),
        ("Mr. Pickles the hedgehog opens a shop", "en", {"deed": "opens a shop"}),
        (
            "my roommate steals my yogurt, make it a riddle",
            "en",
            {"deed": "steals my yogurt", "how": "make it a riddle"},
        ),
        ("la llama Pancha cruza los Andes", "es", {"hero": "Pancha", "who": "la llama"}),
        ("meu irmão não sai do videogame", "pt", {"who": "meu irmão", "deed": "não sai do videogame"}),
    ],
)
def test_what_is_said_of_somebody_before_the_verb_is_theirs(wish: str, language: str, what: dict[str, str]) -> None:
    read = vars(read_plainly(wish, language))
    assert {key: read[key] for key in what} == what


@pytest.mark.parametrize(
    ("wish", "language", "said"),
    [
        ("I lost my grandma this year", "en", "my grandma died this year"),
        ("we had to put our old dog to sleep", "en", "our old dog died"),
        ("perdi minha avó esse ano", "pt", "minha avó morreu esse ano"),
        ("meu gato virou estrelinha", "pt", "meu gato morreu"),
        ("perdí a mi abuela", "es", "mi abuela murió"),
        ("j'ai perdu ma grand-mère", "fr", "ma grand-mère est mort"),
        ("ho perso mia nonna", "it", "mia nonna è morta"),
        ("ich habe meine Oma verloren", "de", "meine Oma ist gestorben"),
    ],
)
def test_a_death_that_is_said_softly_is_no_search(wish: str, language: str, said: str) -> None:
    assert looked_at(wish, language) == said


@pytest.mark.parametrize(
    ("wish", "language"),
    [
        ("I lost my keys", "en"),
        ("I lost my dad at the market", "en"),
        ("I lost my best friend to a new school", "en"),
        ("perdi minha amiga no parque", "pt"),
        ("perdi meu cachorro", "pt"),
    ],
)
def test_who_or_what_can_be_found_again_is_looked_for(wish: str, language: str) -> None:
    assert looked_at(wish, language) == wish
