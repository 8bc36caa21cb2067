"""Slack's events, each acknowledged at once and answered afterwards. No state: old buttons work for ever."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncBoltContext
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack import modal
from adapters.slack.answers import Answers, Who
from adapters.slack.home import OPEN_FORM, Tab, home_view
from adapters.slack.incoming import papers_in, tidy_text, words_of
from adapters.slack.places import address_of
from adapters.slack.render import render_message
from adapters.slack.replies import quietly, send_reply
from adapters.slack.splitting import SlackMessage
from adapters.slack.unfurl import Restraint, unfurl_paper
from adapters.slack.workspaces import Authorize, logger
from bot.channels.channel import Channel
from bot.commands.front_door import SHARE, FrontDoor, explain_outage, is_page_turn
from bot.commands.model import Preview
from bot.commands.replies.subscriptions import usage_error
from bot.errors import StorageError, UsageError
from bot.messages.blocks import Message, Note, Paragraph
from bot.topics.topic_text import spell_topic

Body = Mapping[str, Any]

COMMAND = "/papers"
SHORTCUT = "find_related"
COMPOSER = "COMPOSER"
"""What Slack calls the channel of a message that is not sent yet."""
WRITTEN = "`/papers subscribe <topic>`."
PRESS = re.compile(r"paperboy:.*")
NO_WORDS = Message("This message has no words to search for")
NOT_A_MEMBER = Message("Nothing was changed: you are not in that channel")

log = structlog.get_logger()


def make_app(front_door: FrontDoor, client: AsyncWebClient, authorize: Authorize) -> AsyncApp:
    """Bolt's app with all listeners. `client` holds no token: `authorize` finds the workspace's.

    It verifies no signature: Socket Mode has none, and in HTTP mode `http_mode` does so before.
    """
    app = AsyncApp(
        name="paperboy",
        client=client,
        authorize=authorize,
        logger=logger(),
        request_verification_enabled=False,
        ssl_check_enabled=False,
    )
    listeners = Listeners(Answers(front_door))
    app.command(COMMAND)(listeners.on_command)
    app.action(PRESS)(listeners.on_press)
    app.action(OPEN_FORM)(listeners.open_form)
    for action in (modal.PREVIEW, modal.TOPIC):
        app.action(action)(listeners.on_preview)
    app.options(modal.ZONE)(listeners.on_zone_typed)
    app.view(modal.CALLBACK)(listeners.on_submit)
    app.shortcut(SHORTCUT)(listeners.on_related)
    app.event("app_home_opened")(listeners.on_home_opened)
    app.event("link_shared")(listeners.on_link_shared)
    app.event("member_joined_channel")(listeners.on_member_joined)
    app.error(on_error)
    return app


class Listeners:
    """One method an event."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._restraint = Restraint()

    async def on_command(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        """`/papers …`."""
        await ack()
        who = Who(client, body["team_id"], body["channel_id"], body["user_id"])
        text, url = body.get("text", ""), body["response_url"]
        if tidy_text(text).lower() == "subscribe":
            await self._show_form(who, body["trigger_id"], modal.Origin(who.channel, url))
        else:
            await send_reply(url, await self._answers.answer_typed(text, who))

    async def on_press(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        """A button or a paper's menu, in a message or the Home tab."""
        await ack()
        action = body["actions"][0]
        text = action.get("value") or action.get("selected_option", {}).get("value", "")
        place = action["action_id"].split(":")
        channel = body["channel"]["id"] if body.get("channel") else place[2]
        who = Who(client, body["team"]["id"], channel, body["user"]["id"])
        if not body.get("channel") and not await self._answers.is_member(who):
            await self._publish_home(who, NOT_A_MEMBER.title)
        elif place[1] == "edit":
            await self._open_edit(who, int(place[3]), body)
        elif place[1] == "home":
            done, _ = await self._answers.renew_list(text, who)
            await self._publish_home(who, done.title)
        elif place[1] == "list":
            _, parts = await self._answers.renew_list(text, who)
            await send_reply(body["response_url"], parts, replace=_is_ephemeral(body))
        else:
            await self._answer_press(text, who, body)

    async def _open_edit(self, who: Who, number: int, body: Body) -> None:
        """Open the form on a subscription, if it is still there."""
        url = body.get("response_url", "")
        try:
            view = await self._answers.front_door.stored_channel(who.address)
        except StorageError as error:
            await self._tell_user(who, url, explain_outage(error))
            return
        found = [one for one in view.subscriptions if one.id == number]
        if not found:
            await self._tell_user(who, url, Message("That subscription no longer exists"))
        for one in found:
            origin = modal.Origin(who.channel, url, number, spell_topic(str(one.topic)), str(one.days))
            await self._show_form(who, body["trigger_id"], origin)

    async def _answer_press(self, text: str, who: Who, body: Body) -> None:
        word, _, rest = text.partition(" ")
        if word == SHARE:
            parts = await self._answers.answer_press(rest, who, shared=True)
            by = render_message(Message("", (Note(f"Shared from /papers {rest}"),)))
            await send_reply(body["response_url"], [*_sign_parts(parts, by)], in_channel=True)
            return
        parts = await self._answers.answer_press(text, who)
        await send_reply(body["response_url"], parts, replace=_is_ephemeral(body) and is_page_turn(text))

    async def open_form(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        """*Subscribe a channel* in the Home tab."""
        await ack()
        who = Who(client, body["team"]["id"], "", body["user"]["id"])
        await self._show_form(who, body["trigger_id"], modal.Origin())

    async def on_preview(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        """*Preview* in the form, or Enter in its topic."""
        await ack()
        view = body["view"]
        who = Who(client, body["team"]["id"], modal.channel_of(view), body["user"]["id"])
        try:
            shown = await self._answers.run_command(Preview(modal.command_of(view).topic), who)
        except UsageError as error:
            shown = usage_error(error)
        origin = modal.Origin.of(view)
        try:
            channel = await self._channel_of(who) if origin.channel else None
        except StorageError as error:
            log.warning("form not renewed", problem=str(error))
            return
        renewed = modal.subscription_form(origin, channel, shown)
        await quietly(client.views_update(view_id=view["id"], hash=view["hash"], view=renewed))

    async def on_zone_typed(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """What is typed into the form's time zone."""
        await ack(options=modal.zone_options(body.get("value", "")))

    async def on_submit(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        """*Subscribe* in the form."""
        view = body["view"]
        try:
            command = modal.command_of(view)
        except UsageError as error:
            await ack(response_action="errors", errors=modal.form_errors(error))
            return
        await ack()
        who = Who(client, body["team"]["id"], modal.channel_of(view), body["user"]["id"])
        origin = modal.Origin.of(view)
        if not await self._answers.is_member(who):
            await self._tell_user(who, origin.url, NOT_A_MEMBER)
            return
        if origin.edits and str(command.topic) != origin.topic:
            answer = await self._answers.edit_subscription(origin.edits, command, who)
        else:
            answer = await self._answers.run_command(command, who)
        await self._tell_user(who, origin.url, answer)

    async def on_related(self, ack: AsyncAck, body: dict[str, Any], client: AsyncWebClient) -> None:
        """*Find related papers* on a message: by the first paper it names, else by its words."""
        await ack()
        who = Who(client, body["team"]["id"], body["channel"]["id"], body["user"]["id"])
        words = words_of(await self._topic_of(body["message"].get("text", "")))
        parts = (
            await self._answers.answer_press(f"search {words}", who) if words else render_message(NO_WORDS)
        )
        await send_reply(body["response_url"], parts)

    async def on_home_opened(
        self, event: dict[str, Any], body: dict[str, Any], client: AsyncWebClient
    ) -> None:
        """The Home tab is opened."""
        if event.get("tab", "home") == "home":
            await self._publish_home(Who(client, body["team_id"], "", event["user"]))

    async def on_member_joined(
        self, event: dict[str, Any], body: dict[str, Any], context: AsyncBoltContext
    ) -> None:
        """Somebody was invited into a channel; where it is Paperboy, digests of that channel go on."""
        if event["user"] != context.bot_user_id:
            return
        try:
            mended = await self._answers.front_door.works_again(address_of(body["team_id"], event["channel"]))
        except StorageError as error:
            log.warning("channel not mended", problem=str(error))
            return
        if mended:
            log.info("channel works again", channel=event["channel"])

    async def on_link_shared(self, event: dict[str, Any], client: AsyncWebClient) -> None:
        """Somebody shared links of the domains that we know; in the making, a message shows none."""
        if event["channel"] == COMPOSER:
            return
        chosen = self._restraint.allowed_links(event["channel"], [link["url"] for link in event["links"]])
        try:
            found = {url: await self._answers.front_door.find_paper(paper) for url, paper in chosen.items()}
        except StorageError as error:
            log.warning("links not shown", problem=str(error))
            return
        shown = {url: unfurl_paper(paper) for url, paper in found.items() if paper}
        if shown:
            where = {"channel": event["channel"], "ts": event["message_ts"]}
            await quietly(client.chat_unfurl(**where, unfurls=shown))

    async def _show_form(self, who: Who, trigger: str, origin: modal.Origin) -> None:
        """Open the form; where that fails, as three seconds after the press, say so."""
        try:
            view = modal.subscription_form(origin, await self._channel_of(who))
        except StorageError as error:
            await self._tell_user(who, origin.url, explain_outage(error))
            return
        if not await quietly(who.client.views_open(trigger_id=trigger, view=view)):
            said = Message(
                "The form did not open in time", (Paragraph(f"Try again, or write it: {WRITTEN}"),)
            )
            await self._tell_user(who, origin.url, said)

    async def _tell_user(self, who: Who, url: str, said: Message) -> None:
        """Say something where it was asked: at the URL of a message, else in the Home tab."""
        if url:
            await send_reply(url, render_message(said))
        else:
            await self._publish_home(who, said.title)

    async def _channel_of(self, who: Who) -> Channel | None:
        """The channel, where one is meant. Raises StorageError."""
        return (await self._answers.front_door.stored_channel(who.address)).channel if who.channel else None

    async def _publish_home(self, who: Who, said: str = "") -> None:
        try:
            tab = await self._answers.home_tab(who)
        except StorageError as error:
            said, tab = explain_outage(error).title, Tab()
        await quietly(who.client.views_publish(user_id=who.user, view=home_view(tab, said)))

    async def _topic_of(self, text: str) -> str:
        """The title of the first paper that a message names, else the message."""
        for paper_id in papers_in(text)[:1]:
            try:
                paper = await self._answers.front_door.find_paper(paper_id)
            except StorageError:
                return text
            return paper.title if paper else text
        return text


async def on_error(error: Exception, body: dict[str, Any]) -> BoltResponse:
    """What nobody foresaw: the log has it, and whoever asked hears that something went wrong.

    The event counts as acknowledged: Slack would send it again, to fail again.
    """
    log.error("a Slack event failed", exc_info=error)
    if url := body.get("response_url"):
        said = Message("Something went wrong", (Paragraph("Try again; the log has the details."),))
        await send_reply(url, render_message(said))
    return BoltResponse(status=200)


def _is_ephemeral(body: Body) -> bool:
    return bool(body.get("container", {}).get("is_ephemeral"))


def _sign_parts(parts: list[SlackMessage], by: list[SlackMessage]) -> list[SlackMessage]:
    """The parts, the last one signed where it has room."""
    last = parts[-1]
    if len(last.blocks) + len(by[0].blocks) > 50:
        return parts
    return [*parts[:-1], SlackMessage(last.text, (*last.blocks, *by[0].blocks))]
