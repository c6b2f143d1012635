#!/usr/bin/env python3
"""The front door: a verb finds its room."""

# The standard library alone, and nothing newer than Python 3.8 can read: it must be able to say which Python would do.
from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).resolve().parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

from pipeline.cli import environment, handover, pythons  # noqa: E402 - the checkout must be on the path first

UNKNOWN_VERB, NO_PYTHON, INTERRUPTED = 2, 10, 130


class Verb(NamedTuple):
    """What somebody may type, and which room answers."""

    module: str
    """Offers `main(argv) -> int`; `*` stands for the verb's first word."""
    help: str
    layers: tuple[str, ...] = ("base",)
    """What must be installed, by the names of data/locks."""
    also: str = ""
    """A room of the other wing whose `findings()` are handed in."""


DEVELOPER = ("base", "dev")
VERBS: dict[str, Verb] = {
    "tell": Verb("pipeline.cli.tell", 'tell a tale: tell "A lighthouse keeper befriends a storm"'),
    "feel": Verb("pipeline.cli.feel", "read the mood of a text or of a recording"),
    "hear": Verb("pipeline.cli.hear", "transcribe a recording and read the mood of its voice"),
    "speak": Verb("pipeline.cli.speak", "speak a text with one of the voices"),
    "frames": Verb("pipeline.cli.frames", "list the tales' frames, or check one: frames check afraid --language en"),
    "music": Verb("pipeline.cli.music", "compose music for a mood"),
    "voices": Verb("pipeline.cli.voices", "list the voices"),
    "models": Verb("pipeline.cli.models", "list, pull, verify, export or import the weights; show their licences"),
    "doctor": Verb(
        "pipeline.cli.doctor",
        "check this machine, and say what is missing and how to get it",
        also="bot.maintenance.health",
    ),
    "bot": Verb("bot.cli", "tell tales on Discord; needs a token"),
    "serve": Verb("bot.web.verb_serve", "open an HTTP API, a player and a studio page for browsers"),
    "keys": Verb("bot.web.verb_keys", "make, list and remove the keys of the HTTP API"),
    "setup": Verb("bot.maintenance.setup", "write .env: asks five questions and tries the token"),
    "worker": Verb("pipeline.cli.worker", "run a worker: it makes the tales that the bot is asked for"),
    "backup": Verb("bot.library.verb_backup", "save tales, settings, voices and sounds in one file"),
    "restore": Verb("bot.library.verb_restore", "restore a backup, without what was erased since"),
    "status": Verb("bot.observability.verb_status", "say whether the bot runs and is well"),
    "service": Verb("bot.maintenance.verb_service", "run the bot at every start: service install, service remove"),
    "update": Verb("bot.maintenance.verb_update", "back up, update, check; go back if the new version does not work"),
    "uninstall": Verb("bot.maintenance.verb_uninstall", "list all that is on this machine, and remove it"),
    "privacy": Verb("bot.privacy.verb_privacy", "show, export or erase what is kept of a member; make a key"),
    "sandbox": Verb("tests.discord_double.sandbox", "open a small imitation of Discord in the browser; needs no token"),
    "test": Verb("tests.checks", "run the tests of every day; --all: every test", DEVELOPER),
    "bench": Verb("tests.bench.*", "measure: bench NAME", DEVELOPER),
    "lock": Verb("tests.locks", "write data/locks anew from pyproject.toml", DEVELOPER),
}


def main(argv: list[str]) -> int:
    """Answer for one command line; the exit code is the room's own."""
    _speak_utf8()
    extra, words = _extra(argv)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_help())
        return 0
    verb = VERBS.get(words[0])
    if verb is None:
        return _unknown(words[0])
    try:
        return _enter(verb, words, extra)
    except KeyboardInterrupt:
        print("\nechotales: stopped.", file=sys.stderr)
        return INTERRUPTED
    except environment.CannotInstall as error:
        print(f"echotales: {error}", file=sys.stderr)
        return error.exit_code


def _enter(verb: Verb, words: list[str], extra: tuple[str, ...]) -> int:
    """Run the verb's room here if this is its Python; else make the environment and hand over."""
    layers = (*verb.layers, *extra)
    if environment.is_ready(layers):
        return _room(verb, words) if environment.is_this() else handover.to(environment.PYTHON, _again(words, extra))
    unfit = pythons.why_unfit()
    if unfit and not environment.is_this():
        return _with_another_python(unfit, words, extra)
    environment.make_ready(layers)
    return _room(verb, words) if environment.is_this() else handover.to(environment.PYTHON, _again(words, extra))


def _with_another_python(unfit: str, words: list[str], extra: tuple[str, ...]) -> int:
    other = pythons.fitting() if pythons.machine_fits() else None
    if other is None:
        print(f"echotales: {unfit}", file=sys.stderr)
        return NO_PYTHON
    print(f"echotales: this is Python {sys.version.split()[0]}; going on with {other}.", file=sys.stderr)
    return handover.to(other, _again(words, extra))


def _again(words: list[str], extra: tuple[str, ...]) -> list[str]:
    return [str(HERE / "echotales.py"), *(["--extra", ",".join(extra)] if extra else []), *words]


def _room(verb: Verb, words: list[str]) -> int:
    name, rest = words[0], words[1:]
    module = verb.module
    if module.endswith("*"):
        if not rest or not (HERE / module.replace(".", "/").replace("*", rest[0] + ".py")).is_file():
            print(f"echotales: {name} takes one of: {', '.join(_rooms(module))}", file=sys.stderr)
            return UNKNOWN_VERB
        module, rest = module.replace("*", rest[0]), rest[1:]
    main = importlib.import_module(module).main
    return int(main(rest, importlib.import_module(verb.also).findings()) if verb.also else main(rest))


def _rooms(module: str) -> list[str]:
    folder = HERE.joinpath(*module.split(".")[:-1])
    return sorted(path.stem for path in folder.glob("*.py") if not path.stem.startswith("_"))


def _extra(argv: list[str]) -> tuple[tuple[str, ...], list[str]]:
    """`--extra gpu,fast` may stand anywhere; ECHOTALES_EXTRA in the environment or .env says the same for good."""
    words = list(argv)
    named = environment.wanted_extra()
    if "--extra" in words and words.index("--extra") + 1 < len(words):
        place = words.index("--extra")
        named = words[place + 1]
        del words[place : place + 2]
    return tuple(name for name in named.split(",") if name), words


def _speak_utf8() -> None:
    """A Windows console, or a bare locale, still prints every alphabet a tale may use."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def _help() -> str:
    lines = [f"  {name:<9} {verb.help}" for name, verb in VERBS.items()]
    return "\n".join(
        [
            "EchoTales turns a prompt or a voice into a narrated, scored tale.",
            "",
            "usage: python3 echotales.py [--extra gpu,fast] VERB ...",
            "",
            *lines,
            "",
            "`VERB --help` tells more. The first use makes .venv and installs what data/locks names.",
        ]
    )


def _unknown(word: str) -> int:
    import difflib  # here, since only a slip of the finger pays for it

    near: str | None = next(iter(difflib.get_close_matches(word, VERBS, 1)), None)
    hint = f"Did you mean {near}?" if near else "See python3 echotales.py --help."
    print(f"echotales: there is no verb {word}. {hint}", file=sys.stderr)
    return UNKNOWN_VERB


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
