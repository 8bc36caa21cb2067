"""The tables. Rows stay in `storage/`: the other modules map them to the core's frozen dataclasses.

Every column type is portable. The full-text index has tables of its own (`storage.full_text`).
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import ClassVar

from sqlalchemy import JSON, ForeignKeyConstraint, Index, MetaData, Text, UniqueConstraint, false, text, true
from sqlmodel import Field, SQLModel

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Named constraints, since Alembic's batch mode can only change what has a name."""

# An id that was given out is never given to another row.
_NO_REUSE = {"sqlite_autoincrement": True}


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def _of_a_digest() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["channel_id", "slot", "number"], ["digests.channel_id", "digests.slot", "digests.number"]
    )


class Row(SQLModel):
    """The base of all tables."""

    metadata: ClassVar[MetaData] = METADATA


class MetaRow(Row, table=True):
    """What the database says of itself.

    `analyser` is the version that wrote its full-text index, `changes` the number of the last change of a
    paper's words, `store` a name that no other database has.
    """

    __tablename__ = "meta"

    name: str = Field(primary_key=True)
    value: str


class PaperRow(Row, table=True):
    """One work. Short columns stand first: SQLite reads a row only as far as it needs."""

    __tablename__ = "papers"
    __table_args__ = _NO_REUSE

    id: int = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    """`str(PaperId)`."""
    announced: date = Field(index=True)
    """The first day on which a source listed it."""
    published: date | None = None
    version: int | None = None
    upvotes: int | None = None
    stars: int | None = None
    title: str
    authors: list[str] = Field(sa_type=JSON)
    categories: list[str] = Field(sa_type=JSON)
    summary: str
    code_url: str
    abstract: str = Field(sa_type=Text)
    summary_by: str = Field(default="", sa_column_kwargs={"server_default": ""})


class PaperIdRow(Row, table=True):
    """Every id of a work, its own and its aliases: one id names one paper."""

    __tablename__ = "paper_ids"

    value: str = Field(primary_key=True)
    """`str(PaperId)`."""
    paper_id: int = Field(foreign_key="papers.id", ondelete="CASCADE", index=True)


class SignalDayRow(Row, table=True):
    """What people made of a paper from a day on, until the next row of it; the last word on that day."""

    __tablename__ = "signal_days"

    paper_id: int = Field(
        foreign_key="papers.id",
        ondelete="CASCADE",
        primary_key=True,
        sa_column_kwargs={"autoincrement": False},
    )
    day: date = Field(primary_key=True, index=True)
    upvotes: int | None = None
    stars: int | None = None


class PaperChangeRow(Row, table=True):
    """The latest change of a paper's words; that of a paper which is gone stays."""

    __tablename__ = "paper_changes"

    paper_id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(unique=True, index=True)


class VectorRow(Row, table=True):
    """The vector of a paper."""

    __tablename__ = "vectors"
    __table_args__ = (UniqueConstraint("paper_id"), _NO_REUSE)

    id: int = Field(default=None, primary_key=True)
    paper_id: int = Field(foreign_key="papers.id", ondelete="CASCADE")
    model: str = Field(index=True)
    """The version of the model that made it."""
    number: int
    """The paper's latest change when it was made."""
    vector: bytes
    """384 numbers of 16 bits, little-endian."""


class WaitingRow(Row, table=True):
    """A paper of a batch that is to be matched by meaning when it has its vector."""

    __tablename__ = "waiting"
    __table_args__ = (UniqueConstraint("paper_id", "source", "day"), _NO_REUSE)

    id: int = Field(default=None, primary_key=True)
    paper_id: int = Field(foreign_key="papers.id", ondelete="CASCADE")
    source: str
    day: date


class AnnouncementRow(Row, table=True):
    """A source listed a paper on a day."""

    __tablename__ = "announcements"

    source: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    paper_id: int = Field(foreign_key="papers.id", ondelete="CASCADE", primary_key=True, index=True)
    kind: str
    """The freshest `AnnouncementKind` as which it was listed there on that day."""


class BatchRow(Row, table=True):
    """What is known of a batch besides its announcements."""

    __tablename__ = "batches"

    source: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    complete: bool
    changed: datetime = Field(index=True)
    failed: str
    bad: dict[str, str] = Field(sa_type=JSON)
    """Unreadable records: where, and the problem."""


class ChannelRow(Row, table=True):
    """A place on a platform, and its schedule."""

    __tablename__ = "channels"
    __table_args__ = (
        UniqueConstraint("platform", "place"),
        _partial("ix_channels_due", "next_due", where="next_due IS NOT NULL"),
    )

    id: int = Field(default=None, primary_key=True)
    platform: str
    place: str
    at: time
    zone: str
    limit: int
    paused: bool
    next_due: datetime | None = None
    covered_until: datetime
    layout: str = Field(sa_column_kwargs={"server_default": "full"})
    resume_on: date | None = None


class WorkspaceRow(Row, table=True):
    """What a workspace has chosen."""

    __tablename__ = "workspaces"

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    """As `Address.workspace` names it."""
    policy: str


class InstallationRow(Row, table=True):
    """A workspace's tokens, encrypted."""

    __tablename__ = "installations"

    platform: str = Field(primary_key=True)
    workspace: str = Field(primary_key=True)
    sealed: str = Field(sa_type=Text)
    installed: datetime


class MarkRow(Row, table=True):
    """Something that was seen, or is valid once, until a time."""

    __tablename__ = "marks"

    kind: str = Field(primary_key=True)
    value: str = Field(primary_key=True)
    until: datetime = Field(index=True)


class SubscriptionRow(Row, table=True):
    """A channel's topic in its canonical spelling."""

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("channel_id", "topic"), _NO_REUSE)

    id: int = Field(default=None, primary_key=True)
    channel_id: int = Field(foreign_key="channels.id", ondelete="CASCADE")
    topic: str
    days: str
    owner: str
    paused: bool
    broken: str
    created: datetime
    strictness: str = Field(sa_column_kwargs={"server_default": "normal"})
    resume_on: date | None = None


class MuteRow(Row, table=True):
    """A clause, in its canonical spelling, that brings no papers into a channel's digests."""

    __tablename__ = "mutes"

    channel_id: int = Field(foreign_key="channels.id", ondelete="CASCADE", primary_key=True)
    clause: str = Field(primary_key=True)
    owner: str
    muted_at: datetime


class SavedRow(Row, table=True):
    """A paper in somebody's reading list, as it was when it was saved: it need not be stored otherwise."""

    __tablename__ = "saved"
    __table_args__ = (UniqueConstraint("platform", "workspace", "user", "paper"), _NO_REUSE)

    id: int = Field(default=None, primary_key=True)
    platform: str
    workspace: str
    user: str
    paper: str
    """`str(PaperId)`."""
    saved_at: datetime
    snapshot: str = Field(sa_type=Text)
    """The paper as JSON."""


class RatingRow(Row, table=True):
    """What somebody thinks of a paper for a channel, and the paper as it was then, as in `SavedRow`."""

    __tablename__ = "ratings"

    channel_id: int = Field(foreign_key="channels.id", ondelete="CASCADE", primary_key=True)
    user: str = Field(primary_key=True)
    paper: str = Field(primary_key=True)
    """`str(PaperId)` of then."""
    thumb: int
    """1 or -1."""
    rated_at: datetime
    snapshot: str = Field(sa_type=Text)
    """The paper as JSON."""


class MatchRow(Row, table=True):
    """A paper and a subscription, with the batch in which it matched first."""

    __tablename__ = "matches"
    __table_args__ = (
        UniqueConstraint("subscription_id", "paper_id"),
        _partial("ix_matches_at_once", "subscription_id", where="at_once"),
        _partial("ix_matches_open", "subscription_id", where="open"),
        Index("ix_matches_days", "subscription_id", "day", "paper_id"),
    )

    id: int = Field(default=None, primary_key=True)
    subscription_id: int = Field(foreign_key="subscriptions.id", ondelete="CASCADE")
    paper_id: int = Field(foreign_key="papers.id", ondelete="CASCADE", index=True)
    source: str
    day: date
    reasons: list[str] = Field(sa_type=JSON)
    at_once: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Whether it waits to go out at once."""
    open: bool = Field(default=True, sa_column_kwargs={"server_default": true()})
    """Whether a digest may still need it: the channel had not had the paper when it was last looked."""


class DigestRow(Row, table=True):
    """A channel had its digest of a slot planned, or one that goes out at once: never twice."""

    __tablename__ = "digests"

    channel_id: int = Field(foreign_key="channels.id", primary_key=True)
    slot: date = Field(primary_key=True)
    number: int = Field(default=0, primary_key=True, sa_column_kwargs={"server_default": "0"})
    """0 is that of the slot, from 1 on those that went out at once."""
    planned: datetime | None = None
    """NULL where it was planned before this was noted."""


class EntryRow(Row, table=True):
    """A paper that a channel has had: once ever. Its subscription may be gone since."""

    __tablename__ = "digest_entries"
    __table_args__ = (_of_a_digest(), Index("ix_digest_entries_slot", "channel_id", "slot"))

    channel_id: int = Field(primary_key=True)
    paper_id: int = Field(foreign_key="papers.id", primary_key=True, index=True)
    slot: date
    number: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    subscription_id: int
    rank: int
    shown: bool


class DeliveryRow(Row, table=True):
    """One message of a digest on its way."""

    __tablename__ = "deliveries"
    __table_args__ = (
        UniqueConstraint("channel_id", "slot", "number", "part"),
        _of_a_digest(),
        _partial("ix_deliveries_claim", "claim_from", "id", where="claim_from IS NOT NULL"),
        _partial("ix_deliveries_open", "channel_id", "id", where="claim_from IS NOT NULL"),
        _partial("ix_deliveries_unsent", "state", "slot", where="state <> 'sent'"),
        _NO_REUSE,
    )

    id: int = Field(default=None, primary_key=True)
    channel_id: int
    slot: date
    number: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    part: int
    message: str = Field(sa_type=Text)
    """As `bot.messages.blocks.message_to_json` writes it."""
    state: str
    attempts: int
    fence: int
    claim_from: datetime | None = None
    """From when on it may be claimed: the next attempt of a pending one, the end of the lease of one that is
    being sent, NULL of every other."""
    detail: str
    planned: datetime | None = None
    """NULL where it was planned before this was noted."""
    tried: datetime | None = None
    """When it was first claimed since it became pending."""
    booked: int = Field(sa_column_kwargs={"server_default": "0"})
    """How many of its paces have given it a turn, of which `claim_from` is the last."""
    posting: bool = Field(sa_column_kwargs={"server_default": false()})
    """Whether a claimant began to post it, and did not say how that ended."""


class PaceRow(Row, table=True):
    """Something that is used by turns."""

    __tablename__ = "paces"

    name: str = Field(primary_key=True)
    free_at: datetime = Field(index=True)
    """When the next turn is free."""


class PollRow(Row, table=True):
    """When a source is to be asked next."""

    __tablename__ = "polls"

    source: str = Field(primary_key=True)
    next_poll: datetime
    busy_until: datetime | None = None
    """Until when it belongs to the process that is asking."""
    failures: int
    """How often in a row it has failed."""
