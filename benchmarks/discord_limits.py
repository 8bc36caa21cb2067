"""100,000 posts for Discord, all within its limits: `python -m benchmarks.discord_limits [MESSAGES]`.

21,000 messages make more than so many posts. Each is made of recorded papers and of texts that mean harm,
in one style or the other, and what discord.py would send of it is held to the limits; of every twentieth
message also to Discord's OpenAPI file.
"""

from __future__ import annotations

import json
import multiprocessing
import random
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bot.messages.blocks import (
    Block,
    Button,
    Buttons,
    Code,
    Coverage,
    Fields,
    Heading,
    Layout,
    Message,
    Note,
    PaperCard,
    Paragraph,
    Receipt,
    ReceiptLine,
)
from tests.adapters.discord.test_wire_hostile import HAZARDS, STYLES, bodies
from tests.recorded import DATA
from tests.standins import discord_limits
from tests.standins.discord_payloads import check
from tests.standins.discord_reading import pings
from tests.standins.reading import hidden

MESSAGES, CHUNK, BY_SCHEMA = 21_000, 250, 20
DAY = date(2025, 10, 10)
SIGNS = "ab @<>#*_`~|[]()\\:/.-\n\u202e\u200b\u0301\U0001d538\U0001f600"


@dataclass(frozen=True, slots=True)
class Counted:
    """What came of a chunk of messages."""

    messages: int
    posts: int
    most_components: int
    most_text: int
    problems: list[str]


def main() -> None:
    """Run and print; the exit code is 1 where one message breaks a limit."""
    if not DATA.is_dir():
        sys.exit("The recorded data, ../shared/data beside the project, is not on this machine.")
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else MESSAGES
    start = time.monotonic()
    with multiprocessing.get_context("spawn").Pool(2, _read) as pool:
        found = list(pool.imap_unordered(_chunk, range(-(-wanted // CHUNK))))
    problems = [one for counted in found for one in counted.problems]
    messages, posts = sum(one.messages for one in found), sum(one.posts for one in found)
    print(f"{messages:,} messages, {posts:,} posts")
    print(f"most components in one: {max(one.most_components for one in found)} of 40")
    print(f"most characters in one: {max(one.most_text for one in found):,} of 4,000")
    print(f"over a limit: {len(problems)}   in {time.monotonic() - start:.0f} s")
    print("\n".join(problems[:10]))
    sys.exit(bool(problems))


_papers: list[dict[str, object]] = []


def _read() -> None:
    """The recorded papers of a few days."""
    for file in sorted((DATA / "arxiv_bulk_daily").glob("*.jsonl"))[:8]:
        with file.open(encoding="utf-8", newline="\n") as lines:
            _papers.extend(json.loads(line) for line in lines if line.strip())


def _chunk(number: int) -> Counted:
    rng = random.Random(number)
    posts = components = text = 0
    problems: list[str] = []
    for index in range(CHUNK):
        message, style = _message(rng), rng.choice(STYLES)
        for body in bodies(message, style):
            posts += 1
            every = [one for _, one in discord_limits.walk(body["components"])]
            components = max(components, len(every))
            text = max(text, sum(len(one.get("content") or "") for one in every))
            problems += discord_limits.message(body)
            problems += [f"{one} could ping" for one in pings(body)] + hidden(body)
            problems += check("message", body) if index % BY_SCHEMA == 0 else []
    return Counted(CHUNK, posts, components, text, problems)


def _message(rng: random.Random) -> Message:
    blocks = tuple(block for _ in range(rng.randint(0, 8)) for block in _blocks(rng))
    return Message(_text(rng), blocks, rng.choice(tuple(Layout)))


def _blocks(rng: random.Random) -> Iterator[Block]:
    yield rng.choice((Heading, Paragraph, Note, Code))(_text(rng))
    for _ in range(rng.randint(0, 5)):
        yield _card(rng)
    if rng.random() < 0.3:
        yield Fields(tuple((_text(rng), _text(rng)) for _ in range(rng.randint(1, 12))))
    if rng.random() < 0.5:
        yield Buttons(tuple(_button(rng) for _ in range(rng.randint(1, 12))))
    if rng.random() < 0.3:
        yield Receipt(tuple(_line(rng) for _ in range(rng.randint(0, 20))))


def _card(rng: random.Random) -> PaperCard:
    one = rng.choice(_papers)
    authors, categories = one["authors"], one["categories"]
    assert isinstance(authors, list)
    assert isinstance(categories, list)
    return PaperCard(
        id=f"arxiv:{one['id']}",
        url=f"https://arxiv.org/abs/{one['id']}",
        title=str(one["title"]) if rng.random() < 0.7 else _text(rng),
        authors=tuple(map(str, authors)),
        categories=tuple(map(str, categories)),
        announced=DAY,
        upvotes=rng.choice((None, 0, 12_345)),
        summary=str(one["summary"]) if rng.random() < 0.7 else _text(rng),
        reasons=tuple(_text(rng) for _ in range(rng.randint(0, 3))),
        actions=tuple(_button(rng) for _ in range(rng.choice((0, 2, 4, 6, 30)))),
    )


def _button(rng: random.Random) -> Button:
    return Button(_text(rng), rng.choice(("subscribe ", "preview ", "mute ", "")) + _text(rng))


def _line(rng: random.Random) -> ReceiptLine:
    return ReceiptLine(_text(rng), DAY, 10**6, 1, 1, rng.choice(tuple(Coverage)), detail=_text(rng))


def _text(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.4:
        return str(rng.choice(_papers)["title"])
    if kind < 0.7:
        return rng.choice(tuple(HAZARDS.values()))
    length = 3_000 if rng.random() < 0.02 else rng.choice((0, 1, 10, 20, 40, 80, 200))
    return "".join(rng.choices(SIGNS, k=length))


if __name__ == "__main__":
    main()
