"""The first tables, and the full-text index."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TSVECTOR

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    _meta()
    _papers()
    _paper_ids()
    _announcements()
    _batches()
    _channels()
    _subscriptions()
    _matches()
    _digests()
    _digest_entries()
    _deliveries()
    if op.get_bind().dialect.name == "sqlite":
        _fts5()
    else:
        _tsvector()


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def _meta() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_meta"),
    )


def _papers() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("announced", sa.Date(), nullable=False),
        sa.Column("published", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("upvotes", sa.Integer(), nullable=True),
        sa.Column("stars", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("authors", sa.JSON(), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("code_url", sa.String(), nullable=False),
        sa.Column("abstract", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_papers"),
        sa.UniqueConstraint("key", name="uq_papers_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_papers_announced", "papers", ["announced"])


def _paper_ids() -> None:
    op.create_table(
        "paper_ids",
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_paper_ids_paper_id_papers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("value", name="pk_paper_ids"),
    )
    op.create_index("ix_paper_ids_paper_id", "paper_ids", ["paper_id"])


def _announcements() -> None:
    op.create_table(
        "announcements",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_announcements_paper_id_papers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source", "day", "paper_id", name="pk_announcements"),
    )
    op.create_index("ix_announcements_paper_id", "announcements", ["paper_id"])


def _batches() -> None:
    op.create_table(
        "batches",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("complete", sa.Boolean(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failed", sa.String(), nullable=False),
        sa.Column("bad", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("source", "day", name="pk_batches"),
    )
    op.create_index("ix_batches_changed", "batches", ["changed"])


def _channels() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("covered_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_channels"),
        sa.UniqueConstraint("platform", "place", name="uq_channels_platform_place"),
    )
    op.create_index("ix_channels_due", "channels", ["next_due"], **_where("next_due IS NOT NULL"))


def _subscriptions() -> None:
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("days", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("broken", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id"], ["channels.id"], name="fk_subscriptions_channel_id_channels", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subscriptions"),
        sa.UniqueConstraint("channel_id", "topic", name="uq_subscriptions_channel_id_topic"),
        sqlite_autoincrement=True,
    )


def _matches() -> None:
    op.create_table(
        "matches",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_matches_paper_id_papers", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name="fk_matches_subscription_id_subscriptions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_matches"),
        sa.UniqueConstraint("subscription_id", "paper_id", name="uq_matches_subscription_id_paper_id"),
    )
    op.create_index("ix_matches_paper_id", "matches", ["paper_id"])


def _digests() -> None:
    op.create_table(
        "digests",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["channel_id"], ["channels.id"], name="fk_digests_channel_id_channels"),
        sa.PrimaryKeyConstraint("channel_id", "slot", name="pk_digests"),
    )


def _digest_entries() -> None:
    op.create_table(
        "digest_entries",
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("paper_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id", "slot"],
            ["digests.channel_id", "digests.slot"],
            name="fk_digest_entries_channel_id_slot_digests",
        ),
        sa.ForeignKeyConstraint(["paper_id"], ["papers.id"], name="fk_digest_entries_paper_id_papers"),
        sa.PrimaryKeyConstraint("channel_id", "paper_id", name="pk_digest_entries"),
    )
    op.create_index("ix_digest_entries_paper_id", "digest_entries", ["paper_id"])
    op.create_index("ix_digest_entries_slot", "digest_entries", ["channel_id", "slot"])


def _deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("slot", sa.Date(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("fence", sa.Integer(), nullable=False),
        sa.Column("claim_from", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["channel_id", "slot"],
            ["digests.channel_id", "digests.slot"],
            name="fk_deliveries_channel_id_slot_digests",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_deliveries"),
        sa.UniqueConstraint("channel_id", "slot", "part", name="uq_deliveries_channel_id_slot_part"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_deliveries_claim", "deliveries", ["claim_from", "id"], **_where("claim_from IS NOT NULL")
    )


def _fts5() -> None:
    # `ascii` splits at ASCII signs alone: what the analyser wrote comes out as it went in.
    op.execute("CREATE VIRTUAL TABLE paper_stems USING fts5(title, abstract, tokenize = 'ascii')")
    op.execute("CREATE VIRTUAL TABLE paper_forms USING fts5(title, abstract, tokenize = 'ascii')")
    op.execute("CREATE VIRTUAL TABLE paper_fields USING fts5(authors, categories, tokenize = 'ascii')")


def _tsvector() -> None:
    indexes = ("stems", "forms", "authors", "categories")
    op.create_table(
        "paper_words",
        sa.Column("paper_id", sa.Integer(), nullable=False),
        *(sa.Column(name, TSVECTOR(), nullable=False) for name in indexes),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name="fk_paper_words_paper_id_papers", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", name="pk_paper_words"),
    )
    op.create_index("ix_paper_words", "paper_words", list(indexes), postgresql_using="gin")
