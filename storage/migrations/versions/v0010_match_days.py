"""The matches of a subscription by day, for the receipts, and those of them that a digest may still need."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CLOSE = """
UPDATE matches SET open = false WHERE EXISTS (
    SELECT 1 FROM subscriptions JOIN digest_entries ON digest_entries.channel_id = subscriptions.channel_id
    WHERE subscriptions.id = matches.subscription_id AND digest_entries.paper_id = matches.paper_id
)
"""


def upgrade() -> None:
    """Make it so; what a channel has had is settled."""
    op.add_column("matches", sa.Column("open", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.execute(_CLOSE)
    is_open = sa.text("open")
    op.create_index(
        "ix_matches_open", "matches", ["subscription_id"], sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_index("ix_matches_days", "matches", ["subscription_id", "day", "paper_id"])
