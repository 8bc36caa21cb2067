"""The table of commands: one row says all that the product knows of a command beside its arguments.

The arguments themselves are the fields of its dataclass in `bot.commands.model`. No column has a default, so
that a new command cannot take a wrong one by being forgotten.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import Enum, auto
from typing import Any

from bot.commands import model
from bot.commands.context import CommandContext
from bot.commands.handlers import feedback, mutes, papers, reading_list, subscriptions
from bot.commands.model import Command
from bot.messages.blocks import Message
from bot.papers.identity import PaperId


class Access(Enum):
    """What a command's transaction does."""

    READS = auto()
    """It changes nothing, and waits for nobody who does."""
    WRITES = auto()
    READS_ALONE = auto()
    """Without an argument it only shows; with one it writes."""


class Rights(Enum):
    """Who may use a command. The platform is asked about admins for all but `ANYBODY`."""

    ANYBODY = auto()
    PARTLY = auto()
    """Anybody may, except for a part that the handler checks."""
    CHANGERS = auto()
    """Those who may change the channel."""


class Share(Enum):
    """Whether an answer, which only the caller sees, gets a button that shows it to the channel."""

    NEVER = auto()
    ALWAYS = auto()
    TOPIC = auto()
    """Where the command has a topic: without one the answer is the channel's own."""


@dataclass(frozen=True, slots=True)
class Row:
    """One command."""

    command: type[Command]
    handler: Callable[[Any, CommandContext], Message]
    access: Access
    rights: Rights
    needs_channel: bool
    """Whether it means something only where digests are delivered."""
    looks_up: bool
    """Whether a paper that it names, and that is not stored, is asked of its source."""
    matches_topic: bool
    """Whether its topic is matched by meaning, which takes time that no transaction should wait for."""
    turns_pages: bool
    """Whether a button for another page puts its answer in the place of this one."""
    share: Share

    def reads(self, command: Command) -> bool:
        """Whether `command`, which is of this row, changes nothing."""
        if self.access is Access.READS_ALONE:
            return all(getattr(command, one.name) == one.default for one in fields(command))
        return self.access is Access.READS

    def shares(self, command: Command) -> bool:
        """Whether the answer to `command`, which is of this row, is of use to the whole channel."""
        if self.share is Share.TOPIC:
            return getattr(command, "topic", None) is not None
        return self.share is Share.ALWAYS

    def paper_to_look_up(self, command: Command) -> PaperId | None:
        """The paper that `command`, which is of this row, asks for."""
        named = (getattr(command, one.name) for one in fields(command)) if self.looks_up else ()
        return next((value for value in named if isinstance(value, PaperId)), None)


READS, WRITES, READS_ALONE = Access
ANYBODY, PARTLY, CHANGERS = Rights
NEVER, ALWAYS, TOPIC = Share
yes, no = True, False

# fmt: off
ROWS: tuple[Row, ...] = (
    #                                                     access      rights    chan look topic page share
    Row(model.Search,          papers.search,             READS,      ANYBODY,  no,  no,  no,  yes, ALWAYS),
    Row(model.Subscribe,       subscriptions.subscribe,   WRITES,     CHANGERS, yes, no,  yes, no,  NEVER),
    Row(model.Unsubscribe,     subscriptions.unsubscribe, WRITES,     CHANGERS, yes, no,  no,  no,  NEVER),
    Row(model.List,            subscriptions.list_,       READS,      ANYBODY,  no,  no,  no,  no,  NEVER),
    Row(model.Preview,         papers.preview,            READS,      ANYBODY,  no,  no,  yes, no,  TOPIC),
    Row(model.Trending,        papers.list_trending,      READS,      ANYBODY,  no,  no,  yes, no,  ALWAYS),
    Row(model.Show,            papers.show,               READS,      ANYBODY,  no,  yes, no,  no,  ALWAYS),
    Row(model.Save,            reading_list.save,         WRITES,     ANYBODY,  no,  yes, no,  no,  NEVER),
    Row(model.Saved,           reading_list.list_saved,   READS,      ANYBODY,  no,  no,  no,  yes, NEVER),
    Row(model.Unsave,          reading_list.unsave,       WRITES,     ANYBODY,  no,  no,  no,  no,  NEVER),
    Row(model.Like,            feedback.like,             WRITES,     ANYBODY,  yes, yes, no,  no,  NEVER),
    Row(model.Dislike,         feedback.dislike,          WRITES,     ANYBODY,  yes, yes, no,  no,  NEVER),
    Row(model.Unlike,          feedback.unlike,           WRITES,     ANYBODY,  yes, no,  no,  no,  NEVER),
    Row(model.Feedback,        feedback.feedback,         READS_ALONE, PARTLY,   yes, no,  no,  no,  NEVER),
    Row(model.Export,          reading_list.export,       READS,      ANYBODY,  no,  yes, no,  no,  NEVER),
    Row(model.Mute,            mutes.mute,                READS_ALONE, CHANGERS, yes, no,  no,  no,  NEVER),
    Row(model.Unmute,          mutes.unmute,              WRITES,     CHANGERS, yes, no,  no,  no,  NEVER),
    Row(model.Pause,           subscriptions.pause,       WRITES,     CHANGERS, yes, no,  no,  no,  NEVER),
    Row(model.Resume,          subscriptions.resume,      WRITES,     CHANGERS, yes, no,  no,  no,  NEVER),
    Row(model.ChannelSettings, subscriptions.settings,    READS_ALONE, CHANGERS, yes, no,  no,  no,  NEVER),
    Row(model.Help,            papers.help_,              READS,      ANYBODY,  no,  no,  no,  no,  NEVER),
)
# fmt: on
_BY_COMMAND = {row.command: row for row in ROWS}


def row_of(command: Command | type[Command]) -> Row:
    """The row of a command or of its class."""
    return _BY_COMMAND[command if isinstance(command, type) else type(command)]
