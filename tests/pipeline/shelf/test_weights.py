"""What lies here is known."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.errors import Damaged, Missing
from pipeline.places import Places
from pipeline.settings import Settings
from pipeline.shelf.manifest import Manifest, Member, ModelEntry, Source
from pipeline.shelf.stick import export_to, import_from
from pipeline.shelf.weights import State, bill, ensure, lacking, standing, weights_of
from pipeline.words.tale import Publishable
from tests.pipeline.shelf.conftest import WHOLE, entry_of


def _lay(places: Places, data: bytes = WHOLE, model: str = "tiny-voice") -> Path:
    path = places.weights / model / "voice.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


SOURCE = Source(path="/nowhere/voice.bin")
ENTRY = entry_of(SOURCE)


def test_absent_weights_name_the_command_that_brings_them(places: Places, settings: Settings) -> None:
    with pytest.raises(Missing) as caught:
        weights_of(ENTRY, places, settings)
    assert caught.value.fields["command"] == "python3 echotales.py models pull tiny-voice"


def test_truncated_weights_are_damaged_and_not_absent(places: Places, settings: Settings) -> None:
    _lay(places, WHOLE[:-1])
    with pytest.raises(Damaged) as caught:
        weights_of(ENTRY, places, settings)
    assert caught.value.code == "weights_damaged"
    assert standing(ENTRY, places)[0].state is State.TRUNCATED


def test_a_changed_byte_is_found_by_reading_them_all(places: Places) -> None:
    _lay(places, WHOLE[:-1] + b"\0")
    assert standing(ENTRY, places)[0].state is State.WHOLE
    assert standing(ENTRY, places, read=True)[0].state is State.CHANGED


def test_offline_opens_nothing_and_says_what_lacks(places: Places) -> None:
    with pytest.raises(Missing) as caught:
        ensure([ENTRY], places, Settings(offline=True))
    assert caught.value.code == "offline"


def test_terms_must_be_accepted_by_name(places: Places, tmp_path: Path) -> None:
    (tmp_path / "voice.bin").write_bytes(WHOLE)
    bound = replace(entry_of(Source(path=str(tmp_path / "voice.bin"))), accept=True, licence="CPML")
    for settings in (Settings(), Settings(accept="another")):
        with pytest.raises(Missing) as caught:
            ensure([bound], places, settings)
        assert caught.value.code == "licence_unaccepted"
    ensure([bound], places, Settings(accept="another, tiny-voice"))
    assert weights_of(bound, places, Settings(accept="tiny-voice"))


def test_an_asset_comes_with_the_model_that_uses_it(places: Places, settings: Settings, tmp_path: Path) -> None:
    manifest, _ = _with_soundfont(tmp_path)
    ensure([manifest["player"]], places, settings, manifest=manifest)
    assert weights_of(manifest["player"], places, settings, manifest)["soundfont"].read_bytes() == WHOLE


def test_the_operators_soundfont_takes_the_place_of_ours(places: Places, tmp_path: Path) -> None:
    manifest, own = _with_soundfont(tmp_path)
    found = weights_of(manifest["player"], places, Settings(soundfont=str(own)), manifest)
    assert found == {"soundfont": own}
    with pytest.raises(Missing):
        weights_of(manifest["player"], places, Settings(soundfont=str(own) + ".gone"), manifest)


def test_a_bill_counts_what_lacks_once(places: Places, tmp_path: Path) -> None:
    manifest, _ = _with_soundfont(tmp_path)
    wants = lacking([manifest["player"], manifest["player"], manifest["font"]], places, manifest)
    assert bill(wants, places).models == (("font", len(WHOLE)),)
    assert bill(wants, places).disk_bytes == len(WHOLE)


def test_weights_travel_on_a_stick(places: Places, settings: Settings, tmp_path: Path) -> None:
    _lay(places)
    stick, other = tmp_path / "stick", Places(tmp_path / "there", tmp_path / "there")
    assert len(export_to([ENTRY], places, stick)) == 1
    assert len(import_from([ENTRY], other, stick)) == 1
    assert weights_of(ENTRY, other, settings)["voice.bin"].read_bytes() == WHOLE


def test_a_spoilt_stick_brings_nothing(places: Places, tmp_path: Path) -> None:
    _lay(places)
    stick, other = tmp_path / "stick", Places(tmp_path / "there", tmp_path / "there")
    export_to([ENTRY], places, stick)
    (stick / "tiny-voice" / "voice.bin").write_bytes(WHOLE[:-1] + b"\0")
    with pytest.raises(Damaged):
        import_from([ENTRY], other, stick)
    assert not list(other.weights.rglob("voice.bin*"))


def test_an_empty_stick_is_said_to_be_empty(places: Places, tmp_path: Path) -> None:
    with pytest.raises(Missing, match="stick_incomplete"):
        import_from([ENTRY], places, tmp_path)


def _with_soundfont(folder: Path) -> tuple[Manifest, Path]:
    own = folder / "own.sf2"
    own.write_bytes(WHOLE)
    member = Member((Source(path=str(own)),), len(WHOLE), hashlib.sha256(WHOLE).hexdigest())
    font = replace(ENTRY, id="font", members={"soundfont": member})
    player = ModelEntry("Composer", "MIT", Publishable.YES, "", "pipeline.errors", assets=("font",), id="player")
    return Manifest({"player": player, "font": font}), own


def test_what_only_its_hub_knows_the_size_of_is_billed_roughly_and_less_once_some_is_here(
    places: Places, tmp_path: Path
) -> None:
    giant = replace(entry_of(), members={}, hub=f"some/giant@{'a' * 40}", files=("one", "two"), hub_mb=10.0)
    assert bill(lacking([giant], places), places).fetch_bytes == 10_000_000
    here = places.weights / giant.id / "one"
    here.parent.mkdir(parents=True)
    here.write_bytes(b"x" * 4_000_000)
    sum_up = bill(lacking([giant], places), places)
    assert (sum_up.fetch_bytes, sum_up.disk_bytes) == (6_000_000, 6_000_000)
