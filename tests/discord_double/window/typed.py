"""A typed line, read as a command."""

from __future__ import annotations

import re

from tests.discord_double.forms.command import GROUP, SUBCOMMAND, Option
from tests.discord_double.members.asking import Attachment
from tests.discord_double.refusal import Json

TRUE = ("true", "yes", "on", "1")
GIVEN = re.compile(r"(?:^|\s)([^\s:]{1,32}):\s*")


def read_line(line: str, commands: list[Json], files: list[Attachment]) -> tuple[str, dict[str, object]]:
    """ "/tale a fox mood: eerie" as the command's path and its options; free words fill the first text option."""
    words = line.removeprefix("/").split(" ")
    command = next((each for each in commands if each["name"] == words[0]), None)
    options, path, rest = (command or {}).get("options") or [], words[:1], words[1:]
    while rest and (inner := _subcommand(options, rest[0])) is not None:
        path, rest, options = [*path, rest[0]], rest[1:], inner.get("options") or []
    return " ".join(path), _options(" ".join(rest), options, files)


def _subcommand(options: list[Json], word: str) -> Json | None:
    return next((each for each in options if each["name"] == word and each["type"] in (SUBCOMMAND, GROUP)), None)


def _options(text: str, options: list[Json], files: list[Attachment]) -> dict[str, object]:
    known = {each["name"]: each for each in options}
    marks = [each for each in GIVEN.finditer(text) if each[1] in known]
    free = text[: marks[0].start()] if marks else text
    given: dict[str, object] = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=False):
        said = text[mark.end() : following.start() if following else None]
        given[mark[1]] = _value(known[mark[1]], said.strip())
    first = next(
        (each["name"] for each in options if each["type"] == Option.STRING and each["name"] not in given), None
    )
    if free.strip() and first:
        given[first] = free.strip()
    wanting = [each["name"] for each in options if each["type"] == Option.ATTACHMENT]
    return given | dict(zip(wanting, files, strict=False))


def _value(option: Json, said: str) -> object:
    if option["type"] == Option.INTEGER:
        return int(said)
    if option["type"] == Option.NUMBER:
        return float(said)
    if option["type"] == Option.BOOLEAN:
        return said.lower() in TRUE
    chosen = next((each["value"] for each in option.get("choices") or [] if each["name"] == said), None)
    return said if chosen is None else chosen
