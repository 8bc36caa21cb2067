"""What can be done with a paper, written as commands: the small menu that every platform shows beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache

from bot.messages.blocks import Block, Button, Buttons, Message, PaperCard
from bot.papers.identity import PaperId
from bot.topics.query import Like, Query
from bot.topics.topic_text import spell_topic

CACHED_PAPERS = 1_000
"""Papers of which the actions are kept: the digests of one slot have many papers in common."""
_BY_MEANING = "search like:"


def card_actions(
    paper: PaperId, mutable: Iterable[Query] = (), *, is_saved: bool = False
) -> tuple[Button, ...]:
    """The actions of a paper, the most wanted first.

    `mutable` are the clauses of this channel's topics that brought it here; `is_saved` says that it stands in
    the reader's list. The last action shows the paper in full, with all of them: a platform without room for
    so many leaves out others (see `fit_actions`).
    """
    named = [str(clause) for clause in mutable]
    mutes = [Button(f"Mute {name}", f"mute {spell_topic(name)}") for name in named]
    # One mute stands before "More like this", since small menus are cut from the end (`fit_actions`).
    save, unsave, good, bad, alike, *rest = _fixed_actions(paper)
    return (unsave if is_saved else save, good, bad, *mutes[:1], alike, *mutes[1:], *rest)


@lru_cache(CACHED_PAPERS)
def _fixed_actions(paper: PaperId) -> tuple[Button, ...]:
    """What each card of a paper has, of a digest in any channel."""
    return (
        Button("Save", f"save {paper}"),
        Button("Remove from my list", f"unsave {paper}"),
        Button("👍 Good for this channel", f"like {paper}"),
        Button("👎 Not for this channel", f"dislike {paper}"),
        Button("More like this", f"search {Like(paper)}"),
        Button("BibTeX", f"export bibtex {paper}"),
        Button("In full", f"show {paper}"),
    )


def fit_actions(actions: Sequence[Button], most: int) -> tuple[Button, ...]:
    """At most `most` actions, of more the first ones and the last."""
    return tuple(actions) if len(actions) <= most else (*actions[: most - 1], actions[-1])


def drop_meaning_actions(message: Message) -> Message:
    """`message` without the actions that need the meaning index, for an installation that has none."""
    return replace(message, blocks=tuple(map(_without_meaning_actions, message.blocks)))


def _without_meaning_actions(block: Block) -> Block:
    if isinstance(block, PaperCard):
        return replace(block, actions=actions_by_words(block.actions))
    return replace(block, buttons=actions_by_words(block.buttons)) if isinstance(block, Buttons) else block


def actions_by_words(actions: Iterable[Button]) -> tuple[Button, ...]:
    """Those that do without the meaning index."""
    return tuple(one for one in actions if not one.command.startswith(_BY_MEANING))
