"""The limits of a message."""

from __future__ import annotations

import base64
import binascii

from tests.discord_double import refusal
from tests.discord_double.forms import components
from tests.discord_double.people import Message
from tests.discord_double.post import COMPONENTS_V2, EPHEMERAL, VOICE_MESSAGE, Upload
from tests.discord_double.refusal import Form, Json, Refusal

CONTENT_MOST, EMBEDS_MOST, EMBED_TEXT_MOST, FILES_MOST, STICKERS_MOST = 2000, 10, 6000, 10, 3
REQUEST_MOST = 25 << 20
EMBED_FIELDS_MOST, WAVEFORM_MOST = 25, 256
EMBED_TEXTS = {"title": 256, "description": 4096}
SETTABLE_FLAGS = 1 << 2 | EPHEMERAL | 1 << 12 | VOICE_MESSAGE | COMPONENTS_V2
V2_FORBIDS = ("content", "embeds", "poll", "sticker_ids")


def check_new(form: Json, uploads: tuple[Upload, ...], upload_limit: int) -> None:
    """Refuse a new message that breaks a limit or has nothing in it."""
    check_uploads(form, uploads, upload_limit)
    flags = int(form.get("flags") or 0)
    sheet = Form()
    if flags & ~SETTABLE_FLAGS:
        sheet.wrong("flags", "INVALID_FLAGS", "These flags may not be set")
    _check_contents(sheet, form, uploads, flags)
    sheet.check()
    if flags & VOICE_MESSAGE:
        _check_voice_message(form, uploads)
    elif not _has_something(form, uploads):
        raise refusal.EMPTY_MESSAGE


def check_edit(message: Message, form: Json, uploads: tuple[Upload, ...], upload_limit: int) -> None:
    """Refuse an edit that breaks a limit, empties the message or turns Components V2 off."""
    if message.flags & VOICE_MESSAGE:
        raise refusal.VOICE_MESSAGE_EDIT
    check_uploads(form, uploads, upload_limit)
    after = message.flags | int(form.get("flags") or 0)
    sheet = Form()
    known = tuple(str(each["filename"]) for each in message.data["attachments"])
    _check_contents(sheet, form, uploads, after, known)
    if "flags" in form and message.flags & COMPONENTS_V2 and not int(form["flags"] or 0) & COMPONENTS_V2:
        sheet.wrong("flags", "MESSAGE_CANNOT_REMOVE_COMPONENTS_V2_FLAG", "The Components V2 flag cannot be removed")
    sheet.check()
    merged = {key: form.get(key, message.data.get(key)) for key in ("content", "embeds", "components")}
    stays = form.get("attachments", message.data["attachments"])
    if not _has_something(merged, uploads) and not stays:
        raise refusal.EMPTY_MESSAGE


def check_uploads(form: Json, uploads: tuple[Upload, ...], upload_limit: int) -> None:
    """413 for a file or a request that is too heavy; and every file described must have come."""
    if any(len(each.data) > upload_limit for each in uploads):
        raise refusal.TOO_LARGE
    if sum(len(each.data) for each in uploads) > REQUEST_MOST:
        raise refusal.TOO_LARGE
    if len(uploads) > FILES_MOST:
        raise Refusal(400, 30015, "Maximum number of attachments in a message reached (10)")


def _check_contents(
    sheet: Form, form: Json, uploads: tuple[Upload, ...], flags: int, known_files: tuple[str, ...] = ()
) -> None:
    if form.get("content") is not None:
        sheet.length("content", form["content"], CONTENT_MOST)
    if form.get("embeds"):
        _check_embeds(sheet, form["embeds"])
    if form.get("sticker_ids"):
        sheet.count("sticker_ids", form["sticker_ids"], STICKERS_MOST)
    _check_described(sheet, form, uploads)
    if flags & COMPONENTS_V2:
        for key in V2_FORBIDS:
            if form.get(key):
                sheet.wrong(key, "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", f"No {key} beside components")
    if form.get("components"):
        names = (*known_files, *(each.name for each in uploads))
        components.check_message(sheet, form["components"], v2=bool(flags & COMPONENTS_V2), files=names)


def _check_embeds(sheet: Form, embeds: object) -> None:
    listed = sheet.count("embeds", embeds, EMBEDS_MOST)
    for number, embed in enumerate(listed):
        _check_embed(sheet, f"embeds.{number}", embed)
    if sum(_embed_text(each) for each in listed) > EMBED_TEXT_MOST:
        sheet.wrong("embeds", "MAX_EMBED_SIZE_EXCEEDED", "Embed size exceeds maximum size of 6000")


def _check_embed(sheet: Form, path: str, embed: Json) -> None:
    for key, most in EMBED_TEXTS.items():
        if embed.get(key) is not None:
            sheet.length(f"{path}.{key}", embed[key], most)
    if embed.get("footer"):
        sheet.length(f"{path}.footer.text", embed["footer"].get("text"), 2048)
    if embed.get("author"):
        sheet.length(f"{path}.author.name", embed["author"].get("name"), 256)
    for number, field in enumerate(sheet.count(f"{path}.fields", embed.get("fields") or [], EMBED_FIELDS_MOST)):
        sheet.length(f"{path}.fields.{number}.name", field.get("name"), 256, 1)
        sheet.length(f"{path}.fields.{number}.value", field.get("value"), 1024, 1)


def _embed_text(embed: Json) -> int:
    parts = [embed.get("title"), embed.get("description")]
    parts += [(embed.get("footer") or {}).get("text"), (embed.get("author") or {}).get("name")]
    parts += [text for field in embed.get("fields") or [] for text in (field.get("name"), field.get("value"))]
    return sum(len(part or "") for part in parts)


def _check_described(sheet: Form, form: Json, uploads: tuple[Upload, ...]) -> None:
    """A file described in `attachments` without being sent is an error; so is one too long in its description."""
    for number, about in enumerate(form.get("attachments") or []):
        sheet.length(f"attachments.{number}.description", about.get("description") or "", 1024)
        index = str(about.get("id"))
        fresh = len(index) < 10  # an index into the form, not the snowflake of a file that stays
        if fresh and not any(f"[{index}]" in each.field for each in uploads):
            sheet.wrong(f"attachments.{number}.id", "ATTACHMENT_NOT_FOUND", "This attachment was not uploaded")


def _has_something(form: Json, uploads: tuple[Upload, ...]) -> bool:
    written = isinstance(form.get("content"), str) and form["content"].strip()
    return bool(written or uploads or any(form.get(key) for key in ("embeds", "components", "sticker_ids", "poll")))


def _check_voice_message(form: Json, uploads: tuple[Upload, ...]) -> None:
    about = form.get("attachments") or []
    if form.get("content") or form.get("embeds") or form.get("components"):
        raise Refusal(400, 50159, "Voice messages do not support additional content.")
    if len(uploads) != 1 or len(about) != 1:
        raise Refusal(400, 50160, "Voice messages must have a single audio attachment.")
    if not uploads[0].media_type.startswith("audio/"):
        raise Refusal(400, 50160, "Voice messages must have a single audio attachment.")
    if not isinstance(about[0].get("duration_secs"), int | float) or not _is_waveform(about[0].get("waveform")):
        raise Refusal(400, 50161, "Voice messages must have supporting metadata.")


def _is_waveform(waveform: object) -> bool:
    if not isinstance(waveform, str):
        return False
    try:
        return 0 < len(base64.b64decode(waveform, validate=True)) <= WAVEFORM_MOST
    except binascii.Error:
        return False
