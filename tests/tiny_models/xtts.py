"""XTTS v2 with random weights."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.tiny_models.sizes import Size

VOICES = ("Ana Florence", "Viktor Menelaos")
"""Two of its studio's names."""
_SHAPES: dict[Size, dict[str, int]] = {
    Size.TINY: {"gpt_layers": 2, "gpt_n_model_channels": 64, "gpt_n_heads": 4, "decoder_input_dim": 64},
    Size.FULL: {"gpt_layers": 30, "gpt_n_model_channels": 1_024, "gpt_n_heads": 16, "decoder_input_dim": 1_024},
}
_WORDS = {Size.TINY: 60, Size.FULL: 6_681}
_MARKS = ("[STOP]", "[UNK]", "[SPACE]", "[en]", "[pt]", "[es]", "[fr]", "[it]", "[de]", "[START]")


def make(folder: Path, size: Size, device: str = "cpu") -> Path:
    """XTTS-v2 as its hub folder looks, settings pickled beside weights; 1.9 GB at full size, born on the processor."""
    from pipeline.backends.torch_traps import mend_torchaudio

    mend_torchaudio()
    import torch
    from TTS.tts.configs.xtts_config import XttsConfig
    from TTS.tts.layers.xtts.tokenizer import VoiceBpeTokenizer
    from TTS.tts.models.xtts import Xtts, XttsArgs, XttsAudioConfig, _legacy_safe_globals

    folder.mkdir(parents=True, exist_ok=True)
    _tokenizer(folder, _WORDS[size])
    audio = {"gpt_num_audio_tokens": 1_026, "gpt_start_audio_token": 1_024, "gpt_stop_audio_token": 1_025}
    args = XttsArgs(gpt_use_perceiver_resampler=True, **_SHAPES[size], **audio)
    config = XttsConfig(model_args=args, audio=XttsAudioConfig())
    config.save_json(str(folder / "config.json"))
    torch.manual_seed(0)
    model = Xtts(config)
    model.tokenizer = VoiceBpeTokenizer(vocab_file=str(folder / "vocab.json"))
    model.init_models()
    with _legacy_safe_globals():  # the published file names the settings' classes by where they lived then
        torch.save({"model": model.state_dict(), "config": config}, folder / "model.pth")
    torch.save({name: _voice(torch, _SHAPES[size]["gpt_n_model_channels"]) for name in VOICES}, folder / _SPEAKERS)
    return folder


_SPEAKERS = "speakers_xtts.pth"


def _voice(torch: Any, width: int) -> dict[str, Any]:
    """What the model knows of a speaker."""
    return {"gpt_cond_latent": torch.randn(1, 32, width), "speaker_embedding": torch.randn(1, 512, 1)}


def _tokenizer(folder: Path, words: int) -> None:
    from tokenizers import Tokenizer, models, pre_tokenizers

    known = [*_MARKS, *"abcdefghijklmnopqrstuvwxyz0123456789.,!?;:'\"-"]
    known += [f"nothing{at}" for at in range(words - len(known))]
    tokenizer = Tokenizer(models.BPE({word: at for at, word in enumerate(known)}, [], unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(list(_MARKS))
    tokenizer.save(str(folder / "vocab.json"))
