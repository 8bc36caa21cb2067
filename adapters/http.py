"""The HTTP client of all sources: paced, patient, bounded, and sparing with what has not changed."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

import aiohttp
import stamina
import structlog
from yarl import URL

from adapters.http_headers import retry_after, user_agent
from adapters.http_rate_limits import Lane, Traffic, Turns
from bot.errors import SourceError

MAX_BYTES = 20 * 2**20
"""The most that a body may hold once it is decompressed."""
_CHUNK = 64 * 2**10
_REMEMBERED = 16
"""How many bodies are kept for their ETag: a day's feeds and a few lists."""
_LATER = "It will be retried in the next round."

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Patience:
    """How often, and how long apart, a failing request is tried. Waits are in seconds."""

    attempts: int = 4
    first_wait: float = 2.0
    longest_wait: float = 60.0
    """Also the longest `Retry-After` that is waited for; beyond it the request fails at once."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A body, decompressed. `not_modified` says that it is the one that was answered last time."""

    host: str
    status: int
    body: bytes
    not_modified: bool = False

    def json(self) -> Any:
        """The body as JSON.

        Raises SourceError.
        """
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise SourceError(f"{self.host} did not answer with JSON.", _LATER) from error


class HttpClient(AbstractAsyncContextManager["HttpClient"]):
    """Asks with a pace per lane, time-outs, retries and ETags. Connections live inside `async with`."""

    def __init__(
        self,
        *,
        timeout_seconds: float = 60.0,
        contact: str = "",
        max_bytes: int = MAX_BYTES,
        patience: Patience | None = None,
        turns: Turns | None = None,
    ) -> None:
        """Without `turns` the pace is that of this client alone."""
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._agent = user_agent(contact)
        self._max_bytes = max_bytes
        self._patience = patience or Patience()
        self._turns = turns
        self._session: aiohttp.ClientSession | None = None
        self._traffic: dict[Lane, Traffic] = {}
        self._known: OrderedDict[str, tuple[str, bytes]] = OrderedDict()

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            timeout=self._timeout,
            # Named, since aiohttp would add encodings of whatever else is installed.
            headers={"User-Agent": self._agent, "Accept-Encoding": "gzip, deflate"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()
        self._session = None
        self._traffic.clear()

    async def get(
        self,
        url: str,
        lane: Lane,
        params: Mapping[str, str] | None = None,
        *,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """The answer of `url`, whose status is 200 or one of `accept`.

        Connection errors, 429 and 5xx are tried again. Raises SourceError, which names the host alone.
        """
        return await self._try_request(_Question(_target_of(url, params)), lane, accept)

    async def post(
        self,
        url: str,
        lane: Lane,
        body: Mapping[str, object],
        headers: Mapping[str, str],
        *,
        accept: frozenset[int] = frozenset(),
    ) -> Answer:
        """The answer to `body` as JSON; else as `get`. `headers` are told to nobody else by a redirect."""
        return await self._try_request(_Question(_target_of(url, None), body, headers), lane, accept)

    async def _try_request(self, question: _Question, lane: Lane, accept: frozenset[int]) -> Answer:
        async def attempt_once() -> Answer:
            try:
                return await self._attempt_request(question, lane, accept)
            except _FailedError as failed:
                # Whoever asked is told when no attempt is left; that one passed is for the log alone.
                log.info("an attempt failed", host=question.target.host, problem=str(failed))
                raise

        patience = self._patience
        retrying = stamina.AsyncRetryingCaller(
            attempts=patience.attempts,
            timeout=None,
            wait_initial=patience.first_wait,
            wait_max=patience.longest_wait,
            wait_jitter=patience.first_wait / 2,
        )
        try:
            return await retrying(_wait_of, attempt_once)
        except _FailedError as failed:
            raise SourceError(f"{question.target.host} {failed}.", _LATER) from failed

    async def _attempt_request(self, question: _Question, lane: Lane, accept: frozenset[int]) -> Answer:
        target = question.target
        traffic = self._traffic.setdefault(lane, Traffic(lane, self._turns))
        if traffic.held_for() > self._patience.longest_wait:
            raise SourceError(f"{target.host} asked for a pause that is not over yet.", _LATER)
        async with traffic:
            try:
                return await self._ask_server(question, traffic, accept)
            except (aiohttp.InvalidURL, aiohttp.TooManyRedirects) as error:
                raise SourceError(
                    f"{target.host or 'A source'} cannot be asked.", "Check its address."
                ) from error
            except TimeoutError as error:
                raise _FailedError(f"did not answer within {self._timeout.total:g} s") from error
            except aiohttp.ClientPayloadError as error:
                raise _FailedError("cut its answer off") from error
            except aiohttp.ClientError as error:
                raise _FailedError("cannot be reached") from error

    async def _ask_server(self, question: _Question, traffic: Traffic, accept: frozenset[int]) -> Answer:
        if self._session is None:
            raise RuntimeError("HttpClient is used outside of its `async with`")
        target, known = question.target, self._known.get(str(question.target))
        headers = {"If-None-Match": known[0]} if known else {}
        host = target.host or ""
        async with self._session.request(
            "GET" if question.body is None else "POST",
            target,
            json=question.body,
            headers=headers | dict(question.headers),
            allow_redirects=question.body is None,
        ) as response:
            if response.status == 304 and known:
                return Answer(host, 200, known[1], not_modified=True)
            if response.status != 200 and response.status not in accept:
                raise self._refusal_of(response, traffic)
            body = await self._read_body(response)
            if response.status == 200 and question.body is None:
                self._remember_wait(str(target), response.headers.get("ETag", ""), body)
            return Answer(host, response.status, body)

    def _refusal_of(self, response: aiohttp.ClientResponse, traffic: Traffic) -> Exception:
        host, status = response.url.host, response.status
        if status != 429 and status < 500:
            return SourceError(f"{host} answered {status}.", "Check its address in the settings.")
        after = retry_after(response.headers.get("Retry-After", ""), datetime.now(UTC))
        if after is None:
            return _FailedError(f"answered {status}")
        traffic.hold_lane(after)
        if after > self._patience.longest_wait:
            return SourceError(f"{host} answered {status} and asks for a pause of {after:.0f} s.", _LATER)
        return _FailedError(f"answered {status}", after)

    async def _read_body(self, response: aiohttp.ClientResponse) -> bytes:
        """The body, read piece by piece: aiohttp decompresses no more than a piece ahead."""
        body = bytearray()
        async for piece in response.content.iter_chunked(_CHUNK):
            body += piece
            if len(body) > self._max_bytes:
                response.close()
                limit = f"{self._max_bytes / 2**20:g} MB"
                raise SourceError(f"{response.url.host} answered more than {limit}; it was not read.", _LATER)
        return bytes(body)

    def _remember_wait(self, url: str, etag: str, body: bytes) -> None:
        self._known.pop(url, None)
        if etag:
            self._known[url] = (etag, body)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


@dataclass(frozen=True, slots=True)
class _Question:
    """What is asked; one with a body is posted."""

    target: URL
    body: Mapping[str, object] | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class _FailedError(Exception):
    """One attempt that may be repeated, after `retry_after` seconds where the server said so."""

    def __init__(self, problem: str, retry_after: float | None = None) -> None:
        super().__init__(problem)
        self.retry_after = retry_after


def _wait_of(error: Exception) -> bool | float:
    if not isinstance(error, _FailedError):
        return False
    return True if error.retry_after is None else error.retry_after


def _target_of(url: str, params: Mapping[str, str] | None) -> URL:
    try:
        target = URL(url)
    except ValueError as error:
        raise SourceError(
            "A source's address is not a URL.", "Check the addresses in the settings."
        ) from error
    return target.update_query(params) if params else target
