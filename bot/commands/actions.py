"""What can be done with a paper, written as commands: the small menu that every platform shows beside it."""

from __future__ import annotations

from collections.abc import Sequence

from bot.messages import Button


def card_actions(paper: str) -> tuple[Button, ...]:
    """The actions of a paper (its id as `str(PaperId)`), the most wanted first.

    The last one shows the paper in full, with all of them: a platform without room for so many leaves out
    others (see `fitting`).
    """
    return (Button("BibTeX", f"bibtex {paper}"), Button("In full", f"show {paper}"))


def fitting(actions: Sequence[Button], most: int) -> tuple[Button, ...]:
    """At most `most` actions, of more the first ones and the last."""
    return tuple(actions) if len(actions) <= most else (*actions[: most - 1], actions[-1])
