"""How fast a platform may be posted to: by channel, by workspace, and in all, over every process together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.channels.channel import Address
from bot.messages.blocks import Message

# The outbox is looked at every second (`deliver.LOOK_SECONDS`); a delivery claimed any earlier would block
# its place in this process, and any later would miss its turn.
CLAIM_AHEAD = timedelta(seconds=1.5)
"""How long before its turn a delivery is claimed: more than the time between two looks at the outbox."""
# Turns alone do not bound the rate: workers that were held up would all post at the same instant. Discord
# counts 50 requests a second for a bot (https://discord.com/developers/docs/topics/rate-limits), Slack one
# message a second for a channel (https://docs.slack.dev/apis/web-api/rate-limits).
LATEST_START = timedelta(seconds=0.2)
"""How long after its turn a post may begin. Of r turns a second then begin 1.2 r posts in any one second, at
the most, whatever the processes do."""

log = structlog.get_logger()

ReserveTurn = Callable[[str, timedelta, datetime], datetime]
"""Take the next free turn of a name, not before an instant; a turn keeps the name for so long. The turn."""


@dataclass(frozen=True, slots=True)
class PlatformLimits:
    """A platform's limits. Seconds are for one of its messages; 0 is no limit."""

    channel: float = 0.0
    """Seconds in one channel."""
    workspace: float = 0.0
    """Seconds in one workspace."""
    platform: float = 0.0
    """Seconds in all, over every process."""
    # Not a limit of the platform: it bounds the connections, and what a killed worker leaves in doubt.
    most_in_flight: int = 64
    """How many deliveries one process has in hand."""
    # A long digest is several posts. Counted as one it let Discord's 50 a second be passed by long digests.
    count_messages: Callable[[Message], int] = lambda _message: 1
    """How many of the platform's messages a post of it takes."""


NO_LIMITS = PlatformLimits()


@dataclass(frozen=True, slots=True)
class ReservedTime:
    """When a delivery may be posted, and how many of its limits have given it that turn."""

    at: datetime
    booked: int = 0

    def is_past(self, now: datetime) -> bool:
        """Whether it is too late to make use of it."""
        # With nothing booked there is no limit that it could break.
        return self.booked > 0 and now > self.at + LATEST_START


def limits_for(pace: PlatformLimits, address: Address, message: Message) -> Sequence[tuple[str, timedelta]]:
    """The names under which `message` takes a turn at `address`, the narrowest first, and how long it is."""
    platform, workspace = address.platform, address.workspace
    # The narrowest first: it is the one most likely to be far away, and then no wider one is asked
    # (`reserve_next`).
    named = (
        (f"channel:{address}", pace.channel),
        (f"workspace:{platform}:{workspace}", pace.workspace if workspace else 0.0),
        (f"platform:{platform}", pace.platform),
    )
    limited = [(name, seconds) for name, seconds in named if seconds]
    # Counting renders the message, so that it is only done where something depends on it.
    messages = _count_messages(pace, message) if limited else 0
    return [(name, timedelta(seconds=seconds * messages)) for name, seconds in limited]


def _count_messages(pace: PlatformLimits, message: Message) -> int:
    try:
        return pace.count_messages(message)
    except Exception:  # a bug of one platform must not stop the claims of the others; the post will meet it
        log.exception("a message could not be counted")
        return 1


def reserve_next(
    wanted: Sequence[tuple[str, timedelta]], waited: ReservedTime | None, now: datetime, reserve: ReserveTurn
) -> ReservedTime:
    """The turn of a delivery that has `waited` for one, or for none yet.

    A wider limit is only asked once the turn of the narrower ones is near, so that who waits for a busy
    workspace keeps nobody else of the platform waiting. A turn that is past is given anew.
    """
    # A turn that was booked is kept over give-backs and restarts: who asks again each time would fall back
    # behind everybody who came later.
    turn = waited if waited and not waited.is_past(now) else ReservedTime(now)
    for number, (name, length) in enumerate(wanted[turn.booked :], turn.booked + 1):
        # Booking the platform's turn already, for a time that a busy workspace puts off, would leave that
        # turn unused and slow everybody down. It is booked when this one is near.
        if turn.at > now + CLAIM_AHEAD:
            break
        turn = ReservedTime(reserve(name, length, max(turn.at, now)), number)
    return turn
