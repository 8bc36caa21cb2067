"""What every platform keeps to, tried on each through its own client and a server on loopback."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from aiohttp import web
from rich.console import Console

from adapters.discord.client import PaperboyClient
from adapters.discord.invalid_requests import InvalidRequests
from adapters.discord.platform import DiscordPlatform
from adapters.discord.rest import Rest, use_api
from adapters.platforms import PLATFORMS
from adapters.slack.platform import SlackPlatform
from adapters.slack.workspaces import OneWorkspace
from adapters.terminal.platform import Terminal
from bot.channels.channel import Address
from bot.delivery.rate_limits import PlatformLimits
from bot.errors import DeliveryError
from bot.messages.blocks import Layout, Message, Paragraph
from bot.ports.platform import Platform
from bot.services.post_message import post_message
from tests.chaos.api import Chats, Door, Handler, too_many

NONCE = "paperboy-1234567890123456"
SHORT = Message("A digest", (Paragraph("Of one part."),))
LONG = Message(
    "A long digest", tuple(Paragraph(f"Paragraph {number}. " + "word " * 400) for number in range(40))
)
NOW = datetime.now(UTC)


@dataclass
class Script:
    """Does with each post in turn what the test wrote down, then leaves all alone; a `Meddle`."""

    faults: list[str] = field(default_factory=list)
    posts: int = 0

    async def __call__(self, post: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer, or do not."""
        self.posts += bool(post)
        fault = self.faults.pop(0) if post and self.faults else ""
        if fault == "rate limit":
            return too_many(post, 1)
        answer = web.Response() if fault == "lost request" else await handler(request)
        if fault.startswith("lost") and request.transport:
            request.transport.abort()
        return answer


@dataclass(frozen=True, slots=True)
class Tried:
    """A platform under test, and what only its other side can say."""

    platform: Platform
    address: Address
    gone: Address
    """A channel that is not there."""
    script: Script
    posted: Callable[[], int]
    """How many messages stand in the channel."""
    another: Callable[[], Platform]
    """The platform as another process has it."""


Build = Callable[[Door, AsyncExitStack], Platform]


def _slack(door: Door, _stack: AsyncExitStack) -> Platform:
    return SlackPlatform(OneWorkspace(door.url, door.token).client, pause=0)


def _discord(door: Door, stack: AsyncExitStack) -> Platform:
    use_api(door.url)
    rest = Rest(PaperboyClient(InvalidRequests()), door.token, InvalidRequests())
    stack.push_async_callback(rest.close)
    return DiscordPlatform(rest, "components", pause=0)


CHATS: dict[str, Build] = {"slack": _slack, "discord": _discord}
GONE = {"slack": Address("slack", "T0/C0GONE"), "discord": Address("discord", "1/999")}


@asynccontextmanager
async def _chat(name: str) -> AsyncIterator[Tried]:
    script = Script()
    async with Chats(script) as chats, AsyncExitStack() as stack:
        [address] = chats.channels(name, 1)
        build = CHATS[name]
        yield Tried(
            build(chats.doors[name], stack),
            address,
            GONE[name],
            script,
            lambda: chats.posted().total(),
            lambda: build(chats.doors[name], stack),
        )


@asynccontextmanager
async def _terminal() -> AsyncIterator[Tried]:
    out = io.StringIO()
    terminal = Terminal(Console(file=out, width=100, color_system=None))
    place = terminal.make_address("local")
    yield Tried(
        terminal,
        place,
        place,
        Script(),
        lambda: out.getvalue().count("terminal:local"),
        lambda: terminal,
    )


@pytest.fixture(params=[*CHATS, "terminal"])
async def tried(request: pytest.FixtureRequest) -> AsyncIterator[Tried]:
    async with _terminal() if request.param == "terminal" else _chat(request.param) as made:
        yield made


@pytest.fixture(params=CHATS)
async def chat(request: pytest.FixtureRequest) -> AsyncIterator[Tried]:
    """A platform that can be asked what stands in a channel; nobody can tell what a terminal has shown."""
    async with _chat(request.param) as made:
        yield made


async def attempt(tried: Tried, message: Message, since: datetime | None = None) -> DeliveryError | None:
    """Post as another process would, and return what went wrong."""
    try:
        await post_message(tried.another(), tried.address, message, NONCE, since)
    except DeliveryError as error:
        return error
    return None


def test_every_platform_is_tried() -> None:
    assert {row.name for row in PLATFORMS} == set(CHATS)


async def test_it_is_called_as_its_addresses_are(tried: Tried) -> None:
    assert tried.platform.name == tried.address.platform
    assert isinstance(tried.platform.pace, PlatformLimits)


async def test_a_message_is_posted_once_and_has_an_id(tried: Tried) -> None:
    assert await post_message(tried.platform, tried.address, SHORT, NONCE)
    assert tried.posted() == 1


async def test_laying_out_posts_nothing(tried: Tried) -> None:
    posting = await tried.platform.prepare(tried.address, LONG, NONCE)
    assert posting.parts >= 1
    assert tried.posted() == 0


async def test_each_part_has_an_id_of_its_own_and_is_found_by_another_process(chat: Tried) -> None:
    posting = await chat.platform.prepare(chat.address, LONG, NONCE)
    done: list[str] = []
    while len(done) < posting.parts:
        done.append(await posting.send(done))
    assert len(set(done)) == posting.parts > 1

    again = await chat.another().prepare(chat.address, LONG, NONCE)
    assert list(await again.find(NOW)) == done


async def test_what_was_not_posted_is_not_found(chat: Tried) -> None:
    await post_message(chat.platform, chat.address, SHORT, NONCE)
    other = await chat.another().prepare(chat.address, SHORT, "paperboy-2")
    assert list(await other.find(NOW)) == []


@pytest.mark.parametrize("layout", [Layout.FULL, Layout.COMPACT])
async def test_another_process_goes_on_where_one_stopped(chat: Tried, layout: Layout) -> None:
    message = replace(LONG, layout=layout)
    posting = await chat.platform.prepare(chat.address, message, NONCE)
    first = await posting.send([])
    await posting.send([first])

    assert await post_message(chat.another(), chat.address, message, NONCE, NOW) == first
    assert chat.posted() == posting.parts
    assert chat.script.posts == posting.parts, "no part was posted again"


async def test_a_lost_answer_is_found_and_not_posted_twice(chat: Tried) -> None:
    chat.script.faults.append("lost answer")
    assert await post_message(chat.platform, chat.address, SHORT, NONCE)
    assert chat.posted() == 1


async def test_a_lost_request_leaves_no_doubt(chat: Tried) -> None:
    chat.script.faults.append("lost request")
    if error := await attempt(chat, SHORT):
        assert (error.permanent, error.unknown) == (False, False), "it was looked for, and is not there"
        assert await attempt(chat, SHORT) is None
    assert chat.posted() == 1


async def test_a_rate_limit_leaves_no_doubt(chat: Tried) -> None:
    chat.script.faults += ["", *["rate limit"] * 10]
    if error := await attempt(chat, LONG):
        assert (error.permanent, error.unknown, error.begun) == (False, False, True)
        assert error.retry_after
        chat.script.faults.clear()
        assert await attempt(chat, LONG, NOW) is None
    posting = await chat.platform.prepare(chat.address, LONG, NONCE)
    assert chat.posted() == posting.parts


async def test_a_channel_that_is_gone_is_permanent_and_leaves_no_doubt(chat: Tried) -> None:
    with pytest.raises(DeliveryError) as caught:
        await post_message(chat.platform, chat.gone, SHORT, NONCE)
    assert caught.value.permanent
    assert not caught.value.unknown


async def test_what_nobody_can_tell_is_said_to_be_unknown() -> None:
    async with _terminal() as tried:
        posting = await tried.platform.prepare(tried.address, SHORT, NONCE)
        with pytest.raises(DeliveryError) as caught:
            await posting.find(NOW)
    assert caught.value.unknown
