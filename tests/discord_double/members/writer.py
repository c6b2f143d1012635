"""A person at the keyboard."""

from __future__ import annotations

from collections.abc import Callable

from tests.discord_double.forms.components import SELECTS, Part, walk
from tests.discord_double.house import House
from tests.discord_double.interactions import Asked, Interaction
from tests.discord_double.members.asking import Attachment, NotOffered, command_data, find_command, resolve_user
from tests.discord_double.members.reply import Reply
from tests.discord_double.members.shown import Shown
from tests.discord_double.people import Application, Channel, Message, User
from tests.discord_double.permissions import May
from tests.discord_double.post import Upload
from tests.discord_double.refusal import Json
from tests.discord_double.world import World

MENU_TARGETS = {"user": 2, "message": 3}


class Writer:
    """Types commands, presses buttons, fills forms, and sees what a client would show."""

    def __init__(self, house: House, user: User, channel: Channel) -> None:
        self._house = house
        self.user = user
        self.channel = channel  # the one open before this person

    @property
    def world(self) -> World:
        return self._house.world

    @property
    def id(self) -> int:
        return self.user.id

    def opens(self, channel: Channel) -> None:
        """Look at another channel from now on."""
        if not self.world.may(self.id, channel) & May.VIEW_CHANNEL:
            raise NotOffered(f"{self.user.name} cannot see #{channel.name}")
        self.channel = channel

    def installs(self, bot: Application) -> None:
        """Have a bot at hand everywhere from now on, also where it is no member."""
        self.user.apps.add(bot.id)

    async def tale(self, text: str | None = None, **options: object) -> Reply:
        """/tale, its first option filled with `text`."""
        bot, command = find_command(self.world, self.channel, self.user, "tale")
        first = next((each["name"] for each in command.get("options") or []), None)
        filled = {first: text} | options if text is not None and first else options
        return await self._invoke(bot, command, [], filled)

    async def slash(self, command: str, /, **options: object) -> Reply:
        """Any command: "voice", "voice clone" ..., answered or three seconds late."""
        name, *path = command.split()
        bot, found = find_command(self.world, self.channel, self.user, name)
        return await self._invoke(bot, found, path, options)

    async def context(self, name: str, target: Shown | User) -> Reply:
        """A command of the context menu of a message or a user."""
        kind = MENU_TARGETS["message" if isinstance(target, Shown) else "user"]
        bot, command = find_command(self.world, self.channel, self.user, name, kind)
        data: Json = {"id": command["id"], "name": name, "type": kind, "resolved": {}, "target_id": str(target.id)}
        if isinstance(target, Shown):
            data["resolved"]["messages"] = {str(target.id): target.message.data}
        else:
            resolve_user(self.world, self.channel, target, data["resolved"])
        return await self._ask(Asked.COMMAND, bot, data)

    async def typing(self, command: str, option: str, so_far: str, **options: object) -> list[Json]:
        """What is suggested while an option is being typed: name and value each."""
        name, *path = command.split()
        bot, found = find_command(self.world, self.channel, self.user, name)
        data = command_data(self.world, self.channel, found, path, {**options, option: so_far}, typing=option)
        return (await self._ask(Asked.AUTOCOMPLETE, bot, data)).asked.choices

    async def press(self, label: str, on: Shown | None = None) -> Reply:
        """Press a button, on the newest message that has it unless told which."""
        shown = on or self._newest(lambda seen: _has_button(seen, label), f"a button {label!r}")
        button = shown.button(label)
        if button.disabled or button.custom_id is None:
            raise NotOffered(f"{button.label!r} cannot be pressed")
        return await self._use(shown, {"custom_id": button.custom_id, "component_type": int(Part.BUTTON)})

    async def choose(self, *labels: str, on: Shown | None = None, menu: str | None = None) -> Reply:
        """Choose by label in a select menu, on the newest message with one unless told which."""
        shown = on or self._newest(lambda seen: bool(seen.menus), "a menu")
        found = next((each for each in shown.menus if menu in (None, each.custom_id, each.placeholder)), None)
        if found is None or found.disabled:
            raise NotOffered(f"no menu {menu!r} to choose from")
        values = dict(found.options)
        if strange := [each for each in labels if values and each not in values]:
            raise NotOffered(f"{strange} is not among {sorted(values)}")
        chosen = [values.get(each, each) for each in labels]
        return await self._use(shown, {"custom_id": found.custom_id, "component_type": found.kind, "values": chosen})

    async def submits(self, reply: Reply, **filled: str) -> Reply:
        """Fill in the modal that a reply opened and send it."""
        data = {"custom_id": (reply.modal or {}).get("custom_id"), "components": reply.fields(filled)}
        source = reply.asked.source
        return await self._ask(Asked.MODAL, reply.asked.application, data, source)

    def writes(self, content: str, *files: Attachment, in_: Channel | None = None) -> Shown:
        """Post a message."""
        channel = in_ or self.channel
        if not self.world.may(self.id, channel) & May.SEND_MESSAGES:
            raise NotOffered(f"{self.user.name} cannot write in #{channel.name}")
        uploads = tuple(Upload(f"files[{at}]", each.name, each.kind, each.data) for at, each in enumerate(files))
        message = self._house.post.send(channel, self.user, {"content": content}, uploads)
        return Shown(self.world, message)

    def reacts(self, shown: Shown, emoji: str, *, takes_back: bool = False) -> None:
        self._house.post.react(shown.message, self.user, emoji, add=not takes_back)

    def deletes(self, shown: Shown) -> None:
        self._house.post.delete(shown.message)

    def screen(self, channel: Channel | None = None) -> list[Shown]:
        """The messages this person sees in a channel, oldest first."""
        room = channel or self.channel
        seen = self.world.messages_of(room.id) if self.world.may(self.id, room) & May.VIEW_CHANNEL else ()
        return [Shown(self.world, each) for each in seen if each.visible_to in (None, self.id)]

    def direct(self, bot: Application) -> list[Shown]:
        """The direct messages with a bot."""
        return self.screen(self.world.conversation(self.user, bot.user))

    async def sees(self, text: str, *, within_s: float = 5.0, in_: Channel | None = None) -> Shown:
        """Wait until a message with these words is on the screen."""

        def found() -> Shown | None:
            return next((each for each in reversed(self.screen(in_)) if text in each.text), None)

        return await self.world.bell.until(found, within_s=within_s, why=f"{self.user.name} sees {text!r}")

    async def _invoke(self, bot: Application, command: Json, path: list[str], options: dict[str, object]) -> Reply:
        data = command_data(self.world, self.channel, command, path, options)
        return await self._ask(Asked.COMMAND, bot, data)

    async def _use(self, shown: Shown, data: Json) -> Reply:
        bot = self.world.applications[shown.message.author_id]
        found = next(
            each for each in walk(shown.message.data["components"]) if each.get("custom_id") == data["custom_id"]
        )
        _resolve_choices(self.world, self.channel, data)
        return await self._ask(Asked.COMPONENT, bot, data | {"id": found.get("id", 0)}, shown.message)

    async def _ask(self, kind: Asked, bot: Application, data: Json, source: Message | None = None) -> Reply:
        interactions = self._house.interactions
        asked: Interaction = interactions.ask(kind, bot, self.user, self.channel, data, source)
        return await Reply(self.world, interactions, asked).answered()

    def _newest(self, look: Callable[[Shown], bool], what: str) -> Shown:
        found = next((each for each in reversed(self.screen()) if look(each)), None)
        if found is None:
            raise NotOffered(f"{what} is nowhere to be seen:\n" + "\n".join(each.text for each in self.screen()))
        return found


def _has_button(seen: Shown, label: str) -> bool:
    return any(label.lower() in each.label.lower() and each.custom_id for each in seen.buttons)


def _resolve_choices(world: World, channel: Channel, data: Json) -> None:
    """Menus of people and channels send what was chosen along."""
    if data["component_type"] not in SELECTS or data["component_type"] == Part.STRING_SELECT:
        return
    resolved: Json = {}
    for each in data["values"]:
        if int(each) in world.users:
            resolve_user(world, channel, world.users[int(each)], resolved)
    data["resolved"] = resolved
