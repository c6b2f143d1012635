"""Nothing bound stands before the first tale."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.cli.pulling import bring_profile
from pipeline.errors import Missing
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf import profiles as rooms
from pipeline.shelf.manifest import Manifest, Member, ModelEntry, Source, read_manifest
from pipeline.shelf.profiles import ensure_profile, entries_of, line_up, read_profiles
from pipeline.shelf.weights import ensure, weights_of
from pipeline.wording import locales, sentence
from pipeline.words.tale import Publishable

BOUND = ("llama-2-7b", "xtts-v2", "emotion2vec-plus-base", "riffusion", "musicgen-small", "lfm2-2.6b")
GPU = read_profiles()["gpu-8gb"]
ACCEPTED = Settings(accept=",".join(BOUND))


@pytest.fixture(autouse=True)
def stack(monkeypatch: pytest.MonkeyPatch) -> None:
    """The big stack counts as installed: what is looked at is the operator's word."""
    monkeypatch.setattr(rooms, "find_spec", lambda package: object())


@pytest.fixture
def house(tmp_path: Path) -> Manifest:
    """The real manifest, each model of one small file that lies in a folder of this machine."""
    return Manifest({entry.id: _small(entry, tmp_path) for entry in read_manifest()})


def _small(entry: ModelEntry, folder: Path) -> ModelEntry:
    file = folder / f"{entry.id}.bin"
    file.write_bytes(entry.id.encode())
    members = {"file.bin": Member((Source(path=str(file)),), bytes=len(entry.id))}
    return replace(entry, members=members, files=(), hub="", assets=())


def _firsts(settings: Settings) -> dict[str, str]:
    return {role: line[0].id for role, line in line_up(GPU, read_manifest(), settings).items()}


def test_the_card_starts_with_the_open_writer_and_kokoro() -> None:
    firsts = _firsts(Settings())
    assert (firsts["Writer"], firsts["Narrator"], firsts["Composer"]) == ("qwen3-4b-card", "kokoro-82m", "score")
    pulled = entries_of(GPU, read_manifest(), Settings())
    assert not [entry.id for entry in pulled if entry.accept or entry.publishable is Publishable.NO]


def test_what_is_accepted_is_taken_up() -> None:
    firsts = _firsts(ACCEPTED)
    assert (firsts["Writer"], firsts["Narrator"], firsts["Composer"]) == ("llama-2-7b", "xtts-v2", "riffusion")
    assert firsts["VoiceReader"] == "emotion2vec-plus-base"


def test_a_writer_of_one_language_has_the_open_one_beside_it(places: Places, house: Manifest) -> None:
    served = {entry.id for entry in ensure_profile(GPU, house, places, ACCEPTED)}
    assert {"llama-2-7b", "qwen3-4b-card", "xtts-v2"} <= served
    assert "kokoro-82m" not in served


def test_accepted_and_pulled_serves_and_accepted_alone_stands_back_offline(
    places: Places, house: Manifest, capsys: pytest.CaptureFixture[str]
) -> None:
    ensure_profile(GPU, house, places, Settings())
    offline = replace(ACCEPTED, offline=True)
    assert {entry.id for entry in bring_profile(GPU, house, places, offline)} >= {
        "qwen3-4b-card",
        "kokoro-82m",
        "score",
    }
    told = capsys.readouterr().err
    assert "llama-2-7b is not here; qwen3-4b-card serves until: python3 echotales.py models pull llama-2-7b" in told
    assert "xtts-v2 is not here; kokoro-82m serves until: python3 echotales.py models pull xtts-v2" in told
    ensure([house["llama-2-7b"], house["xtts-v2"]], places, ACCEPTED)
    assert {entry.id for entry in bring_profile(GPU, house, places, offline)} >= {"llama-2-7b", "xtts-v2"}


def test_offline_with_nothing_here_the_first_lack_is_told(places: Places, house: Manifest) -> None:
    with pytest.raises(Missing) as caught:
        ensure_profile(GPU, house, places, Settings(offline=True))
    assert caught.value.code == "offline"
    assert "qwen3-4b-card" in caught.value.fields["model"]


@pytest.mark.parametrize("model", BOUND)
def test_without_acceptance_a_pull_names_licence_duty_text_setting_and_command(model: str, places: Places) -> None:
    entry = read_manifest()[model]
    for bound in (lambda: ensure([entry], places, Settings()), lambda: weights_of(entry, places, Settings())):
        with pytest.raises(Missing) as caught:
            bound()
        for locale in locales():
            told = sentence(caught.value, locale)
            for word in (entry.licence, entry.terms, "ECHOTALES_ACCEPT", f"python3 echotales.py models pull {model}"):
                assert word in told
    noncommercial = caught.value.code == "licence_noncommercial"
    assert noncommercial == (entry.publishable is Publishable.NO)


def test_every_bound_model_says_where_its_terms_stand() -> None:
    bound = [entry for entry in read_manifest() if entry.accept]
    assert {entry.id for entry in bound} == set(BOUND)
    assert all(entry.terms.startswith("https://") for entry in bound)


def test_every_hub_source_is_one_commit_or_is_vouched_for_by_a_hash() -> None:
    floating = {
        f"{entry.id}: {source.hub}"
        for entry in read_manifest()
        for member in entry.all_members.values()
        for source in member.sources
        if source.hub and len(source.hub.partition("@")[2]) != 40 and not member.sha256
    }
    assert {each.partition(":")[0] for each in floating} == {"piper-thorsten"}


def test_big_writers_come_as_safetensors_alone() -> None:
    for model in ("mistral-7b", "llama-2-7b"):
        large = [
            name for name in read_manifest()[model].files if name.endswith((".bin", ".pt", ".pth", ".safetensors"))
        ]
        assert large
        assert all(name.endswith(".safetensors") for name in large)
