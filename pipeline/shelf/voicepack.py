"""Voices packed into one file."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath

# One fixed moment, so that the same voices give the same bytes wherever they are packed.
_MOMENT = (1980, 1, 1, 0, 0, 0)
_ROW = 256
"""Numbers of one style vector, float32."""


def packed(voices: Mapping[str, bytes]) -> bytes:
    """Raw float32 style tables by file name as an .npz of (rows, 1, 256); byte-equal for equal voices."""
    pack = io.BytesIO()
    with zipfile.ZipFile(pack, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(voices):
            info = zipfile.ZipInfo(f"{PurePosixPath(name).stem}.npy", _MOMENT)
            info.create_system = 3
            archive.writestr(info, _npy(voices[name]))
    return pack.getvalue()


def _npy(raw: bytes) -> bytes:
    """The format's version 1.0, written out: a library's next release may pad its header otherwise."""
    rows = len(raw) // (4 * _ROW)
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, 1, {_ROW}), }}"
    padded = header + " " * (-(len(header) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + len(padded).to_bytes(2, "little") + padded.encode("latin-1") + raw
