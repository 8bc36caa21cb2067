"""The stand-in Slack, met by a small real Bolt app."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.standins import slack_socket
from tests.standins.slack import CHANNEL, SlackStandin

BUTTON: dict[Any, Any] = {
    "type": "button",
    "action_id": "go",
    "text": {"type": "plain_text", "text": "Go"},
    "value": "on",
}
SECTION: dict[Any, Any] = {"type": "section", "text": {"type": "mrkdwn", "text": "Hello."}}
MODAL = {
    "type": "modal",
    "callback_id": "ask",
    "title": {"type": "plain_text", "text": "Ask"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "topic",
            "label": {"type": "plain_text", "text": "Topic"},
            "element": {"type": "plain_text_input", "action_id": "topic"},
        }
    ],
}


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with SlackStandin(slow_seconds=0.05) as standin:
        yield standin


@pytest.fixture
async def app(slack: SlackStandin) -> AsyncIterator[AsyncApp]:
    app = AsyncApp(client=client_of(slack))
    _listen(app)
    handler = AsyncSocketModeHandler(app, slack.app_token)
    await handler.connect_async()  # type: ignore[no-untyped-call]
    await slack.sockets.wait()
    yield app
    await handler.close_async()  # type: ignore[no-untyped-call]


def client_of(slack: SlackStandin) -> AsyncWebClient:
    return AsyncWebClient(slack.bot_token, base_url=slack.url, retry_handlers=[])


def _listen(app: AsyncApp) -> None:
    @app.command("/papers")
    async def _command(ack: Any, body: Any, respond: Any, client: Any) -> None:
        if body["text"] == "sleep":
            await asyncio.sleep(0.5)
        await ack()
        if body["text"] == "modal":
            await client.views_open(trigger_id=body["trigger_id"], view=MODAL)
        await respond(text="Hello.", blocks=[SECTION, {"type": "actions", "elements": [BUTTON]}])

    @app.action("go")
    async def _action(ack: Any, body: Any, respond: Any) -> None:
        await ack()
        where = "ephemeral" if body["container"]["is_ephemeral"] else "public"
        await respond(text=f"{body['actions'][0]['value']}, {where}", replace_original=True)

    @app.view("ask")
    async def _submitted(ack: Any, view: Any) -> None:
        typed = view["state"]["values"]["topic"]["topic"]["value"]
        await ack({"response_action": "errors", "errors": {"topic": f"Not {typed}."}})

    @app.event("app_home_opened")
    async def _home(event: Any, client: Any) -> None:
        await client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [SECTION]})

    @app.event("link_shared")
    async def _shared(event: Any, client: Any) -> None:
        unfurls = {link["url"]: {"blocks": [SECTION]} for link in event["links"]}
        await client.chat_unfurl(channel=event["channel"], ts=event["message_ts"], unfurls=unfurls)

    @app.shortcut("find")
    async def _shortcut(ack: Any, shortcut: Any, respond: Any) -> None:
        await ack()
        await respond(text=shortcut["message"]["text"])


@pytest.mark.usefixtures("app")
async def test_a_command_is_acknowledged_and_answered(slack: SlackStandin) -> None:
    ack = await slack.command("hello")
    assert ack.in_time
    assert (await slack.answer_to(ack))["text"] == "Hello."
    assert slack.violations == []


@pytest.mark.usefixtures("app")
async def test_a_button_of_an_ephemeral_answer_replaces_it(slack: SlackStandin) -> None:
    await slack.ask("hello")
    assert (await slack.answer_to(await slack.press("Go")))["text"] == "on, ephemeral"
    await slack.until(lambda: [one["text"] for one in slack.space.ephemerals] == ["on, ephemeral"])
    assert slack.messages() == []


async def test_a_button_of_a_message_replaces_it(slack: SlackStandin, app: AsyncApp) -> None:
    blocks: list[dict[Any, Any]] = [SECTION, {"type": "actions", "elements": [BUTTON]}]
    await app.client.chat_postMessage(
        channel=CHANNEL, text="Hello.", blocks=blocks, unfurl_links=False, unfurl_media=False
    )
    await slack.answer_to(await slack.press("Go"))
    assert [one["text"] for one in slack.messages()] == ["on, public"]
    assert slack.violations == []


@pytest.mark.usefixtures("app")
async def test_a_modal_opens_once_by_its_trigger_and_is_submitted(slack: SlackStandin) -> None:
    await slack.ask("modal")
    ack = await slack.submit({"topic": "agents"})
    assert ack.body == {"response_action": "errors", "errors": {"topic": "Not agents."}}
    with pytest.raises(SlackApiError, match="invalid_trigger_id"):
        await client_of(slack).views_open(
            trigger_id=slack.called("views.open")[0].args["trigger_id"], view=MODAL
        )


@pytest.mark.usefixtures("app")
async def test_home_links_and_shortcuts(slack: SlackStandin) -> None:
    await slack.open_home()
    await slack.until(lambda: "U0ANN" in slack.space.homes)
    await slack.share_link("https://arxiv.org/abs/2502.17424")
    await slack.until(lambda: bool(slack.space.unfurls))
    assert (await slack.answer_to(await slack.shortcut("find", {"text": "Look."})))["text"] == "Look."
    assert slack.violations == []


@pytest.mark.usefixtures("app")
async def test_fifty_commands_at_once_each_have_their_answer(slack: SlackStandin) -> None:
    answers = await asyncio.gather(*(slack.ask("hello") for _ in range(50)))
    assert len(answers) == 50
    assert len({one.url for one in slack.responses}) == 50


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("how", ["asked", "cut"])
async def test_the_app_comes_back_on_another_socket(slack: SlackStandin, how: str) -> None:
    await (slack.disconnect() if how == "asked" else slack.sockets.cut())
    assert (await slack.ask("hello"))["text"] == "Hello."
    assert slack.sockets.opened == 2


@pytest.mark.usefixtures("app")
async def test_a_late_acknowledgement_is_a_violation(
    slack: SlackStandin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_socket, "ACK_SECONDS", 0.2)
    ack = await slack.command("sleep")
    await slack.answer_to(ack)
    assert slack.violations == ["slash_commands: not acknowledged within 3 s"]


async def test_each_socket_has_its_turn(slack: SlackStandin, app: AsyncApp) -> None:
    second = AsyncSocketModeHandler(app, slack.app_token)
    await second.connect_async()  # type: ignore[no-untyped-call]
    await slack.sockets.wait(2)
    assert len(await asyncio.gather(*(slack.ask("hello") for _ in range(4)))) == 4
    await second.close_async()  # type: ignore[no-untyped-call]
    await slack.until(lambda: slack.sockets.count <= 1)


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("channel_not_found", "channel_not_found"),
        ("is_archived", "is_archived"),
        ("token_revoked", "token_revoked"),
        ("429", "ratelimited"),
    ],
)
async def test_a_fault_is_met_once(slack: SlackStandin, fault: Any, error: str) -> None:
    slack.fail("chat.postMessage", fault)
    with pytest.raises(SlackApiError, match=error):
        await client_of(slack).chat_postMessage(channel=CHANNEL, text="Hello.")
    assert slack.messages() == []
    await client_of(slack).chat_postMessage(channel=CHANNEL, text="Hello.")
    assert len(slack.messages()) == 1


async def test_a_lost_answer_has_its_effect(slack: SlackStandin) -> None:
    slack.fail("chat.postMessage", "lost answer")
    with pytest.raises(aiohttp.ClientError):
        await client_of(slack).chat_postMessage(channel=CHANNEL, text="Hello.")
    assert len(slack.messages()) == 1


async def test_a_slow_answer_comes(slack: SlackStandin) -> None:
    slack.fail("auth.test", "slow")
    start = time.monotonic()
    assert (await client_of(slack).auth_test())["team_id"] == slack.space.team
    assert time.monotonic() - start >= 0.05


async def test_the_workspace_itself_refuses(slack: SlackStandin) -> None:
    client = client_of(slack)
    slack.add_place("C0OLD").archived = True
    slack.add_place("G0SECRET", private=True, with_bot=False)
    for channel, error in [
        ("C0OLD", "is_archived"),
        ("G0SECRET", "channel_not_found"),
        ("C0NONE", "channel_not_found"),
    ]:
        with pytest.raises(SlackApiError, match=error):
            await client.chat_postMessage(channel=channel, text="Hello.")
    slack.space.scopes = ("commands",)
    with pytest.raises(SlackApiError, match="missing_scope"):
        await client.chat_postMessage(channel=CHANNEL, text="Hello.")
    assert (await client.auth_test()).headers["x-oauth-scopes"] == "commands"


async def test_metadata_is_read_back_on_demand(slack: SlackStandin) -> None:
    client = client_of(slack)
    metadata = {"event_type": "delivery", "event_payload": {"nonce": "n1"}}
    said = await client.chat_postMessage(channel=CHANNEL, text="Hello.", metadata=metadata)
    await client.chat_postMessage(channel=CHANNEL, text="More.", thread_ts=said["ts"])
    [plain] = (await client.conversations_history(channel=CHANNEL))["messages"]
    assert "metadata" not in plain
    [full] = (await client.conversations_history(channel=CHANNEL, include_all_metadata=True))["messages"]
    assert full["metadata"] == metadata
    thread = (await client.conversations_replies(channel=CHANNEL, ts=said["ts"]))["messages"]
    assert [one["text"] for one in thread] == ["Hello.", "More."]


async def test_what_slack_would_refuse_is_refused_and_noted(slack: SlackStandin) -> None:
    header = {"type": "header", "text": {"type": "plain_text", "text": "x" * 151}}
    with pytest.raises(SlackApiError, match="invalid_blocks"):
        await client_of(slack).chat_postMessage(channel=CHANNEL, text="Hello.", blocks=[header])
    assert any("150" in problem for problem in slack.violations)
    assert slack.messages() == []


async def test_a_response_url_is_used_up(slack: SlackStandin) -> None:
    url = slack.new_response_url(CHANNEL, "U0ANN")
    async with aiohttp.ClientSession() as session:
        for status in [200] * 5 + [404]:
            async with session.post(url, json={"text": "Hello."}) as answer:
                assert answer.status == status
    assert slack.violations == ["response_url: used 6 times, 5 are allowed"]


@pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning")  # slack_sdk's own
async def test_a_code_installs_a_workspace_once(slack: SlackStandin) -> None:
    slack.codes["code1"] = "T0OTHER"
    secrets = {"client_id": slack.client_id, "client_secret": slack.client_secret}
    client = AsyncWebClient(base_url=slack.url)
    installed = await client.oauth_v2_access(code="code1", **secrets)
    other = AsyncWebClient(installed["access_token"], base_url=slack.url)
    assert (await other.auth_test())["team_id"] == "T0OTHER"
    with pytest.raises(SlackApiError, match="invalid_code"):
        await client.oauth_v2_access(code="code1", **secrets)
