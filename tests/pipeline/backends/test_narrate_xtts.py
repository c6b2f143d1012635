"""XTTS, small, with random weights."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Refused, TaleCancelled
from pipeline.roles import Delivery, Narrator
from pipeline.words.sound import RATE_HZ, Recording

pytestmark = pytest.mark.gpu_stack

NOISE = np.random.default_rng(0)
REFERENCE = Recording((0.1 * NOISE.standard_normal(6 * 22_050)).astype(np.float32), 22_050)
LINE = Delivery("member", "en", seed=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real XTTS of two small layers: its code is walked whole, its voice is noise."""
    pytest.importorskip("torch")
    from pipeline.backends.torch_traps import mend_torchaudio

    mend_torchaudio()
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts, XttsArgs, XttsAudioConfig

    folder = tmp_path_factory.mktemp("xtts")
    marks = ["[STOP]", "[UNK]", "[SPACE]", "[en]", "[pt]", "[START]"]
    words = {sign: at for at, sign in enumerate([*marks, *"abcdefghijklmnopqrstuvwxyz0123456789.,!?;:'\"-"])}
    tokenizer = Tokenizer(models.BPE(vocab=words, merges=[], unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(marks)
    tokenizer.save(str(folder / "vocab.json"))
    size = {"gpt_layers": 2, "gpt_n_model_channels": 64, "gpt_n_heads": 4, "decoder_input_dim": 64}
    audio = {"gpt_num_audio_tokens": 1026, "gpt_start_audio_token": 1024, "gpt_stop_audio_token": 1025}
    args = XttsArgs(gpt_use_perceiver_resampler=True, **size, **audio)
    config = XttsConfig(model_args=args, audio=XttsAudioConfig())
    config.save_json(str(folder / "config.json"))
    model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(vocab_file=str(folder / "vocab.json"))
    model.init_models()
    torch.save({"model": model.state_dict()}, folder / "model.pth")
    return folder


@pytest.fixture(scope="module")
def narrator(folder: Path) -> Iterator[Narrator]:
    from pipeline.backends.narrate_xtts import open_backend

    opened = open_backend({"model.pth": folder / "model.pth"}, 1)
    opened.learn("member", REFERENCE)
    yield opened
    opened.close()


def test_a_learnt_voice_speaks_and_a_seed_is_one_sound(narrator: Narrator) -> None:
    first, second, other = (
        np.concatenate([one.samples for one in narrator.speak("hello", delivery, Cancelled())])
        for delivery in (LINE, LINE, Delivery("member", "en", seed=4))
    )
    assert len(first) > RATE_HZ // 20
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_random_weights_that_never_stop_are_stopped(narrator: Narrator) -> None:
    (made,) = narrator.speak("hi", LINE, Cancelled())
    assert len(made.samples) / RATE_HZ < 5


def test_the_brake_stops_it_between_two_tokens(narrator: Narrator) -> None:
    check = Cancelled()
    threading.Timer(0.3, check.set).start()
    since_s = time.monotonic()
    with pytest.raises(TaleCancelled):
        list(narrator.speak("a long line " * 20, LINE, check))
    assert check
    assert time.monotonic() > since_s


def test_a_voice_that_was_kept_is_known_again_and_can_be_forgotten(folder: Path, narrator: Narrator) -> None:
    from pipeline.backends.narrate_xtts import open_backend

    other = open_backend({"model.pth": folder / "model.pth"}, 1)
    kept = other.learn("somebody", REFERENCE)
    other.forget("somebody")
    with pytest.raises(Missing):
        list(other.speak("hello", Delivery("somebody", "en"), Cancelled()))
    other.know("somebody", kept)
    assert {voice.id for voice in other.voices()} == {"somebody"}
    assert next(other.speak("hello", Delivery("somebody", "en"), Cancelled())).samples.dtype == np.float32
    other.close()


def test_a_second_of_reference_is_refused(narrator: Narrator) -> None:
    from pipeline.backends.narrate_xtts import XttsNarrator

    assert isinstance(narrator, XttsNarrator)
    with pytest.raises(Refused) as refused:
        narrator.learn("member", Recording(REFERENCE.samples[:22_050], 22_050))
    assert refused.value.code == "reference_too_short"


def test_a_language_it_lacks_is_named(narrator: Narrator) -> None:
    with pytest.raises(Missing) as missing:
        list(narrator.speak("hello", Delivery("member", "tlh"), Cancelled()))
    assert missing.value.code == "language_unspoken"
