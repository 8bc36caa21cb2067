"""What there is in the stand-in Discord: guilds, channels, users, and the messages that stand there."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

Payload = dict[str, Any]

EPOCH_MS = 1_420_070_400_000
"""Discord's first second, which its ids count from."""

GUILDS_MS = 100_000_000_000
"""When the first guild was made; an even number, so that it belongs to the first shard of two."""

TEXT, DIRECT, NEWS, THREAD, FORUM = 0, 1, 5, 11, 15
THREADS = frozenset({10, THREAD, 12})

VIEW, SEND, EMBED, HISTORY = 1 << 10, 1 << 11, 1 << 14, 1 << 16
MANAGE_CHANNELS, CREATE_THREADS, SEND_IN_THREADS = 1 << 4, 1 << 35, 1 << 38
USE_COMMANDS = 1 << 31
BOT_PERMISSIONS = VIEW | SEND | EMBED | HISTORY | CREATE_THREADS | SEND_IN_THREADS
MEMBER_PERMISSIONS = VIEW | SEND | HISTORY | USE_COMMANDS
MANAGER_PERMISSIONS = MEMBER_PERMISSIONS | MANAGE_CHANNELS

EPHEMERAL, LOADING, HAS_THREAD, COMPONENTS_V2 = 1 << 6, 1 << 7, 1 << 5, 1 << 15

NONCE_SECONDS = 120.0
"""How long a nonce is held to. Discord says "within the past few minutes"."""


class Refused(Exception):  # noqa: N818
    """Discord answers with a status and one of its codes.

    https://docs.discord.com/developers/topics/opcodes-and-status-codes#json
    """

    def __init__(self, code: int, problems: list[str] | None = None) -> None:
        self.status, said = REFUSALS[code]
        super().__init__(said)
        self.body: Payload = {"message": said, "code": code}
        if problems:
            faults = [{"code": "INVALID", "message": problem} for problem in problems]
            self.body["errors"] = {"_errors": faults}


REFUSALS = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10013: (404, "Unknown User"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    40060: (400, "Interaction has already been acknowledged."),
    40067: (400, "A tag is required to create a forum post in this channel"),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50007: (403, "Cannot send messages to this user"),
    50008: (400, "Cannot send messages in a non-text channel"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    160004: (400, "A thread has already been created for this message"),
}


@dataclass
class Place:
    """A channel, thread or direct conversation. `denied` are permissions that the bot lacks in it."""

    id: str
    name: str
    kind: int = TEXT
    guild: str = ""
    parent: str = ""
    denied: int = 0
    archived: bool = False
    recipient: str = ""
    closed: bool = False
    """A direct conversation whose user takes no messages."""
    tags: tuple[str, ...] = ()
    """Of a forum, by name: it wants one of them on every post."""
    messages: list[Payload] = field(default_factory=list)

    @property
    def permissions(self) -> int:
        """What the bot may do here."""
        return BOT_PERMISSIONS & ~self.denied


@dataclass
class Guild:
    """A guild that the bot is in. `members` have permissions each."""

    id: str
    name: str
    owner: str
    members: dict[str, int] = field(default_factory=dict)
    has_bot: bool = True
    """Otherwise its members have the app for their own accounts alone."""


class World:
    """One Discord as a bot sees it."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self.application = self.bot = self.new_id()
        self.guilds: dict[str, Guild] = {}
        self.places: dict[str, Place] = {}
        self.users: dict[str, Payload] = {}
        self.ephemerals: list[Payload] = []
        """Messages that one person sees, `ephemeral_to`."""
        self.modals: list[Payload] = []
        self.commands: dict[str, list[Payload]] = {"": []}
        """By the id of a guild, or "" for all."""
        self.nonce_seconds = NONCE_SECONDS
        self._nonces: dict[tuple[str, str], tuple[Payload, float]] = {}
        self.add_user(self.bot, "paperboy", bot=True)

    def new_id(self) -> str:
        """An id of now that was not given before."""
        return str((int(time.time() * 1000) - EPOCH_MS << 22) + next(self._numbers))

    def add_user(self, user: str, name: str, *, bot: bool = False) -> None:
        """Let somebody in."""
        known = {"id": user, "username": name, "global_name": name.title(), "avatar": None}
        self.users[user] = {**known, "discriminator": "0", "bot": bot, "public_flags": 0, "flags": 0}

    def add_guild(self, name: str, *, owner: str) -> Guild:
        """Another guild, whose owner may do everything. With two shards every other guild is the second's."""
        guild = Guild(str(GUILDS_MS + len(self.guilds) << 22), name, owner, {owner: MANAGER_PERMISSIONS})
        self.guilds[guild.id] = guild
        return guild

    def add_place(self, name: str, kind: int = TEXT, *, guild: str, parent: str = "") -> Place:
        """Another channel."""
        place = Place(self.new_id(), name, kind, guild, parent)
        self.places[place.id] = place
        return place

    def place(self, channel: str, needed: int = VIEW) -> Place:
        """A channel in which the bot may do what is needed. Raises Refused."""
        place = self.places.get(channel)
        if place is None:
            raise Refused(10003)
        above = self.places.get(place.parent, place)
        allowed = place.permissions & above.permissions
        guild = self.guilds.get(place.guild)
        if place.guild and (guild is None or not guild.has_bot or not allowed & VIEW):
            raise Refused(50001)
        if place.guild and needed & ~allowed:
            raise Refused(50013)
        return place

    def direct(self, user: str) -> Place:
        """The bot's conversation with a user. Raises Refused."""
        if user not in self.users:
            raise Refused(10013)
        for place in self.places.values():
            if place.kind == DIRECT and place.recipient == user:
                return place
        place = self.add_place(self.users[user]["username"], DIRECT, guild="")
        place.recipient = user
        return place

    def post(self, place: Place, body: Payload) -> Payload:
        """Post as the bot; a nonce that is enforced gives the first message again."""
        key = (place.id, str(body.get("nonce")))
        said, at = self._nonces.get(key, ({}, 0.0))
        if said and body.get("enforce_nonce") and time.monotonic() - at < self.nonce_seconds:
            return said
        said = self.message(place.id, body)
        place.messages.append(said)
        if body.get("enforce_nonce"):
            self._nonces[key] = (said, time.monotonic())
        return said

    def message(self, channel: str, body: Payload, **more: Any) -> Payload:
        """What stands in a channel once it is said."""
        made: Payload = {
            "id": self.new_id(),
            "channel_id": channel,
            "author": self.users[self.bot],
            "application_id": self.application,
            "timestamp": now(),
            "edited_timestamp": None,
            "tts": False,
            "type": 0,
            "pinned": False,
            "mention_everyone": False,
            "mentions": [],
            "mention_roles": [],
            "attachments": body.get("attachments") or [],
            "content": body.get("content") or "",
            "embeds": [{"type": "rich", **one} for one in body.get("embeds") or []],
            "components": numbered(body.get("components") or []),
            "flags": body.get("flags") or 0,
        }
        if body.get("nonce") is not None:
            made["nonce"] = body["nonce"]
        return made | more

    def edit(self, said: Payload, body: Payload) -> Payload:
        """Change a message in place, and stamp it."""
        told = {
            name: body[name] for name in ("content", "embeds", "components", "attachments") if name in body
        }
        fresh = self.message(said["channel_id"], said | told)
        said |= {name: fresh[name] for name in ("content", "embeds", "components", "attachments")}
        said["flags"] = (said["flags"] | (body.get("flags") or 0)) & ~LOADING
        said["edited_timestamp"] = now()
        return said

    def start_thread(self, parent: Place, name: str, message_id: str = "") -> Place:
        """A public thread; one of a message has the message's id."""
        place = Place(message_id or self.new_id(), name, THREAD, parent.guild, parent.id)
        self.places[place.id] = place
        return place

    def everywhere(self) -> list[Payload]:
        """Every message, the newest first."""
        posted = [one for place in self.places.values() for one in place.messages]
        return sorted([*posted, *self.ephemerals], key=lambda one: int(one["id"]), reverse=True)


def numbered(components: list[Payload]) -> list[Payload]:
    """Components with the ids that Discord gives them, in the order in which they stand."""
    count = itertools.count(1)

    def give(one: Payload) -> Payload:
        made = one | {"id": one.get("id") or next(count)}
        if "components" in one:
            made["components"] = [give(inner) for inner in one["components"]]
        return made | {name: give(one[name]) for name in ("accessory", "component") if name in one}

    return [give(one) for one in components]


def now() -> str:
    """As Discord writes it."""
    return datetime.now(UTC).isoformat()
