"""What `/papers help` says: it is made from the table of commands."""

from __future__ import annotations

from bot.commands.grammar import arguments_of, usage_of
from bot.commands.model import COMMANDS, Command
from bot.messages.blocks import Fields, Heading, Message, Paragraph

EXAMPLES = (
    ("emergent misalignment", "search"),
    ('subscribe "in-context learning" OR icl -survey', "a topic, daily"),
    ('subscribe author:"Owain Evans" days:weekdays at:8:30', "an author, with a schedule"),
    ("preview cat:cs.CL agents", "what a topic would have matched"),
    ("trending week", "what people vote for"),
    ("subscribe trending week cat:cs.CL", "what trends, in the digest"),
    ('mute author:"Owain Evans"', "leave out what only this part of a topic brings"),
    ("export ris saved", "your reading list for a reference manager"),
)


def help_all() -> Message:
    """The commands, a line each."""
    pairs = tuple((f"/papers {usage_of(name)}", _first_line(kind)) for name, kind in COMMANDS.items())
    examples = tuple((f"/papers {text}", what) for text, what in EXAMPLES)
    return Message(
        "Paperboy: new research papers, in this channel",
        (
            Paragraph("`/papers` followed by any words searches. The commands are:"),
            Fields(pairs),
            Heading("Examples"),
            Fields(examples),
            Heading("Topics and searches"),
            Fields(LANGUAGE),
        ),
    )


def help_one(name: str) -> Message:
    """One command in full."""
    kind = COMMANDS[name]
    pairs = tuple((arg, spec.help) for arg, spec in arguments_of(kind).items())
    return Message(
        f"/papers {usage_of(name)}", (Paragraph(_first_line(kind)), *((Fields(pairs),) if pairs else ()))
    )


LANGUAGE = (
    ("emergent misalignment", "both words in the title or abstract, in any form"),
    ('"in-context learning" OR icl', "a phrase; either; (…) groups"),
    ("-survey", "without that word"),
    ("title:  abstract:  author:  cat:cs.CL  cat:cs.*  source:  id:", "in that field"),
    ("emerg*", "words that start this way"),
    ("upvotes:>=20", "at least that many votes; stars:>=100 counts GitHub stars"),
    ("trending:week", "in subscriptions: what people vote for now"),
    ('about:"models that deceive their users"', "by meaning; like:2502.17424 by example"),
)


def _first_line(kind: type[Command]) -> str:
    return (kind.__doc__ or "").splitlines()[0]
