"""Digests that go out at once: several a day, and the matches that wait for them."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_KEY = ["channel_id", "slot", "number"]
_OF_A_DIGEST = ["digests.channel_id", "digests.slot", "digests.number"]
_ENTRIES_KEY = "fk_digest_entries_channel_id_slot_number_digests"
_DELIVERIES_KEY = "fk_deliveries_channel_id_slot_number_digests"
_PARTS = "uq_deliveries_channel_id_slot_number_part"


def upgrade() -> None:
    """Make it so; the digests that there are become those of their slots."""
    op.add_column("matches", sa.Column("at_once", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_matches_at_once", "matches", ["subscription_id"], **_where("at_once"))
    if op.get_bind().dialect.name == "sqlite":
        _made_anew()
    else:
        _altered()


def _number() -> sa.Column[int]:
    return sa.Column("number", sa.Integer(), nullable=False, server_default="0")


def _altered() -> None:
    op.drop_constraint("fk_digest_entries_channel_id_slot_digests", "digest_entries")
    op.drop_constraint("fk_deliveries_channel_id_slot_digests", "deliveries")
    op.drop_constraint("uq_deliveries_channel_id_slot_part", "deliveries")
    op.drop_constraint("pk_digests", "digests")
    for table in ("digests", "digest_entries", "deliveries"):
        op.add_column(table, _number())
    op.add_column("digests", sa.Column("planned", sa.DateTime(timezone=True), nullable=True))
    op.create_primary_key("pk_digests", "digests", _KEY)
    op.create_unique_constraint(_PARTS, "deliveries", [*_KEY, "part"])
    op.create_foreign_key(_ENTRIES_KEY, "digest_entries", "digests", _KEY, _KEY)
    op.create_foreign_key(_DELIVERIES_KEY, "deliveries", "digests", _KEY, _KEY)


def _made_anew() -> None:
    """SQLite cannot change a key: the rows move to new tables, while the old ones hold each other."""
    indexes = ("digest_entries_paper_id", "digest_entries_slot")
    for name in (*indexes, "deliveries_claim", "deliveries_open", "deliveries_unsent"):
        op.drop_index(f"ix_{name}")
    for table in ("digests", "digest_entries", "deliveries"):
        op.rename_table(table, f"old_{table}")
    _digests()
    _digest_entries()
    _deliveries()
    _move("digests", "channel_id, slot")
    _move("digest_entries", "channel_id, paper_id, slot, subscription_id, rank, shown")
    columns = "id, channel_id, slot, part, message, state, attempts, fence, claim_from, detail"
    _move("deliveries", f"{columns}, planned, tried, booked, posting")
    _keep_ids()
    for table in ("deliveries", "digest_entries", "digests"):
        op.drop_table(f"old_{table}")
    _index()


def _move(table: str, names: str) -> None:
    columns = names.split(", ")
    new = sa.table(table, *map(sa.column, columns))
    old = sa.table(f"old_{table}", *map(sa.column, columns))
    op.execute(new.insert().from_select(columns, sa.select(*old.c)))


def _keep_ids() -> None:
    """An id that was given out is never given to another delivery."""
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'deliveries'")
    op.execute("UPDATE sqlite_sequence SET name = 'deliveries' WHERE name = 'old_deliveries'")


def _digests() -> None:
    op.create_table(
        "digests",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        _number(),
        sa.Column("planned", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_digests_channel_id_channels"),
        sa.PrimaryKeyConstraint(*_KEY, name="pk_digests"),
    )


def _digest_entries() -> None:
    op.create_table(
        "digest_entries",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        _number(),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(_KEY, _OF_A_DIGEST, name=_ENTRIES_KEY),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_digest_entries_paper_id_papers"),
        sa.PrimaryKeyConstraint("channel_id", "paper_id", name="pk_digest_entries"),
    )


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        _number(),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("claim_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.Column("planned", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tried", sa.DateTime(timezone=True), nullable=True),
        sa.Column("booked", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("posting", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.ForeignKeyConstraint(_KEY, _OF_A_DIGEST, name=_DELIVERIES_KEY),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint(*_KEY, "part", name=_PARTS),
        sqlite_autoincrement=True,
    )


def _index() -> None:
    op.create_index("ix_digest_entries_paper_id", "digest_entries", ["paper_id"])
    op.create_index("ix_digest_entries_slot", "digest_entries", ["channel_id", "slot"])
    waiting = _where("claim_from IS NOT NULL")
    op.create_index("ix_deliveries_claim", "deliveries", ["claim_from", "id"], **waiting)
    op.create_index("ix_deliveries_open", "deliveries", ["channel_id", "id"], **waiting)
    op.create_index("ix_deliveries_unsent", "deliveries", ["state", "slot"], **_where("state <> 'sent'"))


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
