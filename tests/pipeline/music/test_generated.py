"""Big models at a thimble's size."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.cancelled import Cancelled
from pipeline.errors import TaleCancelled, Unwell
from pipeline.music.clips import ClipRequest
from pipeline.words.sound import RATE_HZ
from tests.pipeline.conftest import Tiny

pytestmark = pytest.mark.gpu_stack
WISH = ClipRequest("upbeat acoustic guitar, major key, 120 bpm", 7, 0, 3.0)
CHECK = Cancelled()


@pytest.fixture(scope="module")
def painter(tiny: Tiny) -> Path:
    """A Stable Diffusion pipeline with random weights, as the real one lies in its folder."""
    pytest.importorskip("diffusers")
    return tiny("riffusion")["model_index.json"].parent


@pytest.fixture(scope="module")
def clips(painter: Path) -> Any:
    from pipeline.backends.compose_riffusion import RiffusionClips

    return RiffusionClips(painter, pixels=64, steps=3)


def test_a_painted_clip_is_a_loop_and_the_same_every_time(clips: Any, painter: Path) -> None:
    from pipeline.backends.compose_riffusion import RiffusionClips

    sound = clips.clip(WISH, CHECK)
    assert sound.shape == (round(64 * 0.01 * RATE_HZ), 2)
    assert np.isfinite(sound).all()
    assert 0.1 < np.abs(sound).max() <= 0.51
    again = RiffusionClips(painter, pixels=64, steps=3).clip(WISH, CHECK)
    assert (again == sound).all()


def test_a_continuation_hangs_on_the_wish_alone(clips: Any, painter: Path) -> None:
    from pipeline.backends.compose_riffusion import RiffusionClips

    later = ClipRequest(WISH.prompt, WISH.seed, 2, 3.0)
    straight = RiffusionClips(painter, pixels=64, steps=3).clip(later, CHECK)
    for step in range(3):
        walked = clips.clip(ClipRequest(WISH.prompt, WISH.seed, step, 3.0), CHECK)
    assert (walked == straight).all()
    assert not (walked == clips.clip(WISH, CHECK)).all()


def test_the_sound_of_a_painted_clip_closes_to_a_loop(clips: Any) -> None:
    sound = clips.clip(WISH, CHECK)
    steps = np.abs(np.diff(sound[:, 0]))
    assert abs(sound[0, 0] - sound[-1, 0]) <= steps.max()
    assert np.sqrt((sound**2).mean()) > 0.01, "it sounds"


def test_a_lean_painter_paints_in_tiles_and_the_same_every_time(painter: Path) -> None:
    from pipeline.backends.compose_riffusion import RiffusionClips

    usual, lean, other = (RiffusionClips(painter, pixels=64, steps=3) for _ in range(3))
    whole = usual.clip(WISH, CHECK)
    lean.clip(ClipRequest("something else", 1, 0, 3.0), CHECK)
    for one in (lean, other):
        one.lean()
    tiled: list[tuple[int, ...]] = []
    decoder = lean.__dict__["_paint"].vae.decoder
    handle = decoder.register_forward_pre_hook(lambda _module, args: tiled.append(tuple(args[0].shape[-2:])))
    sound = lean.clip(WISH, CHECK)
    handle.remove()
    assert len(tiled) > 1
    assert max(side for tile in tiled for side in tile) <= 4, "half of the eight it would be"
    assert (other.clip(WISH, CHECK) == sound).all()
    assert sound.shape == whole.shape
    later = ClipRequest(WISH.prompt, WISH.seed, 1, 3.0)
    assert (lean.clip(later, CHECK) == other.clip(later, CHECK)).all()


def test_leanness_reaches_the_model_behind_the_composer(painter: Path) -> None:
    from pipeline.backends.compose_riffusion import open_backend

    composer = open_backend({"model_index.json": painter / "model_index.json"}, 1)
    composer.lean()
    assert composer.__dict__["_clips"].__dict__["_paint"].vae.use_tiling
    composer.close()


def test_painting_stops_when_asked(clips: Any) -> None:
    check = Cancelled()
    check.set()
    with pytest.raises(TaleCancelled):
        clips.clip(ClipRequest("something new", 1, 0, 3.0), check)


def test_a_folder_without_a_model_is_said(tmp_path: Path) -> None:
    pytest.importorskip("diffusers")
    from pipeline.backends.compose_riffusion import RiffusionClips

    with pytest.raises(Unwell) as unwell:
        RiffusionClips(tmp_path)
    assert unwell.value.code == "model_unreadable"


def test_a_picture_of_a_tone_sounds_as_that_tone() -> None:
    pytest.importorskip("torch")
    from pipeline.music.spectrogram import MOST_HZ, sound_of

    picture = np.full((512, 512, 3), 255, np.uint8)
    highest = 2_595 * np.log10(1 + MOST_HZ / 700)
    row = round(2_595 * np.log10(1 + 880 / 700) / highest * (512 + 1)) - 1
    picture[512 - 1 - row] = 0
    sound = sound_of(picture)
    assert len(sound) == round(5.12 * RATE_HZ)
    spectrum = np.abs(np.fft.rfft(sound[:, 0]))
    assert np.argmax(spectrum) * RATE_HZ / len(sound) == pytest.approx(880, rel=0.02)
    seam = np.abs(sound[0] - sound[-1]).max()
    assert seam <= np.abs(np.diff(sound[:, 0])).max() * 1.5


@pytest.fixture(scope="module")
def singer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A MusicGen with random weights, saved as the real one is."""
    torch = pytest.importorskip("torch")
    transformers = pytest.importorskip("transformers")
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("singer")
    text = transformers.T5Config(
        vocab_size=99, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, decoder_start_token_id=0
    )
    codec = transformers.EncodecConfig(
        sampling_rate=32_000, audio_channels=1, num_filters=4, upsampling_ratios=[8, 5, 4, 4], codebook_size=64,
        codebook_dim=16, hidden_size=16, num_residual_layers=1, target_bandwidths=[1.2], num_lstm_layers=1,
    )  # fmt: skip
    decoder = transformers.MusicgenDecoderConfig(
        vocab_size=64, hidden_size=16, ffn_dim=32, num_hidden_layers=2, num_attention_heads=2, num_codebooks=4,
        pad_token_id=64, bos_token_id=64, max_position_embeddings=512,
    )  # fmt: skip
    parts = {"text_encoder": text.to_dict(), "audio_encoder": codec.to_dict(), "decoder": decoder.to_dict()}
    config = transformers.MusicgenConfig(**parts)
    model = transformers.MusicgenForConditionalGeneration(config)
    for name, buffer in model.audio_encoder.named_buffers():
        if name.endswith("codebook.embed"):  # born as zeros, and then every token sounds alike
            buffer.normal_()
    model.generation_config.update(pad_token_id=64, bos_token_id=64, decoder_start_token_id=64, max_length=400)
    model.save_pretrained(folder)
    words = Tokenizer(WordLevel({"<pad>": 0, "</s>": 1, "<unk>": 2, "guitar": 3}, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    kept = transformers.PreTrainedTokenizerFast(
        tokenizer_object=words, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )
    kept.save_pretrained(folder)
    return folder


def test_a_sung_clip_is_as_long_as_wished_and_the_same_every_time(singer: Path) -> None:
    from pipeline.backends.compose_musicgen import MusicgenClips

    clips = MusicgenClips(singer)
    wish = ClipRequest("upbeat guitar", 3, 0, 1.0)
    sound = clips.clip(wish, CHECK)
    assert sound.shape[1] == 2
    assert len(sound) / RATE_HZ == pytest.approx(1.0, abs=0.2)
    assert np.isfinite(sound).all()
    assert (clips.clip(wish, CHECK) == sound).all()
    assert not (clips.clip(ClipRequest("upbeat guitar", 3, 1, 1.0), CHECK) == sound).all()


def test_singing_stops_when_asked(singer: Path) -> None:
    from pipeline.backends.compose_musicgen import MusicgenClips

    check = Cancelled()
    check.set()
    with pytest.raises(TaleCancelled):
        MusicgenClips(singer).clip(ClipRequest("guitar", 3, 0, 5.0), check)
