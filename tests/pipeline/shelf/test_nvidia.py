"""A card is seen whole."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.shelf import nvidia
from pipeline.shelf.hardware import Hardware, look
from pipeline.shelf.nvidia import Driverless, Gpu, Holder, ask, look_at_cards, torch_cuda
from tests.pipeline.shelf import smi
from tests.pipeline.shelf.smi import smi as speaking

MACHINE = Hardware("Linux x86_64", "a processor", 2, (), 16_000, 12_000, (), 50_000, "libopus.so")
CARD = Gpu("a card", 8_500, "580.95.05", capability="8.9")
Asked = Callable[[Sequence[str]], str]


@pytest.fixture
def bus(tmp_path: Path) -> Path:
    """Devices of a PCI bus: an NVIDIA card, its sound, another maker's card, and one that does not tell."""
    told = {"00.0": ("0x8086", "0x030000"), "01.0": ("0x10de", "0x030000"), "01.1": ("0x10de", "0x040300"), "02.0": ()}
    for name, cells in told.items():
        (tmp_path / name).mkdir()
        for file, cell in zip(("vendor", "class"), cells, strict=False):
            (tmp_path / name / file).write_text(f"{cell}\n")
    return tmp_path


def _only(asked: Asked) -> Gpu:
    (card,), driverless = look_at_cards(asked)
    assert driverless is None
    return card


def _saying(said: str) -> Asked:
    return lambda command: said


def test_a_desktops_card_is_seen_with_what_is_free_and_who_holds_it() -> None:
    card = _only(speaking({8: smi.LINUX}, smi.LINUX_TABLE))
    assert (card.name, card.driver, card.cuda, card.capability) == (
        "NVIDIA GeForce RTX 4060",
        "580.95.05",
        "13.0",
        "8.9",
    )
    assert (card.vram_mb, card.free_mb, card.used_mb) == pytest.approx((8585.7, 6828.3, 1451.2), abs=0.1)
    assert [(one.pid, one.name) for one in card.holders] == [
        (1834, "/usr/lib/xorg/Xorg"),
        (20411, "...common/Some Game/game.x86_64"),
    ]
    assert [one.memory_mb for one in card.holders] == pytest.approx([327.2, 1091.6], abs=0.1)
    assert not card.wddm
    assert not card.hindrance


def test_a_windows_card_says_so_and_keeps_its_holders_without_their_memory() -> None:
    card = _only(speaking({8: smi.WINDOWS}, smi.WINDOWS_TABLE))
    assert card.wddm
    assert card.cuda == "13.0"
    assert card.holders == (
        Holder(5120, "C:\\Windows\\explorer.exe"),
        Holder(11716, "...am Files\\Some Game\\Game.exe"),
    )
    assert not card.hindrance


def test_an_old_client_that_refuses_a_field_is_asked_for_fewer() -> None:
    card = _only(speaking({6: smi.OLD}, smi.OLD_TABLE))
    assert (card.name, card.driver, card.cuda, card.capability) == ("GeForce GTX 1070", "440.100", "10.2", "")
    assert card.free_mb == pytest.approx(8074.0, abs=0.1)
    assert card.holders[0].memory_mb == pytest.approx(254.8, abs=0.1)
    assert card.hindrance == "driver_old"


def test_the_barest_client_still_names_the_card() -> None:
    card = _only(speaking({4: "0, GeForce GTX 970, 4043, 390.157\n"}))
    assert (card.name, card.free_mb, card.cuda, card.holders) == ("GeForce GTX 970", None, "", ())


def test_of_two_cards_the_one_that_can_serve_counts_however_small() -> None:
    found, _ = look_at_cards(speaking({8: smi.TWO}))
    assert [card.hindrance for card in found] == ["capability_old", ""]
    machine = replace(MACHINE, gpus=found)
    assert machine.gpu is found[1]
    assert not machine.hindrance
    assert machine.usable_mb == found[1].vram_mb < machine.vram_mb


def test_holders_are_told_of_their_own_card_alone() -> None:
    table = smi.LINUX_TABLE.replace("|    0   N/A  N/A           20411", "|    1   N/A  N/A           20411")
    found, _ = look_at_cards(speaking({8: smi.TWO}, table))
    assert [[one.pid for one in card.holders] for card in found] == [[1834], [20411]]


def test_a_card_that_tells_no_memory_is_no_card_and_one_that_hides_what_is_free_is() -> None:
    found, _ = look_at_cards(speaking({8: smi.UNTOLD}))
    assert [(card.name, card.free_mb) for card in found] == [("NVIDIA T4", None)]


@pytest.mark.parametrize("said", [smi.NO_DRIVER, smi.MISMATCH, ""])
def test_a_card_without_a_driver_is_seen_on_the_bus(bus: Path, said: str) -> None:
    found, driverless = look_at_cards(_saying(said), bus)
    assert found == ()
    assert driverless == Driverless(1, said.strip().partition("\n")[0])
    assert replace(MACHINE, driverless=driverless).hindrance == "driver_missing"


def test_a_machine_without_cards_lacks_no_driver(tmp_path: Path) -> None:
    for said in (smi.NONE_FOUND, smi.NO_DRIVER, "", "nonsense,\x00,\n,,,,,,,\n"):
        assert look_at_cards(_saying(said), tmp_path) == ((), None)
    assert not MACHINE.hindrance


def test_a_client_outside_the_path_is_found_where_windows_puts_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "nvidia-smi"
    place.touch()
    monkeypatch.setattr(nvidia, "_PLACES", (place,))
    asked = speaking({8: smi.LINUX})
    assert _only(lambda command: asked(command) if command[0] == str(place) else "").name == "NVIDIA GeForce RTX 4060"


def test_a_linux_under_windows_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.release", lambda: "6.6.87.2-microsoft-standard-WSL2")
    assert look(tmp_path, lambda command: "").system.endswith("(WSL)")


@pytest.mark.parametrize(
    ("card", "cuda", "why"),
    [
        (CARD, "13.0", ""),
        (CARD, None, ""),
        (CARD, "", "torch_without_cuda"),
        (replace(CARD, driver="580.65.06"), "13.0", ""),
        (replace(CARD, driver="580.64"), "13.0", "driver_old"),
        (replace(CARD, driver="610.2"), "13.0", ""),
        (replace(CARD, capability="7.5"), "13.0", ""),
        (replace(CARD, capability="7.0"), "13.0", "capability_old"),
        (replace(CARD, capability="12.0"), "13.0", ""),
        (replace(CARD, capability=""), "13.0", ""),
    ],
)
def test_why_a_card_cannot_serve_has_one_name(card: Gpu, cuda: str | None, why: str) -> None:
    machine = replace(MACHINE, gpus=(card,), torch_cuda=cuda)
    assert machine.hindrance == why
    assert bool(machine.usable_mb) != bool(why)


@pytest.mark.parametrize(
    ("text", "cuda"),
    [
        ("__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\n", ""),
        ("__version__ = '2.13.0+cu130'\ncuda: Optional[str] = '13.0'\n", "13.0"),
        ("cuda = '12.6'\nhip = None\n", "12.6"),
    ],
)
def test_torch_is_asked_for_its_cuda_without_being_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, cuda: str
) -> None:
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "torch" / "version.py").write_text(text)
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    assert torch_cuda() == cuda


def test_a_client_that_fails_is_still_heard_and_one_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask((sys.executable, "-c", "print('it failed'); raise SystemExit(9)")).strip() == "it failed"
    assert ask(("no-such-client-here",)) == ""
    monkeypatch.setattr(nvidia, "_TIMEOUT_S", 0.2)
    assert ask((sys.executable, "-c", "import time; time.sleep(60)")) == ""
