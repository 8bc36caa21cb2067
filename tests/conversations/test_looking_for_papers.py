"""Papers that are asked for: searched, tried out as a topic, looked up, trending."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.bootstrap import App
from bot.errors import SourceError
from bot.papers.identity import PaperId
from bot.papers.paper import Paper, Signals
from tests.apps import ListedSource, SetClock, batch, paper, titles
from tests.conversations.talk import AGENTS, MISALIGNED, MORE_AGENTS, VISION, say, text_of

pytestmark = pytest.mark.usefixtures("each_engine")


async def test_subscribing_answers_with_a_back_test(app: App, arxiv: ListedSource) -> None:
    assert "No papers of the last 6 weeks are stored" in text_of(await say(app, "preview agents"))
    arxiv.batches = [batch("arxiv", "2025-08-01", [paper(9, "Old agents")])]
    await app.make_rounds().ingest_all()
    assert "No papers of the last 6 weeks are stored" in text_of(await say(app, "preview agents"))
    arxiv.batches = [batch("arxiv", "2025-10-01", [AGENTS, MORE_AGENTS, VISION])]
    await app.make_rounds().ingest_all()

    test = await say(app, "preview agents")
    assert "2 papers from 1 Oct to 9 Oct would have matched, about 1.6 a week" in text_of(test)
    assert sorted(titles(test)) == ["Agents that plan", "Planning agents, again"]
    assert "Nothing matched" in text_of(await say(app, "preview geology"))
    assert (await say(app, "list")).title == "Nothing is subscribed here", "a preview changes nothing"


async def test_search_ranks_papers_with_all_words_first(app: App, arxiv: ListedSource) -> None:
    emergent = [paper(n, f"Emergent thing {n}") for n in range(10, 20)]
    arxiv.batches = [batch("arxiv", "2025-10-01", [*emergent, MISALIGNED, AGENTS])]
    await app.make_rounds().ingest_all()

    first = await say(app, "emergent misalignment")
    assert titles(first)[0] == "Emergent misalignment in small models"
    assert first.title == "11 papers for emergent misalignment, page 1 of 3"
    assert len(titles(await say(app, "search emergent misalignment page:3"))) == 1
    assert titles(await say(app, "emergent -thing")) == ["Emergent misalignment in small models"]
    missing = await say(app, "subscirbe zebras")
    assert "Did you mean the command" in text_of(missing)
    mistyped = await say(app, "subscirbe agents")
    assert titles(mistyped) == ["Agents that plan"]
    assert "Did you mean the command `/papers subscribe agents`?" in text_of(mistyped)
    assert "command='subscribe agents'" in text_of(mistyped), "a button does it"


async def test_a_word_of_papers_is_no_command_that_was_mistyped(app: App, arxiv: ListedSource) -> None:
    arxiv.batches = [batch("arxiv", "2025-10-01", [paper(1, "Previews of owls"), paper(2, "Owls")])]
    await app.make_rounds().ingest_all()
    assert "Did you mean" not in text_of(await say(app, "previews owls"))
    assert "Did you mean the command `/papers preview owls`?" in text_of(await say(app, "previes owls"))
    assert "Did you mean" not in text_of(await say(app, "lits owls")), "`list owls` is a search"


async def test_a_paper_that_cannot_be_looked_up_is_not_said_to_be_absent(app: App) -> None:
    class Silent:
        async def paper(self, paper_id: PaperId) -> Paper | None:
            raise SourceError("export.arxiv.org did not answer within 60 s.")

    answer = await say(replace(app, lookup=Silent()), "show 2510.99999")

    assert answer.title == "This paper is not stored here and could not be looked up"
    assert "export.arxiv.org did not answer" in text_of(answer)


async def test_trending_ranks_by_votes_and_age(app: App, clock: SetClock, arxiv: ListedSource) -> None:
    arxiv.batches = [
        batch("arxiv", "2025-10-03", [replace(AGENTS, signals=Signals(30))]),
        batch("arxiv", "2025-10-09", [replace(VISION, signals=Signals(20)), MISALIGNED]),
    ]
    await app.make_rounds().ingest_all()

    assert titles(await say(app, "trending")) == ["Diffusion for images", "Agents that plan"]
    assert titles(await say(app, "trending day")) == ["Diffusion for images"]
    assert titles(await say(app, "trending month agents")) == ["Agents that plan"]
    assert (await say(app, "trending day")).title == "Trending today"
    nothing = await say(app, "trending zebras")
    assert nothing.title == "Nothing trends on zebras this week"
    assert "No paper from that time that fits has votes." in text_of(nothing)
    assert "trending month zebras" in str(nothing), "a longer window keeps the topic"
    assert "search trending zebras" in str(nothing), "which may be what was meant"
    month = str(await say(app, "trending month zebras"))
    assert "trending month zebras" not in month, "there is no longer one"
