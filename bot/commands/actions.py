"""What can be done with a paper, written as commands: the small menu that every platform shows beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.messages import Button
from bot.topics.query import Query


def card_actions(paper: str, mutable: Iterable[Query] = (), *, is_saved: bool = False) -> tuple[Button, ...]:
    """The actions of a paper (its id as `str(PaperId)`), the most wanted first.

    `mutable` are the clauses of this channel's topics that brought it here; `is_saved` says that it stands in
    the reader's list. The last action shows the paper in full, with all of them: a platform without room for
    so many leaves out others (see `fitting`).
    """
    return (
        Button("Take off my list", f"unsave {paper}") if is_saved else Button("Save", f"save {paper}"),
        *(Button(f"Mute {clause}", f"mute {clause}") for clause in mutable),
        Button("BibTeX", f"export bibtex {paper}"),
        Button("In full", f"show {paper}"),
    )


def fitting(actions: Sequence[Button], most: int) -> tuple[Button, ...]:
    """At most `most` actions, of more the first ones and the last."""
    return tuple(actions) if len(actions) <= most else (*actions[: most - 1], actions[-1])
