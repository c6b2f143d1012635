"""How a chosen voice is to speak."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Beside the voice; nothing for who left it as it is."""
    op.add_column("chosen_voices", sa.Column("speaking", sa.Text, nullable=False, server_default=""))
