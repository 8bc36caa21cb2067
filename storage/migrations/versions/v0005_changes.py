"""The changes of papers' words, which derived indexes follow, and a name of the store."""

from __future__ import annotations

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so; every paper that is stored counts as changed once."""
    changes = op.create_table(
        "paper_changes",
        sa.Column("paper_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("paper_id", name="pk_paper_changes"),
    )
    op.create_index("ix_paper_changes_number", "paper_changes", ["number"], unique=True)
    papers = sa.table("papers", sa.column("id"))
    meta = sa.table("meta", sa.column("name"), sa.column("value"))
    op.execute(changes.insert().from_select(["paper_id", "number"], sa.select(papers.c.id, papers.c.id)))
    last = op.get_bind().scalar(sa.select(sa.func.max(papers.c.id)))
    op.bulk_insert(
        meta, [{"name": "changes", "value": str(last or 0)}, {"name": "store", "value": uuid4().hex}]
    )
