"""The workspaces of the stand-in Slack: channels, users, views and what stands in them."""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass, field
from typing import Any

Args = dict[str, Any]
Answer = dict[str, Any]

SCOPES = (
    "commands",
    "chat:write",
    "chat:write.public",
    "channels:read",
    "channels:history",
    "channels:join",
    "groups:read",
    "groups:history",
    "users:read",
    "team:read",
    "links:read",
    "links:write",
)


class Refused(Exception):  # noqa: N818
    """Slack answers `ok: false` with this error."""

    def __init__(self, error: str, **more: object) -> None:
        super().__init__(error)
        self.answer: Answer = {"ok": False, "error": error} | more


@dataclass
class Place:
    """A channel, and what stands in it."""

    id: str
    name: str
    private: bool = False
    archived: bool = False
    members: set[str] = field(default_factory=set)
    messages: list[Answer] = field(default_factory=list)


@dataclass
class Workspace:
    """One team's Slack as an app sees it."""

    team: str
    bot_token: str
    bot_user: str = "U0PAPERBOT"
    bot_id: str = "B0PAPERBOT"
    app_id: str = "A0PAPERBOY"
    scopes: tuple[str, ...] = SCOPES
    revoked: bool = False
    places: dict[str, Place] = field(default_factory=dict)
    users: dict[str, Answer] = field(default_factory=dict)
    views: dict[str, Answer] = field(default_factory=dict)
    homes: dict[str, Answer] = field(default_factory=dict)
    ephemerals: list[Answer] = field(default_factory=list)
    unfurls: list[Answer] = field(default_factory=list)
    triggers: dict[str, float] = field(default_factory=dict)
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    def next_id(self, prefix: str) -> str:
        """An id that was not given before."""
        return f"{prefix}{next(self._numbers):07d}"

    def timestamp(self) -> str:
        """Now as a message's `ts`, each different."""
        return f"{int(time.time())}.{next(self._numbers):06d}"

    def new_trigger(self) -> str:
        """A `trigger_id` for one modal, soon."""
        trigger = f"{self.next_id('')}.{self.team}.trigger"
        self.triggers[trigger] = time.monotonic()
        return trigger

    def add_place(self, place: Place, *, with_bot: bool = True) -> None:
        """Found a channel."""
        self.places[place.id] = place
        if with_bot:
            place.members.add(self.bot_user)

    def add_user(self, user: str, name: str, *, zone: str = "UTC", admin: bool = False) -> None:
        """Let somebody in."""
        profile = {"real_name": name, "display_name": name}
        facts = {"name": name, "real_name": name, "tz": zone, "is_admin": admin, "is_bot": False}
        self.users[user] = {"id": user, "team_id": self.team, "profile": profile, **facts}

    def place(self, args: Args) -> Place:
        """The channel that is meant. Raises Refused."""
        name = str(args.get("channel", ""))
        if name in self.users:
            name = self.direct(name).id
        place = self.places.get(name)
        if place is None or (place.private and self.bot_user not in place.members):
            raise Refused("channel_not_found")
        return place

    def direct(self, user: str) -> Place:
        """The bot's conversation with a user. Raises Refused."""
        if user not in self.users:
            raise Refused("user_not_found")
        place = Place(f"D{user[1:]}", user, private=True, members={user, self.bot_user})
        return self.places.setdefault(place.id, place)

    def open_place(self, args: Args) -> Place:
        """The channel that is meant, where the bot may post to it. Raises Refused."""
        place = self.place(args)
        if place.archived:
            raise Refused("is_archived")
        if self.bot_user not in place.members and "chat:write.public" not in self.scopes:
            raise Refused("not_in_channel")
        return place

    def message(self, args: Args, more: Answer) -> Answer:
        """What stands in a channel once it is posted."""
        names = ("text", "blocks", "metadata", "thread_ts", "attachments")
        said = {name: args[name] for name in names if args.get(name)}
        if "blocks" in said:
            said["blocks"] = [self._named(block) for block in said["blocks"]]
        author = {"user": self.bot_user, "bot_id": self.bot_id, "app_id": self.app_id, "team": self.team}
        return {"type": "message", "ts": self.timestamp(), **author, **said, **more}

    def stored_view(self, view: Answer, user: str) -> Answer:
        """A view as Slack keeps it."""
        fresh = {"id": self.next_id("V"), "team_id": self.team, "app_id": self.app_id, "user": user}
        ids = {"bot_id": self.bot_id, "hash": self.timestamp(), "state": {"values": {}}}
        named = [self._named(block) for block in view.get("blocks", [])]
        return {"private_metadata": "", "callback_id": "", **fresh, **ids, **view, "blocks": named}

    def _named(self, block: Answer) -> Answer:
        """Slack gives an id to every block and element that has none."""
        named = {"block_id": self.next_id("b"), **block}
        if "elements" in block and block.get("type") == "actions":
            named["elements"] = [{"action_id": self.next_id("a"), **one} for one in block["elements"]]
        return named
