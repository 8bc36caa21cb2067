"""Lines that every chat platform shows alike, as raw text: a platform escapes and cuts them."""

from __future__ import annotations

from bot.messages.blocks import Coverage, PaperCard, ReceiptLine
from bot.papers.text import clean_line

# Papers of large collaborations have thousands, more than a message holds.
MOST_AUTHORS = 4
MOST_CATEGORIES = 3
NO_BATCH = "Coverage: no batch came in since the last digest."
_COVERAGE_SIGNS = {Coverage.COMPLETE: "✓", Coverage.PARTIAL: "◐", Coverage.LATE: "…", Coverage.FAILED: "✗"}


def card_facts(card: PaperCard) -> str:
    """`▲ 18 · A. One, B. Two and 3 more · cs.CL · 2025-10-10 · arxiv:2510.08211`."""
    votes = "" if card.upvotes is None else f"▲ {card.upvotes:,}"
    stars = "" if card.stars is None else f"★ {card.stars:,}"
    authors = ", ".join(card.authors[:MOST_AUTHORS])
    if len(card.authors) > MOST_AUTHORS:
        authors += f" and {len(card.authors) - MOST_AUTHORS} more"
    known = [votes, stars, authors, " ".join(card.categories[:MOST_CATEGORIES])]
    known += [str(card.announced or ""), card.id]
    return clean_line(" · ".join(fact for fact in known if fact))


def reason_line(card: PaperCard) -> str:
    """`↳ “emergent” in the title`, or "" for a card without a reason."""
    reasons = clean_line(" · ".join(card.reasons))
    return f"↳ {reasons}" if reasons else ""


def receipt_line(line: ReceiptLine) -> str:
    """`✓ arxiv 2025-10-10: 245 announced, …`."""
    return clean_line(f"{_COVERAGE_SIGNS[line.coverage]} {line.batch}: {line.counts}")
