"""An event loop that is answered at once."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_S = 0.0005
"""For so long another thread may keep the interpreter from the loop; Python's own 5 ms count once for each thread."""


@contextmanager
def attentive() -> Iterator[None]:
    """While the block lasts, whoever works beside the loop gives way to it soon."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(_SWITCH_S)
    try:
        yield
    finally:
        sys.setswitchinterval(before_s)


def settled() -> None:
    """All that is here stays: each look through thousands of servers for rubbish would hold the loop."""
    gc.freeze()


def unsettled() -> None:
    """What stood may go again."""
    gc.unfreeze()
