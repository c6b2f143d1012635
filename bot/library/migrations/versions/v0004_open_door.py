"""Keys, and versions of tales."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the table of keys, and to tales which one they are a version of."""
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text, primary_key=True),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("digest", "member", "server", "name", "scopes")),
        *(sa.Column(name, sa.Float, nullable=False) for name in ("made_at", "ends_at")),
    )
    op.create_index("api_keys_of_member", "api_keys", ["member"])
    op.add_column("tales", sa.Column("first", sa.Text, nullable=False, server_default=""))
    op.create_index("tales_by_first", "tales", ["first"])
