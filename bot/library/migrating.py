"""The library's tables brought up to date."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.environment import EnvironmentContext
from alembic.runtime.migration import StampStep
from alembic.script import ScriptDirectory

from bot.library.tables import METADATA

FOLDER = Path(__file__).parent / "migrations"
VERSION_TABLE = "library_version"


def to_newest(connection: sa.Connection) -> None:
    """Walk every step that lacks; refuses nothing and loses nothing that is there."""
    scripts = ScriptDirectory(str(FOLDER))

    def steps(revision: tuple[str, ...] | str, _context: object) -> list[StampStep]:
        # The script's own typing: a list of steps, of which stamps are one kind.
        return scripts._upgrade_revs("head", revision)  # type: ignore[arg-type,return-value] # as env.py files do

    with EnvironmentContext(Config(), scripts, fn=steps, destination_rev="head") as environment:
        environment.configure(
            connection=connection,
            target_metadata=METADATA,
            version_table=VERSION_TABLE,
            render_as_batch=True,
        )
        with environment.begin_transaction():
            environment.run_migrations()
