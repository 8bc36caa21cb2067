"""Hostile papers through the whole app: whatever it says about them, anywhere in Slack, is harmless."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.adapters.slack.socket_app import paperboy_on
from tests.adapters.slack.test_hostile import HAZARDS
from tests.apps import ListedSource, SetClock, batch, paper
from tests.standins.reading import hidden
from tests.standins.slack import SlackStandin
from tests.standins.slack_reading import links, pings

# No database keeps half of a surrogate pair, and every source drops it.
TEXTS = [text.replace("\ud800", "") for text in HAZARDS.values()]
PAPERS = [
    paper(n, f"Agents {text}", f"Agents. {text}", authors=(text,), categories=("cs.AI", text))
    for n, text in enumerate(TEXTS, 1)
]
OWN = {"user element", "channel element"}
"""The subscriber in a list and the channels of a Home tab, which only the one who asks sees."""


def sent(slack: SlackStandin) -> Iterator[dict[str, Any]]:
    """Everything that was said, by any method."""
    for call in slack.calls:
        yield call.args
    for response in slack.responses:
        yield response.body


async def test_hostile_papers_are_harmless_everywhere(tmp_path: Path, slack: SlackStandin) -> None:
    clock = SetClock("2025-10-09T18:00")
    arxiv = ListedSource("arxiv", batch("arxiv", "2025-10-10", PAPERS))
    async with paperboy_on(slack, tmp_path, clock, arxiv) as running:
        await slack.ask("subscribe cat:cs.AI")
        await running.rounds.ingest_all()
        clock.set("2025-10-10T09:00")
        await running.rounds.post_digests()
        assert len(slack.messages()) >= 1

        await slack.ask("agents")
        await slack.answer_to(await slack.press("Next page"))
        await slack.answer_to(await slack.press("Share to channel"))
        for number in range(1, len(PAPERS) + 1):
            await slack.ask(f"show 2510.{number:05}")
            await slack.share_link(f"https://arxiv.org/abs/2510.{number:05}")
        await slack.until(lambda: len(slack.space.unfurls) == len(PAPERS))
        for text in ("&lt;!channel&gt; agents", '"@here agents"', "title:www.evil.example"):
            await slack.ask(f"subscribe {text}")
        await slack.ask("list")
        await slack.command("subscribe")
        await slack.until(lambda: bool(slack.space.views))
        slack.fill({"topic": "agents"})
        await slack.press("Preview")
        await slack.until(lambda: bool(slack.called("views.update")))
        await slack.open_home()
        await slack.until(lambda: bool(slack.space.homes))

    payloads = list(sent(slack))
    assert sum("Agents" in json.dumps(one) for one in payloads) > 50
    assert [ping for one in payloads for ping in pings(one) if ping not in OWN] == []
    assert [one for one in slack.messages() if OWN & set(pings(one))] == []
    addresses = {link for one in payloads for link in links(one)}
    assert {link for link in addresses if not link.startswith("https://arxiv.org/abs/2510.000")} == set()
    assert [sign for one in payloads for sign in hidden(one)] == []
