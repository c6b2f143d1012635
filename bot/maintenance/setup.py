"""Asks five questions and writes .env."""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bot.maintenance.health import examined
from bot.wording import said
from pipeline.places import CHECKOUT, Places
from pipeline.settings import PREFIX, Settings, read_settings
from pipeline.whole_file import write_whole
from pipeline.wording import terminal_locale
from pipeline.words.finding import Finding, Grade

Ask = Callable[[str], str]
Examine = Callable[[Settings, str], list[Finding]]
_TRIES = 3
DOCTOR_S = 60.0


@dataclass(frozen=True)
class Question:
    """A question, with the flag that answers it beforehand."""

    name: str
    """The setting's name, and the sentence's under [setup]."""
    flag: str
    default: str = ""


def questions(settings: Settings) -> tuple[Question, ...]:
    """Return the questions; present settings are their defaults."""
    return (
        Question("token", "--token", settings.token),
        Question("profile", "--profile", settings.profile),
        Question("home", "--home", str(Places.here().home)),
        Question("artifacts_gb", "--artifacts-gb", f"{settings.artifacts_gb:g}"),
        Question("extra", "--extra-stack", settings.extra),
    )


def main(
    argv: Sequence[str],
    ask: Ask = input,
    examine: Examine | None = None,
    file: Path = CHECKOUT / ".env",
    better: Callable[[], str] | None = None,
) -> int:
    """Run the verb `setup`: ask at a terminal, take flags and defaults elsewhere."""
    settings, locale = read_settings(file=file), terminal_locale()
    asked = questions(settings)
    args = _parser(asked).parse_args(argv)
    silent = args.yes or (ask is input and not sys.stdin.isatty())
    answers = {one.name: _answer(one, getattr(args, one.name), ask, locale, silent=silent) for one in asked}
    found = _tried(answers, settings, ask, examine or _examined, locale, silent=silent)
    defaults = {one.name: one.default for one in asked if one.name == "home"}
    _write(file, {name: value for name, value in answers.items() if value and value != defaults.get(name)})
    for one in found:
        print(f"{one.says}{'  ' + one.mend if one.mend else ''}")
    print(said("setup.written", locale, file=file.name))
    print((better or better_writer)() or said("setup.better_writer", locale))
    return int(any(one.grade is Grade.ILL for one in found))


def better_writer() -> str:
    """Return what better writer fits this machine, how large it is and what takes it up; empty where none is known.

    The verb `doctor` looks, as the settings are that were just written.
    """
    command = (sys.executable, str(CHECKOUT / "echotales.py"), "doctor", "--json")
    try:
        looked = subprocess.run(command, cwd=CHECKOUT, capture_output=True, timeout=DOCTOR_S, check=False)
        found = [one for one in json.loads(looked.stdout)["findings"] if one["name"] == "writer"]
    except (subprocess.SubprocessError, ValueError, KeyError, OSError):
        return ""
    return "\n".join(f"{one['says']}  {one['mend']}".rstrip() for one in found)


def _parser(asked: Sequence[Question]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="echotales.py setup", description="Create .env: five questions, or flags.")
    for one in asked:
        parser.add_argument(one.flag, dest=one.name, help=said(f"setup.{one.name}"))
    parser.add_argument("--yes", action="store_true", help="ask nothing; take flags and defaults")
    return parser


def _answer(question: Question, given: str | None, ask: Ask, locale: str, *, silent: bool) -> str:
    if given is not None:
        return given.strip()
    if silent:
        return question.default
    shown = "•••" if question.name == "token" and question.default else question.default
    return ask(f"{said(f'setup.{question.name}', locale)} [{shown}] ").strip() or question.default


def _tried(
    answers: dict[str, str], settings: Settings, ask: Ask, examine: Examine, locale: str, *, silent: bool
) -> list[Finding]:
    """Try the token at once; a wrong one may be given again."""
    for attempt in range(_TRIES):
        found = examine(replace(settings, token=answers["token"]), locale)
        wrong = [one for one in found if one.grade is Grade.ILL]
        if not wrong or silent or attempt == _TRIES - 1:
            return found
        print(wrong[0].says)
        answers["token"] = ask(f"{said('setup.token', locale)} ").strip() or answers["token"]
    return []


def _examined(settings: Settings, locale: str) -> list[Finding]:
    return asyncio.run(examined(settings, locale))


def _write(file: Path, answers: dict[str, str]) -> None:
    """Write .env readable by its owner alone: present lines are changed in place, new ones added at the end."""
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    for name, value in answers.items():
        key = PREFIX + name.upper()
        at = next((nth for nth, line in enumerate(lines) if line.split("=")[0].strip() == key), len(lines))
        lines[at : at + 1] = [f"{key}={value}"]
    write_whole(file, "\n".join(lines) + "\n", private=True)
