from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.slack.answers import Answers, Who
from adapters.slack.people import People
from adapters.slack.render import render_message
from adapters.slack.replies import MOST, fit_reply
from adapters.slack.unfurl import QUIET_SECONDS, Restraint
from adapters.slack.workspaces import web_client
from bot.channels.permissions import Policy
from bot.errors import StorageError
from bot.messages.blocks import Message, PaperCard
from bot.ports.store import Transaction
from tests.apps import SetClock, an_app
from tests.standins.slack import CHANNEL, TEAM, USER, SlackStandin


class Locked:
    """A database that cannot be used."""

    def begin(self) -> AbstractContextManager[Transaction]:
        """Raise."""
        raise StorageError("The database is locked.", "Stop the other program.")

    read = begin


@pytest.fixture
async def slack() -> AsyncIterator[SlackStandin]:
    async with SlackStandin() as standin:
        yield standin


@pytest.fixture
def who(slack: SlackStandin) -> Who:
    return Who(web_client(slack.url, slack.bot_token), TEAM, CHANNEL, USER)


@pytest.mark.parametrize(
    "text", ["agents", "list", "subscribe agents", "bibtex arxiv:2510.00001", "show 2510.00001"]
)
async def test_a_database_that_cannot_be_used_is_said_kindly(tmp_path: Path, who: Who, text: str) -> None:
    app = an_app(tmp_path, SetClock("2025-10-10T08:00"))
    answers = Answers(replace(app.front_door(), store=Locked()))

    [said] = await answers.answer_press(text, who)
    assert said.text.startswith("Paperboy cannot reach its database")
    assert "locked" not in str(said.blocks)
    done, _ = await answers.renew_list("pause #1", who)
    assert "database" in done.title
    app.database.close()


async def test_only_admins_change_what_admins_keep(tmp_path: Path, slack: SlackStandin, who: Who) -> None:
    app = an_app(tmp_path, SetClock("2025-10-10T08:00"))
    with app.database.begin() as tx:
        tx.channels.set_policy(who.address, Policy.ADMINS)
    slack.space.add_user("U0BOSS", "boss", admin=True)
    answers = Answers(app.front_door())

    [said] = await answers.answer_press("subscribe agents", who)
    assert "Only admins may subscribe" in said.text
    [said] = await answers.answer_press("subscribe agents", replace(who, user="U0BOSS"))
    assert said.text == "Subscribed"
    await answers.answer_press("agents", who)
    assert len(slack.called("users.info")) == 2, "a search asks nobody"
    app.database.close()


async def test_an_admin_is_remembered_and_silence_makes_none(slack: SlackStandin, who: Who) -> None:
    slack.space.add_user("U0BOSS", "boss", admin=True)
    people = People()

    assert [await people.is_admin(who.client, TEAM, "U0BOSS") for _ in range(3)] == [True] * 3
    assert len(slack.called("users.info")) == 1
    slack.fail("users.info", "missing_scope")
    assert not await people.is_admin(who.client, TEAM, USER)
    assert not await people.is_admin(who.client, TEAM, USER)
    assert len(slack.called("users.info")) == 3, "a refusal is not remembered"


def test_links_are_quiet_for_half_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr("adapters.slack.unfurl.time.monotonic", lambda: now)
    restraint, url = Restraint(), "https://arxiv.org/abs/2510.00001"

    assert list(restraint.allowed_links("C1", [url])) == [url]
    assert restraint.allowed_links("C1", ["https://arxiv.org/pdf/2510.00001v2"]) == {}, "the same paper"
    assert list(restraint.allowed_links("C2", [url])) == [url], "another channel"
    now += QUIET_SECONDS
    assert list(restraint.allowed_links("C1", [url, url])) == [url]
    assert restraint.allowed_links("C3", [url] * 3) == {}
    assert restraint.allowed_links("C3", ["https://arxiv.org/list/cs.CL/new", "https://doi.org/"]) == {}


def test_an_answer_has_as_many_parts_as_one_url_takes() -> None:
    cards = tuple(PaperCard(f"arxiv:2510.{n:05}", "", f"T{n}", summary="s" * 600) for n in range(300))
    parts = render_message(Message("300 papers", cards))
    assert len(parts) > MOST

    sent = fit_reply(parts)
    assert len(sent) == MOST
    assert f"{len(parts) - MOST + 1} more messages" in str(sent[-1].blocks)
    assert fit_reply(parts[:MOST]) == parts[:MOST]
