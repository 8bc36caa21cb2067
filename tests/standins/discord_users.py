"""What people do in the stand-in Discord: use commands, press, choose, fill in forms."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

from tests.standins import discord_shapes as shapes
from tests.standins.discord_gateway import Gateway
from tests.standins.discord_interactions import AUTOCOMPLETE, COMMAND, COMPONENT, SUBMIT, Ack, Interactions
from tests.standins.discord_limits import BUTTON, LINK, SELECTS, walk
from tests.standins.discord_typed import NotOffered, chosen, filled, names_of, submitted
from tests.standins.discord_world import DIRECT, Place, World

Payload = dict[str, Any]

MESSAGE_COMMAND = 3
IN_GUILD, IN_DIRECT = 0, 1


class Users:
    """The doors through which interactions reach the app."""

    world: World
    gateway: Gateway
    interactions: Interactions
    violations: list[str]
    until: Callable[..., Any]
    channel: str
    user: str

    async def command(
        self,
        name: str,
        options: Mapping[str, Any] | None = None,
        *,
        channel: str = "",
        user: str = "",
        anyway: bool = False,
    ) -> Ack:
        """Use `/name`, a subcommand after a space. `anyway`: without the permissions that it asks for.

        Raises NotOffered where Discord would not let it be sent.
        """
        place, who = self._where(channel, user)
        known, *path = name.split(" ")
        found = self._offered(known, 1, place, who, anyway=anyway)
        data = _command_data(found) | {"options": filled(found, path, dict(options or {}))}
        return await self._deliver(COMMAND, f"/{name}", data, place, who)

    async def ask(self, name: str, options: Mapping[str, Any] | None = None, **where: Any) -> Payload:
        """Use a command, and wait for the message that answers it."""
        return await self.answer_to(await self.command(name, options, **where))

    async def answer_to(self, ack: Ack) -> Payload:
        """The first message that was shown or changed for it. Raises TimeoutError."""
        await self.until(lambda: bool(ack.interaction.said))
        return ack.interaction.said[0]

    async def autocomplete(
        self,
        name: str,
        option: str,
        typed: str,
        options: Mapping[str, Any] | None = None,
        *,
        channel: str = "",
        user: str = "",
    ) -> list[Payload]:
        """Type into an option of a command; the choices that are offered. Raises NotOffered."""
        place, who = self._where(channel, user)
        known, *path = name.split(" ")
        found = self._offered(known, 1, place, who)
        values = dict(options or {}) | {option: typed}
        data = _command_data(found) | {"options": filled(found, path, values, focused=option)}
        ack = await self._deliver(AUTOCOMPLETE, f"/{name} {option}", data, place, who)
        choices: list[Payload] = ack.data.get("choices") or []
        return choices

    async def use_on(self, message: Payload, name: str, *, user: str = "") -> Ack:
        """Use a command of a message's menu. Raises NotOffered."""
        place, who = self._where(message["channel_id"], user)
        found = self._offered(name, MESSAGE_COMMAND, place, who)
        target = {"target_id": message["id"], "resolved": {"messages": {message["id"]: message}}}
        return await self._deliver(COMMAND, name, _command_data(found) | target, place, who)

    async def press(self, button: str, *, within: Payload | None = None, user: str = "") -> Ack:
        """Press the newest button of this label or custom_id, in `within` or anywhere. Raises NotOffered."""
        return await self._use(button, {BUTTON}, within, user or self.user, lambda _: {})

    async def choose(self, menu: str, *options: str, within: Payload | None = None, user: str = "") -> Ack:
        """Choose options, by label or value, of the newest menu of this placeholder or custom_id.

        Raises NotOffered.
        """
        return await self._use(
            menu, SELECTS, within, user or self.user, lambda one: {"values": chosen(one, options)}
        )

    async def submit(self, values: Mapping[str, Any], *, modal: Payload | None = None) -> Ack:
        """Submit the newest modal; `values` are by custom_id or label, a list for menus.

        Raises NotOffered where a value is missing or not allowed.
        """
        opened = modal or self.world.modals[-1]
        form = opened["data"]
        known = {name for one in form["components"] for name in names_of(one)}
        if unknown := set(values) - known:
            raise NotOffered(f"the form has no {sorted(unknown)}, only {sorted(known)}")
        data = {
            "custom_id": form["custom_id"],
            "components": [submitted(one, values) for one in form["components"] if one["type"] != 10],
        }
        place = self.world.places[opened["channel"]]
        return await self._deliver(SUBMIT, form["custom_id"], data, place, opened["user"], opened["source"])

    async def _use(
        self,
        name: str,
        kinds: set[int] | frozenset[int],
        within: Payload | None,
        user: str,
        more: Callable[[Payload], Payload],
    ) -> Ack:
        for message in [within] if within else self.world.everywhere():
            for _, one in walk(message["components"]):
                names = {one.get("label"), one.get("placeholder"), one.get("custom_id")}
                if one["type"] in kinds and name in names and not _is_dead(one):
                    if message.get("ephemeral_to") not in {None, user}:
                        continue
                    data = {"custom_id": one["custom_id"], "component_type": one["type"], "id": one["id"]}
                    place = self.world.places[message["channel_id"]]
                    return await self._deliver(COMPONENT, name, data | more(one), place, user, message)
        raise NotOffered(f"nothing is called {name!r}")

    def _where(self, channel: str, user: str) -> tuple[Place, str]:
        return self.world.places[channel or self.channel], user or self.user

    def _offered(self, name: str, kind: int, place: Place, user: str, *, anyway: bool = False) -> Payload:
        every = [*self.world.commands.get(place.guild, []), *self.world.commands[""]]
        for one in every:
            if one["name"] == name and one["type"] == kind:
                context = IN_GUILD if place.guild else IN_DIRECT
                if context not in (one.get("contexts") or (IN_GUILD, IN_DIRECT)):
                    raise NotOffered(f"{name!r} is not for this place")
                if place.guild and not self.world.guilds[place.guild].has_bot and 1 not in _installs(one):
                    raise NotOffered(f"{name!r} is for servers that have invited the app")
                needed = int(one.get("default_member_permissions") or 0)
                if place.guild and not anyway and needed & ~self.world.guilds[place.guild].members[user]:
                    raise NotOffered(f"{name!r} is hidden from this user")
                return one
        raise NotOffered(f"no command is called {name!r}, only {sorted({one['name'] for one in every})}")

    async def _deliver(
        self,
        kind: int,
        name: str,
        data: Payload,
        place: Place,
        user: str,
        source: Payload | None = None,
    ) -> Ack:
        one = self.interactions.new(kind, place, user, source)
        payload = {"id": one.id, "token": one.token, "type": kind, "version": 1, "data": data}
        payload |= self._context(place, user)
        if source is not None:
            payload["message"] = {key: value for key, value in source.items() if key != "ephemeral_to"}
        start = time.monotonic()
        await self.gateway.dispatch(place.guild, "INTERACTION_CREATE", payload)
        try:
            async with asyncio.timeout(self.interactions.ack_seconds):
                body = await asyncio.shield(one.acknowledged)
        except TimeoutError:
            self.violations.append(f"{name}: not answered within {self.interactions.ack_seconds:g} s")
            body = {"type": 0}
        return Ack(time.monotonic() - start, body["type"], body.get("data") or {}, one)

    def _context(self, place: Place, user: str) -> Payload:
        facts: Payload = {
            "application_id": self.world.application,
            "channel_id": place.id,
            "channel": shapes.channel(self.world, place) | {"permissions": str(place.permissions)},
            "app_permissions": str(place.permissions),
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": 10 * 2**20,
        }
        if place.kind == DIRECT:
            owners = {"0": "0", "1": user}
            return facts | {
                "user": self.world.users[user],
                "context": IN_DIRECT,
                "authorizing_integration_owners": owners,
            }
        guild = self.world.guilds[place.guild]
        member = shapes.member(self.world, guild, user) | {"permissions": str(guild.members[user])}
        return facts | {
            "guild_id": guild.id,
            "guild": {"id": guild.id, "locale": "en-US", "features": []},
            "guild_locale": "en-US",
            "member": member,
            "context": IN_GUILD,
            "authorizing_integration_owners": {"0": guild.id} if guild.has_bot else {"1": user},
        }


def _command_data(found: Payload) -> Payload:
    data = {"id": found["id"], "name": found["name"], "type": found["type"]}
    return data | ({"guild_id": found["guild_id"]} if found.get("guild_id") else {})


def _installs(one: Payload) -> list[int]:
    """Who installs the app to have this command: servers (0), users (1)."""
    kinds: list[int] = one.get("integration_types") or [0]
    return kinds


def _is_dead(one: Payload) -> bool:
    return bool(one.get("disabled")) or one.get("style") == LINK
