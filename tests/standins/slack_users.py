"""What people do in the stand-in Slack: type commands, press, choose, submit, open, share."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import aiohttp

from tests.standins.slack_checks import violations_of
from tests.standins.slack_socket import ACK_SECONDS, Ack, Sockets
from tests.standins.slack_workspace import Workspace

Payload = dict[str, Any]


class Users:
    """The doors through which events reach the app: an open socket, or after `through` signed HTTP."""

    space: Workspace
    sockets: Sockets
    responses: list[Any]
    new_response_url: Callable[..., str]
    until: Callable[..., Any]

    def __init__(self, *, checking: bool = True) -> None:
        self._checking = checking
        self.signing_secret = "test-signing-secret"  # noqa: S105
        self.violations: list[str] = []
        self._target = ""
        self._events = itertools.count(1)

    def check(self, what: str, payload: Payload) -> list[str]:
        """What Slack would refuse in a payload of this kind; it also goes to `violations`."""
        problems = violations_of(what, payload) if self._checking else []
        self.violations += [f"{what}: {problem}" for problem in problems]
        return problems

    def through(self, url: str) -> None:
        """Send every event from now on to this URL by signed HTTP."""
        self._target = url

    async def command(self, text: str, *, channel: str = "C0GENERAL", user: str = "U0ANN") -> Ack:
        """Type `/papers` and `text`."""
        response_url = self.new_response_url(channel, user)
        payload = {
            **self._common(),
            "command": "/papers",
            "text": text,
            "user_id": user,
            "user_name": self.space.users[user]["name"],
            "channel_id": channel,
            "channel_name": self.space.places[channel].name,
            "team_id": self.space.team,
            "team_domain": "team",
            "is_enterprise_install": "false",
            "response_url": response_url,
            "trigger_id": self.space.new_trigger(),
        }
        return await self._deliver("slash_commands", payload, response_url)

    async def ask(self, text: str, *, channel: str = "C0GENERAL", user: str = "U0ANN") -> Payload:
        """Type a command, and wait for what is answered at its response URL."""
        return await self.answer_to(await self.command(text, channel=channel, user=user))

    async def answer_to(self, ack: Ack) -> Payload:
        """The first post to the response URL of what was acknowledged. Raises TimeoutError."""
        await self.until(lambda: any(one.url == ack.response_url for one in self.responses))
        body: Payload = next(one.body for one in self.responses if one.url == ack.response_url)
        return body

    async def press(self, button: str, *, within: Payload | None = None, user: str = "U0ANN") -> Ack:
        """Press the newest button of this label or action_id, in `within` or anywhere.

        Raises LookupError where there is none.
        """
        surface, block, element = self._find(button, within)
        known = {"type", "action_id", "text", "value"}
        action = {name: value for name, value in element.items() if name in known}
        return await self._act(surface, block, action, user)

    async def choose(self, menu: str, option: str, *, within: Payload | None = None) -> Ack:
        """Choose an option, by its text or value, of the newest menu of this action_id."""
        surface, block, element = self._find(menu, within)
        options = element.get("options", [{"text": {"type": "plain_text", "text": option}, "value": option}])
        chosen = next(one for one in options if option in {one["text"]["text"], one.get("value")})
        action = {"type": element["type"], "action_id": element["action_id"], "selected_option": chosen}
        return await self._act(surface, block, action, "U0ANN")

    async def suggest(self, menu: str, typed: str) -> Ack:
        """Type into an external select."""
        surface, block, element = self._find(menu, None)
        ids = {"action_id": element["action_id"], "block_id": block["block_id"], "value": typed}
        payload = self._interaction("block_suggestion", "U0ANN") | self._container(surface) | ids
        return await self._deliver("interactive", payload, check="block_suggestion")

    async def submit(self, values: Mapping[str, Any], *, view: Payload | None = None) -> Ack:
        """Submit the newest modal; `values` are the states of its inputs by action_id, a string for text."""
        shown = self.fill(values, view=view)
        payload = self._interaction("view_submission", "U0ANN") | {"view": shown, "response_urls": []}
        return await self._deliver("interactive", payload, check="view_submission")

    def fill(self, values: Mapping[str, Any], *, view: Payload | None = None) -> Payload:
        """Fill in the inputs of the newest modal, as `submit` does, and return it."""
        shown = view or list(self.space.views.values())[-1]
        state: Payload = {}
        for block, element in _elements(shown["blocks"]):
            name, kind = element["action_id"], element["type"]
            value = values.get(name)
            full = (
                _initial(element) if value is None else value if isinstance(value, dict) else {"value": value}
            )
            if full:
                state.setdefault(block["block_id"], {})[name] = {"type": kind, **full}
        shown["state"] = {"values": state}
        return shown

    async def shortcut(self, callback_id: str, message: Payload, *, channel: str = "C0GENERAL") -> Ack:
        """Use a message shortcut."""
        response_url = self.new_response_url(channel, "U0ANN")
        payload = self._interaction("message_action", "U0ANN") | {
            "callback_id": callback_id,
            "message_ts": message.get("ts", "1.000001"),
            "message": {"type": "message", "user": "U0BEN", "ts": "1.000001"} | message,
            "channel": {"id": channel, "name": self.space.places[channel].name},
            "response_url": response_url,
        }
        return await self._deliver("interactive", payload, response_url)

    async def open_home(self, user: str = "U0ANN") -> Ack:
        """Open the app's Home tab."""
        event = {"type": "app_home_opened", "user": user, "channel": f"D{user[1:]}", "tab": "home"}
        home = self.space.homes.get(user)
        return await self.event(event | ({"view": home} if home else {}))

    async def share_link(self, *urls: str, channel: str = "C0GENERAL", ts: str = "") -> Ack:
        """Post a message with links."""
        links = [{"url": url, "domain": url.split("/")[2]} for url in urls]
        stamp = ts or self.space.timestamp()
        event = {"type": "link_shared", "user": "U0ANN", "channel": channel, "message_ts": stamp}
        ids = {"unfurl_id": f"{channel}-{stamp}", "source": "conversations_history"}
        return await self.event(event | ids | {"links": links, "is_bot_user_member": True})

    async def event(self, event: Payload) -> Ack:
        """Let something happen of which Slack tells; it is told once more where nobody acknowledges."""
        payload = {
            **self._common(),
            "team_id": self.space.team,
            "type": "event_callback",
            "event": {"event_ts": self.space.timestamp()} | event,
            "event_id": f"Ev{next(self._events):08d}",
            "event_time": int(time.time()),
            "authorizations": [
                {"enterprise_id": None, "team_id": self.space.team, "user_id": self.space.bot_user}
                | {"is_bot": True, "is_enterprise_install": False}
            ],
        }
        return await self._deliver("events_api", payload)

    async def _act(self, surface: Payload, block: Payload, action: Payload, user: str) -> Ack:
        stamped = action | {"block_id": block["block_id"], "action_ts": self.space.timestamp()}
        payload = self._interaction("block_actions", user) | self._container(surface)
        response_url = ""
        if "hash" not in surface:
            channel = payload["channel"]["id"]
            response_url = self.new_response_url(channel, user, surface)
            payload["response_url"] = response_url
        payload |= {"actions": [stamped], "state": surface.get("state", {"values": {}})}
        return await self._deliver("interactive", payload, response_url)

    def _container(self, surface: Payload) -> Payload:
        """Where something was pressed. Of an ephemeral message Slack tells no more than where it stands."""
        if "hash" in surface:
            return {"container": {"type": "view", "view_id": surface["id"]}, "view": surface}
        channel = surface.get("channel") or self._channel_of(surface)
        place = {"type": "message", "message_ts": surface["ts"], "channel_id": channel}
        ephemeral = "ephemeral_to" in surface
        facts: Payload = {"container": place | {"is_ephemeral": ephemeral}}
        facts["channel"] = {"id": channel, "name": self.space.places[channel].name}
        return facts if ephemeral else facts | {"message": surface}

    def _channel_of(self, message: Payload) -> str:
        return next(
            place.id for place in self.space.places.values() if any(one is message for one in place.messages)
        )

    def _find(self, name: str, within: Payload | None) -> tuple[Payload, Payload, Payload]:
        """The newest surface that holds an element of this label or action_id, its block, and the element."""
        for surface in [within] if within else self._surfaces():
            for block, element in _elements(surface.get("blocks", [])):
                label = element.get("text", {}).get("text") if isinstance(element.get("text"), dict) else None
                if name in {label, element.get("action_id")}:
                    return surface, block, element
        raise LookupError(f"nothing is called {name!r}")

    def _surfaces(self) -> list[Payload]:
        """Everything with buttons, the newest first."""
        posted = [one for place in self.space.places.values() for one in place.messages]
        views = [*self.space.views.values(), *self.space.homes.values()]
        shown = [*posted, *self.space.ephemerals, *views]
        return sorted(shown, key=lambda one: float(one.get("hash") or one["ts"]), reverse=True)

    def _common(self) -> Payload:
        return {"token": "verification-token", "api_app_id": self.space.app_id}

    def _interaction(self, kind: str, user: str) -> Payload:
        name = self.space.users[user]["name"]
        who = {"id": user, "username": name, "name": name, "team_id": self.space.team}
        team = {"id": self.space.team, "domain": "team"}
        trigger = {"trigger_id": self.space.new_trigger(), "enterprise": None, "is_enterprise_install": False}
        return {"type": kind, "user": who, "team": team, **self._common(), **trigger}

    async def _deliver(self, kind: str, payload: Payload, response_url: str = "", check: str = "") -> Ack:
        seconds, body = await self._send(kind, payload, 0)
        if body is None and kind == "events_api":
            seconds, body = await self._send(kind, payload, 1)
        if body is None or seconds > ACK_SECONDS:
            self.violations.append(
                f"{payload.get('type', kind)}: not acknowledged within {ACK_SECONDS:.0f} s"
            )
        if body:
            self.check(check or kind, body)
        return Ack(seconds, body or {}, response_url)

    async def _send(self, kind: str, payload: Payload, retry: int) -> tuple[float, Any]:
        if not self._target:
            return await self.sockets.push(kind, payload, retry=retry)
        headers, body = self.signed(kind, payload)
        if retry:
            headers |= {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
        start = time.monotonic()
        async with (
            aiohttp.ClientSession() as session,
            session.post(self._target, data=body, headers=headers) as answer,
        ):
            text = await answer.text()
        seconds = time.monotonic() - start
        if answer.status != 200:
            return seconds, None
        if answer.content_type == "application/json":
            return seconds, json.loads(text or "{}")
        return seconds, {"text": text} if text else {}

    def signed(self, kind: str, payload: Payload, *, at: float | None = None) -> tuple[dict[str, str], str]:
        """The headers and body with which Slack would send this event by HTTP."""
        if kind == "events_api":
            content, body = "application/json", json.dumps(payload)
        else:
            form = payload if kind == "slash_commands" else {"payload": json.dumps(payload)}
            content, body = "application/x-www-form-urlencoded", urlencode(form)
        stamp = str(int(time.time() if at is None else at))
        digest = hmac.new(self.signing_secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256)
        signature = f"v0={digest.hexdigest()}"
        return {
            "Content-Type": content,
            "X-Slack-Request-Timestamp": stamp,
            "X-Slack-Signature": signature,
        }, body


def _initial(element: Payload) -> Payload:
    """What an input says that nobody has touched."""
    names = {"initial_value": "value", "initial_time": "selected_time", "initial_option": "selected_option"}
    return {names[name]: element[name] for name in names.keys() & element.keys()}


def _elements(blocks: list[Payload]) -> Iterator[tuple[Payload, Payload]]:
    """Every interactive element of these blocks, with its block."""
    for block in blocks:
        single = [block[name] for name in ("accessory", "element") if isinstance(block.get(name), dict)]
        for element in [*block.get("elements", []), *single]:
            if "action_id" in element:
                yield block, element
