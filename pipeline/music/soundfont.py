"""A SoundFont cut to the palette."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from pipeline.errors import Refused

# Every program the moods' palettes name, with near kin for an operator's own palettes, and two drum kits.
PROGRAMS = (0, 8, 9, 10, 11, 12, 24, 25, 32, *range(42, 50), 52, 58, 60, 68, 69, 70, 71, 73, 75, 89, 116)
KEPT = frozenset({(0, program) for program in PROGRAMS} | {(128, 0), (128, 48)})
"""(bank, program) of the presets that stay; 47, the timpani, lies inside the strings' range."""

_SIZES = {"phdr": 38, "pbag": 4, "pmod": 10, "pgen": 4, "inst": 22, "ibag": 4, "imod": 10, "igen": 4, "shdr": 46}
_COMPRESSED = 0x10
_GEN_INSTRUMENT, _GEN_SAMPLE = 41, 53
_SILENCE_AFTER_SAMPLE = bytes(92)

Tables = dict[str, list[bytes]]


@dataclass
class _Cut:
    """The cut font while it grows: its tables, and old numbers to new ones in order of first use."""

    tables: Tables = field(default_factory=lambda: {name: [] for name in _SIZES})
    instruments: dict[int, int] = field(default_factory=dict)
    samples: dict[int, int] = field(default_factory=dict)
    data: bytearray = field(default_factory=bytearray)


def cut(font: bytes, kept: frozenset[tuple[int, int]] = KEPT) -> bytes:
    """The same sf2 or sf3 with the kept presets alone, samples copied undecoded; Refused `soundfont_damaged`."""
    try:
        info, smpl, tables = _read(font)
        made = _Cut()
        _cut_presets(tables, kept, made)
        _cut_instruments(tables, made)
        _cut_samples(font, smpl, tables, made)
    except (struct.error, IndexError, KeyError, ValueError) as error:
        raise Refused("soundfont_damaged", why=str(error)) from error
    if not made.tables["phdr"]:
        raise Refused("soundfont_damaged", why="none of the wanted instruments")
    _terminate(made)
    return _packed(info, made)


def _read(font: bytes) -> tuple[bytes, int, Tables]:
    if font[:4] != b"RIFF" or font[8:12] != b"sfbk":
        raise ValueError("no SoundFont")
    info, smpl, tables = b"", 0, {}
    for _, start, size in _chunks(font, 12, len(font)):
        if font[start : start + 4] == b"INFO":
            info = font[start + 4 : start + size]
        for name, at, length in _chunks(font, start + 4, min(start + size, len(font))):
            if name == "smpl":
                smpl = at
            if name in _SIZES:
                width = _SIZES[name]
                tables[name] = [font[row : row + width] for row in range(at, at + length - width + 1, width)]
    if set(tables) != set(_SIZES) or not smpl:
        raise ValueError("tables are missing")
    return info, smpl, tables


def _chunks(font: bytes, at: int, end: int) -> Iterator[tuple[str, int, int]]:
    while at + 8 <= end:
        size = int(struct.unpack_from("<I", font, at + 4)[0])
        yield font[at : at + 4].decode("latin1"), at + 8, size
        at += 8 + size
        # Some writers leave out the pad byte after an odd chunk: only a zero is one.
        at += (size & 1) if at < end and font[at] == 0 else 0


def _cut_presets(old: Tables, kept: frozenset[tuple[int, int]], made: _Cut) -> None:
    for row, following in zip(old["phdr"], old["phdr"][1:], strict=False):
        program, bank, bag = struct.unpack_from("<HHH", row, 20)
        if (bank, program) not in kept:
            continue
        made.tables["phdr"].append(row[:24] + struct.pack("<H", len(made.tables["pbag"])) + row[26:])
        zones = range(bag, struct.unpack_from("<H", following, 24)[0])
        _copy_zones("p", zones, old, made.tables, _GEN_INSTRUMENT, made.instruments)


def _cut_instruments(old: Tables, made: _Cut) -> None:
    for number in list(made.instruments):
        row = old["inst"][number]
        made.tables["inst"].append(row[:20] + struct.pack("<H", len(made.tables["ibag"])))
        zones = range(struct.unpack_from("<H", row, 20)[0], struct.unpack_from("<H", old["inst"][number + 1], 20)[0])
        _copy_zones("i", zones, old, made.tables, _GEN_SAMPLE, made.samples)


def _copy_zones(kind: str, zones: range, old: Tables, new: Tables, link: int, numbers: dict[int, int]) -> None:
    bag, gen, mod = kind + "bag", kind + "gen", kind + "mod"
    for zone in zones:
        first_gen, first_mod = struct.unpack("<HH", old[bag][zone])
        end_gen, end_mod = struct.unpack("<HH", old[bag][zone + 1])
        new[bag].append(struct.pack("<HH", len(new[gen]), len(new[mod])))
        for row in old[gen][first_gen:end_gen]:
            operator, amount = struct.unpack("<HH", row)
            if operator == link:
                row = struct.pack("<HH", operator, numbers.setdefault(amount, len(numbers)))  # noqa: PLW2901 - the row renumbered
            new[gen].append(row)
        new[mod] += old[mod][first_mod:end_mod]


def _cut_samples(font: bytes, smpl: int, old: Tables, made: _Cut) -> None:
    for number in list(made.samples):
        row = old["shdr"][number]
        start, end, loop, loop_end, rate, key, cents, link, kind = struct.unpack("<IIIIIBbHH", row[20:])
        if kind & _COMPRESSED:
            # Loop points of a compressed sample count from its own start: they stay.
            place = len(made.data)
            made.data += font[smpl + start : smpl + end]
            where = (place, len(made.data), loop, loop_end)
        else:
            place = len(made.data) // 2
            made.data += font[smpl + 2 * start : smpl + 2 * end] + _SILENCE_AFTER_SAMPLE
            where = (place, place + end - start, place + loop - start, place + loop_end - start)
        packed = struct.pack("<IIIIIBbHH", *where, rate, key, cents, made.samples.get(link, 0), kind)
        made.tables["shdr"].append(row[:20] + packed)
    made.data += b"\0" * (len(made.data) & 1)


def _terminate(made: _Cut) -> None:
    tables = made.tables
    for name, word, bag in (("phdr", b"EOP", "pbag"), ("inst", b"EOI", "ibag"), ("shdr", b"EOS", "")):
        last = bytearray(_SIZES[name])
        last[:3] = word
        if bag:
            struct.pack_into("<H", last, 24 if name == "phdr" else 20, len(tables[bag]))
        tables[name].append(bytes(last))
    for kind in "pi":
        gens, mods = tables[kind + "gen"], tables[kind + "mod"]
        tables[kind + "bag"].append(struct.pack("<HH", len(gens), len(mods)))
        gens.append(bytes(4))
        mods.append(bytes(10))


def _packed(info: bytes, made: _Cut) -> bytes:
    pdta = b"".join(_chunk(name, b"".join(made.tables[name])) for name in _SIZES)
    sdta = b"sdta" + _chunk("smpl", bytes(made.data))
    lists = (b"INFO" + info, sdta, b"pdta" + pdta)
    return _chunk("RIFF", b"sfbk" + b"".join(_chunk("LIST", one) for one in lists))


def _chunk(name: str, data: bytes) -> bytes:
    return name.encode() + struct.pack("<I", len(data)) + data + b"\0" * (len(data) & 1)
