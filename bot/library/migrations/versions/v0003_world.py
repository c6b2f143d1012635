"""What tales leave, by world and meaning."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
_OF_TALE = "tales.id"


def upgrade() -> None:
    """Add the notes of worlds, the vectors of scenes, and who heard which tale how."""
    words = ("server", "world", "owner", "channel", "member", "entry", "what", "note")
    op.create_table(
        "world_notes",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in words),
        sa.Column("tale", sa.Text, sa.ForeignKey(_OF_TALE, ondelete="CASCADE")),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("notes_of_world", "world_notes", ["server", "world", "owner"])
    op.create_index("notes_of_tale", "world_notes", ["tale"])
    op.create_index("notes_of_member", "world_notes", ["member"])
    op.create_table(
        "scenes",
        sa.Column("tale", sa.Text, sa.ForeignKey(_OF_TALE, ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True),
        sa.Column("model", sa.Text, nullable=False),
        sa.Column("vector", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "heard",
        sa.Column("tale", sa.Text, sa.ForeignKey(_OF_TALE, ondelete="CASCADE"), primary_key=True),
        sa.Column("member", sa.Text, primary_key=True),
        sa.Column("what", sa.Text, primary_key=True),
        sa.Column("server", sa.Text, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("heard_by_member", "heard", ["member"])
    op.create_index("heard_in_server", "heard", ["server"])
