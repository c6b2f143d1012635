"""Chinese as Kokoro was taught it."""

from __future__ import annotations

import pytest

from pipeline.backends.kokoro.chinese import ChineseReader, syllable_signs


@pytest.fixture(scope="module")
def reader() -> ChineseReader:
    return ChineseReader()


@pytest.mark.parametrize(
    ("pinyin", "signs"),
    [
        ("hao3", "xau↓"), ("zhong1", "ꭧʊ→ŋ"), ("guo2", "kwo↗"), ("shi4", "ʂɨ↘"), ("ci2", "ʦʰɨ↗"), ("ri4", "ɻɨ↘"),
        ("xue2", "ɕɥe↗"), ("ju2", "ʨy↗"), ("lv4", "ly↘"), ("nü3", "ny↓"), ("yuan2", "ɥɛ↗n"), ("yan4", "jɛ↘n"),
        ("yi1", "i→"), ("you3", "jou↓"), ("wo3", "wo↓"), ("wu3", "u↓"), ("wei4", "wei↘"), ("gui4", "kwei↘"),
        ("liu2", "ljou↗"), ("lun2", "lwə↗n"), ("bo1", "pwo→"), ("er2", "ɚ↗"), ("de5", "tɤ"), ("o2", "ɔ↗"),
        ("qiong2", "ʨʰjʊ↗ŋ"), ("hello", ""), ("", ""),
    ],
)  # fmt: skip
def test_a_syllable_is_written_as_in_the_models_training(pinyin: str, signs: str) -> None:
    assert syllable_signs(pinyin) == signs


def test_every_syllable_of_the_language_has_signs_the_model_knows() -> None:
    from kokoro_onnx.config import DEFAULT_VOCAB
    from pypinyin import Style, pinyin

    usual = [chr(code) for code in range(0x4E00, 0x9FA6)]
    found = {one[0] for char in usual for one in pinyin(char, style=Style.TONE3, neutral_tone_with_five=True)}
    syllables = {one for one in found if one.isascii()}
    assert len(syllables) > 1_000
    assert not {one for one in syllables if not syllable_signs(one) or set(syllable_signs(one)) - set(DEFAULT_VOCAB)}


def test_a_character_sounds_as_its_word_wants_it(reader: ChineseReader) -> None:
    assert reader.syllables("银行") == ["yin2", "hang2"]
    assert reader.syllables("行走") == ["xing2", "zou3"]
    assert reader.syllables("音乐") == ["yin1", "yue4"]
    assert reader.syllables("快乐") == ["kuai4", "le4"]


def test_traditional_characters_are_read_too(reader: ChineseReader) -> None:
    assert reader.syllables("貓跳上桌子") == reader.syllables("猫跳上桌子")


def test_the_words_are_the_run_and_strange_signs_stay_silent(reader: ChineseReader) -> None:
    read = list(reader.read("苹果の银行"))
    assert "".join(word for word, _ in read) == "苹果の银行"
    assert "".join(signs for _, signs in read) == "pʰi↗ŋkwo↓i↗nxa↗ŋ"
    assert dict(read)["苹果"] == "pʰi↗ŋkwo↓"
