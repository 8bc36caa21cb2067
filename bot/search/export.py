"""Hits for other programs."""

from __future__ import annotations

from bot.search.plan import Hit


def hit_json(rank: int, hit: Hit) -> dict[str, object]:
    """A hit as `paperboy search --json` prints it. `id` is spelled as its source spells it.

    `score` is from 0 to 1, null where no ranking placed the hit; `marks` are (start, end) in `snippet`.
    """
    paper = hit.paper
    return {
        "rank": rank,
        "score": hit.score,
        "id": paper.id.value,
        "paper": str(paper.id),
        "title": paper.title,
        "authors": list(paper.authors),
        "categories": list(paper.categories),
        "published": str(paper.published) if paper.published else None,
        "announced": str(hit.announced),
        "sources": list(hit.sources),
        "upvotes": paper.signals.upvotes,
        "stars": paper.signals.stars,
        "url": paper.url or None,
        "snippet": hit.snippet.text if hit.snippet else None,
        "marks": list(hit.snippet.marks) if hit.snippet else [],
    }
