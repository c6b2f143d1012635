"""Words and voice agree, quarrel or are missing."""

from __future__ import annotations

import pytest

from pipeline.telling.fuse import RULES, ReadingContext, fuse
from pipeline.words.mood import Emotion, Mood

A, D, F, J, N, S, U = Emotion


def sure(emotion: Emotion, share: float = 0.8, arousal: float | None = None) -> Mood:
    """A calibrated reading that leads with one feeling."""
    rest = (1 - share) / (len(Emotion) - 1)
    return Mood.of({one: share if one is emotion else rest for one in Emotion}, certainty=share, arousal=arousal)


@pytest.mark.parametrize(
    ("words", "voice", "rule", "leads"),
    [
        (A, N, "quarrel_cold", A), (F, N, "quarrel_cold", F), (S, N, "quarrel_cold", S),
        (J, A, "quarrel_irony", A), (J, D, "quarrel_irony", D),
        (J, S, "quarrel_brave_face", S), (J, F, "quarrel_brave_face", F),
        (S, J, "quarrel_laughing", J), (A, J, "quarrel_laughing", J),
        (J, N, "quarrel_flat", J),
        (N, A, "quarrel_voice_tells", A), (N, S, "quarrel_voice_tells", S), (N, J, "quarrel_voice_tells", J),
        (A, S, "quarrel_of_shades", A), (F, D, "quarrel_of_shades", F),
        (U, J, "quarrel_mixed", U), (J, U, "quarrel_mixed", J),
    ],
)  # fmt: skip
def test_a_quarrel_is_settled_by_the_table(words: Emotion, voice: Emotion, rule: str, leads: Emotion) -> None:
    feeling = fuse(sure(words), sure(voice))
    assert (feeling.rule, feeling.mood.emotion) == (rule, leads)


def test_every_pair_of_sure_readings_has_a_rule_and_every_rule_is_reached() -> None:
    reached = {fuse(sure(words), sure(voice)).rule for words in Emotion for voice in Emotion if words is not voice}
    assert reached == {rule.name for rule in RULES}


def test_a_quarrel_leaves_less_certainty_than_either_reader_had() -> None:
    for words in Emotion:
        for voice in Emotion:
            if words is not voice:
                assert fuse(sure(words), sure(voice)).mood.certainty < 0.8


def test_agreement_is_surer_than_either() -> None:
    feeling = fuse(sure(F, 0.6), sure(F, 0.6))
    assert feeling.rule == "agree"
    assert feeling.mood.certainty > 0.6


def test_a_calm_voice_keeps_angry_words_angry_but_cold() -> None:
    mood = fuse(sure(A), sure(N, arousal=0.15)).mood
    assert mood.emotion is A
    assert mood.arousal == pytest.approx(0.15)


def test_without_a_voice_the_words_count_alone() -> None:
    words = sure(J)
    feeling = fuse(words, None)
    assert (feeling.mood, feeling.rule, feeling.voice) == (words, "words", None)


def test_without_words_the_voice_counts_alone() -> None:
    assert fuse(None, sure(S)).rule == "voice"


def test_nothing_at_all_is_neutral_and_uncertain() -> None:
    mood = fuse(None, None).mood
    assert (mood.emotion, mood.certainty) == (N, 0.0)


def test_an_uncertain_voice_hardly_moves_certain_words() -> None:
    faint = Mood.of({A: 0.3, S: 0.25, N: 0.45}, certainty=0.15)
    feeling = fuse(sure(J), faint)
    assert (feeling.rule, feeling.mood.emotion) == ("weighed", J)


def test_one_shouted_word_is_felt_by_the_voice() -> None:
    feeling = fuse(sure(N, 0.55), sure(A, 0.9), ReadingContext(words=1, voice_s=2.0))
    assert feeling.mood.emotion is A


def test_a_noisy_transcript_counts_for_less() -> None:
    words, voice = sure(J, 0.75), sure(S, 0.75)
    clear = fuse(words, voice, ReadingContext(clarity=1.0)).mood.weights[J]
    noisy = fuse(words, voice, ReadingContext(clarity=0.3)).mood.weights[J]
    assert noisy < clear


def test_a_feeling_the_voice_never_learned_is_not_ruled_out() -> None:
    voice = Mood.of({J: 0.5, N: 0.5}, certainty=0.5)
    assert fuse(sure(U, 0.9), voice).mood.emotion is U
