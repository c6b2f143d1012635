"""Japanese as Kokoro was taught it."""

from __future__ import annotations

import pytest

from pipeline.backends.kokoro.japanese import JapaneseReader, counted_kana, in_signs, number_kana


@pytest.fixture(scope="module")
def reader() -> JapaneseReader:
    return JapaneseReader()


def kana(reader: JapaneseReader, text: str) -> str:
    return "".join(word.kana for word in reader.words(text))


@pytest.mark.parametrize(
    ("said", "signs"),
    [
        ("トーキョー", "toːkʲoː"), ("ガッコー", "ɡaʔkoː"), ("シンブン", "ɕimbɯɴ"), ("テンキ", "teŋkʲi"),
        ("コンニチワ", "koɲɲiʨiβa"), ("オンナ", "onna"), ("ホン", "hoɴ"), ("フジサン", "ɸɯʥisaɴ"),
        ("ヒャク", "çakɯ"), ("シュジン", "ɕɨʥiɴ"), ("ツキ", "ʦɨkʲi"), ("パーティー", "paːtʲiː"),
        ("ファイル", "ɸaiɾɯ"), ("ウィスキー", "βisɨkʲiː"), ("チェス", "ʨesɨ"), ("ャ", "ja"), ("", ""),
    ],
)  # fmt: skip
def test_kana_are_written_as_in_the_models_training(said: str, signs: str) -> None:
    assert in_signs(said) == signs


def test_every_pair_of_kana_has_only_signs_the_model_knows() -> None:
    from kokoro_onnx.config import DEFAULT_VOCAB

    katakana = [chr(code) for code in range(0x30A1, 0x30F5)] + ["ー"]
    strange = {one + other: in_signs(one + other) for one in katakana for other in katakana}
    assert not {pair for pair, signs in strange.items() if set(signs) - set(DEFAULT_VOCAB)}
    assert all(in_signs(one) for one in katakana)


@pytest.mark.parametrize(
    ("numerals", "heard"),
    [
        ("三百", "サンビャク"), ("八千六百", "ハッセンロッピャク"), ("十二", "ジューニ"),
        ("一万五千", "イチマンゴセン"), ("猫", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_number_is_one_word_to_the_ear(numerals: str, heard: str) -> None:
    assert number_kana(numerals) == heard


@pytest.mark.parametrize(
    ("number", "counter", "heard"),
    [
        ("サン", "ホン", "サンボン"), ("ロク", "ヒキ", "ロッピキ"), ("イチ", "カイ", "イッカイ"),
        ("ハチ", "サイ", "ハッサイ"), ("ジュー", "フン", "ジュップン"), ("サン", "フン", "サンプン"),
        ("ヨン", "ジ", "ヨジ"), ("キュー", "ジカン", "クジカン"), ("ゴ", "ニン", "ゴニン"),
        ("サンビャク", "ネン", "サンビャクネン"),
    ],
)  # fmt: skip
def test_a_counter_sounds_as_its_number_wants_it(number: str, counter: str, heard: str) -> None:
    assert counted_kana(number, counter) == heard


def test_particles_and_long_vowels_are_heard_not_spelled(reader: JapaneseReader) -> None:
    assert kana(reader, "私は学校へ行きました") == "ワタシワガッコーエイキマシタ"
    assert kana(reader, "先生と東京") == "センセートトーキョー"


def test_figures_are_read_with_what_they_count(reader: JapaneseReader) -> None:
    assert kana(reader, "猫が三匹") == "ネコガサンビキ"
    assert kana(reader, "三百年前") == "サンビャクネンマエ"
    assert kana(reader, "一人で") == "ヒトリデ"


def test_endings_stay_with_their_verb(reader: JapaneseReader) -> None:
    words = [word.written for word in reader.words("老人はゆっくり歩いて帰った")]
    assert words == ["老人", "は", "ゆっくり", "歩いて", "帰った"]
    assert all(signs for _, signs in reader.read("老人はゆっくり歩いて帰った"))


def test_words_no_dictionary_knows_are_read_by_their_kana(reader: JapaneseReader) -> None:
    assert kana(reader, "グズモラフ") == "グズモラフ"
    assert kana(reader, "ぷにょろ").startswith("プニョ")
