"""One work told twice: by another source, or in a later version."""

from __future__ import annotations

from dataclasses import replace

from bot.papers.paper import Paper, Signals


def merge(known: Paper, told: Paper) -> Paper:
    """What is known of a work after `told`, another record of it.

    The text is that of the higher version, and of `told` where it says no version but `known` has no
    abstract. The newest signal wins, since votes can fall. What only one of the two says is kept, but for a
    summary that was made of an abstract which is no longer that of the work.
    """
    newer = _is_newer(known, told)
    first, second = (told, known) if newer else (known, told)
    abstract = first.abstract or second.abstract
    summary, summary_by = _summary(known, told, abstract)
    # A journal's day is later than that of the preprint, and the work is as old as its first version.
    days = [day for day in (known.published, told.published) if day]
    return Paper(
        id=known.id,
        title=first.title or second.title,
        abstract=abstract,
        authors=first.authors or second.authors,
        categories=first.categories or second.categories,
        published=min(days, default=None),
        version=first.version or second.version,
        aliases=tuple(sorted({*known.aliases, *told.aliases, told.id} - {known.id})),
        signals=latest_signals(known.signals, told.signals),
        summary=summary,
        code_url=told.code_url or known.code_url,
        summary_by=summary_by,
    )


def _summary(known: Paper, told: Paper, abstract: str) -> tuple[str, str]:
    """The summary and who made it: one that came goes first, and one that was made is of this abstract."""
    came = [one.summary for one in (told, known) if one.summary and not one.summary_by]
    if came:
        return came[0], ""
    made = [one for one in (told, known) if one.summary and one.abstract == abstract]
    return (made[0].summary, made[0].summary_by) if made else ("", "")


def _is_newer(known: Paper, told: Paper) -> bool:
    # A source without versions, such as a feed, repeats what it once read: it must not undo a newer abstract.
    if told.version is None:
        return not known.abstract and bool(told.abstract)
    return told.version >= (known.version or 0)


def latest_signals(known: Signals, told: Signals) -> Signals:
    """The newest of each signal; what is not told stays."""
    return replace(
        known,
        upvotes=known.upvotes if told.upvotes is None else told.upvotes,
        stars=known.stars if told.stars is None else told.stars,
    )
