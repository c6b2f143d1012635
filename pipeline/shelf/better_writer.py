"""A better writer for this machine."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass

from pipeline.errors import TaleError, Unreachable
from pipeline.places import WRITER_NOTE, Places
from pipeline.settings import Settings
from pipeline.shelf.errand import RunLimits
from pipeline.shelf.hardware import MB, ram_free_mb
from pipeline.shelf.manifest import Manifest, ModelEntry
from pipeline.shelf.profiles import Profile, hindrance, line_up
from pipeline.shelf.receipts import read_note, write_note
from pipeline.shelf.sources import commit_of
from pipeline.shelf.weights import bill, lacking, weights_of

WRITER = "Writer"
SPARE_MB = 700
"""Of memory that stays free beside a better writer, for whatever else the machine does."""
SPARE_BYTES = 1_000_000_000
TOKENS_A_WORD = 1.5
OWN_SHARE = 0.65
"""Of a tale, what a writer under loose reins tells in its own words."""
DRAFTS_COST = 1.6
"""What three drafts side by side take, in one draft's time, where memory is what is waited for."""
READ_TOKENS, READ_FASTER = 1_200, 3.0
"""Of prompt, in a tale; and how much faster than writing it is read."""
MOST_TALE_S = 600.0
"""A writer that would take longer for a tale of the usual length is not offered."""


@dataclass(frozen=True)
class WriterOffer:
    """What could be had."""

    entry: ModelEntry
    fetch_bytes: int
    tale_s: float
    """How long a tale would take it here; 0 where the machine was not tried."""


def offer_for(
    manifest: Manifest,
    settings: Settings,
    profile: Profile,
    places: Places,
    words: int,
    free_mb: Callable[[], float] = ram_free_mb,
) -> WriterOffer | None:
    """The largest writer with words of its own that memory and disk carry at a bearable pace; None where there is none.

    None, too, where the operator chose a writer, wants one already, or declined.
    """
    note = read_note(places.state / WRITER_NOTE)
    now = line_up(profile, manifest, settings).get(WRITER, [])
    if settings.writer or settings.offline or note.get("writer") or not now or profile.least_vram_mb:
        return None
    room_mb = free_mb() - (profile.memory_mb - now[0].memory_mb) - SPARE_MB
    able = [one for one in manifest.of_role(WRITER) if one.members and one.reins != "tight" and one.device == "cpu"]
    able = [one for one in able if one.memory_mb <= room_mb and not hindrance(one, settings)]
    able = [one for one in able if one.id not in note.get("declined", ())]
    for entry in sorted(able, key=lambda one: -one.memory_mb):
        offered = _offered(entry, now[0], manifest, places, words, float(note.get("tokens_per_s", 0.0)))
        if offered is not None:
            return offered
    return None


def hub_answers(entry: ModelEntry, places: Places, watch: RunLimits | None = None) -> bool:
    """Whether the hub that has it can be reached now; what lies on this machine already needs no hub."""
    if not lacking([entry], places):
        return True
    hubs = [source.hub for member in entry.all_members.values() for source in member.sources if source.hub]
    folder = places.weights / ".asked"
    folder.mkdir(parents=True, exist_ok=True)
    try:
        commit_of(hubs[0], folder, watch or RunLimits(stall_s=5.0))
    except (Unreachable, IndexError):
        return False
    return True


def want_writer(places: Places, model: str) -> None:
    """From the tale after its weights are whole on, this one writes; empty for the profile's own again."""
    _noted(places, writer=model)


def decline_writer(places: Places, model: str) -> None:
    """Not to be offered again."""
    declined = read_note(places.state / WRITER_NOTE).get("declined", [])
    _noted(places, declined=sorted({*declined, model}))


def note_pace(places: Places, tokens_per_s: float) -> None:
    """How fast the writer in use wrote here."""
    _noted(places, tokens_per_s=round(tokens_per_s, 2))


def note_tried(places: Places, model: str, tokens_per_s: float) -> None:
    """It was opened on this machine and wrote; only then it may take over."""
    _noted(places, tried={**read_note(places.state / WRITER_NOTE).get("tried", {}), model: round(tokens_per_s, 2)})


def tried_pace(places: Places, model: str) -> float:
    """Tokens a second in its trial here; 0 where it was not tried, or failed."""
    return float(read_note(places.state / WRITER_NOTE).get("tried", {}).get(model, 0.0))


def wanted_writer(manifest: Manifest, settings: Settings, places: Places) -> ModelEntry | None:
    """Whom the operator took up; a setting of theirs goes before."""
    model = read_note(places.state / WRITER_NOTE).get("writer", "")
    entry = manifest.models.get(model)
    return None if settings.writer or entry is None or hindrance(entry, settings) else entry


def taken_up(
    manifest: Manifest,
    settings: Settings,
    places: Places,
    free_mb: Callable[[], float] = ram_free_mb,
    at_hand: Container[str] = (),
) -> ModelEntry | None:
    """The wanted writer, once all of it is here and wrote in its trial, and as long as there is memory for it.

    `at_hand` are loaded models: what such a one takes is no longer free, and need not be.
    """
    entry = wanted_writer(manifest, settings, places)
    if entry is None or not tried_pace(places, entry.id):
        return None
    try:
        weights_of(entry, places, settings, manifest)
    except TaleError:
        return None
    return entry if entry.id in at_hand or free_mb() >= entry.memory_mb else None


def room_mb(profile: Profile, manifest: Manifest, settings: Settings, writer: ModelEntry | None) -> float:
    """What the models may take together beside this writer, whom the operator took up; a set budget stays."""
    now = line_up(profile, manifest, settings).get(WRITER, [])
    if writer is None or settings.budget_gb or not now:
        return profile.memory_mb
    return profile.memory_mb + max(0.0, writer.memory_mb - now[0].memory_mb)


def _offered(
    entry: ModelEntry, now: ModelEntry, manifest: Manifest, places: Places, words: int, tokens_per_s: float
) -> WriterOffer | None:
    sum_up = bill(lacking([entry], places, manifest), places)
    tale_s = tale_seconds(entry, now, words, tokens_per_s)
    fits = sum_up.peak_bytes + SPARE_BYTES <= sum_up.free_bytes and tale_s <= MOST_TALE_S
    return WriterOffer(entry, sum_up.fetch_bytes, tale_s) if fits else None


def tale_seconds(entry: ModelEntry, now: ModelEntry, words: int, tokens_per_s: float) -> float:
    """By the pace of the writer in use: a model's speed on a processor falls with its size, since all of it is read."""
    if not tokens_per_s:
        return 0.0
    pace = tokens_per_s * _bytes(now) / max(1.0, _bytes(entry))
    return words * OWN_SHARE * TOKENS_A_WORD * DRAFTS_COST / pace + READ_TOKENS / (READ_FASTER * pace)


def _bytes(entry: ModelEntry) -> float:
    return float(entry.bytes or entry.hub_mb * MB)


def _noted(places: Places, **told: object) -> None:
    places.state.mkdir(parents=True, exist_ok=True)
    write_note(places.state / WRITER_NOTE, {**read_note(places.state / WRITER_NOTE), **told})
