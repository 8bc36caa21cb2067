"""The signals of a paper on the days on which they changed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so; the history begins with the next ingestion."""
    op.create_table(
        "signal_days",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("upvotes", sa.Integer(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("paper_id", "day", name="pk_signal_days"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_signal_days_paper_id_papers", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_signal_days_day", "signal_days", ["day"])
