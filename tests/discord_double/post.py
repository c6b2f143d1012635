"""Messages posted, edited, deleted, answered with reactions."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import dataclass

import av

from tests.discord_double import shapes
from tests.discord_double.people import Channel, Message, User
from tests.discord_double.refusal import Json
from tests.discord_double.world import Event, World

CDN = "https://cdn.discordapp.com"
LOADING, EPHEMERAL, SUPPRESS_EMBEDS, COMPONENTS_V2, VOICE_MESSAGE = 1 << 7, 1 << 6, 1 << 2, 1 << 15, 1 << 13
KEPT_FROM_THE_FORM = ("title", "description", "duration_secs", "waveform", "is_spoiler")
EDITABLE = ("content", "embeds", "components")
MENTION = re.compile(r"<@!?(\d+)>")


@dataclass(frozen=True)
class Upload:
    """One file of a multipart form."""

    field: str  # the form's name for it: files[0]
    name: str
    media_type: str
    data: bytes


class Post:
    """The post office: keeps messages and tells everybody about them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.watchers: list[Callable[[Message, Json], None]] = []  # told of every message and change, with its form

    def send(
        self,
        channel: Channel,
        author: User,
        form: Json,
        uploads: tuple[Upload, ...] = (),
        *,
        visible_to: int | None = None,
        extra: Json | None = None,
    ) -> Message:
        """Post a message whose form was found lawful."""
        number = self._world.mint.next()
        data = self._blank(number, channel, author, form) | (extra or {})
        message = Message(data, self._world.clock.now_s(), visible_to)
        self._attach(message, form, uploads, kept=[])
        self._world.messages[number] = message
        if visible_to is None:
            self._tell("MESSAGE_CREATE", message, channel, author)
        self._watched(message, form)
        self._world.bell.ring()
        return message

    def edit(self, message: Message, form: Json, uploads: tuple[Upload, ...] = ()) -> None:
        """Change what the form names, leave the rest; a thinking message is thought out."""
        message.data |= {key: form[key] or ([] if key != "content" else "") for key in EDITABLE if key in form}
        if "flags" in form:
            lasting = message.flags & ~SUPPRESS_EMBEDS
            message.data["flags"] = lasting | int(form["flags"] or 0) & (SUPPRESS_EMBEDS | COMPONENTS_V2)
        message.data["flags"] &= ~LOADING
        message.data["edited_timestamp"] = shapes.iso(self._world.clock.now_s())
        message.data["mentions"] = self._mentioned(message.data["content"])
        named = form.get("attachments")
        kept = message.data["attachments"]
        if named is not None:
            wanted = {str(each.get("id")) for each in named}
            kept = [each for each in kept if each["id"] in wanted]
        self._attach(message, form, uploads, kept)
        self._watched(message, form)
        self._tell_of("MESSAGE_UPDATE", message)

    def delete(self, message: Message) -> None:
        message.deleted = True
        channel = self._world.channel(message.channel_id)
        if channel is not None and message.visible_to is None:
            gone = {"id": str(message.id), "channel_id": str(channel.id)}
            data = gone | ({"guild_id": str(channel.guild_id)} if channel.guild_id else {})
            self._world.emit(Event("MESSAGE_DELETE", data, channel.guild_id, channel_id=channel.id))
        self._world.bell.ring()

    def react(self, message: Message, who: User, emoji: str, *, add: bool) -> None:
        users = message.reactions.setdefault(emoji, [])
        if add == (who.id in users):
            return
        (users.append if add else users.remove)(who.id)
        channel = self._world.channel(message.channel_id)
        assert channel is not None
        data: Json = {
            "user_id": str(who.id),
            "channel_id": str(channel.id),
            "message_id": str(message.id),
            "emoji": shapes.emoji(emoji),
            "burst": False,
            "type": 0,
        }
        if channel.guild_id is not None:
            data["guild_id"] = str(channel.guild_id)
            member = self._world.guilds[channel.guild_id].members.get(who.id)
            data |= {"member": shapes.member(member)} if add and member else {}
        name = "MESSAGE_REACTION_ADD" if add else "MESSAGE_REACTION_REMOVE"
        self._world.emit(Event(name, data, channel.guild_id, channel_id=channel.id))

    def _watched(self, message: Message, form: Json) -> None:
        for watcher in self.watchers:
            watcher(message, form)

    def _blank(self, number: int, channel: Channel, author: User, form: Json) -> Json:
        content = form.get("content") or ""
        data: Json = {
            "id": str(number),
            "channel_id": str(channel.id),
            "author": shapes.user(author),
            "content": content,
            "timestamp": shapes.iso(self._world.clock.now_s()),
            "edited_timestamp": None,
            "tts": bool(form.get("tts")),
            "mention_everyone": False,
            "mentions": self._mentioned(content),
            "mention_roles": [],
            "attachments": [],
            "embeds": form.get("embeds") or [],
            "components": form.get("components") or [],
            "pinned": False,
            "type": 0,
            "flags": int(form.get("flags") or 0),
        }
        if form.get("nonce") is not None:
            data["nonce"] = form["nonce"]
        if author.bot:
            data["application_id"] = str(author.id)
        return data | self._reference(channel, form)

    def _reference(self, channel: Channel, form: Json) -> Json:
        reference = form.get("message_reference")
        if not reference:
            return {}
        known = {"channel_id": str(channel.id), "guild_id": channel.guild_id and str(channel.guild_id)}
        original = self._world.messages.get(int(reference["message_id"]))
        return {"type": 19, "message_reference": known | reference, "referenced_message": original and original.data}

    def _mentioned(self, content: str) -> list[Json]:
        users = self._world.users
        return [shapes.user(users[int(each)]) for each in MENTION.findall(content) if int(each) in users]

    def _attach(self, message: Message, form: Json, uploads: tuple[Upload, ...], kept: list[Json]) -> None:
        said = {str(each.get("id")): each for each in form.get("attachments") or []}
        for upload in uploads:
            index = re.search(r"\d+", upload.field)
            about = said.get(index[0], {}) if index else {}
            kept = [*kept, self._keep(message.channel_id, upload, about)]
        message.data["attachments"] = kept

    def _keep(self, channel_id: int, upload: Upload, about: Json) -> Json:
        number = self._world.mint.next()
        path = f"/attachments/{channel_id}/{number}/{upload.name}"
        self._world.files[path] = upload.data
        return {
            "id": str(number),
            "filename": upload.name,
            "size": len(upload.data),
            "url": CDN + path,
            "proxy_url": "https://media.discordapp.net" + path,
            "content_type": upload.media_type,
            **_picture_size(upload),
            **{key: about[key] for key in KEPT_FROM_THE_FORM if key in about},
        }

    def _tell_of(self, name: str, message: Message) -> None:
        channel = self._world.channel(message.channel_id)
        if channel is not None and message.visible_to is None:
            self._tell(name, message, channel, self._world.users[message.author_id])
        self._world.bell.ring()

    def _tell(self, name: str, message: Message, channel: Channel, author: User) -> None:
        data = message.data
        if channel.guild_id is not None:
            data = data | {"guild_id": str(channel.guild_id)}
            member = self._world.guilds[channel.guild_id].members.get(author.id)
            if member is not None:
                shape = shapes.member(member)
                data |= {"member": {key: shape[key] for key in shape if key != "user"}}
        self._world.emit(Event(name, data, channel.guild_id, channel_id=channel.id))


def _picture_size(upload: Upload) -> Json:
    """Width and height, as Discord finds them out by looking at the picture."""
    if not upload.media_type.startswith("image/"):
        return {}
    try:
        with av.open(io.BytesIO(upload.data)) as picture:
            seen = picture.streams.video[0]
            return {"width": seen.width, "height": seen.height}
    except (av.FFmpegError, IndexError):
        return {}
