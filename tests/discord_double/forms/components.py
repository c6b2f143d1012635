"""The limits of buttons, menus, and layouts."""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum

from tests.discord_double.refusal import Form, Json

ROWS_MOST, BUTTONS_MOST, TOTAL_MOST, V2_TEXT_MOST, OPTIONS_MOST = 5, 5, 40, 4000, 25
LINK_STYLE, PREMIUM_STYLE = 5, 6


class Part(IntEnum):
    """Component types."""

    ROW = 1
    BUTTON = 2
    STRING_SELECT = 3
    TEXT_INPUT = 4
    USER_SELECT = 5
    ROLE_SELECT = 6
    MENTIONABLE_SELECT = 7
    CHANNEL_SELECT = 8
    SECTION = 9
    TEXT = 10
    THUMBNAIL = 11
    GALLERY = 12
    FILE = 13
    SEPARATOR = 14
    CONTAINER = 17
    LABEL = 18
    FILE_UPLOAD = 19


SELECTS = (3, 5, 6, 7, 8)
V2_TOP = (1, 9, 10, 12, 13, 14, 17)
IN_CONTAINER = (1, 9, 10, 12, 13, 14)
IN_LABEL = (3, 4, 5, 6, 7, 8, 19)


def walk(components: list[Json]) -> Iterator[Json]:
    """Every component, those inside others included, in the order a reader meets them."""
    for each in components:
        yield each
        inside = [*(each.get("components") or [])]
        inside += [each[key] for key in ("accessory", "component") if isinstance(each.get(key), dict)]
        yield from walk(inside)


def check_message(sheet: Form, components: object, *, v2: bool, files: tuple[str, ...]) -> None:
    """Note what is wrong with a message's components; `files` are the names it may point at."""
    listed = sheet.count("components", components, TOTAL_MOST if v2 else ROWS_MOST)
    every = list(walk(listed))
    for number, each in enumerate(listed):
        sheet.choice(f"components.{number}.type", each.get("type"), V2_TOP if v2 else (1,))
        _check_part(sheet, f"components.{number}", each, files)
    _check_identities(sheet, every)
    if v2:
        _check_totals(sheet, every)


def check_modal(sheet: Form, data: Json) -> None:
    """Note what is wrong with a modal."""
    sheet.length("data.title", data.get("title"), 45, 1)
    sheet.length("data.custom_id", data.get("custom_id"), 100, 1)
    listed = sheet.count("data.components", data.get("components"), 5, 1)
    for number, each in enumerate(listed):
        path = f"data.components.{number}"
        sheet.choice(f"{path}.type", each.get("type"), (Part.ROW, Part.TEXT, Part.LABEL))
        inside = [*(each.get("components") or []), *([each["component"]] if "component" in each else [])]
        if each.get("type") == Part.LABEL:
            sheet.length(f"{path}.label", each.get("label"), 45, 1)
        for part in inside:
            sheet.choice(f"{path}.component.type", part.get("type"), IN_LABEL)
            _check_input(sheet, f"{path}.component", part)
    _check_identities(sheet, list(walk(listed)))


def _check_part(sheet: Form, path: str, part: Json, files: tuple[str, ...]) -> None:
    kind = part.get("type")
    if kind == Part.ROW:
        _check_row(sheet, path, part)
    elif kind == Part.SECTION:
        _check_section(sheet, path, part, files)
    elif kind == Part.TEXT:
        sheet.length(f"{path}.content", part.get("content"), V2_TEXT_MOST, 1)
    elif kind == Part.GALLERY:
        for number, item in enumerate(sheet.count(f"{path}.items", part.get("items"), 10, 1)):
            _check_media(sheet, f"{path}.items.{number}.media", item.get("media"), files)
    elif kind == Part.FILE:
        _check_media(sheet, f"{path}.file", part.get("file"), files, uploaded=True)
    elif kind == Part.CONTAINER:
        for number, inner in enumerate(sheet.count(f"{path}.components", part.get("components"), TOTAL_MOST, 1)):
            sheet.choice(f"{path}.components.{number}.type", inner.get("type"), IN_CONTAINER)
            _check_part(sheet, f"{path}.components.{number}", inner, files)


def _check_row(sheet: Form, path: str, row: Json) -> None:
    inside = sheet.count(f"{path}.components", row.get("components"), BUTTONS_MOST, 1)
    for number, part in enumerate(inside):
        at = f"{path}.components.{number}"
        sheet.choice(f"{at}.type", part.get("type"), (Part.BUTTON, *SELECTS))
        if part.get("type") == Part.BUTTON:
            _check_button(sheet, at, part)
        elif len(inside) > 1:
            sheet.wrong(path, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "A select menu fills its row")
        else:
            _check_select(sheet, at, part)


def _check_button(sheet: Form, path: str, button: Json) -> None:
    style = button.get("style")
    sheet.choice(f"{path}.style", style, (1, 2, 3, 4, 5, 6))
    if button.get("label") is not None:
        sheet.length(f"{path}.label", button["label"], 80)
    if style == LINK_STYLE:
        if not str(button.get("url", "")).startswith(("http://", "https://", "discord://")):
            sheet.wrong(f"{path}.url", "URL_TYPE_INVALID_URL", "Not a well formed URL.")
    elif style != PREMIUM_STYLE:
        sheet.length(f"{path}.custom_id", button.get("custom_id"), 100, 1)
        if not button.get("label") and not button.get("emoji"):
            sheet.wrong(path, "BUTTON_COMPONENT_MISSING_CONTENT", "A button needs a label or an emoji")


def _check_select(sheet: Form, path: str, select: Json) -> None:
    sheet.length(f"{path}.custom_id", select.get("custom_id"), 100, 1)
    sheet.length(f"{path}.placeholder", select.get("placeholder") or "", 150)
    if select.get("type") != Part.STRING_SELECT:
        return
    options = sheet.count(f"{path}.options", select.get("options"), OPTIONS_MOST, 1)
    for number, option in enumerate(options):
        sheet.length(f"{path}.options.{number}.label", option.get("label"), 100, 1)
        sheet.length(f"{path}.options.{number}.value", option.get("value"), 100, 1)
        sheet.length(f"{path}.options.{number}.description", option.get("description") or "", 100)
    if len({option.get("value") for option in options}) != len(options):
        sheet.wrong(f"{path}.options", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The option value is already used")
    if int(select.get("max_values") or 1) > len(options):
        sheet.wrong(f"{path}.max_values", "NUMBER_TYPE_MAX", f"Must be at most {len(options)}")


def _check_section(sheet: Form, path: str, section: Json, files: tuple[str, ...]) -> None:
    for number, text in enumerate(sheet.count(f"{path}.components", section.get("components"), 3, 1)):
        sheet.choice(f"{path}.components.{number}.type", text.get("type"), (Part.TEXT,))
        _check_part(sheet, f"{path}.components.{number}", text, files)
    accessory = section.get("accessory")
    if not isinstance(accessory, dict):
        sheet.required(f"{path}.accessory")
    elif accessory.get("type") == Part.BUTTON:
        _check_button(sheet, f"{path}.accessory", accessory)
    elif accessory.get("type") == Part.THUMBNAIL:
        _check_media(sheet, f"{path}.accessory.media", accessory.get("media"), files)
    else:
        sheet.choice(f"{path}.accessory.type", accessory.get("type"), (Part.BUTTON, Part.THUMBNAIL))


def _check_media(sheet: Form, path: str, media: object, files: tuple[str, ...], *, uploaded: bool = False) -> None:
    url = str(media.get("url", "")) if isinstance(media, dict) else ""
    if url.startswith("attachment://"):
        if url.removeprefix("attachment://") not in files:
            sheet.wrong(f"{path}.url", "UNKNOWN_ATTACHMENT", "No such attachment in this message")
    elif uploaded or not url.startswith(("http://", "https://")):
        sheet.wrong(f"{path}.url", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('attachment',).")


def _check_input(sheet: Form, path: str, part: Json) -> None:
    if part.get("type") == Part.TEXT_INPUT:
        sheet.length(f"{path}.custom_id", part.get("custom_id"), 100, 1)
        sheet.choice(f"{path}.style", part.get("style"), (1, 2))
        sheet.length(f"{path}.placeholder", part.get("placeholder") or "", 100)
        sheet.length(f"{path}.value", part.get("value") or "", 4000)
    elif part.get("type") in SELECTS:
        _check_select(sheet, path, part)


def _check_identities(sheet: Form, every: list[Json]) -> None:
    names = [each["custom_id"] for each in every if each.get("custom_id") and each.get("type") in (2, 3, 4, 5, 6, 7, 8)]
    if len(names) != len(set(names)):
        sheet.wrong("components", "COMPONENT_CUSTOM_ID_DUPLICATED", "Component custom id cannot be duplicated")


def _check_totals(sheet: Form, every: list[Json]) -> None:
    if len(every) > TOTAL_MOST:
        sheet.wrong("components", "COMPONENT_MAX_TOTAL_COMPONENTS", "A message has 40 components at most")
    if sum(len(str(each.get("content") or "")) for each in every if each.get("type") == Part.TEXT) > V2_TEXT_MOST:
        sheet.wrong("components", "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED", "4000 characters of text at most")
