"""What can go wrong, as codes.

TaleError          a code and fields; each face says the sentence from data/languages/*/interface.toml
  Refused          the wish itself cannot be met: say what to change          exit 2
  Missing          weights, voice, model or setting that is not there         exit 3
  Unwell           the machine or a neighbour failed: disk, network, memory   exit 4
  TooBig           a model does not fit its device                            exit 4
  Damaged          a file is not what it should be                            exit 5
  Unreachable      no source could be reached                                 exit 6
  Stalled          a source took the call and then said nothing               exit 7
  TaleCancelled    somebody asked to stop                                     exit 130
"""

from __future__ import annotations

from typing import Any, ClassVar


class TaleError(Exception):
    """Something went wrong; `code` names the sentence, `fields` fill it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code, fields)
        self.code = code
        self.fields = fields

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value}" for name, value in self.fields.items())
        return f"{self.code}({told})"


class Refused(TaleError):
    """The wish cannot be met as it stands."""

    exit_code = 2


class Missing(TaleError):
    """Something that is needed is not on this machine."""

    exit_code = 3


class Unserved(Missing):
    """No model here plays the role, or none that meets what the borrower needs."""


class Unwell(TaleError):
    """The machine, the disk or the network failed us."""

    exit_code = 4


class TooBig(Unwell):
    """A model does not fit beside what is pinned."""


class Damaged(TaleError):
    """A file of ours is truncated or changed; the fields name it and the mending command."""

    exit_code = 5


class Unreachable(TaleError):
    """Nothing that could give it answered, or all said no."""

    exit_code = 6


class Stalled(Unreachable):
    """A registry or hub hangs."""

    exit_code = 7


class TaleCancelled(TaleError):
    """Raised by `check()` once somebody asked to stop."""

    exit_code = 130

    def __init__(self) -> None:
        super().__init__("cancelled")
