"""Interactions: their one callback, in time, and what follows it through the interaction's own webhook.

https://docs.discord.com/developers/interactions/receiving-and-responding
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import Any

from tests.standins.discord_payloads import CHOICES, DEFER, DEFER_UPDATE, MESSAGE, MODAL, UPDATE
from tests.standins.discord_world import EPHEMERAL, LOADING, Place, Refused, World

Payload = dict[str, Any]

ACK_SECONDS = 3.0
"""How long Discord waits for the callback."""
TOKEN_SECONDS = 15 * 60.0
"""How long the token is good for follow-ups."""

COMMAND, COMPONENT, AUTOCOMPLETE, SUBMIT = 2, 3, 4, 5
_ALLOWED = {
    COMMAND: {MESSAGE, DEFER, MODAL},
    COMPONENT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    SUBMIT: {MESSAGE, DEFER, DEFER_UPDATE, UPDATE},
}


@dataclass
class Interaction:
    """One of them, and what the app has made of it."""

    id: str
    token: str
    kind: int
    place: Place
    user: str
    source: Payload | None
    """The message whose component was used."""
    acknowledged: asyncio.Future[Payload]
    made: float = field(default_factory=time.monotonic)
    original: Payload | None = None
    said: list[Payload] = field(default_factory=list)
    """Every message that was shown or changed for it, in order."""


@dataclass(frozen=True, slots=True)
class Ack:
    """How an interaction was answered: after how long, by which callback, and with what data."""

    seconds: float
    kind: int
    data: Payload
    interaction: Interaction

    @property
    def in_time(self) -> bool:
        """Whether there was a callback within 3 seconds."""
        return self.kind > 0


class Interactions:
    """All interactions, by id and by token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._by_id: dict[str, Interaction] = {}
        self._by_token: dict[str, Interaction] = {}
        self.ack_seconds, self.token_seconds = ACK_SECONDS, TOKEN_SECONDS

    def new(self, kind: int, place: Place, user: str, source: Payload | None) -> Interaction:
        """An interaction that waits for its callback."""
        number = self._world.new_id()
        future = asyncio.get_running_loop().create_future()
        made = Interaction(number, f"token-{number}", kind, place, user, source, future)
        self._by_id[made.id] = self._by_token[made.token] = made
        return made

    def is_v2_source(self, parts: Payload) -> bool:
        """Whether an edit through this call would change a message made of components."""
        one = self._by_id.get(parts.get("interaction", "")) or self._by_token.get(parts.get("token", ""))
        said = self._named(one, parts.get("message", "@original")) if one else None
        return bool(said and said["flags"] & 1 << 15)

    def callback(self, parts: Payload, body: Payload) -> Payload:
        """The answer that must come within 3 seconds, once. Raises Refused."""
        one = self._by_id.get(parts["interaction"])
        if one is None or one.token != parts["token"] or time.monotonic() - one.made > self.ack_seconds:
            raise Refused(10062)
        if one.acknowledged.done():
            raise Refused(40060)
        kind, data = body["type"], body.get("data") or {}
        if kind not in _ALLOWED[one.kind] or (kind in {DEFER_UPDATE, UPDATE} and one.source is None):
            raise Refused(50035, [f"type: {kind} does not answer an interaction of type {one.kind}"])
        self._obey(one, kind, data)
        one.acknowledged.set_result(body)
        told: Payload = {"id": one.id, "type": one.kind, "activity_instance_id": None}
        resource: Payload = {"type": kind}
        if kind in {MESSAGE, DEFER, UPDATE} and one.original:
            told |= {
                "response_message_id": one.original["id"],
                "response_message_loading": kind == DEFER,
                "response_message_ephemeral": bool(one.original["flags"] & EPHEMERAL),
            }
            resource["message"] = one.original
        return {"interaction": told, "resource": resource}

    def _obey(self, one: Interaction, kind: int, data: Payload) -> None:
        if kind == MODAL:
            where = {"channel": one.place.id, "user": one.user, "source": one.source}
            self._world.modals.append({"data": data, **where})
        elif kind == MESSAGE:
            one.original = self._say(one, data)
            one.said.append(one.original)
        elif kind == DEFER:
            one.original = self._say(one, data | {"flags": (data.get("flags") or 0) | LOADING})
        elif kind in {DEFER_UPDATE, UPDATE}:
            one.original = one.source
        if kind == UPDATE and one.source is not None:
            one.said.append(self._world.edit(one.source, data))

    def follow_up(self, parts: Payload, body: Payload) -> Payload:
        """Another message; after a deferral the first one takes the place of the deferred answer.

        Raises Refused.
        """
        one = self._open(parts)
        if one.original and one.original["flags"] & LOADING:
            said = self._world.edit(one.original, body)
        else:
            said = self._say(one, body)
        one.said.append(said)
        return said

    def edit(self, parts: Payload, body: Payload) -> Payload:
        """Change an answer. Raises Refused."""
        one = self._open(parts)
        said = self._world.edit(self._found(one, parts), body)
        one.said.append(said)
        return said

    def fetch(self, parts: Payload, _body: Payload) -> Payload:
        """An answer as it stands. Raises Refused."""
        return self._found(self._open(parts), parts)

    def delete(self, parts: Payload, _body: Payload) -> None:
        """Take an answer back. Raises Refused."""
        one = self._open(parts)
        gone = self._found(one, parts)
        for shown in (self._world.ephemerals, one.place.messages):
            shown[:] = [said for said in shown if said is not gone]
        one.said[:] = [said for said in one.said if said is not gone]

    def _say(self, one: Interaction, data: Payload) -> Payload:
        owners = {"0": one.place.guild or "0"}
        about = {"id": one.id, "type": one.kind, "user": self._world.users[one.user]}
        about["authorizing_integration_owners"] = owners
        more = {"webhook_id": self._world.application, "interaction_metadata": about}
        said = self._world.message(one.place.id, data, **more)
        if said["flags"] & EPHEMERAL:
            said["ephemeral_to"] = one.user
            self._world.ephemerals.append(said)
        else:
            one.place.messages.append(said)
        return said

    def _open(self, parts: Payload) -> Interaction:
        """The interaction of a token that is good. Raises Refused."""
        one = self._by_token.get(parts["token"])
        if one is None or not one.acknowledged.done() or parts["application"] != self._world.application:
            raise Refused(10015)
        if time.monotonic() - one.made > self.token_seconds:
            raise Refused(50027)
        return one

    def _named(self, one: Interaction, message: str) -> Payload | None:
        if message == "@original":
            return one.original or one.source
        return next((said for said in one.said if said["id"] == message), None)

    def _found(self, one: Interaction, parts: Payload) -> Payload:
        said = self._named(one, parts["message"])
        if said is None or not any(said is known for known in self._world.everywhere()):
            raise Refused(10008)
        return said
