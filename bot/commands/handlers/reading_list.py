"""Handlers of what people keep and take along: save, saved, unsave, export."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands.context import CommandContext
from bot.commands.model import Export, Save, Saved, Unsave
from bot.commands.replies import reading_list as say
from bot.commands.replies.papers import unknown_paper
from bot.errors import UsageError
from bot.messages.blocks import Message
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.search.export import split_pages, write_papers
from bot.search.plan import plan_filter
from bot.services.semantic import answer_query
from bot.services.trending import trending_hits
from bot.topics.query import split_trending
from bot.topics.topic_text import ExportScope

PAGE = 5
MOST_SAVED = 1_000
MOST_EXPORTED = 200
"""Papers of a topic; a reading list and a digest are exported whole."""
CODE, CODES = 1_800, 4
"""Characters of a block, which every chat shows whole, and blocks of a page."""


def save(command: Save, context: CommandContext) -> Message:
    """Keep the paper, stored or looked up, as it is now."""
    paper = context.paper(command.paper)
    if paper is None:
        return unknown_paper(command.paper)
    reader = context.caller.reader
    if context.tx.reading_lists.count(reader) >= MOST_SAVED:
        hint = "Remove some with `/papers unsave <paper>`, or export it and use `/papers unsave all`."
        raise UsageError(f"Your reading list holds {MOST_SAVED:,} papers.", hint)
    is_new = context.tx.reading_lists.add(reader, paper, context.now)
    return say.paper_saved(paper, context.tx.reading_lists.count(reader), is_new=is_new)


def list_saved(command: Saved, context: CommandContext) -> Message:
    """A page of the caller's reading list."""
    reader = context.caller.reader
    total = context.tx.reading_lists.count(reader)
    pages = max(1, -(-total // PAGE))
    page = min(command.page, pages)
    return say.reading_list(
        context.tx.reading_lists.page_of(reader, PAGE, (page - 1) * PAGE), total, page, pages
    )


def unsave(command: Unsave, context: CommandContext) -> Message:
    """Take one paper off the list, by any of its ids, or all."""
    reader = context.caller.reader
    if command.paper is None:
        return say.paper_unsaved("Everything", context.tx.reading_lists.clear_list(reader), None)
    paper = context.paper(command.paper)
    ids = [command.paper, *((paper.id, *paper.aliases) if paper else ())]
    title = paper.title if paper else str(command.paper)
    return say.paper_unsaved(title, context.tx.reading_lists.remove(reader, ids), command.paper)


def export(command: Export, context: CommandContext) -> Message:
    """A page of papers in a format for other programs."""
    papers, total = _papers_to_export(command, context)
    if not papers and isinstance(command.what, PaperId):
        return unknown_paper(command.what)
    pages = split_pages(write_papers(command.format, papers), CODE, CODES) if papers else []
    page = min(command.page, max(1, len(pages)))
    shown = pages[page - 1] if pages else []
    return say.export_page(command, shown, (len(papers), total), (page, len(pages)))


def _papers_to_export(command: Export, context: CommandContext) -> tuple[Sequence[Paper], int]:
    """The papers that are meant, and how many there are in all."""
    what = command.what
    if isinstance(what, PaperId):
        found = context.paper(what)
        return ((found,), 1) if found else ((), 0)
    if what is ExportScope.SAVED:
        papers = context.tx.reading_lists.page_of(context.caller.reader, MOST_SAVED)
    elif what is ExportScope.DIGEST:
        channel = context.tx.channels.get(context.caller.address)
        papers = context.tx.digests.latest_papers(channel.id) if channel else ()
    elif asked := split_trending(what):
        ranked = trending_hits(context.tx, context.meaning, *asked, context.now.date())
        papers = [hit.paper for hit, _ in ranked][:MOST_EXPORTED]
    else:
        hits = context.tx.papers.find(
            plan_filter(answer_query(context.meaning, context.tx, what)), MOST_EXPORTED
        )
        return [hit.paper for hit in hits.hits], hits.total
    return papers, len(papers)
