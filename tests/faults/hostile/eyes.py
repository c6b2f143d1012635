"""All that a bot shows, as it comes."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable

from bot.wording import said
from tests.discord_double.forms.components import walk
from tests.discord_double.members.shown import Shown
from tests.discord_double.people import Message
from tests.discord_double.refusal import Json
from tests.discord_double.world import World

TRACE = re.compile(r"Traceback \(most|File \".*\", line \d|\w+(?:Error|Exception): ")
PING = re.compile(r"<@[!&]?(\d+)>|@(everyone|here)")
LOCALES = ("en", "pt", "es", "fr", "de")
READABLE = (".txt", ".vtt", ".srt", ".html", ".json")
REMEMBERED = 80
"""Messages whose buttons may still be pressed, and custom ids that may be bent."""


class Eyes:
    """Every message and every state of it, in one server and in direct messages; what stands elsewhere is its own."""

    def __init__(self, world: World, server: int, secrets: Iterable[str], wished: set[int]) -> None:
        self._world, self._server = world, server
        self._secrets = tuple(secrets)
        self._wished = wished
        """Who asked to be told when their tale is done: the one ping there is."""
        self._broke = tuple(said("refusals.broke", locale, id="\0").split("\0")[0].strip() for locale in LOCALES)
        self.tracebacks = self.mentions = self.leaked_bytes = self.broke = 0
        self.told: list[str] = []
        """The first words of what should not have been said, for whoever mends it."""
        self.pressable: deque[Shown] = deque(maxlen=REMEMBERED)
        self.ids: deque[str] = deque(maxlen=REMEMBERED)

    def message(self, message: Message, form: Json) -> None:
        """Posted or edited; called by the double's post."""
        channel = self._world.channel(message.channel_id)
        if message.author_id not in self._world.applications or channel is None:
            return
        if channel.guild_id not in (None, self._server):
            return
        shown = Shown(self._world, message)
        self.text(_readable(shown))
        self.mentions += 0 if shown.ephemeral else len(_fired(shown.content, form) - self._wished_ids())
        ids = [part["custom_id"] for part in walk(message.data["components"]) if part.get("custom_id")]
        self.ids.extend(ids)
        if ids and all(one.id != shown.id for one in self.pressable):
            self.pressable.append(shown)

    def text(self, text: str) -> None:
        """Something that a member may read: a message, a suggestion, a form."""
        leaked = sum(len(secret) * text.count(secret) for secret in self._secrets)
        broke, trace = any(sentence in text for sentence in self._broke), bool(TRACE.search(text))
        self.leaked_bytes += leaked
        self.broke += broke
        self.tracebacks += trace
        if leaked or broke or trace:
            self.told.append(text[:300])

    def _wished_ids(self) -> set[str]:
        return {str(one) for one in self._wished}


def _fired(content: str, form: Json) -> set[str]:
    """Who is called: what stands there, as far as the message lets it."""
    named = {found[1] or found[2] for found in PING.finditer(content)}
    allowed = form.get("allowed_mentions")
    if allowed is None or allowed.get("parse"):
        return named
    return named & {*map(str, allowed.get("users") or ()), *map(str, allowed.get("roles") or ())}


def _readable(shown: Shown) -> str:
    files = [file for file in shown.files if file.name.endswith(READABLE)]
    names = [file.name for file in shown.files]
    menus = [label for menu in shown.menus for label, _ in menu.options]
    return "\n".join([shown.text, *names, *menus, *(file.data.decode("utf-8", "replace") for file in files)])
