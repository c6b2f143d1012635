"""A learnt voice tells, for one job alone."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.artifacts import Artifacts
from pipeline.cancelled import Cancelled
from pipeline.errors import Missing, Unserved
from pipeline.road.door import read_answer
from pipeline.road.workshop import ModelWorkshop, with_voice
from pipeline.roles import Delivery, Narrator, Utterance, Voice
from pipeline.telling.checked import checked
from pipeline.telling.studio import Studio, remembered
from pipeline.words.answer import Sampled
from pipeline.words.jsonable import request_from_json, request_to_json
from pipeline.words.prompt import Prompt
from pipeline.words.request import Sample, Tell
from pipeline.words.sound import RATE_HZ, Artifact, Recording

LEARNT = "learnt-of-ana"


class _Parrot:
    """A narrator that can learn, which none of the small ones can; what it says is the reference it was given."""

    def __init__(self) -> None:
        self.known: dict[str, Any] = {}

    def voices(self) -> tuple[Voice, ...]:
        return tuple(Voice(name, "en", "en", "", "mit") for name in ("usual", *self.known))

    def speak(self, text: str, delivery: Delivery, check: Cancelled) -> Iterator[Utterance]:
        check()
        yield Utterance(np.asarray(self.known[delivery.voice]["reference"], np.float32))

    def learn(self, voice: str, reference: Recording) -> dict[str, Any]:
        kept = {"reference": reference.samples}
        self.know(voice, kept)
        return kept

    def know(self, voice: str, kept: Mapping[str, Any]) -> None:
        self.known[voice] = dict(kept)

    def forget(self, voice: str) -> None:
        self.known.pop(voice, None)


def _studio(narrator: Any, folder: Path) -> Studio:
    @contextmanager
    def borrow(role: type[Any], **_needs: Any) -> Iterator[Any]:
        if role is not Narrator:
            raise Unserved("role_unserved", role=role.__name__)  # nobody has time to hear a line again
        yield narrator

    def once(_stage: str, _unit: str, kind: Any, work: Any) -> Any:
        return remembered(kind, work())

    return Studio(borrow, Artifacts(folder), once, lambda _event: None, Cancelled())


def _kept_voice(studio: Studio) -> Artifact:
    tone = 0.2 * np.sin(2 * np.pi * 200 * np.arange(RATE_HZ) / RATE_HZ)
    packed = io.BytesIO()
    np.savez(packed, reference=tone.astype(np.float32))
    return studio.keep(packed.getvalue(), ".npz")


def test_a_learnt_voice_crosses_the_road_and_speaks(tmp_path: Path) -> None:
    parrot = _Parrot()
    studio = _studio(parrot, tmp_path)
    wish = Sample(LEARNT, "en", "The keeper lit the lamp.", learnt=_kept_voice(studio))
    asked = request_from_json(json.loads(json.dumps(request_to_json(wish))))
    made = ModelWorkshop(None, lambda tale: tale).make(asked, studio)  # type: ignore[arg-type] # the studio lends
    told = read_answer(made, Sampled, Artifacts(tmp_path))
    assert {line.voice for one in told.spoken for line in one.lines} == {LEARNT}
    assert not parrot.known, "the next tale's cast finds nobody's voice"


def test_a_voice_is_forgotten_also_where_the_passage_fails(tmp_path: Path) -> None:
    parrot = _Parrot()
    studio = _studio(parrot, tmp_path)
    lent = with_voice(studio, LEARNT, _kept_voice(studio))
    with suppress(RuntimeError), lent.borrow(Narrator):
        assert parrot.known.keys() == {LEARNT}
        raise RuntimeError
    assert not parrot.known


def test_a_narrator_that_cannot_learn_is_lent_as_it_is(tmp_path: Path) -> None:
    usual = object()
    studio = _studio(usual, tmp_path)
    with with_voice(studio, LEARNT, _kept_voice(studio)).borrow(Narrator) as narrator:
        assert narrator is usual


def test_a_voice_taken_back_by_its_owner_is_said_to_be_gone(tmp_path: Path) -> None:
    studio = _studio(_Parrot(), tmp_path)
    learnt = _kept_voice(studio)
    Artifacts(tmp_path).erase([learnt])
    with pytest.raises(Missing, match="artifact_gone"), with_voice(studio, LEARNT, learnt).borrow(Narrator):
        pass


def test_a_tale_may_name_a_voice_that_was_learnt_and_no_other_stranger() -> None:
    learnt = Artifact("0" * 64, ".npz", 1)
    prompt = Prompt("A keeper and a storm", 1, voice=LEARNT, learnt=learnt)
    told = request_from_json(json.loads(json.dumps(request_to_json(Tell(prompt)))))
    assert isinstance(told, Tell)
    assert checked(told.prompt).learnt == learnt
    with pytest.raises(Missing, match="voice_unknown"):
        checked(Prompt("A keeper and a storm", 1, voice=LEARNT))
