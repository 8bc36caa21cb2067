"""The objects that Discord's API and gateway show, cut to what an app reads."""

from __future__ import annotations

from typing import Any

from tests.standins.discord_world import (
    BOT_PERMISSIONS,
    DIRECT,
    FORUM,
    MEMBER_PERMISSIONS,
    THREADS,
    Guild,
    Place,
    World,
    now,
)

Payload = dict[str, Any]
REQUIRE_TAG = 1 << 4
BOT_OVERWRITE = 1
"""An overwrite for a member, not for a role."""


def application(world: World) -> Payload:
    """`/applications/@me`."""
    owner = next((guild.owner for guild in world.guilds.values()), world.bot)
    return {
        "id": world.application,
        "name": "Paperboy",
        "description": "",
        "icon": None,
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "0" * 64,
        "flags": 0,
        "owner": world.users[owner],
        "team": None,
        "approximate_guild_count": len(world.guilds),
        "integration_types_config": {"0": {}, "1": {}},
    }


def guild(world: World, one: Guild) -> Payload:
    """A guild, as GUILD_CREATE and `/guilds/{id}` have it."""
    inside = [place for place in world.places.values() if place.guild == one.id]
    return {
        **_guild_facts(one),
        "owner_id": one.owner,
        "roles": [_everyone(one), _bot_role(world, one)],
        "member_count": len(one.members) + 1,
        "members": [member(world, one, world.bot)],
        "channels": [channel(world, place) for place in inside if place.kind not in THREADS],
        "threads": [
            channel(world, place) for place in inside if place.kind in THREADS and not place.archived
        ],
        "large": False,
        "unavailable": False,
        "joined_at": now(),
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def _guild_facts(one: Guild) -> Payload:
    return {
        "id": one.id,
        "name": one.name,
        "icon": None,
        "features": [],
        "emojis": [],
        "stickers": [],
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "premium_tier": 0,
        "preferred_locale": "en-US",
        "system_channel_id": None,
        "system_channel_flags": 0,
        "rules_channel_id": None,
        "afk_channel_id": None,
        "afk_timeout": 300,
    }


def _everyone(one: Guild) -> Payload:
    return _role(one.id, "@everyone", MEMBER_PERMISSIONS, 0)


def _bot_role(world: World, one: Guild) -> Payload:
    return _role(str(int(one.id) + 1), "paperboy", BOT_PERMISSIONS, 1) | {
        "managed": True,
        "tags": {"bot_id": world.bot},
    }


def _role(role: str, name: str, permissions: int, position: int) -> Payload:
    looks = {"color": 0, "colors": {"primary_color": 0}, "hoist": False, "mentionable": False, "flags": 0}
    return {
        "id": role,
        "name": name,
        "permissions": str(permissions),
        "position": position,
        "managed": False,
        **looks,
    }


def member(world: World, one: Guild, user: str) -> Payload:
    """A member of a guild."""
    roles = [str(int(one.id) + 1)] if user == world.bot else []
    facts = {"roles": roles, "nick": None, "avatar": None, "joined_at": now(), "premium_since": None}
    return {"user": world.users[user], **facts, "deaf": False, "mute": False, "pending": False, "flags": 0}


def channel(world: World, place: Place) -> Payload:
    """A channel, a thread or a direct conversation."""
    if place.kind == DIRECT:
        recipients = [world.users[place.recipient]] if place.recipient else []
        return {"id": place.id, "type": DIRECT, "recipients": recipients, "last_message_id": None, "flags": 0}
    facts: Payload = {
        "id": place.id,
        "type": place.kind,
        "guild_id": place.guild,
        "name": place.name,
        "parent_id": place.parent or None,
        "last_message_id": place.messages[-1]["id"] if place.messages else None,
        "rate_limit_per_user": 0,
        "flags": 0,
    }
    if place.kind in THREADS:
        return facts | _thread(world, place)
    overwrite = {"id": world.bot, "type": BOT_OVERWRITE, "allow": "0", "deny": str(place.denied)}
    overwrites = [overwrite] if place.denied else []
    facts |= {"position": 0, "permission_overwrites": overwrites, "topic": None, "nsfw": False}
    return facts | (_forum(place) if place.kind == FORUM else {})


def _forum(place: Place) -> Payload:
    tags = [
        {
            "id": str(int(place.id) + number),
            "name": name,
            "moderated": False,
            "emoji_id": None,
            "emoji_name": None,
        }
        for number, name in enumerate(place.tags, 1)
    ]
    flags = REQUIRE_TAG if place.tags else 0
    return {"available_tags": tags, "default_forum_layout": 0, "flags": flags}


def _thread(world: World, place: Place) -> Payload:
    metadata = {
        "archived": place.archived,
        "auto_archive_duration": 1440,
        "archive_timestamp": now(),
        "locked": False,
        "create_timestamp": now(),
    }
    counts = {"message_count": len(place.messages), "member_count": 1, "total_message_sent": 0}
    joined = {"id": place.id, "user_id": world.bot, "join_timestamp": now(), "flags": 0}
    return {
        "owner_id": world.bot,
        "thread_metadata": metadata,
        **counts,
        "member": joined,
        "applied_tags": [],
    }


def ready(world: World, session: str, url: str, shard: tuple[int, int], guilds: list[Guild]) -> Payload:
    """What a session begins with."""
    return {
        "v": 10,
        "user": world.users[world.bot] | {"verified": True, "mfa_enabled": False, "email": None},
        "guilds": [{"id": one.id, "unavailable": True} for one in guilds],
        "session_id": session,
        "resume_gateway_url": url,
        "shard": list(shard),
        "application": {"id": world.application, "flags": 0},
        "private_channels": [],
        "relationships": [],
    }
