"""Errors as sentences at a terminal."""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping

from pipeline.errors import TaleCancelled, TaleError
from pipeline.wording import sentence, terminal_locale

# What a script may want to tell apart; every other code leaves with its kind's own number.
EXIT_CODES: Mapping[str, int] = {
    "prompt_empty": 10, "prompt_too_long": 11, "prompt_unfit": 12,
    "length_out_of_range": 13, "written_too_long": 27,
    "voice_unknown": 14, "language_unknown": 15, "style_unknown": 16, "file_missing": 17, "file_not_text": 18,
    "prompt_and_as_written": 19, "profile_unknown": 20, "setting_invalid": 21, "sound_unreadable": 22,
    "language_unspoken": 23, "recording_wordless": 24, "model_unlisted": 25, "nothing_to_speak": 26,
    "folder_refused": 30, "disk_full": 31, "disk_refused": 32, "disk_short": 33,
    "weights_missing": 40, "weights_damaged": 41, "registry_hangs": 42, "network_gone": 43, "offline": 44,
    "licence_unaccepted": 45, "model_unreadable": 46, "memory_short": 47, "budget_short": 48, "role_unserved": 49,
    "licence_noncommercial": 55, "hub_gated": 56,
    "source_changed": 50, "source_stalled": 51, "soundfont_missing": 52, "stick_incomplete": 53, "card_full": 54,
    "gpu_stack_missing": 57, "card_missing": 58,
}  # fmt: skip


def run(work: Callable[[], int], *, as_json: bool = False) -> int:
    """The verb's exit code; what went wrong is one sentence on standard error, in the terminal's language."""
    try:
        return work()
    except KeyboardInterrupt:
        return _say(TaleCancelled(), as_json)
    except TaleError as error:
        return _say(error, as_json)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


def exit_code(error: TaleError) -> int:
    """Its own number where it has one, else its kind's."""
    return EXIT_CODES.get(error.code, error.exit_code)


def _say(error: TaleError, as_json: bool) -> int:
    told = sentence(error, terminal_locale())
    if as_json:
        print(json.dumps({"error": error.code, "says": told, **{k: str(v) for k, v in error.fields.items()}}))
    print(told, file=sys.stderr)
    if os.environ.get("ECHOTALES_LOG_LEVEL", "").upper() == "DEBUG":
        traceback.print_exc()
    return exit_code(error)
