"""What commands say of papers: searches, what trends, one in full."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from bot.commands.model import Search
from bot.digests.card_actions import card_actions
from bot.digests.compose import count_noun, paper_card
from bot.errors import SourceError
from bot.messages.blocks import Block, Button, Buttons, Fields, Message, Note, Paragraph
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.papers.summary import key_words, signed_summary
from bot.search.plan import Hit, Hits, Order
from bot.search.typed import TypedSearch
from bot.topics.query import And, Query, Trending, join_parts
from bot.topics.topic_text import spell_topic
from bot.topics.window import Window

NO_PAPERS = "No papers are stored yet"
NO_DIGEST = "This channel has not had a digest yet."
NEAR = "similar in meaning"
FETCH = "`paperboy ingest` fetches them from the sources."


def hit_card(hit: Hit, reasons: tuple[str, ...] = ()) -> Block:
    """A stored paper as a card; of one that was searched for, what it says of that."""
    plain = paper_card(hit.paper, hit.announced, reasons)
    return replace(plain, summary=hit.snippet.text, marks=hit.snippet.marks) if hit.snippet else plain


def search_results(command: Search, cards: Sequence[Block], hits: Hits, pages: int, meant: str) -> Message:
    """One page of a search; `meant` is the command that it may have been, or ""."""
    page, query = command.page, command.query
    shown = f", page {page} of {pages}" if pages > 1 else ""
    said = [Note(_correction_note(hits))] if hits.corrected else []
    said += [_meant_buttons(meant)] if meant else []
    sort = "" if command.sort is Order.RELEVANCE else f" sort:{command.sort}"
    subscribe = Button("Subscribe to this", f"subscribe {spell_topic(query.topic)}")
    buttons = Buttons(
        (*page_buttons(f"search {query}{sort}", page, pages), *_search_command(meant), subscribe)
    )
    title = f"{count_noun(hits.total, 'paper')} for {query.name}{shown}"
    return Message(title, (*said, *cards, buttons))


def _correction_note(hits: Hits) -> str:
    typed = ", ".join(f"“{word}”" for word, _ in hits.corrected)
    return f"Nothing has {typed}; showing {', '.join(other for _, other in hits.corrected)}."


def page_buttons(command: str, page: int, pages: int) -> tuple[Button, ...]:
    """Buttons to the pages before and after one of `pages`; `command` is without its page."""
    near = (("Previous page", page - 1), ("Next page", page + 1))
    return tuple(Button(label, f"{command} page:{to}") for label, to in near if 0 < to <= pages)


def found_nothing(query: TypedSearch, stored: int, meant: str) -> Message:
    """A search without a hit: what to do about it."""
    if not stored:
        return Message(NO_PAPERS, (Paragraph(FETCH),))
    blocks: list[Block] = [
        Paragraph(
            f"None of {count_noun(stored, 'stored paper')} fits. Drop a word, or write a prefix: emerg*."
        )
    ]
    blocks += [_meant_buttons(meant)] if meant else []
    buttons = Buttons(
        (*_search_command(meant), Button("Subscribe to this", f"subscribe {spell_topic(query.topic)}"))
    )
    return Message(f"No paper for {query.name}", (*blocks, buttons))


def _meant_buttons(command: str) -> Note:
    return Note(f"Did you mean the command `/papers {command}`?")


def _search_command(meant: str) -> tuple[Button, ...]:
    return (Button(meant[:75], meant),) if meant else ()


def no_such_page(query: str, total: int, pages: int) -> Message:
    """A page past the last."""
    return Message(
        f"{query} has {count_noun(pages, 'page')}",
        (Paragraph(f"{count_noun(total, 'paper')} in all: ask for page:{pages}."),),
    )


def trending_papers(cards: Sequence[Block], window: Window, topic: Query | None) -> Message:
    """What people vote for."""
    about = f" on {topic}" if topic else ""
    asked = Trending(window) if topic is None else join_parts(And, [Trending(window), topic])
    subscribe = Button("Subscribe to this", f"subscribe {asked}")
    if not cards:
        fitting = " that fits" if topic else ""
        return Message(
            f"Nothing trends{about} {window.as_phrase}",
            (
                Paragraph(f"No paper from that time{fitting} has votes. They come from Hugging Face."),
                Buttons((*_instead_buttons(window, topic), subscribe)),
            ),
        )
    note = Note(
        "By (votes + ten days of their growth) ÷ (days since announced + 2)^1.5, and a little by code stars."
    )
    return Message(f"Trending{about} {window.as_phrase}", (*cards, note, Buttons((subscribe,))))


def _instead_buttons(window: Window, topic: Query | None) -> Iterator[Button]:
    """What to ask where nothing trends: the longest window, or a search where the words were meant so."""
    if window is not Window.MONTH:
        yield Button("This month", f"trending month {topic or ''}".rstrip())
    if topic is not None:
        yield Button("Search for the words", f"search trending {topic}")


def one_paper(paper: Paper, announced: date | None, mutable: Sequence[Query]) -> Message:
    """One paper in full, with all that can be done with it as buttons."""
    facts = [
        ("Authors", ", ".join(paper.authors)),
        ("Categories", ", ".join(paper.categories)),
    ]
    if paper.published:
        facts.append(("Published", f"{paper.published:%Y-%m-%d}"))
    facts += [("Key words", ", ".join(key_words(paper.title, paper.abstract)))]
    facts += [("Also", ", ".join(map(str, paper.aliases)))]
    pairs = tuple((label, value) for label, value in facts if value)
    # The abstract stands below in full, so the card does not begin it.
    summary = signed_summary(paper) if paper.summary else ""
    whole = replace(paper_card(paper, announced), summary=summary, actions=())
    actions = Buttons(card_actions(paper.id, mutable)[:-1])
    return Message(
        str(paper.id), (whole, Fields(pairs), Paragraph(paper.abstract or "No abstract."), actions)
    )


def more_papers(cards: Sequence[Block]) -> Message:
    """What a digest listed past its cap."""
    return Message(f"{count_noun(len(cards), 'more paper')} of the latest digest", tuple(cards))


def unknown_paper(paper_id: PaperId) -> Message:
    """A paper that is nowhere to be found."""
    return Message(
        f"{paper_id} is not known here",
        (Paragraph("It is not stored here and was not found elsewhere. Check the id."),),
    )


def not_looked_up(error: SourceError) -> Message:
    """A paper that is not stored, and whose source does not answer."""
    return Message(
        "This paper is not stored here and could not be looked up",
        (Paragraph(f"{error.problem} Try again in a few minutes."),),
    )


def nothing_more(*, had_digest: bool) -> Message:
    """`show more` with nothing left, or where there was no digest."""
    showed = "This channel's latest digest showed everything it had."
    return Message("Nothing more to show", (Paragraph(showed if had_digest else NO_DIGEST),))
