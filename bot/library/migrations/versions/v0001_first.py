"""The library's first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Tales and hearts, servers, voices, consents, erasures."""
    _tales()
    _voices()
    text, number = sa.Text, sa.Float
    op.create_table(
        "servers",
        sa.Column("server", text, primary_key=True),
        sa.Column("settings", text, nullable=False),
        sa.Column("left_at", number, nullable=False),
    )
    op.create_table(
        "consents",
        sa.Column("member", text, primary_key=True),
        sa.Column("what", text, primary_key=True),
        sa.Column("server", text, primary_key=True),
        sa.Column("at", number, nullable=False),
    )
    op.create_table("erasures", sa.Column("digest", text, primary_key=True), sa.Column("at", number, nullable=False))
    op.create_table("noted", sa.Column("name", text, primary_key=True), sa.Column("value", text, nullable=False))


def _tales() -> None:
    words = ("prompt", "delivery", "card_message", "card_channel", "interaction_token")
    made = ("title", "synopsis", "text", "folded", "language", "mood", "opening", "hero", "shape", "artifact")
    op.create_table(
        "tales",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("server", "channel", "member", "state")),
        sa.Column("only_me", sa.Boolean, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in words),
        sa.Column("asked_at", sa.Float, nullable=False),
        sa.Column("offset", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in (*made, "delivered")),
        sa.Column("finished_at", sa.Float, nullable=False),
        sa.Column("hearts", sa.Integer, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
    )
    op.create_index("tales_of_server", "tales", ["server", "state", "finished_at"])
    op.create_index("tales_of_member", "tales", ["member", "asked_at"])
    op.create_index("tales_by_state", "tales", ["state", "asked_at"])
    op.create_table(
        "hearts",
        sa.Column("tale", sa.Text, sa.ForeignKey("tales.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("member", sa.Text, primary_key=True),
        sa.Column("at", sa.Float, nullable=False),
    )
    op.create_index("hearts_of_member", "hearts", ["member"])


def _voices() -> None:
    kept = ("member", "name", "language", "recording", "learnt", "blend", "servers")
    op.create_table(
        "voices",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in kept),
        sa.Column("made_at", sa.Float, nullable=False),
    )
    op.create_index("voices_of_member", "voices", ["member"])
    op.create_table(
        "chosen_voices",
        sa.Column("member", sa.Text, primary_key=True),
        sa.Column("voice", sa.Text, nullable=False),
    )
    op.create_table(
        "usual_voices",
        sa.Column("member", sa.Text, primary_key=True),
        sa.Column("mean", sa.LargeBinary, nullable=False),
        sa.Column("heard", sa.Integer, nullable=False),
    )
