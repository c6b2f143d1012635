"""Feeling in words, by a fine-tuned classifier."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.backends.readable import reading
from pipeline.backends.text_e5 import UNSURE, sentences_of
from pipeline.backends.torch_traps import hush, mend_torchaudio
from pipeline.cancelled import Cancelled
from pipeline.errors import Unwell
from pipeline.words.mood import Emotion, Mood

MOST_TOKENS = 512
"""Tokens after which a text is cut: the model fails on more."""
BATCH = 8
ALIASES = {"happiness": Emotion.JOY, "happy": Emotion.JOY, "angry": Emotion.ANGER, "sad": Emotion.SADNESS}


def open_backend(weights: Mapping[str, Path], threads: int) -> RobertaReader:
    """Open the folder that holds `config.json` and its neighbours."""
    return RobertaReader(weights["config.json"].parent, threads)


class RobertaReader:
    """Any sequence classifier whose labels are our seven; its brake is between two batches of sentences."""

    languages = frozenset({"en"})

    def __init__(self, folder: Path, threads: int) -> None:
        """A local transformers folder; raises Unwell `model_unreadable`."""
        mend_torchaudio()
        import torch
        import transformers

        hush(transformers)
        torch.set_num_threads(threads)
        self._torch: Any = torch
        with reading(folder.name):
            self._tokens: Any = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
            self._model: Any = transformers.AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True
            ).eval()
        self._order = _order(self._model.config.id2label, folder.name)

    def read(self, texts: Sequence[str], language: str, check: Cancelled) -> list[Mood]:
        """Read each text; neutral and uncertain where nothing can be read, or in a language that it does not know."""
        return [self._mood(text, language, check) for text in texts]

    def close(self) -> None:
        self._model = self._tokens = None

    def _mood(self, text: str, language: str, check: Cancelled) -> Mood:
        sentences = sentences_of(text)
        if not sentences or language not in self.languages:
            return Mood.of({Emotion.NEUTRAL: 1.0}, certainty=UNSURE)
        sums = dict.fromkeys(Emotion, 0.0)
        for start in range(0, len(sentences), BATCH):
            check()
            for row in self._shares(sentences[start : start + BATCH]):
                for emotion, share in zip(self._order, row, strict=True):
                    sums[emotion] += share / len(sentences)
        return Mood.of(sums, certainty=max(sums.values()))

    def _shares(self, sentences: Sequence[str]) -> list[list[float]]:
        cut = {"truncation": True, "max_length": MOST_TOKENS, "padding": True, "return_tensors": "pt"}
        given = self._tokens(list(sentences), **cut)
        with self._torch.inference_mode():
            shares: list[list[float]] = self._model(**given).logits.float().softmax(dim=-1).tolist()
        return shares


def _order(labels: Mapping[int, str], model: str) -> list[Emotion]:
    names = [str(labels[number]).lower() for number in sorted(labels)]
    try:
        return [ALIASES[name] if name in ALIASES else Emotion(name) for name in names]
    except ValueError as error:
        raise Unwell("model_unreadable", model=model, why=f"labels {', '.join(names)}") from error
