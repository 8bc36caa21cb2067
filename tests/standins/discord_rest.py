"""What each route of Discord's API answers and does in the stand-in's world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.standins import discord_shapes as shapes
from tests.standins.discord_world import (
    CREATE_THREADS,
    DIRECT,
    FORUM,
    HAS_THREAD,
    HISTORY,
    SEND,
    SEND_IN_THREADS,
    THREADS,
    VIEW,
    Guild,
    Place,
    Refused,
    World,
)

Payload = dict[str, Any]


def me(world: World, _parts: Payload, _body: Any) -> Payload:
    return world.users[world.bot]


def application(world: World, _parts: Payload, _body: Any) -> Payload:
    return shapes.application(world)


def my_guilds(world: World, _parts: Payload, _body: Any) -> list[Payload]:
    return [{"id": one.id, "name": one.name, "owner": False} for one in world.guilds.values()]


def commands(world: World, parts: Payload, _body: Any) -> list[Payload]:
    return world.commands.get(parts.get("guild", ""), [])


def put_commands(world: World, parts: Payload, body: list[Payload]) -> list[Payload]:
    guild = parts.get("guild", "")
    known = {(one["type"], one["name"]): one["id"] for one in world.commands.get(guild, [])}
    made = [
        {
            "application_id": world.application,
            "version": world.new_id(),
            "type": 1,
            "description": "",
            "default_member_permissions": None,
            "guild_id": guild or None,
            **one,
            "id": known.get((one.get("type", 1), one["name"])) or world.new_id(),
        }
        for one in body
    ]
    world.commands[guild] = made
    return made


def guild(world: World, parts: Payload, _body: Any) -> Payload:
    return shapes.guild(world, _guild(world, parts))


def guild_channels(world: World, parts: Payload, _body: Any) -> list[Payload]:
    one = _guild(world, parts)
    inside = [place for place in world.places.values() if place.guild == one.id]
    return [shapes.channel(world, place) for place in inside if place.kind not in THREADS]


def member(world: World, parts: Payload, _body: Any) -> Payload:
    one = _guild(world, parts)
    if parts["user"] not in {*one.members, world.bot}:
        raise Refused(10007)
    return shapes.member(world, one, parts["user"])


def user(world: World, parts: Payload, _body: Any) -> Payload:
    if parts["user"] not in world.users:
        raise Refused(10013)
    return world.users[parts["user"]]


def direct(world: World, _parts: Payload, body: Payload) -> Payload:
    return shapes.channel(world, world.direct(str(body["recipient_id"])))


def channel(world: World, parts: Payload, _body: Any) -> Payload:
    return shapes.channel(world, world.place(parts["channel"]))


def edit_channel(world: World, parts: Payload, body: Payload) -> Payload:
    place = world.place(parts["channel"])
    if place.kind not in THREADS:
        raise Refused(50013)
    place.archived = bool(body.get("archived", place.archived))
    place.name = body.get("name", place.name)
    return shapes.channel(world, place)


def post(world: World, parts: Payload, body: Payload) -> Payload:
    place = world.place(parts["channel"])
    if place.kind == FORUM:
        raise Refused(50008)
    if place.kind == DIRECT and place.closed:
        raise Refused(50007)
    world.place(parts["channel"], SEND_IN_THREADS if place.kind in THREADS else SEND)
    place.archived = False
    return world.post(place, body)


def messages(world: World, parts: Payload, _body: Any) -> list[Payload]:
    place = world.place(parts["channel"])
    if place.guild and not place.permissions & HISTORY:
        return []
    after, before = int(parts.get("after") or 0), int(parts.get("before") or 1 << 64)
    found = [one for one in place.messages if after < int(one["id"]) < before]
    limit = int(parts.get("limit") or 50)
    shown = found[:limit] if "after" in parts else found[-limit:]
    return shown[::-1]


def message(world: World, parts: Payload, _body: Any) -> Payload:
    return _message(world.place(parts["channel"], HISTORY), parts)


def edit_message(world: World, parts: Payload, body: Payload) -> Payload:
    said = _message(world.place(parts["channel"]), parts)
    if said["author"]["id"] != world.bot:
        raise Refused(50005)
    return world.edit(said, body)


def delete_message(world: World, parts: Payload, _body: Any) -> None:
    place = world.place(parts["channel"])
    gone = _message(place, parts)
    place.messages[:] = [one for one in place.messages if one is not gone]


def thread_of_message(world: World, parts: Payload, body: Payload) -> Payload:
    place = world.place(parts["channel"], CREATE_THREADS)
    said = _message(place, parts)
    if said["flags"] & HAS_THREAD:
        raise Refused(160004)
    said["flags"] |= HAS_THREAD
    return shapes.channel(world, world.start_thread(place, body["name"], said["id"]))


def thread(world: World, parts: Payload, body: Payload) -> Payload:
    place = world.place(parts["channel"])
    if place.kind != FORUM:
        world.place(parts["channel"], CREATE_THREADS)
        return shapes.channel(world, world.start_thread(place, body["name"]))
    world.place(parts["channel"], SEND)
    if "message" not in body:
        raise Refused(50035, ["message: required in a forum"])
    if place.tags and not body.get("applied_tags"):
        raise Refused(40067)
    begun = world.start_thread(place, body["name"])
    said = world.post(begun, body["message"])
    said["id"] = begun.id
    return shapes.channel(world, begun) | {"message": said}


def active_threads(world: World, parts: Payload, _body: Any) -> Payload:
    one = _guild(world, parts)
    inside = [place for place in world.places.values() if place.guild == one.id and place.kind in THREADS]
    return {"threads": [shapes.channel(world, p) for p in inside if not p.archived], "members": []}


def archived_threads(world: World, parts: Payload, _body: Any) -> Payload:
    above = world.place(parts["channel"], HISTORY)
    inside = [place for place in world.places.values() if place.parent == above.id and place.archived]
    return {"threads": [shapes.channel(world, p) for p in inside], "members": [], "has_more": False}


def join_thread(world: World, parts: Payload, _body: Any) -> None:
    world.place(parts["channel"])


def typing(world: World, parts: Payload, _body: Any) -> None:
    world.place(parts["channel"], SEND)


def leave_guild(world: World, parts: Payload, _body: Any) -> None:
    del world.guilds[_guild(world, parts).id]


@dataclass(frozen=True, slots=True)
class Route:
    """What a route does, and which kind of body it takes, as `discord_payloads` names it."""

    act: Callable[[World, Payload, Any], Any]
    kind: str = ""


_MESSAGE = "/channels/{channel}/messages/{message}"
_COMMANDS = "/applications/{application}/commands"
_GUILD_COMMANDS = "/applications/{application}/guilds/{guild}/commands"
POST = "POST /channels/{channel}/messages"

ROUTES: dict[str, Route] = {
    "GET /users/@me": Route(me),
    "GET /users/@me/guilds": Route(my_guilds),
    "POST /users/@me/channels": Route(direct, "direct"),
    "DELETE /users/@me/guilds/{guild}": Route(leave_guild),
    "GET /users/{user}": Route(user),
    "GET /oauth2/applications/@me": Route(application),
    "GET /applications/@me": Route(application),
    f"GET {_COMMANDS}": Route(commands),
    f"PUT {_COMMANDS}": Route(put_commands, "commands"),
    f"GET {_GUILD_COMMANDS}": Route(commands),
    f"PUT {_GUILD_COMMANDS}": Route(put_commands, "commands"),
    "GET /guilds/{guild}": Route(guild),
    "GET /guilds/{guild}/channels": Route(guild_channels),
    "GET /guilds/{guild}/members/{user}": Route(member),
    "GET /guilds/{guild}/threads/active": Route(active_threads),
    "GET /channels/{channel}": Route(channel),
    "PATCH /channels/{channel}": Route(edit_channel),
    "GET /channels/{channel}/messages": Route(messages),
    POST: Route(post, "message"),
    f"GET {_MESSAGE}": Route(message),
    f"PATCH {_MESSAGE}": Route(edit_message, "message edit"),
    f"DELETE {_MESSAGE}": Route(delete_message),
    f"POST {_MESSAGE}/threads": Route(thread_of_message, "thread of a message"),
    "POST /channels/{channel}/threads": Route(thread, "thread"),
    "GET /channels/{channel}/threads/archived/public": Route(archived_threads),
    "PUT /channels/{channel}/thread-members/@me": Route(join_thread),
    "POST /channels/{channel}/typing": Route(typing),
}


def _guild(world: World, parts: Payload) -> Guild:
    if parts["guild"] not in world.guilds:
        raise Refused(10004)
    return world.guilds[parts["guild"]]


def _message(place: Place, parts: Payload) -> Payload:
    for one in place.messages:
        if one["id"] == parts["message"]:
            return one
    raise Refused(10008)


__all__ = ["POST", "ROUTES", "VIEW", "Route"]
