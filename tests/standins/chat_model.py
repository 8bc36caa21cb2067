"""A loopback server in the place of an OpenAI-compatible endpoint, and what can go wrong with one."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any, Literal, Self

from aiohttp import web

Fault = Literal["401", "404", "429", "429 long", "500", "302", "slow", "garbage", "no choices", "huge"]
KEY = "s3cret-key"
GOOD = "Owls plan their hunts from sounds alone, as nights in twelve forests show."


class ChatModel:
    """Serves `/v1/chat/completions`; a context manager for one event loop.

    It answers with `answers`, one after the other, then with `GOOD`; `faults` come before that.
    """

    def __init__(self) -> None:
        self.answers: deque[str | None] = deque()
        self.faults: deque[Fault] = deque()
        self.asked: list[dict[str, Any]] = []
        self.key = KEY
        self.url = ""
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/v1/chat/completions", self._answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        question = await request.json()
        self.asked.append(question)
        if self.faults:
            return await _failed(self.faults.popleft())
        if request.headers.get("Authorization") != f"Bearer {self.key}":
            return _error(401, "Incorrect API key provided")
        roles = [message["role"] for message in question["messages"]]
        if roles != ["system", "user"] or not question["model"] or question["stream"]:
            return _error(400, "Invalid request")
        content = self.answers.popleft() if self.answers else GOOD
        message = {"role": "assistant", "content": content}
        choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
        return web.json_response(
            {"object": "chat.completion", "model": question["model"], "choices": choices}
        )


def _error(status: int, message: str, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status, headers=headers)


async def _failed(fault: Fault) -> web.StreamResponse:
    match fault:
        case "slow":
            await asyncio.sleep(5)
            return web.Response(text="late")
        case "garbage":
            return web.Response(body=b"\x00\x01 no JSON")
        case "no choices":
            return web.json_response({"choices": []})
        case "huge":
            return web.Response(body=b'{"choices": "' + b"x" * 2**20 + b'"}')
        case "302":
            return web.Response(status=302, headers={"Location": "http://127.0.0.1:1/steal"})
        case "429" | "429 long":
            return _error(429, "Rate limit", {"Retry-After": "3600" if fault == "429 long" else "0"})
    return _error(int(fault), "No")
