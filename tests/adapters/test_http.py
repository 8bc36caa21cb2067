"""The HTTP client, against a server that misbehaves on request."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import pytest

from adapters.http import HttpClient, Patience
from adapters.http_headers import retry_after, user_agent
from adapters.http_rate_limits import Lane
from bot.errors import SourceError
from tests.standins.sources import Fault, SourcesStandin

HASTY = Patience(attempts=3, first_wait=0.01, longest_wait=5.0)
FREE = Lane("free")


@pytest.fixture
async def standin() -> AsyncIterator[SourcesStandin]:
    async with SourcesStandin() as served:
        served.put("/page", b"hello")
        yield served


def client(**changes: Any) -> HttpClient:
    values: dict[str, Any] = {"timeout_seconds": 2.0, "patience": HASTY}
    return HttpClient(**(values | changes))


async def test_answers_the_body_and_says_who_asks(standin: SourcesStandin) -> None:
    async with client(contact="ops@example.org") as http:
        answer = await http.get(f"{standin.url}/page", FREE, {"q": "a b"})
    assert (answer.status, answer.body, answer.not_modified) == (200, b"hello", False)
    asked = standin.requests[0]
    assert asked.query == {"q": "a b"}
    assert asked.headers["User-Agent"] == user_agent("ops@example.org")
    assert asked.headers["User-Agent"].endswith("(+mailto:ops@example.org)")


async def test_a_body_that_has_not_changed_is_not_sent_again(standin: SourcesStandin) -> None:
    async with client() as http:
        first = await http.get(f"{standin.url}/page", FREE)
        second = await http.get(f"{standin.url}/page", FREE)
        standin.put("/page", b"news")
        third = await http.get(f"{standin.url}/page", FREE)
    assert (second.body, second.status, second.not_modified) == (first.body, 200, True)
    assert (third.body, third.not_modified) == (b"news", False)
    assert "If-None-Match" in standin.requests[1].headers


@pytest.mark.parametrize("fault", ["500", "truncated", "429"])
async def test_what_passes_is_tried_again(standin: SourcesStandin, fault: Fault) -> None:
    standin.fail("/page", fault)
    async with client() as http:
        assert (await http.get(f"{standin.url}/page", FREE)).body == b"hello"
    assert len(standin.requests) == 2


async def test_retry_after_is_waited_for_by_the_whole_lane(standin: SourcesStandin) -> None:
    standin.fail("/page", "429")
    async with client() as http:
        await asyncio.gather(*(http.get(f"{standin.url}/page", Lane("one", connections=1)) for _ in range(2)))
    first, *later = standin.requests
    assert len(later) == 2
    assert min(request.at for request in later) - first.at >= 0.99


async def test_a_long_pause_is_not_waited_for_and_not_disturbed(standin: SourcesStandin) -> None:
    standin.fail("/page", "429 long")
    async with client() as http:
        for _ in range(2):
            with pytest.raises(SourceError, match="pause"):
                await http.get(f"{standin.url}/page", FREE)
    assert len(standin.requests) == 1


@pytest.mark.parametrize(
    ("fault", "reason"),
    [("500", "answered 500"), ("truncated", "cut its answer off"), ("slow", "did not answer within 0.2 s")],
)
async def test_gives_up_after_a_bounded_number_of_attempts(
    standin: SourcesStandin, fault: Fault, reason: str
) -> None:
    standin.fail("/page", *[fault] * 9)
    async with client(timeout_seconds=0.2 if fault == "slow" else 2.0) as http:
        with pytest.raises(SourceError) as caught:
            await http.get(f"{standin.url}/page", FREE, {"key": "s3cret"})
    assert str(caught.value) == f"127.0.0.1 {reason}. It will be retried in the next round."
    assert len(standin.requests) == 3


async def test_a_refusal_is_final_unless_it_is_expected(standin: SourcesStandin) -> None:
    standin.put("/page", b"why", status=400)
    async with client() as http:
        with pytest.raises(SourceError, match="answered 400"):
            await http.get(f"{standin.url}/page", FREE)
        answer = await http.get(f"{standin.url}/page", FREE, accept=frozenset({400}))
    assert (answer.status, answer.body) == (400, b"why")
    assert len(standin.requests) == 2


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/x", "no address", "http://[::bad", "ftp://127.0.0.1/"])
async def test_an_address_that_cannot_be_asked(url: str) -> None:
    async with client() as http:
        with pytest.raises(SourceError) as caught:
            await http.get(url, FREE)
    assert caught.value.hint
    assert "\n" not in str(caught.value)


async def test_a_bomb_costs_no_memory(standin: SourcesStandin) -> None:
    """200 MB of zeros in 0.2 MB: no more than the limit of 1 MB and a few pieces is ever unpacked."""
    standin.fail("/page", "bomb")
    async with client(max_bytes=2**20) as http:
        tracemalloc.start()
        with pytest.raises(SourceError, match="more than 1 MB"):
            await http.get(f"{standin.url}/page", FREE)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 12 * 2**20
    assert len(standin.requests) == 1


async def test_a_lane_spaces_its_requests_and_opens_one_connection(standin: SourcesStandin) -> None:
    paced = Lane("paced", pace_seconds=0.2, connections=1)
    async with client() as http:
        await asyncio.gather(*(http.get(f"{standin.url}/page", paced, {"n": str(n)}) for n in range(4)))
    times = [request.at for request in standin.requests]
    # Between what the server sees there may be a little less than between what was sent.
    assert all(later - earlier > 0.18 for earlier, later in pairwise(times))


async def test_another_lane_does_not_wait(standin: SourcesStandin) -> None:
    async with client() as http:
        slow = Lane("slow", pace_seconds=30.0, connections=1)
        await http.get(f"{standin.url}/page", slow)
        waiting = asyncio.create_task(http.get(f"{standin.url}/page", slow))
        await asyncio.wait_for(http.get(f"{standin.url}/page", FREE), 1)
        assert not waiting.done()
        waiting.cancel()


async def test_only_a_few_bodies_are_remembered(standin: SourcesStandin) -> None:
    async with client() as http:
        for number in range(20):
            standin.put(f"/page/{number}", b"x")
            await http.get(f"{standin.url}/page/{number}", FREE)
        assert not (await http.get(f"{standin.url}/page/0", FREE)).not_modified
        assert (await http.get(f"{standin.url}/page/19", FREE)).not_modified


async def test_json_or_a_source_error(standin: SourcesStandin) -> None:
    standin.put("/json", b'{"a": [1]}')
    standin.put("/deep", b"[" * 100_000)
    async with client() as http:
        assert (await http.get(f"{standin.url}/json", FREE)).json() == {"a": [1]}
        for path in ("page", "deep"):
            answer = await http.get(f"{standin.url}/{path}", FREE)
            with pytest.raises(SourceError, match="JSON"):
                answer.json()


async def test_outside_of_its_block_it_says_so() -> None:
    with pytest.raises(RuntimeError, match="async with"):
        await client().get("http://127.0.0.1:1/", FREE)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:27:00 GMT", 0.0),
        ("Wed, 21 Oct 2026 07:28:10 -0000", 10.0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", 1.5),
        ("1.5.5", None),
        ("86401", 86400.0),
        ("9" * 400, 86400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
        ("²", None),
        ("Wed, 21 Oct 99999999999 07:28:30 GMT", None),
        ("Wed, 21 Oct 2026 07:28:30 +99999999999999", None),
    ],
)
def test_retry_after_in_seconds_and_as_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, datetime(2026, 10, 21, 7, 28, tzinfo=UTC)) == seconds


@pytest.mark.parametrize(
    ("contact", "tail"),
    [("", ""), ("a@b.org", " (+mailto:a@b.org)"), ("a@b.org\r\nX: y", " (+mailto:a@b.orgX:y)")],
)
def test_user_agent(contact: str, tail: str) -> None:
    agent = user_agent(contact)
    assert agent.startswith("Paperboy/")
    assert agent.endswith(tail)
    assert agent.isprintable()


async def test_a_pace_that_processes_share_is_asked_before_every_request(standin: SourcesStandin) -> None:
    taken: list[tuple[str, float]] = []

    async def turns(name: str, seconds: float) -> None:
        taken.append((name, seconds))

    async with HttpClient(turns=turns) as http:
        for lane in (Lane("arxiv", 3.0), Lane("arxiv", 3.0), Lane("free")):
            await http.get(f"{standin.url}/page", lane)

    assert taken == [("arxiv", 3.0)] * 2
