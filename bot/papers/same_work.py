"""One work told twice: by another source, or in a later version."""

from __future__ import annotations

from dataclasses import replace

from bot.papers.paper import Paper, Signals


def merge_records(known: Paper, record: Paper) -> Paper:
    """What is known of a work after `record`, another record of it.

    The text is that of the higher version, and of `record` where it says no version but `known` has no
    abstract. The newest signal wins, since votes can fall. What only one of the two says is kept, but for a
    summary that was made of an abstract which is no longer that of the work.
    """
    newer = _is_newer(known, record)
    first, second = (record, known) if newer else (known, record)
    abstract = first.abstract or second.abstract
    summary, summary_by = _choose_summary(known, record, abstract)
    # A journal's day is later than that of the preprint, and the work is as old as its first version.
    days = [day for day in (known.published, record.published) if day]
    return Paper(
        id=known.id,
        title=first.title or second.title,
        abstract=abstract,
        authors=first.authors or second.authors,
        categories=first.categories or second.categories,
        published=min(days, default=None),
        version=first.version or second.version,
        aliases=tuple(sorted({*known.aliases, *record.aliases, record.id} - {known.id})),
        signals=latest_signals(known.signals, record.signals),
        summary=summary,
        code_url=record.code_url or known.code_url,
        summary_by=summary_by,
    )


def _choose_summary(known: Paper, record: Paper, abstract: str) -> tuple[str, str]:
    """The summary and who made it: one that came goes first, and one that was made is of this abstract."""
    came = [one.summary for one in (record, known) if one.summary and not one.summary_by]
    if came:
        return came[0], ""
    made = [one for one in (record, known) if one.summary and one.abstract == abstract]
    return (made[0].summary, made[0].summary_by) if made else ("", "")


def _is_newer(known: Paper, record: Paper) -> bool:
    # A source without versions, such as a feed, repeats what it once read: it must not undo a newer abstract.
    if record.version is None:
        return not known.abstract and bool(record.abstract)
    return record.version >= (known.version or 0)


def latest_signals(known: Signals, record: Signals) -> Signals:
    """The newest of each signal; what is not told stays."""
    return replace(
        known,
        upvotes=known.upvotes if record.upvotes is None else record.upvotes,
        stars=known.stars if record.stars is None else record.stars,
    )
