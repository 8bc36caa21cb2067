"""The outbox: turns, take-over by what was begun, how old a delivery is; when sources are asked; snoozes."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so; the way back is a copy of the database."""
    op.add_column("deliveries", sa.Column("planned", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("tried", sa.DateTime(timezone=True), nullable=True))
    op.add_column("deliveries", sa.Column("booked", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("deliveries", sa.Column("posting", sa.Boolean(), nullable=False, server_default=sa.false()))
    _note_begun()
    for table in ("channels", "subscriptions"):
        op.add_column(table, sa.Column("resume_on", sa.Date(), nullable=True))
    op.create_index(
        "ix_deliveries_open", "deliveries", ["channel_id", "id"], **_where("claim_from IS NOT NULL")
    )
    op.create_index("ix_deliveries_unsent", "deliveries", ["state", "slot"], **_where("state <> 'sent'"))
    op.create_table(
        "paces",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_paces"),
    )
    op.create_index("ix_paces_free_at", "paces", ["free_at"])
    op.create_table(
        "polls",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("next_poll", sa.DateTime(timezone=True), nullable=False),
        sa.Column("busy_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_polls"),
    )


def _note_begun() -> None:
    """Until now a claimed delivery was one that may have been posted."""
    deliveries = sa.table("deliveries", sa.column("state", sa.String()), sa.column("posting", sa.Boolean()))
    op.execute(deliveries.update().where(deliveries.c.state == "sending").values(posting=True))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
