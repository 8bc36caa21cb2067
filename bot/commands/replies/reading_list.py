"""What is said of reading lists and exports."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.commands.model import Export
from bot.commands.replies.papers import NO_DIGEST, page_buttons
from bot.digests.card_actions import card_actions
from bot.digests.compose import count_noun, paper_card
from bot.messages.blocks import Block, Button, Buttons, Code, Message, Note, PaperCard, Paragraph
from bot.papers.identity import PaperId
from bot.papers.paper import Paper
from bot.search.export import ExportFormat
from bot.topics.query import Query
from bot.topics.topic_text import ExportScope, spell_topic

_NAMES = {
    ExportFormat.BIBTEX: "BibTeX",
    ExportFormat.RIS: "RIS",
    ExportFormat.CSV: "CSV",
    ExportFormat.JSON: "JSON Lines",
}


def paper_saved(paper: Paper, total: int, *, is_new: bool) -> Message:
    """A paper that is in the list now."""
    buttons = Buttons((Button("Your reading list", "saved"), Button("Undo", f"unsave {paper.id}")))
    title = "Saved" if is_new else "Already saved"
    return Message(
        title, (Paragraph(paper.title), Note(f"Your reading list has {count_noun(total, 'paper')}."), buttons)
    )


def reading_list(papers: Sequence[Paper], total: int, page: int, pages: int) -> Message:
    """A page of somebody's list."""
    if not papers:
        return Message(
            "Your reading list is empty",
            (Paragraph("Use “Save” in a paper's menu, or `/papers save 2502.17424`."),),
        )
    shown = f", page {page} of {pages}" if pages > 1 else ""
    buttons = Buttons((*page_buttons("saved", page, pages), Button("As BibTeX", "export bibtex saved")))
    title = f"Your reading list: {count_noun(total, 'paper')}{shown}"
    return Message(title, (*map(saved_card, papers), buttons))


def saved_card(paper: Paper) -> PaperCard:
    """A paper of somebody's list."""
    return replace(paper_card(paper), actions=card_actions(paper.id, is_saved=True))


def paper_unsaved(what: str, removed: int, paper: PaperId | None) -> Message:
    """What is off the list."""
    if not removed:
        return Message("Nothing to remove", (Paragraph(f"{what}: this is not in your reading list."),))
    again = Buttons((*((Button("Save again", f"save {paper}"),) if paper else ()), Button("List", "saved")))
    return Message(
        "Removed from your reading list", (Paragraph(f"{what} ({count_noun(removed, 'paper')})."), again)
    )


def export_page(
    command: Export, texts: Sequence[str], papers: tuple[int, int], pages: tuple[int, int]
) -> Message:
    """A page of an export: how many papers it has of how many, and which page of how many it is."""
    if not texts:
        return Message("Nothing to export", (Paragraph(_EMPTY.get(command.what) or _none_fits(command)),))
    (written, total), (page, last) = papers, pages
    place = f", page {page} of {last}" if last > 1 else ""
    blocks: list[Block] = [Code(text) for text in texts]
    if written < total:
        blocks.append(
            Note(f"Showing the latest {written:,} of {total:,}: narrow the topic to see the others.")
        )
    if near := page_buttons(f"export {command.format} {_as_typed(command.what)}", page, last):
        blocks.append(Buttons(near))
    return Message(f"{count_noun(written, 'paper')} as {_NAMES[command.format]}{place}", tuple(blocks))


def _as_typed(what: ExportScope | PaperId | Query) -> str:
    return str(what) if isinstance(what, ExportScope | PaperId) else spell_topic(str(what))


def _none_fits(command: Export) -> str:
    return (
        f"No stored paper fits {command.what}. (The formats, of which one comes first: "
        f"{', '.join(ExportFormat)}.)"
    )


_EMPTY: dict[object, str] = {
    ExportScope.SAVED: "Your reading list is empty. Use “Save” in a paper's menu to add one.",
    ExportScope.DIGEST: NO_DIGEST,
}
