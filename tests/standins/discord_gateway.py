"""Discord's gateway as it speaks: hello, identify, heartbeats, events that are numbered, resumed or lost.

https://docs.discord.com/developers/events/gateway
"""

from __future__ import annotations

import asyncio
import itertools
import json
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.standins import discord_shapes as shapes
from tests.standins.discord_world import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11
AUTHENTICATION_FAILED, INVALID_SHARD = 4004, 4010
HEARTBEAT_MS = 41_250


class Socket:
    """One connection: plain text, or with `compress` one zlib stream over all messages."""

    def __init__(self, socket: web.WebSocketResponse, *, compress: bool) -> None:
        self.socket = socket
        self._stream = zlib.compressobj() if compress else None

    async def send(self, op: int, data: Any, event: str | None = None, number: int | None = None) -> None:
        """Send one message; a connection that is gone takes nothing."""
        if self.socket.closed:
            return
        text = json.dumps({"op": op, "d": data, "t": event, "s": number})
        if self._stream is None:
            await self.socket.send_str(text)
        else:
            packed = self._stream.compress(text.encode()) + self._stream.flush(zlib.Z_SYNC_FLUSH)
            await self.socket.send_bytes(packed)


@dataclass
class Session:
    """What a client resumes: its events are kept, each with its number."""

    id: str
    shard: tuple[int, int]
    intents: int
    socket: Socket | None
    events: list[tuple[str, Any]] = field(default_factory=list)

    async def dispatch(self, event: str, data: Any) -> None:
        """Send an event now, or when the client comes back."""
        self.events.append((event, data))
        if self.socket is not None:
            await self.socket.send(DISPATCH, data, event, len(self.events))


class Gateway:
    """The sessions of a bot, one a shard."""

    def __init__(self, world: World, token: str) -> None:
        self._world, self._token = world, token
        self._sessions: dict[str, Session] = {}
        self._numbers = itertools.count(1)
        self._changed = asyncio.Condition()
        self.url = ""
        self.identified = self.resumed = 0
        """How often a session was begun anew, and how often one was resumed."""
        self.intents: set[int] = set()
        """What was asked for."""
        self.heartbeats = 0

    @property
    def sessions(self) -> list[Session]:
        """Those that have a connection, by shard."""
        return sorted((one for one in self._sessions.values() if one.socket), key=lambda one: one.shard)

    async def wait(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until so many shards are connected. Raises TimeoutError."""
        await self.until(lambda: len(self.sessions) >= count, seconds)

    async def until(self, true: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something holds, looking again whenever a session changes. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(true)

    async def dispatch(self, guild: str, event: str, data: Any) -> None:
        """Send an event to the shard of a guild, or of direct messages for "". Raises LookupError."""
        for session in reversed(self._sessions.values()):
            if _shard_of(guild, session.shard[1]) == session.shard[0]:
                await session.dispatch(event, data)
                return
        raise LookupError("no shard is there for it")

    async def close(self, code: int, shard: int = 0) -> None:
        """Close a shard's connection with a code of Discord's; its session can be resumed."""
        session = next(one for one in self.sessions if one.shard[0] == shard)
        assert session.socket is not None
        socket, session.socket = session.socket.socket, None
        await socket.close(code=code)

    async def reconnect(self, shard: int = 0) -> None:
        """Ask a shard to come back on another connection."""
        await self._tell(shard, RECONNECT, None)

    async def invalidate(self, shard: int = 0, *, resumable: bool = False) -> None:
        """Tell a shard that its session is over."""
        await self._tell(shard, INVALID, resumable, forget=not resumable)

    async def cut(self) -> None:
        """Close every connection."""
        for session in self.sessions:
            assert session.socket is not None
            await session.socket.socket.close()

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one connection until it closes."""
        inner = web.WebSocketResponse(max_msg_size=4096)
        await inner.prepare(request)
        socket = Socket(inner, compress=request.query.get("compress") == "zlib-stream")
        await socket.send(HELLO, {"heartbeat_interval": HEARTBEAT_MS})
        try:
            async for message in inner:
                if message.type is WSMsgType.TEXT:
                    await self._receive(socket, json.loads(message.data))
        finally:
            for session in self._sessions.values():
                if session.socket is socket:
                    session.socket = None
            await self._notify()
        return inner

    async def _tell(self, shard: int, op: int, data: Any, *, forget: bool = False) -> None:
        session = next(one for one in self.sessions if one.shard[0] == shard)
        assert session.socket is not None
        await session.socket.send(op, data)
        session.socket = None
        if forget:
            del self._sessions[session.id]

    async def _receive(self, socket: Socket, message: dict[str, Any]) -> None:
        op, data = message["op"], message["d"]
        if op == HEARTBEAT:
            self.heartbeats += 1
            await socket.send(ACK, None)
        elif op in {IDENTIFY, RESUME} and data["token"] != self._token:
            await socket.socket.close(code=AUTHENTICATION_FAILED)
        elif op == IDENTIFY:
            await self._identify(socket, data)
        elif op == RESUME:
            await self._resume(socket, data)

    async def _identify(self, socket: Socket, data: dict[str, Any]) -> None:
        number, count = data.get("shard", (0, 1))
        if not 0 <= number < count:
            await socket.socket.close(code=INVALID_SHARD)
            return
        session = Session(f"session{next(self._numbers)}", (number, count), data["intents"], socket)
        self._sessions[session.id] = session
        self.intents.add(session.intents)
        ours = [one for one in self._world.guilds.values() if one.has_bot]
        guilds = [one for one in ours if _shard_of(one.id, count) == number]
        await session.dispatch(
            "READY", shapes.ready(self._world, session.id, self.url, session.shard, guilds)
        )
        for guild in guilds:
            await session.dispatch("GUILD_CREATE", shapes.guild(self._world, guild))
        self.identified += 1
        await self._notify()

    async def _resume(self, socket: Socket, data: dict[str, Any]) -> None:
        session = self._sessions.get(data["session_id"])
        if session is None:
            await socket.send(INVALID, data=False)
            return
        session.socket = socket
        for number, (event, content) in enumerate(session.events, 1):
            if number > data["seq"]:
                await socket.send(DISPATCH, content, event, number)
        await session.dispatch("RESUMED", {"_trace": []})
        self.resumed += 1
        await self._notify()

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _shard_of(guild: str, count: int) -> int:
    """https://docs.discord.com/developers/events/gateway#sharding"""
    return (int(guild) >> 22) % count if guild else 0
