"""Vectors of papers, what waits for them, and how strict a subscription by meaning is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so; vectors come with the next ingestion."""
    op.create_table(
        "vectors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_vectors"),
        sa.UniqueConstraint("paper_id", name="uq_vectors_paper_id"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_vectors_paper_id_papers", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vectors_model", "vectors", ["model"])
    op.create_table(
        "waiting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_waiting"),
        sa.UniqueConstraint("paper_id", "source", "day", name="uq_waiting_paper_id_source_day"),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_waiting_paper_id_papers", ondelete="CASCADE"
        ),
        sqlite_autoincrement=True,
    )
    op.add_column(
        "subscriptions", sa.Column("strictness", sa.String(), nullable=False, server_default="normal")
    )
