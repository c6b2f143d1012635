"""Interactions: asked by members, answered by bots."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from enum import IntEnum

from tests.discord_double import refusal, shapes
from tests.discord_double.forms import components
from tests.discord_double.forms import message as message_form
from tests.discord_double.forms.command import CHOICES_MOST, check_choice
from tests.discord_double.people import Application, Channel, Message, User
from tests.discord_double.permissions import May
from tests.discord_double.post import EPHEMERAL, LOADING, Post, Upload
from tests.discord_double.refusal import Form, Json
from tests.discord_double.world import Event, World

ANSWER_WITHIN_S = 3.0
TOKEN_LIVES_S = 15 * 60.0
MOST_ELSEWHERE = 5
"""Follow-ups where the bot is no member."""
BY_USER = May.EMBED_LINKS | May.ATTACH_FILES
"""What a bot may where it is no member: answer, as its user could."""


class Asked(IntEnum):
    """Interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """Callback types."""

    MESSAGE = 4
    LATER = 5
    UPDATE_LATER = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


LAWFUL = {
    Asked.COMMAND: (Answer.MESSAGE, Answer.LATER, Answer.MODAL),
    Asked.COMPONENT: (Answer.MESSAGE, Answer.LATER, Answer.UPDATE_LATER, Answer.UPDATE, Answer.MODAL),
    Asked.AUTOCOMPLETE: (Answer.CHOICES,),
    Asked.MODAL: (Answer.MESSAGE, Answer.LATER, Answer.UPDATE_LATER, Answer.UPDATE),
}


@dataclass
class Interaction:
    """One thing a member asked of a bot, and what came of it."""

    id: int
    token: str
    kind: Asked
    application: Application
    user: User
    channel: Channel
    data: Json
    born_s: float
    source: Message | None = None  # the message whose component was used
    answer: Answer | None = None
    answered_s: float | None = None
    message: Message | None = None  # what @original names
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    followups: list[Message] = field(default_factory=list)
    followed_up: int = 0


class Interactions:
    """Keeps the interactions and their two deadlines: three seconds to answer, fifteen minutes to go on."""

    def __init__(self, world: World, post: Post) -> None:
        self._world = world
        self._post = post
        self.by_token: dict[str, Interaction] = {}

    def ask(
        self,
        kind: Asked,
        application: Application,
        user: User,
        channel: Channel,
        data: Json,
        source: Message | None = None,
    ) -> Interaction:
        """Let a member ask: the bot is told over its gateway."""
        token = secrets.token_urlsafe(48)
        now_s = self._world.clock.now_s()
        number = self._world.mint.next()
        asked = Interaction(number, token, kind, application, user, channel, data, now_s, source)
        self.by_token[token] = asked
        inside = self._world.is_inside(application, channel)
        guild_id = channel.guild_id if inside else None  # whoever is no member there hears of this alone
        self._world.emit(Event("INTERACTION_CREATE", self._shape(asked), guild_id, only=application.id))
        return asked

    def is_late(self, asked: Interaction) -> bool:
        """Whether the three seconds went by without an answer."""
        return asked.answer is None and self._world.clock.now_s() - asked.born_s > ANSWER_WITHIN_S

    def respond(self, asked: Interaction, form: Json, uploads: tuple[Upload, ...]) -> None:
        """The first answer, given within three seconds, once."""
        if asked.answer is not None:
            raise refusal.ALREADY_ACKNOWLEDGED
        if self.is_late(asked):
            raise refusal.UNKNOWN_INTERACTION
        sheet = Form()
        sheet.choice("type", form.get("type"), tuple(int(each) for each in LAWFUL[asked.kind]))
        sheet.check()
        answer = Answer(int(form["type"]))
        self._enact(asked, answer, form.get("data") or {}, uploads)
        asked.answer, asked.answered_s = answer, self._world.clock.now_s()
        self._world.bell.ring()

    def follow_up(self, asked: Interaction, form: Json, uploads: tuple[Upload, ...]) -> Message:
        """A further message; the first one after a deferral fills the thinking message."""
        self._check_alive(asked)
        message_form.check_new(form, uploads, self._limit(asked))
        if asked.followed_up == MOST_ELSEWHERE and not self._world.is_inside(asked.application, asked.channel):
            raise refusal.TOO_MANY_FOLLOW_UPS
        asked.followed_up += 1
        if asked.answer is Answer.LATER and asked.message and asked.message.flags & LOADING:
            self._post.edit(asked.message, form, uploads)
            return asked.message
        fresh = self._send(asked, form, uploads, reply_to=asked.message)
        asked.followups.append(fresh)
        return fresh

    def find(self, asked: Interaction, name: str) -> Message:
        """The message that @original or an id names under this token."""
        self._check_alive(asked)
        theirs = [*asked.followups, *([asked.message] if asked.message else [])]
        if name == "@original":
            theirs = [asked.message] if asked.message else []
        found = [each for each in theirs if name in ("@original", str(each.id)) and not each.deleted]
        if not found:
            raise refusal.UNKNOWN_MESSAGE
        return found[0]

    def edit(self, asked: Interaction, message: Message, form: Json, uploads: tuple[Upload, ...]) -> None:
        message_form.check_edit(message, form, uploads, self._limit(asked))
        self._post.edit(message, form, uploads)

    def _check_alive(self, asked: Interaction) -> None:
        if self._world.clock.now_s() - asked.born_s > TOKEN_LIVES_S:
            raise refusal.INVALID_TOKEN
        if asked.answer is None:
            raise refusal.UNKNOWN_WEBHOOK

    def _enact(self, asked: Interaction, answer: Answer, data: Json, uploads: tuple[Upload, ...]) -> None:
        if answer is Answer.MESSAGE:
            message_form.check_new(data, uploads, self._limit(asked))
            asked.message = self._send(asked, data, uploads)
        elif answer is Answer.LATER:
            flags = int(data.get("flags") or 0) & EPHEMERAL | LOADING
            asked.message = self._send(asked, {"flags": flags}, ())
        elif answer is Answer.UPDATE_LATER:
            asked.message = self._source(asked)
        elif answer is Answer.UPDATE:
            asked.message = self._source(asked)
            self.edit(asked, asked.message, data, uploads)
        elif answer is Answer.CHOICES:
            asked.choices = self._checked_choices(data)
        else:
            sheet = Form()
            components.check_modal(sheet, data)
            sheet.check()
            asked.modal = data

    def _source(self, asked: Interaction) -> Message:
        if asked.source is None:
            raise refusal.UNKNOWN_MESSAGE
        return asked.source

    def _checked_choices(self, data: Json) -> list[Json]:
        sheet = Form()
        listed = sheet.count("data.choices", data.get("choices"), CHOICES_MOST)
        for number, choice in enumerate(listed):
            kind = 3 if isinstance(choice.get("value"), str) else 10
            check_choice(sheet, f"data.choices.{number}.", choice, kind)
        sheet.check()
        return listed

    def _send(
        self, asked: Interaction, form: Json, uploads: tuple[Upload, ...], reply_to: Message | None = None
    ) -> Message:
        about: Json = {
            "id": str(asked.id),
            "type": int(asked.kind),
            "user": shapes.user(asked.user),
            "authorizing_integration_owners": {},
        }
        extra: Json = {"interaction_metadata": about, "webhook_id": str(asked.application.id)}
        extra |= {"type": 20} if asked.kind is Asked.COMMAND and reply_to is None else {}
        hidden = asked.user.id if int(form.get("flags") or 0) & EPHEMERAL else None
        author = asked.application.user
        return self._post.send(asked.channel, author, form, uploads, visible_to=hidden, extra=extra)

    def _limit(self, asked: Interaction) -> int:
        return self._world.upload_limit(asked.channel.guild_id)

    def _shape(self, asked: Interaction) -> Json:
        channel, world = asked.channel, self._world
        inside = world.is_inside(asked.application, channel)
        owners = {"0": str(channel.guild_id or 0)} if inside else {"1": str(asked.user.id)}
        shape: Json = {
            "id": str(asked.id),
            "application_id": str(asked.application.id),
            "type": int(asked.kind),
            "token": asked.token,
            "version": 1,
            "channel_id": str(channel.id),
            "channel": shapes.channel(channel) | {"permissions": str(int(world.may(asked.user.id, channel)))},
            "data": asked.data,
            "locale": asked.user.locale,
            "app_permissions": str(int(world.may(asked.application.id, channel) if inside else BY_USER)),
            "entitlements": [],
            "authorizing_integration_owners": owners,
            "context": 0 if channel.guild_id else 1 if inside else 2,
            "attachment_size_limit": self._limit(asked),
        }
        if asked.source is not None:
            shape["message"] = asked.source.data
        if channel.guild_id is None:
            return shape | {"user": shapes.user(asked.user)}
        guild = world.guilds[channel.guild_id]
        may: May = world.may(asked.user.id, channel)
        member = shapes.member(guild.members[asked.user.id]) | {"permissions": str(int(may))}
        about = {"id": str(guild.id), "locale": guild.locale, "features": []}
        return shape | {"guild_id": str(guild.id), "guild": about, "guild_locale": guild.locale, "member": member}
