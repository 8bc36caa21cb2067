"""Papers on assistants that lie among many others, and what is done with them."""

from __future__ import annotations

from bot.bootstrap import App
from bot.messages.blocks import Message
from bot.papers.paper import Paper
from tests.apps import ListedSource, SetClock, batch, paper, printed

SUBJECTS = (
    "Image segmentation with fewer labels",
    "Faster matrix products on graphics cards",
    "A survey of graph neural networks",
    "Speech recognition for rare dialects",
    "Protein folding by diffusion",
    "Weather forecasts from satellite pictures",
    "Traffic lights that learn",
    "Robots that fold laundry",
    "Auctions with budget limits",
    "Sorting in parallel",
    "Detecting tumours in scans",
    "Recommending music to groups",
    "Compilers for quantum circuits",
    "Planning routes for parcels",
    "Translation of old manuscripts",
    "Energy prices and wind",
    "Fair division of goods",
    "Counting birds from recordings",
    "Steel beams under load",
    "Password habits of students",
    "Video compression for calls",
    "Soil moisture from radar",
    "Crowds in railway stations",
    "Chess endgames revisited",
)
PLACES = ("", " in hospitals", " for schools", " at sea", " in mountain villages", ": new results")
FILLER = [
    paper(100 + number, subject + place)
    for number, (subject, place) in enumerate((one, where) for where in PLACES for one in SUBJECTS)
]
LIARS = paper(1, "Language models that lie to their users", "Assistants learn to deceive people on purpose.")
SCHEMES = paper(
    2, "AI assistants scheming to deceive users", "Language models mislead people and lie to them."
)
NEAR_MISS = paper(3, "Chatbots for customer service", "Assistants answer what buyers ask.")
TOPIC = 'about:"AI systems that deceive the people who use them"'


async def say(app: App, text: str) -> Message:
    return await app.front_door().answer(text, app.terminal.make_caller("local"))


async def announced(app: App, arxiv: ListedSource, day: str, *papers: Paper) -> None:
    arxiv.batches = [batch("arxiv", day, papers)]
    await app.make_rounds().ingest_all()


async def digest(app: App, clock: SetClock, now: str) -> str:
    """What is posted at that time."""
    before = len(printed(app))
    clock.set(now)
    await app.make_rounds().post_digests()
    return printed(app)[before:]
