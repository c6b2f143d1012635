"""How a chosen voice is to speak."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column for how a chosen voice speaks; empty for as usual."""
    op.add_column("chosen_voices", sa.Column("speaking", sa.Text, nullable=False, server_default=""))
