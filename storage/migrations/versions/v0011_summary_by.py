"""Who made a paper's summary, where it did not come with the paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so; the summaries that there are came with their papers."""
    op.add_column("papers", sa.Column("summary_by", sa.String(), nullable=False, server_default=""))
