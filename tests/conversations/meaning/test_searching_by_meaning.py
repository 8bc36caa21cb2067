"""Searches by meaning, and the way from a paper to those like it."""

from __future__ import annotations

from pathlib import Path

from bot.bootstrap import App
from bot.messages.blocks import Buttons, Message, PaperCard
from tests.apps import ListedSource, SetClock, an_app, titles
from tests.conversations.meaning.liars import (
    LIARS,
    NEAR_MISS,
    SCHEMES,
    TOPIC,
    announced,
    say,
)


async def test_a_search_by_meaning_ranks_what_fits(app: App, arxiv: ListedSource) -> None:
    await announced(app, arxiv, "2025-10-09", NEAR_MISS, SCHEMES, LIARS)
    await app.make_rounds().embed_papers()

    assert titles(await say(app, TOPIC))[:2] == [SCHEMES.title, LIARS.title]
    assert titles(await say(app, f"{TOPIC} -scheming"))[0] == LIARS.title
    assert titles(await say(app, "like:2510.00001"))[0] == SCHEMES.title
    assert LIARS.title not in titles(await say(app, "like:2510.00001"))
    assert SCHEMES.title in titles(await say(app, "artificial intelligence that fools humans"))


def _commands(message: Message) -> list[str]:
    """What the menus and the buttons of a message run."""
    cards = [one for block in message.blocks if isinstance(block, PaperCard) for one in block.actions]
    rows = [one for block in message.blocks if isinstance(block, Buttons) for one in block.buttons]
    return [one.command for one in (*cards, *rows)]


async def test_a_paper_leads_to_those_like_it(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    await say(app, "subscribe lie")
    await announced(app, arxiv, "2025-10-09", SCHEMES, LIARS)
    await app.make_rounds().embed_papers()
    more = "search like:2510.00001"

    for asked in ("preview", "lie", "show 2510.00001"):
        assert more in _commands(await say(app, asked)), asked
    clock.set("2025-10-10T09:00")
    await app.make_rounds().plan_digests()
    with app.database.begin() as tx:
        [(delivery, _)] = tx.outbox.claim(clock(), clock(), 5)
    assert more in _commands(delivery.message)
    assert titles(await say(app, more))[0] == SCHEMES.title


async def test_without_the_model_nothing_leads_to_papers_like_it(
    tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    app = an_app(tmp_path, clock, arxiv)
    await say(app, "subscribe lie")
    await announced(app, arxiv, "2025-10-09", LIARS)
    for asked in ("preview", "lie", "show 2510.00001"):
        offered = _commands(await say(app, asked))
        assert "save arxiv:2510.00001" in offered
        assert not any("like:" in one for one in offered), asked
    app.database.close()


async def test_a_search_without_the_model_says_so(
    tmp_path: Path, clock: SetClock, arxiv: ListedSource
) -> None:
    app = an_app(tmp_path, clock, arxiv)
    await announced(app, arxiv, "2025-10-10", LIARS)

    assert "needs the semantic index" in (await say(app, TOPIC)).title
    assert titles(await say(app, "lie")) == [LIARS.title]
    app.database.close()
