"""What is said, in platform-neutral blocks holding raw strings. A platform renders, escapes and splits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, TypeAlias

from pydantic import Field, TypeAdapter


@dataclass(frozen=True, slots=True)
class Heading:
    """Opens a section: a topic of a digest."""

    text: str
    kind: Literal["heading"] = "heading"


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph."""

    text: str
    people: tuple[str, ...] = ()
    """Users, as the platform names them, who are listed after it: mentions that ping nobody."""
    kind: Literal["text"] = "text"


@dataclass(frozen=True, slots=True)
class Note:
    """An aside: less weight than a text. A warning stands out."""

    text: str
    warning: bool = False
    kind: Literal["note"] = "note"


@dataclass(frozen=True, slots=True)
class Code:
    """Lines shown character by character, one above the other: typed text, and a caret below it."""

    text: str
    kind: Literal["code"] = "code"


@dataclass(frozen=True, slots=True)
class Fields:
    """Labels and their values, in order."""

    pairs: tuple[tuple[str, str], ...]
    kind: Literal["fields"] = "fields"


@dataclass(frozen=True, slots=True)
class Button:
    """A press runs `command`, written as a user would type it after `/papers`."""

    label: str
    command: str


@dataclass(frozen=True, slots=True)
class PaperCard:
    """One paper, and why it is here."""

    id: str
    """As `str(PaperId)`."""
    url: str
    title: str
    authors: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    announced: date | None = None
    upvotes: int | None = None
    stars: int | None = None
    code_url: str = ""
    summary: str = ""
    reasons: tuple[str, ...] = ()
    marks: tuple[tuple[int, int], ...] = ()
    """Where `summary` has words that were searched for: (start, end) of each, in order."""
    actions: tuple[Button, ...] = ()
    """What can be done with it, the most wanted first: its small menu (see `bot.digests.card_actions`)."""
    kind: Literal["paper"] = "paper"


@dataclass(frozen=True, slots=True)
class Buttons:
    """Buttons side by side."""

    buttons: tuple[Button, ...]
    kind: Literal["buttons"] = "buttons"


class Coverage(StrEnum):
    """How much of a batch there was when the digest was made."""

    COMPLETE = "complete"
    PARTIAL = "partial"
    LATE = "late"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One batch: papers announced, how many of them matched this channel, how many are shown."""

    source: str
    day: date
    announced: int
    matched: int
    shown: int
    coverage: Coverage
    bad: int = 0
    """Records that could not be read."""
    detail: str = ""
    """Why it is late or failed."""
    since: date | None = None
    """The first day, where the line sums up several batches; `day` is the last then."""
    muted: int = 0
    """Papers that only muted clauses matched."""
    earlier: int = 0
    """Papers that matched and were shown before: at once, or out of another batch."""
    unread: int = 0
    """Papers that are still to be matched by meaning."""
    is_ranking: bool = False
    """Whether it is of what trends: `announced` papers were ranked then."""

    @property
    def batch(self) -> str:
        """`arxiv 2025-10-10`, or `arxiv 2025-10-06 to 2025-10-09`."""
        return f"{self.source} {self.since} to {self.day}" if self.since else f"{self.source} {self.day}"

    @property
    def counts(self) -> str:
        """`245 announced, 4 matched, 1 shown, complete`, with what went wrong where something did."""
        verb = "ranked" if self.is_ranking else "announced"
        text = f"{self.announced:,} {verb}, {self.matched:,} matched, {self.shown:,} shown"
        more = ((self.earlier, "shown earlier"), (self.muted, "muted"))
        text += "".join(f", {number:,} {word}" for number, word in more if number)
        text += f", {self.coverage}"
        wrong = ((self.bad, "unreadable"), (self.unread, "not yet matched by meaning"))
        text += "".join(f", {number:,} {word}" for number, word in wrong if number)
        return f"{text}: {self.detail}" if self.detail else text


@dataclass(frozen=True, slots=True)
class Receipt:
    """The coverage of a digest."""

    lines: tuple[ReceiptLine, ...]
    kind: Literal["receipt"] = "receipt"


class Layout(StrEnum):
    """How much of a message stands in the channel itself, on platforms that have threads."""

    FULL = "full"
    COMPACT = "compact"
    """The titles; the rest is in the message's thread."""
    POST = "post"
    """In a forum a post of its own; elsewhere as compact."""


Block: TypeAlias = Heading | Paragraph | Note | Code | Fields | PaperCard | Buttons | Receipt


@dataclass(frozen=True, slots=True)
class Message:
    """A title and blocks below it."""

    title: str
    blocks: tuple[Annotated[Block, Field(discriminator="kind")], ...] = ()
    layout: Layout = Layout.FULL


_MESSAGE_ADAPTER = TypeAdapter(Message)


# The outbox keeps messages as JSON for days: a field that is renamed here breaks what waits in databases. New
# ones need a default.
def message_to_json(message: Message) -> str:
    """`message` as the outbox keeps it; `message_from_json` reads it back equal."""
    return _MESSAGE_ADAPTER.dump_json(message).decode()


def message_from_json(text: str) -> Message:
    """Read what `message_to_json` wrote.

    Raises pydantic.ValidationError.
    """
    return _MESSAGE_ADAPTER.validate_json(text)
