"""A finished tale as messages."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from bot.card.render import CardStyle
from bot.delivery.fit import SoundFile
from bot.library.records import KeptTale, TextShown
from bot.ui.escape import shown
from bot.ui.message import ButtonAction, Enclosure, Face, Press, Style
from bot.ui.mood_style import arc, colour_of
from bot.ui.pages import pages
from bot.wording import said
from pipeline.artifacts import Artifacts
from pipeline.errors import Missing
from pipeline.words.mood import Emotion
from pipeline.words.sound import RATE_HZ
from pipeline.words.tale import Tale

PAGE_CHARS = 3_900
"""Characters of a page: an embed takes 4,096, and spoiler bars need some."""
THREAD_FROM_CHARS = 600
"""A text longer than this goes into a thread where the server wants that."""
MOST_PAGES = 5
"""More pages than this go into a thread wherever there are threads: a channel belongs to others, too."""
PICTURE = "tale.png"
_ALT_CHARS = 1_000  # Discord takes 1 024 for a file's description
_TITLE_CHARS = 250  # and 256 for an embed's title
MOST_FILES = 10  # Discord's limit for one message
_BARS = "||"  # Discord's mark for a spoiler


@dataclass(frozen=True)
class TaleMessages:
    """A finished tale as messages: one, then pages."""

    first: Face
    rest: tuple[Face, ...]
    """Pages that do not fit into the first, or all of them for the thread."""
    more_sound: tuple[Face, ...]
    """Messages with further parts of the sound."""
    in_thread: bool
    """Whether `rest` goes into a thread under the first."""


def told(
    tale: KeptTale,
    story: Tale,
    parts: Sequence[SoundFile],
    picture: Path | None,
    look: CardStyle,
    in_thread: bool = False,
    scenes: Sequence[Enclosure] = (),
) -> TaleMessages:
    """Lay out title, story, sound and buttons."""
    text = paragraphs(story) if tale.delivery.text is not TextShown.NONE else []
    bars = _BARS if tale.delivery.text is TextShown.SPOILER else ""
    written = [f"{bars}{page}{bars}" for page in pages(text, PAGE_CHARS)]
    long = in_thread and sum(map(len, text)) > THREAD_FROM_CHARS
    aside = long or (bool(tale.server) and len(written) > MOST_PAGES)
    colour = colour_of(story.plan.feeling.mood.emotion)
    body = said("card.story_aside", look.locale) if aside else written[0] if written else ""
    files = [Enclosure(parts[0].name, parts[0].path, _sound_alt(story, parts[0], look))] if parts else []
    files += [Enclosure(PICTURE, picture, picture_alt(story, look))] if picture else []
    first = Face(
        shown(story.story.title)[:_TITLE_CHARS], body, colour, _footer(story, look), presses(tale, look),
        picture=PICTURE if picture else "", files=tuple(files),
    )  # fmt: skip
    rest = tuple(Face("", page, colour) for page in (written if aside else written[1:]))
    rest += tuple(_gallery(scenes[at : at + MOST_FILES], colour) for at in range(0, len(scenes), MOST_FILES))
    sounds = tuple(
        Face(f"{first.title} ({nth}/{len(parts)})", "", colour, files=(_enclosed(story, part, look),))
        for nth, part in enumerate(parts[1:], 2)
    )
    return TaleMessages(first, rest, sounds, aside)


def scene_files(story: Tale, artifacts: Artifacts) -> tuple[Enclosure, ...]:
    """Return the picture of each scene with its description; none of those that are no longer kept."""
    found = []
    for one in story.pictures:
        with suppress(Missing):
            name = f"scene-{one.scene + 1:02}{one.image.suffix}"
            found.append(Enclosure(name, artifacts.path(one.image), one.alt[:_ALT_CHARS]))
    return tuple(found)


def _gallery(scenes: Sequence[Enclosure], colour: int) -> Face:
    """Return pictures as one message, with what is to be seen in words."""
    return Face("", "\n".join(shown(one.description) for one in scenes), colour, files=tuple(scenes))


def paragraphs(story: Tale) -> list[str]:
    """Return the story's text, a paragraph for each scene, escaped for Discord."""
    return [shown(scene.text) for scene in story.story.scenes if scene.passages]


def presses(tale: KeptTale, look: CardStyle) -> tuple[Press, ...]:
    """Return the buttons under a tale: three rows at most five wide, as Discord allows."""

    def press(verb: ButtonAction, row: int, style: Style = Style.PLAIN) -> Press:
        return Press(verb, tale.id, said(f"card.press.{verb}", look.locale), style=style, row=row)

    sounds = not tale.prompt.words_only
    play = [press(ButtonAction.PLAY, 0, Style.MAIN)] if tale.server and sounds else []
    first = [press(verb, 0) for verb in (ButtonAction.AGAIN, ButtonAction.CONTINUE, ButtonAction.WHY)]
    first += [press(ButtonAction.FILM, 0)] if sounds else []
    files = (ButtonAction.FILES,) if sounds else ()
    second = [press(verb, 1) for verb in (ButtonAction.HEART, ButtonAction.SHARE, ButtonAction.TRANSCRIPT, *files)]
    unname = (ButtonAction.UNNAME,) if tale.delivery.named else ()
    third = [press(verb, 2) for verb in (ButtonAction.CHANGE, ButtonAction.REPORT, *unname)]
    return (*play, *first, *second, press(ButtonAction.DELETE, 1, Style.DANGER), *third)


def moods_of(story: Tale) -> list[Emotion]:
    """Return the moods scene by scene, as the music and the picture have them."""
    return [scene.passages[0].mood.emotion for scene in story.story.scenes if scene.passages]


def picture_alt(story: Tale, look: CardStyle) -> str:
    """Describe the picture for readers who cannot see it."""
    moods, title = arc(moods_of(story), look.locale, pictures=False), story.story.title
    if story.silent:
        return said("delivery.picture_alt_silent", look.locale, title=title, moods=moods)[:_ALT_CHARS]
    length = length_of(story.master.samples / RATE_HZ)
    return said("delivery.picture_alt", look.locale, title=title, length=length, moods=moods)[:_ALT_CHARS]


def length_of(seconds: float) -> str:
    """Write a length as every player does: `1:07`."""
    whole = round(seconds)
    return (
        f"{whole // 3_600}:{whole // 60 % 60:02}:{whole % 60:02}"
        if whole >= 3_600
        else f"{whole // 60}:{whole % 60:02}"
    )


def _footer(story: Tale, look: CardStyle) -> str:
    moods = arc(moods_of(story), look.locale, not look.plain)
    if story.silent:
        return said("delivery.footer_silent", look.locale, moods=moods)
    return said("delivery.footer", look.locale, length=length_of(story.master.samples / RATE_HZ), moods=moods)


def _sound_alt(story: Tale, part: SoundFile, look: CardStyle) -> str:
    title = story.story.title
    return said("delivery.sound_alt", look.locale, title=title, length=length_of(part.seconds))[:_ALT_CHARS]


def _enclosed(story: Tale, part: SoundFile, look: CardStyle) -> Enclosure:
    return Enclosure(part.name, part.path, _sound_alt(story, part, look))
