"""The library's tables as they are."""

from __future__ import annotations

import sqlalchemy as sa

METADATA = sa.MetaData()

TALES = sa.Table(
    "tales",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("member", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("only_me", sa.Boolean, nullable=False),
    sa.Column("prompt", sa.Text, nullable=False),
    sa.Column("delivery", sa.Text, nullable=False),
    sa.Column("card_message", sa.Text, nullable=False),
    sa.Column("card_channel", sa.Text, nullable=False),
    sa.Column("interaction_token", sa.Text, nullable=False),
    sa.Column("asked_at", sa.Float, nullable=False),
    sa.Column("offset", sa.Integer, nullable=False, default=0),  # unread; earlier bots and their backups have it
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("synopsis", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("folded", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("mood", sa.Text, nullable=False),
    sa.Column("opening", sa.Text, nullable=False),
    sa.Column("hero", sa.Text, nullable=False),
    sa.Column("shape", sa.Text, nullable=False),
    sa.Column("artifact", sa.Text, nullable=False),
    sa.Column("delivered", sa.Text, nullable=False),
    sa.Column("finished_at", sa.Float, nullable=False),
    sa.Column("hearts", sa.Integer, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("first", sa.Text, nullable=False, server_default=""),
    sa.Index("tales_of_server", "server", "state", "finished_at"),
    sa.Index("tales_of_member", "member", "asked_at"),
    sa.Index("tales_by_state", "state", "asked_at"),
    sa.Index("tales_by_first", "first"),
)
HEARTS = sa.Table(
    "hearts",
    METADATA,
    sa.Column("tale", sa.Text, sa.ForeignKey("tales.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("member", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
    sa.Index("hearts_of_member", "member"),
)
SERVERS = sa.Table(
    "servers",
    METADATA,
    sa.Column("server", sa.Text, primary_key=True),
    sa.Column("settings", sa.Text, nullable=False),
    sa.Column("left_at", sa.Float, nullable=False),
)
VOICES = sa.Table(
    "voices",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("member", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("recording", sa.Text, nullable=False),
    sa.Column("learnt", sa.Text, nullable=False),
    sa.Column("blend", sa.Text, nullable=False),
    sa.Column("servers", sa.Text, nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Index("voices_of_member", "member"),
)
CHOSEN = sa.Table(
    "chosen_voices",
    METADATA,
    sa.Column("member", sa.Text, primary_key=True),
    sa.Column("voice", sa.Text, nullable=False),
    sa.Column("speaking", sa.Text, nullable=False, server_default=""),
)
USUAL = sa.Table(
    "usual_voices",
    METADATA,
    sa.Column("member", sa.Text, primary_key=True),
    sa.Column("mean", sa.LargeBinary, nullable=False),
    sa.Column("heard", sa.Integer, nullable=False),
)
CONSENTS = sa.Table(
    "consents",
    METADATA,
    sa.Column("member", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("server", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)
WORLD_NOTES = sa.Table(
    "world_notes",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("world", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("member", sa.Text, nullable=False),
    sa.Column("tale", sa.Text, sa.ForeignKey("tales.id", ondelete="CASCADE")),
    sa.Column("entry", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Index("notes_of_world", "server", "world", "owner"),
    sa.Index("notes_of_tale", "tale"),
    sa.Index("notes_of_member", "member"),
)
SCENES = sa.Table(
    "scenes",
    METADATA,
    sa.Column("tale", sa.Text, sa.ForeignKey("tales.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("place", sa.Integer, primary_key=True),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("vector", sa.LargeBinary, nullable=False),
)
HEARD = sa.Table(
    "heard",
    METADATA,
    sa.Column("tale", sa.Text, sa.ForeignKey("tales.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("member", sa.Text, primary_key=True),
    sa.Column("what", sa.Text, primary_key=True),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("times", sa.Integer, nullable=False),
    sa.Column("at", sa.Float, nullable=False),
    sa.Index("heard_by_member", "member"),
    sa.Index("heard_in_server", "server"),
)
KEYS = sa.Table(
    "api_keys",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("member", sa.Text, nullable=False),
    sa.Column("server", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("made_at", sa.Float, nullable=False),
    sa.Column("ends_at", sa.Float, nullable=False),
    sa.Index("api_keys_of_member", "member"),
)
ERASURES = sa.Table(
    "erasures",
    METADATA,
    sa.Column("digest", sa.Text, primary_key=True),
    sa.Column("at", sa.Float, nullable=False),
)
NOTED = sa.Table(
    "noted",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
