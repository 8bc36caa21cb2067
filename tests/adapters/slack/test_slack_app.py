"""Searches, papers and buttons in Slack, as their user meets them."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from adapters.slack.places import address_of
from bot.bootstrap import App
from bot.errors import SettingsError, SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.services.broken_channels import break_off
from tests.adapters.slack.slack_app import pressed, served, text_of
from tests.adapters.slack.test_slack_forms import option
from tests.apps import SetClock
from tests.standins.slack import CHANNEL, TEAM, USER, SlackStandin


async def test_a_search_is_answered_to_who_asks(slack: SlackStandin, app: App) -> None:
    answer = await slack.ask("agents plan")

    assert answer["response_type"] == "ephemeral"
    assert "8 papers for agents plan, page 1 of 2" in text_of(answer)
    assert "<https://arxiv.org/abs/2510.00008|Agents that plan, part 8>" in text_of(answer)
    assert slack.messages() == []


async def test_the_next_page_takes_the_place_of_the_first(slack: SlackStandin, app: App) -> None:
    await slack.ask("agents plan")
    page = await pressed(slack, "Next page")

    assert page["replace_original"] is True
    assert "page 2 of 2" in text_of(page)
    back = await pressed(slack, "Previous page")
    assert back["replace_original"] is True
    assert "page 1 of 2" in text_of(back)


async def test_sharing_shows_it_to_the_channel(slack: SlackStandin, app: App) -> None:
    await slack.ask("agents plan")
    shared = await pressed(slack, "Share to channel")

    assert shared["response_type"] == "in_channel"
    [said] = slack.messages()
    assert "Agents that plan, part 8" in text_of(said)
    assert "Share to channel" not in text_of(said)
    assert "Shared from /papers agents plan" in text_of(said)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("“agents that plan”", "8 papers for"),
        ("<https://arxiv.org/abs/2510.00003|arxiv.org/abs/2510.00003>", "part 3"),
        ("2510.00003", "part 3"),
        ("AT&amp;T agents", "AT&T"),
        ("<@U0BEN|ben> agents", "for ben agents"),
        ("(agents", "8 papers for (agents"),
        ("unsubscribe 7", "no such subscription"),
        ("help", "new research papers"),
        ("trending", "Nothing trends"),
    ],
)
async def test_what_slack_puts_into_text_is_understood(
    slack: SlackStandin, app: App, typed: str, said: str
) -> None:
    assert said in text_of(await slack.ask(typed))


async def test_a_paper_has_a_menu(slack: SlackStandin, app: App) -> None:
    answer = await slack.ask("agents id:2510.00003")
    [menu] = [block["accessory"] for block in answer["blocks"] if "accessory" in block]
    entry = await slack.answer_to(await slack.choose(menu["action_id"], "BibTeX"))
    assert "@misc{" in text_of(entry)
    assert "eprint = {2510.00003}" in text_of(entry)
    await slack.answer_to(await slack.choose(menu["action_id"], "Save"))
    assert "Agents that plan, part 3" in text_of(await slack.ask("saved"))


async def test_a_paper_is_rated_in_its_menu(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents")
    answer = await slack.ask("agents id:2510.00003")
    [menu] = [block["accessory"] for block in answer["blocks"] if "accessory" in block]
    noted = await slack.answer_to(await slack.choose(menu["action_id"], "👍 Good for this channel"))
    assert "👍 noted" in text_of(noted)
    assert "(1 vote from 1 person)" in text_of(noted)
    await slack.ask("agents id:2510.00003")
    changed = await slack.answer_to(await slack.choose(menu["action_id"], "👎 Not for this channel"))
    assert "👎 noted, replacing your 👍" in text_of(changed)
    assert "ranked by 1 vote from 1 person" in text_of(await slack.ask("list"))
    await slack.open_home()
    await slack.until(lambda: USER in slack.space.homes)
    assert "ranked by 1 vote from 1 person" in text_of(slack.space.homes[USER])
    assert "Moves down" in text_of(await slack.ask("feedback"))
    gone = await slack.answer_to(await slack.press("Reset feedback"))
    assert "Forgotten: 1 vote" in text_of(gone)


@pytest.mark.parametrize(
    ("value", "said"),
    [("bibtex arxiv:2510.00003", "eprint = {2510.00003}"), ("show arxiv:2510.00003", "We plan with tools.")],
)
async def test_menus_from_before_the_upgrade_work(
    slack: SlackStandin, app: App, value: str, said: str
) -> None:
    old = {"type": "overflow", "action_id": "paperboy:1", "options": [option("Old", value)]}
    text = {"type": "mrkdwn", "text": "A paper"}
    section = {"type": "section", "block_id": "b", "text": text, "accessory": old}
    slack.space.places[CHANNEL].messages.append({"ts": "1.000001", "type": "message", "blocks": [section]})

    assert said in text_of(await slack.answer_to(await slack.choose("paperboy:1", "Old")))


async def test_who_invites_paperboy_again_mends_the_channel(slack: SlackStandin, app: App) -> None:
    await slack.ask("subscribe agents")
    here = address_of(TEAM, CHANNEL)
    with app.database.begin() as tx:
        channel = tx.channels.get(here)
        assert channel is not None
        break_off(tx, channel, "Paperboy is not in this channel.", app.clock())

    async def reasons() -> list[str]:
        return [one.broken for one in (await app.front_door().channel(here)).subscriptions]

    joined = {"type": "member_joined_channel", "channel": CHANNEL, "channel_type": "C", "team": TEAM}
    await slack.event(joined | {"user": "U0BEN"})
    assert await reasons() == ["Paperboy is not in this channel."]
    await slack.event(joined | {"user": slack.space.bot_user})
    async with asyncio.timeout(10):
        while await reasons() != [""]:  # noqa: ASYNC110 - no event tells when it is done
            await asyncio.sleep(0.02)


async def test_related_papers_of_a_message(slack: SlackStandin, app: App) -> None:
    link = "look: <https://arxiv.org/pdf/2510.00003v2|this> :eyes:"
    by_paper = await slack.answer_to(await slack.shortcut("find_related", {"text": link}))
    assert "Agents that plan, part 8" in text_of(by_paper)

    by_words = await slack.answer_to(await slack.shortcut("find_related", {"text": "do agents plan?"}))
    assert "Agents that plan, part 8" in text_of(by_words)
    nothing = await slack.answer_to(await slack.shortcut("find_related", {"text": ":eyes:"}))
    assert "No paper" in text_of(nothing)
    empty = await slack.answer_to(await slack.shortcut("find_related", {"text": ""}))
    assert "This message has no words to search for" in text_of(empty)


class Silent:
    """A look-up whose source does not answer."""

    async def paper(self, paper_id: PaperId) -> Paper | None:
        raise SourceError("arXiv does not answer.")


async def test_a_source_that_does_not_answer_costs_no_answer(slack: SlackStandin, tmp_path: Path) -> None:
    async with served(slack, tmp_path, lookup=Silent()):
        link = "do agents plan? <https://arxiv.org/abs/2510.99999>"
        answer = await slack.answer_to(await slack.shortcut("find_related", {"text": link}))
        assert "Agents that plan, part 8" in text_of(answer)

        await slack.share_link("https://arxiv.org/abs/2510.99999", "https://arxiv.org/abs/2510.00003")
        await slack.until(lambda: bool(slack.called("chat.unfurl")))
        assert "part 3" in text_of(slack.called("chat.unfurl")[0].args)


async def test_links_are_shown_with_restraint(slack: SlackStandin, app: App) -> None:
    url = "https://arxiv.org/abs/2510.00003"
    await slack.share_link(url, channel="COMPOSER", ts="uuid")
    await slack.share_link(url)
    await slack.until(lambda: bool(slack.called("chat.unfurl")))
    assert "part 3" in text_of(slack.called("chat.unfurl")[0].args)

    await slack.share_link(url)
    await slack.share_link(*(f"https://arxiv.org/abs/2510.0000{n}" for n in (4, 5, 6)))
    await slack.share_link("https://arxiv.org/abs/2510.99999")
    await slack.share_link("https://arxiv.org/list/cs.CL/new")
    await slack.share_link("https://huggingface.co/papers/2510.00007")
    await slack.until(lambda: len(slack.called("chat.unfurl")) == 2)
    assert "part 7" in text_of(slack.called("chat.unfurl")[1].args)


async def test_a_refused_app_token_says_so(slack: SlackStandin, tmp_path: Path) -> None:
    slack.app_token, right = "xapp-other", slack.app_token
    assert right != slack.app_token
    slack.fail("apps.connections.open", "invalid_auth")
    with pytest.raises(SettingsError, match="SLACK_APP_TOKEN"):
        async with served(slack, tmp_path):
            pass


async def test_what_nobody_foresaw_is_said_too(slack: SlackStandin, app: App) -> None:
    assert isinstance(app.clock, SetClock)
    app.clock.now = None  # type: ignore[assignment]

    assert "Something went wrong" in text_of(await slack.ask("trending"))
