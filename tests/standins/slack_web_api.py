"""What each method of Slack's Web API answers and does in a workspace of the stand-in.

Shapes are those of Slack's own examples, cut to what an app reads.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass

from tests.standins.slack_workspace import Answer, Args, Refused, Workspace

TRIGGER_SECONDS = 3.0
"""How long a `trigger_id` opens a modal; it does so once."""


def auth_test(space: Workspace, _args: Args) -> Answer:
    names = {"url": "https://team.slack.invalid/", "team": space.team, "user": "paperboy"}
    return {**names, "team_id": space.team, "user_id": space.bot_user, "bot_id": space.bot_id}


def post_message(space: Workspace, args: Args) -> Answer:
    place = space.open_place(args)
    thread = args.get("thread_ts")
    if thread and not any(one["ts"] == thread for one in place.messages):
        raise Refused("thread_not_found")
    said = space.message(args, {})
    place.messages.append(said)
    return {"channel": place.id, "ts": said["ts"], "message": said}


def post_ephemeral(space: Workspace, args: Args) -> Answer:
    place = space.open_place(args)
    if args.get("user") not in space.users:
        raise Refused("user_not_in_channel")
    said = space.message(args, {"channel": place.id, "ephemeral_to": args["user"]})
    space.ephemerals.append(said)
    return {"message_ts": said["ts"]}


def update(space: Workspace, args: Args) -> Answer:
    place = space.open_place(args)
    for index, one in enumerate(place.messages):
        if one["ts"] == args.get("ts"):
            said = space.message(args, {"ts": one["ts"], "edited": {"user": space.bot_user}})
            place.messages[index] = said
            return {"channel": place.id, "ts": one["ts"], "text": said.get("text", ""), "message": said}
    raise Refused("message_not_found")


def delete(space: Workspace, args: Args) -> Answer:
    place = space.place(args)
    kept = [one for one in place.messages if one["ts"] != args.get("ts")]
    if len(kept) == len(place.messages):
        raise Refused("message_not_found")
    place.messages[:] = kept
    return {"channel": place.id, "ts": args["ts"]}


def unfurl(space: Workspace, args: Args) -> Answer:
    if not args.get("unfurl_id"):
        space.place(args)
    space.unfurls.append(args)
    return {}


def open_view(space: Workspace, args: Args) -> Answer:
    issued = space.triggers.pop(str(args.get("trigger_id", "")), None)
    if issued is None:
        raise Refused("invalid_trigger_id" if "trigger_id" in args else "invalid_arguments")
    if time.monotonic() - issued > TRIGGER_SECONDS:
        raise Refused("expired_trigger_id")
    view = space.stored_view(args["view"], "")
    space.views[view["id"]] = view
    return {"view": view}


def update_view(space: Workspace, args: Args) -> Answer:
    found = [
        view
        for view in space.views.values()
        if view["id"] == args.get("view_id") or view.get("external_id", "-") == args.get("external_id")
    ]
    if not found:
        raise Refused("not_found")
    if args.get("hash") and args["hash"] != found[0]["hash"]:
        raise Refused("hash_conflict")
    kept = {name: found[0][name] for name in ("id", "state")}
    space.views[found[0]["id"]] = space.stored_view(args["view"], "") | kept
    return {"view": space.views[found[0]["id"]]}


def publish_view(space: Workspace, args: Args) -> Answer:
    user = str(args.get("user_id", ""))
    if user not in space.users:
        raise Refused("user_not_found")
    space.homes[user] = space.stored_view(args["view"], user)
    return {"view": space.homes[user]}


def conversation(space: Workspace, args: Args) -> Answer:
    place = space.place(args)
    kind = {"is_channel": not place.private, "is_group": place.private, "is_private": place.private}
    inside = {"is_member": space.bot_user in place.members, "is_archived": place.archived}
    return {"channel": {"id": place.id, "name": place.name, **kind, **inside}}


def history(space: Workspace, args: Args) -> Answer:
    place = space.place(args)
    if space.bot_user not in place.members:
        raise Refused("not_in_channel")
    oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
    found = [
        one
        for one in reversed(place.messages)
        if oldest <= float(one["ts"]) <= latest and one.get("thread_ts") in (None, one["ts"])
    ]
    return _page(found, args)


def replies(space: Workspace, args: Args) -> Answer:
    place = space.place(args)
    found = [one for one in place.messages if args.get("ts") in {one["ts"], one.get("thread_ts")}]
    if not found:
        raise Refused("thread_not_found")
    return _page(found, args)


def _page(found: list[Answer], args: Args) -> Answer:
    """A page of messages; their metadata is told on demand."""
    hidden = set() if args.get("include_all_metadata") in (True, "true", "1") else {"metadata"}
    limit, start = int(args.get("limit") or 100), int(args.get("cursor") or 0)
    page, rest = found[start : start + limit], found[start + limit :]
    shown = [{name: one[name] for name in one.keys() - hidden} for one in page]
    cursor = {"response_metadata": {"next_cursor": str(start + limit)}} if rest else {}
    return {"messages": shown, "has_more": bool(rest), **cursor}


def members(space: Workspace, args: Args) -> Answer:
    return {"members": sorted(space.place(args).members), "response_metadata": {"next_cursor": ""}}


def join(space: Workspace, args: Args) -> Answer:
    place = space.place(args)
    if place.archived:
        raise Refused("is_archived")
    place.members.add(space.bot_user)
    return conversation(space, args)


def conversations(space: Workspace, _args: Args) -> Answer:
    seen = [p for p in space.places.values() if not p.private or space.bot_user in p.members]
    found = [conversation(space, {"channel": place.id})["channel"] for place in seen]
    return {"channels": found, "response_metadata": {"next_cursor": ""}}


def conversations_of(space: Workspace, args: Args) -> Answer:
    """The channels of a user; private ones only where the bot is a member too."""
    if args.get("user") not in space.users:
        raise Refused("user_not_found")
    theirs = [
        place
        for place in space.places.values()
        if args["user"] in place.members
        and place.id[0] in "CG"
        and (not place.private or space.bot_user in place.members)
    ]
    start, size = int(args.get("cursor") or 0), int(args.get("limit") or 100)
    found = [conversation(space, {"channel": place.id})["channel"] for place in theirs[start : start + size]]
    following = str(start + size) if start + size < len(theirs) else ""
    return {"channels": found, "response_metadata": {"next_cursor": following}}


def user_info(space: Workspace, args: Args) -> Answer:
    if args.get("user") not in space.users:
        raise Refused("user_not_found")
    return {"user": space.users[args["user"]]}


def open_direct(space: Workspace, args: Args) -> Answer:
    return {"channel": {"id": space.direct(str(args.get("users", ""))).id}}


def bot_info(space: Workspace, _args: Args) -> Answer:
    return {"bot": {"id": space.bot_id, "app_id": space.app_id, "user_id": space.bot_user, "deleted": False}}


def team_info(space: Workspace, _args: Args) -> Answer:
    return {"team": {"id": space.team, "name": f"Team {space.team}", "domain": "team"}}


def permalink(space: Workspace, args: Args) -> Answer:
    place = space.place(args)
    return {"channel": place.id, "permalink": f"https://team.slack.invalid/{place.id}/{args['message_ts']}"}


def revoke(space: Workspace, _args: Args) -> Answer:
    space.revoked = True
    return {"revoked": True}


@dataclass(frozen=True, slots=True)
class Method:
    """What a method does, and the scopes of which it needs one."""

    act: Callable[[Workspace, Args], Answer]
    scopes: tuple[str, ...] = ()


METHODS: dict[str, Method] = {
    "auth.test": Method(auth_test),
    "auth.revoke": Method(revoke),
    "bots.info": Method(bot_info, ("users:read",)),
    "chat.postMessage": Method(post_message, ("chat:write",)),
    "chat.postEphemeral": Method(post_ephemeral, ("chat:write",)),
    "chat.update": Method(update, ("chat:write",)),
    "chat.delete": Method(delete, ("chat:write",)),
    "chat.getPermalink": Method(permalink),
    "chat.unfurl": Method(unfurl, ("links:write",)),
    "conversations.info": Method(conversation, ("channels:read", "groups:read")),
    "conversations.list": Method(conversations, ("channels:read", "groups:read")),
    "conversations.history": Method(history, ("channels:history", "groups:history")),
    "conversations.replies": Method(replies, ("channels:history", "groups:history")),
    "conversations.members": Method(members, ("channels:read", "groups:read")),
    "conversations.join": Method(join, ("channels:join",)),
    "conversations.open": Method(open_direct, ("im:write",)),
    "team.info": Method(team_info, ("team:read",)),
    "users.conversations": Method(conversations_of, ("channels:read", "groups:read")),
    "users.info": Method(user_info, ("users:read",)),
    "views.open": Method(open_view),
    "views.push": Method(open_view),
    "views.update": Method(update_view),
    "views.publish": Method(publish_view),
}


def call(space: Workspace, method: str, args: Args) -> Answer:
    """The answer to a call by this workspace's bot. Raises Refused."""
    known = METHODS.get(method)
    if known is None:
        raise Refused("unknown_method")
    if space.revoked:
        raise Refused("token_revoked")
    if known.scopes and not set(known.scopes) & set(space.scopes):
        raise Refused("missing_scope", needed=known.scopes[0], provided=",".join(space.scopes))
    return {"ok": True} | known.act(space, args)


def decoded(args: Args) -> Args:
    """Arguments as objects: in forms the structured ones are JSON in a string."""
    structured = ("blocks", "view", "metadata", "unfurls", "attachments")
    return {
        name: json.loads(value) if name in structured and isinstance(value, str) else value
        for name, value in args.items()
    }
