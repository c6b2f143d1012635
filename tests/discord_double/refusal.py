"""How Discord says no."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


class Refusal(Exception):
    """An HTTP status with Discord's own code and message, and for forms the fields at fault."""

    def __init__(self, status: int, code: int, message: str, errors: Json | None = None) -> None:
        super().__init__(f"{status} {code} {message} {errors or ''}".rstrip())
        self.status, self.code, self.message, self.errors = status, code, message, errors

    def json(self) -> Json:
        body: Json = {"message": self.message, "code": self.code}
        return body | ({"errors": self.errors} if self.errors else {})


def unknown(code: int, what: str) -> Refusal:
    return Refusal(404, code, f"Unknown {what}")


UNAUTHORIZED = Refusal(401, 0, "401: Unauthorized")
NO_ROUTE = Refusal(404, 0, "404: Not Found")
WRONG_METHOD = Refusal(405, 0, "405: Method Not Allowed")
UNKNOWN_APPLICATION = unknown(10002, "Application")
UNKNOWN_CHANNEL = unknown(10003, "Channel")
UNKNOWN_GUILD = unknown(10004, "Guild")
UNKNOWN_MEMBER = unknown(10007, "Member")
UNKNOWN_MESSAGE = unknown(10008, "Message")
UNKNOWN_ROLE = unknown(10011, "Role")
UNKNOWN_USER = unknown(10013, "User")
UNKNOWN_EMOJI = unknown(10014, "Emoji")
UNKNOWN_WEBHOOK = unknown(10015, "Webhook")
UNKNOWN_INTERACTION = unknown(10062, "interaction")
UNKNOWN_COMMAND = unknown(10063, "application command")
UNKNOWN_VOICE_STATE = unknown(10065, "Voice State")
TOO_MANY_COMMANDS = Refusal(400, 30032, "Maximum number of application commands reached (100)")
TOO_LARGE = Refusal(413, 40005, "Request entity too large")
NOT_IN_VOICE = Refusal(400, 40032, "Target user is not connected to voice.")
ALREADY_ACKNOWLEDGED = Refusal(400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = Refusal(403, 50001, "Missing Access")
NOT_YOUR_MESSAGE = Refusal(403, 50005, "Cannot edit a message authored by another user")
EMPTY_MESSAGE = Refusal(400, 50006, "Cannot send an empty message")
TOO_MANY_FOLLOW_UPS = Refusal(400, 40094, "This interaction has hit the maximum number of follow up messages")
CANNOT_DM = Refusal(403, 50007, "Cannot send messages to this user")
NO_COMMON_GUILD = Refusal(403, 50278, "Cannot send messages to this user due to having no mutual guilds")
NO_HISTORY = Refusal(400, 160002, "Cannot reply without permission to read message history")
LOCKED = Refusal(403, 160005, "Thread is locked")
NOT_TEXT = Refusal(400, 50008, "Cannot send messages in a non-text channel")
MISSING_PERMISSIONS = Refusal(403, 50013, "Missing Permissions")
INVALID_TOKEN = Refusal(401, 50027, "Invalid Webhook Token")
WRONG_CHANNEL_TYPE = Refusal(400, 50024, "Cannot execute action on this channel type")
INVALID_JSON = Refusal(400, 50109, "The request body contains invalid JSON.")
ARCHIVED = Refusal(400, 50083, "Thread is archived")
VOICE_MESSAGE_EDIT = Refusal(400, 50173, "Cannot edit a voice message")


class Form:
    """Gathers what is wrong with a form and refuses it once, with every field at fault."""

    def __init__(self) -> None:
        self._errors: Json = {}

    def wrong(self, path: str, code: str, message: str) -> None:
        """Note an error at `path` ("embeds.0.title")."""
        at = self._errors
        for part in path.split("."):
            at = at.setdefault(part, {})
        at.setdefault("_errors", []).append({"code": code, "message": message})

    def length(self, path: str, text: object, most: int, least: int = 0) -> None:
        if not isinstance(text, str):
            self.wrong(path, "BASE_TYPE_STRING", "Not a string.")
        elif len(text) > most and not least:
            self.wrong(path, "BASE_TYPE_MAX_LENGTH", f"Must be {most} or fewer in length.")
        elif not least <= len(text) <= most:
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")

    def count(self, path: str, things: object, most: int, least: int = 0) -> list[Any]:
        """`things` when they are a list of a lawful length, else an empty list and a note."""
        if not isinstance(things, list):
            self.wrong(path, "BASE_TYPE_LIST", "Only iterables may be used in a ListType")
            return []
        if not least <= len(things) <= most:
            self.wrong(path, "BASE_TYPE_BAD_LENGTH", f"Must be between {least} and {most} in length.")
            return []
        return things

    def required(self, path: str) -> None:
        self.wrong(path, "BASE_TYPE_REQUIRED", "This field is required")

    def choice(self, path: str, value: object, lawful: tuple[object, ...]) -> None:
        if value not in lawful:
            listed = ", ".join(map(str, lawful))
            self.wrong(path, "BASE_TYPE_CHOICES", f"Value must be one of ({listed}).")

    def check(self) -> None:
        """Raise 50035 when anything was noted."""
        if self._errors:
            raise Refusal(400, 50035, "Invalid Form Body", self._errors)
