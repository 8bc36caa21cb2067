"""A team's channel: the papers of its days, and what is said to Paperboy there."""

from __future__ import annotations

from bot.bootstrap import App
from bot.messages import Message
from tests.apps import paper

MISALIGNED = paper(1, "Emergent misalignment in small models", "Finetuning narrows.", authors=("Ann Author",))
AGENTS = paper(2, "Agents that plan", "We plan with tools.", categories=("cs.AI",))
MORE_AGENTS = paper(3, "Planning agents, again", categories=("cs.AI",))
VISION = paper(4, "Diffusion for images", categories=("cs.CV",))


async def say(app: App, text: str, place: str = "local") -> Message:
    return await app.commands().answer(text, app.terminal.caller(place))


def text_of(message: Message) -> str:
    return f"{message.title} {message.blocks}"
