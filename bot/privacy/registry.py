"""Every place with members' data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.library.library import Library
from bot.pools import Pool
from bot.privacy.backup_store import Copies
from bot.privacy.library_store import Shelves
from bot.privacy.queue_store import Journeys
from bot.privacy.sounds import Sounds
from bot.privacy.store import Store
from pipeline.artifacts import Artifacts
from pipeline.road.door import Door

NOBODYS: Mapping[str, str] = {
    "library:noted": "salts of the marks, and where backups were written",
    "library:erasures": "marks of what was erased, which name nobody",
    "library:library_version": "how new the tables are",
    "road:road_workers": "executors",
    "road:road_devices": "what kind of device each executor has",
    "road:road_erased": "marks of erased sounds for other machines, which name nobody",
    "road:sqlite_sequence": "the last number given of those",
    "road:road_spent": "seconds by stage and number of words",
    "road:queues": "lanes",
    "road:application_versions": "versions of ours",
    "road:workflow_schedules": "nothing is scheduled",
    "road:dbos_migrations": "how new the tables are",
    "home:library.db.making": "a lock",
    "home:state/*.lock": "locks",
    "home:state/*.begun": "which steps are under way, by their tales' ids; empty when none is",
    "home:state/standing.json": "which models serve here, and how far their weights are",
    "home:state/at_work.json": "which models are loaded, and their memory",
    "home:state/bookmarks.json": "where a tale that is being told stood, by its id; gone when it is told",
    "home:state/unfinished.json": "names of recordings and errands while somebody is listened to; gone with them",
    "home:cache/*": "weights",
}
"""Tables and files that hold nothing of a member, and what they hold."""


def stores(
    library: Library, door: Door, artifacts: Artifacts, home: Path, files: Pool | None = None
) -> Sequence[Store]:
    """In the order in which they are erased: what runs is stopped, words go before sounds."""
    return (Journeys(door), Shelves(library), Sounds(artifacts, files), Copies(library, home))
