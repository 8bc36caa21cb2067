"""Socket Mode as Slack speaks it: a hello, envelopes that are acknowledged by id, requests to disconnect."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from dataclasses import dataclass
from typing import Any

from aiohttp import WSMsgType, web

ACK_SECONDS = 3.0
"""How long Slack waits for an acknowledgement."""


@dataclass(frozen=True, slots=True)
class Ack:
    """How an event was acknowledged: after how long, and with what. `response_url` was sent with it."""

    seconds: float
    body: dict[str, Any]
    response_url: str = ""

    @property
    def in_time(self) -> bool:
        """Whether Slack would have waited for it."""
        return self.seconds <= ACK_SECONDS


class Sockets:
    """The open WebSockets of an app; each envelope goes to one of them."""

    def __init__(self) -> None:
        self._open: list[web.WebSocketResponse] = []
        self._turn = itertools.count()
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._changed = asyncio.Condition()
        self.opened = 0
        """How many sockets there have been."""

    @property
    def count(self) -> int:
        """How many sockets take envelopes now."""
        return len(self._open)

    async def serve(self, request: web.Request) -> web.WebSocketResponse:
        """Hold one socket until it closes."""
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.opened += 1
        hello = {
            "type": "hello",
            "num_connections": self.count + 1,
            "debug_info": {"host": "applink-test", "build_number": 1, "approximate_connection_time": 18060},
            "connection_info": {"app_id": "A0PAPERBOY"},
        }
        await socket.send_json(hello)
        await self._set(socket, usable=True)
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    self._receive(json.loads(message.data))
        finally:
            await self._set(socket, usable=False)
        return socket

    async def wait(self, count: int = 1, seconds: float = 10.0) -> None:
        """Wait until so many sockets are open. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.count >= count)

    async def push(self, kind: str, payload: dict[str, Any], *, retry: int = 0) -> tuple[float, Any]:
        """Send an envelope; the seconds until it was acknowledged, and with what (None: not in time)."""
        await self.wait()
        envelope_id = f"envelope-{next(self._numbers)}"
        envelope: dict[str, Any] = {"envelope_id": envelope_id, "type": kind, "payload": payload}
        envelope["accepts_response_payload"] = kind != "events_api"
        if kind == "events_api":
            envelope |= {"retry_attempt": retry, "retry_reason": "timeout" if retry else ""}
        answer = asyncio.get_running_loop().create_future()
        self._waiting[envelope_id] = answer
        start = time.monotonic()
        await self._open[next(self._turn) % self.count].send_json(envelope)
        try:
            async with asyncio.timeout(ACK_SECONDS):
                body = await answer
        except TimeoutError:
            body = None
        finally:
            del self._waiting[envelope_id]
        return time.monotonic() - start, body

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Ask the oldest socket to go, as Slack does every few hours; it takes no envelope any more."""
        socket = self._open[0]
        await self._set(socket, usable=False)
        await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "wss-test"}})

    async def cut(self) -> None:
        """Close every socket without a word."""
        for socket in tuple(self._open):
            await self._set(socket, usable=False)
            await socket.close()

    def _receive(self, message: dict[str, Any]) -> None:
        waiting = self._waiting.get(message.get("envelope_id", ""))
        if waiting and not waiting.done():
            waiting.set_result(message.get("payload") or {})

    async def _set(self, socket: web.WebSocketResponse, *, usable: bool) -> None:
        async with self._changed:
            if usable:
                self._open.append(socket)
            elif socket in self._open:
                self._open.remove(socket)
            self._changed.notify_all()
