"""Talking with Paperboy in the terminal, what it posts there, and papers to talk about."""

from __future__ import annotations

from bot.bootstrap import App
from bot.messages.blocks import Message
from tests.apps import SetClock, paper, printed

MISALIGNED = paper(1, "Emergent misalignment in small models", "Finetuning narrows.", authors=("Ann Author",))
AGENTS = paper(2, "Agents that plan", "We plan with tools.", categories=("cs.AI",))
MORE_AGENTS = paper(3, "Planning agents, again", categories=("cs.AI",))
VISION = paper(4, "Diffusion for images", categories=("cs.CV",))


async def say(app: App, text: str, place: str = "local") -> Message:
    """The answer to what somebody says."""
    return await app.front_door().answer(text, app.terminal.make_caller(place))


async def said(app: App, text: str) -> str:
    """All that stands in the answer."""
    return str(await say(app, text))


async def posted(app: App, clock: SetClock, now: str) -> str:
    """What the digests of a moment, in ISO form, print."""
    before = len(printed(app))
    clock.set(now)
    await app.make_rounds().post_digests()
    return printed(app)[before:]


def text_of(message: Message) -> str:
    return f"{message.title} {message.blocks}"
