"""A message, as a client shows it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.discord_double.forms.components import SELECTS, Part, walk
from tests.discord_double.people import Message
from tests.discord_double.post import CDN, EPHEMERAL, LOADING
from tests.discord_double.refusal import Json
from tests.discord_double.world import World

THINKING = "is thinking..."


@dataclass(frozen=True)
class File:
    """An attachment, downloaded."""

    name: str
    media_type: str
    data: bytes
    duration_s: float | None = None  # voice messages only


@dataclass(frozen=True)
class Button:
    """A button on a message."""

    label: str  # its emoji where it has no words
    custom_id: str | None
    disabled: bool
    url: str | None


@dataclass(frozen=True)
class Menu:
    """A select menu on a message."""

    custom_id: str
    kind: int
    placeholder: str
    options: tuple[tuple[str, str], ...]  # label and value
    disabled: bool


class Shown:
    """One message before somebody's eyes; it changes as the message does."""

    def __init__(self, world: World, message: Message) -> None:
        self._world = world
        self.message = message

    @property
    def id(self) -> int:
        return self.message.id

    @property
    def content(self) -> str:
        return str(self.message.data["content"])

    @property
    def embeds(self) -> list[Json]:
        return list(self.message.data["embeds"])

    @property
    def ephemeral(self) -> bool:
        return bool(self.message.flags & EPHEMERAL)

    @property
    def loading(self) -> bool:
        return bool(self.message.flags & LOADING)

    @property
    def deleted(self) -> bool:
        return self.message.deleted

    @property
    def files(self) -> list[File]:
        listed = self.message.data["attachments"]
        return [_file(each, self._world.files[each["url"].removeprefix(CDN)]) for each in listed]

    @property
    def buttons(self) -> list[Button]:
        return [_button(each) for each in self._components() if each["type"] == Part.BUTTON]

    @property
    def menus(self) -> list[Menu]:
        return [_menu(each) for each in self._components() if each["type"] in SELECTS]

    @property
    def reactions(self) -> dict[str, int]:
        return {emoji: len(users) for emoji, users in self.message.reactions.items() if users}

    def button(self, label: str) -> Button:
        """The button whose label is, or holds, these words."""
        exact = [each for each in self.buttons if each.label == label]
        like = [each for each in self.buttons if label.lower() in each.label.lower()]
        found = exact or like
        assert found, f"no button {label!r} among {[each.label for each in self.buttons]}"
        return found[0]

    @property
    def text(self) -> str:
        """All that is to be read, top to bottom."""
        return "\n".join(self.lines())

    def lines(self) -> Iterator[str]:
        if self.loading:
            yield f"{self.message.data['author']['username']} {THINKING}"
        if self.content:
            yield self.content
        for embed in self.embeds:
            yield from _embed_lines(embed)
        yield from _component_lines(self.message.data["components"])
        for each in self.message.data["attachments"]:
            yield f"📎 {each['filename']} ({each['size']} bytes)"

    async def until(self, look: Callable[[Shown], object], *, within_s: float = 5.0, why: str = "") -> Shown:
        """Wait until the message looks so; NeverSeen when it does not in `within_s` real seconds."""

        def seen() -> Shown | None:
            return self if look(self) else None

        return await self._world.bell.until(seen, within_s=within_s, why=why or f"message:\n{self.text}")

    def _components(self) -> Iterator[Json]:
        return walk(self.message.data["components"])


def _file(about: Json, data: bytes) -> File:
    return File(about["filename"], about["content_type"] or "", data, about.get("duration_secs"))


def _button(part: Json) -> Button:
    label = part.get("label") or (part.get("emoji") or {}).get("name") or ""
    return Button(label, part.get("custom_id"), bool(part.get("disabled")), part.get("url"))


def _menu(part: Json) -> Menu:
    options = tuple((each["label"], each["value"]) for each in part.get("options") or [])
    return Menu(part["custom_id"], part["type"], part.get("placeholder") or "", options, bool(part.get("disabled")))


def _embed_lines(embed: Json) -> Iterator[str]:
    author, footer = embed.get("author") or {}, embed.get("footer") or {}
    for text in (author.get("name"), embed.get("title"), embed.get("description")):
        if text:
            yield text
    for field in embed.get("fields") or []:
        yield f"{field['name']}: {field['value']}"
    if footer.get("text"):
        yield footer["text"]


def _component_lines(components: list[Json]) -> Iterator[str]:
    for part in walk(components):
        if part["type"] == Part.TEXT:
            yield part["content"]
        elif part["type"] == Part.BUTTON:
            button = _button(part)
            yield f"({button.label})" if button.disabled else f"[{button.label}]"
        elif part["type"] in SELECTS:
            yield f"<{_menu(part).placeholder or 'Make a selection'}>"
        elif part["type"] == Part.SEPARATOR:
            yield "---"
