"""Discord's own commands: within its limits, and equal to what is typed in Slack."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.client import PaperboyClient
from adapters.discord.commands import Interaction, add_commands, read_command, text_of
from adapters.discord.invalid_requests import InvalidRequests
from adapters.discord.native import name_of, native_text
from bot.commands.autocomplete import Suggestion
from bot.commands.grammar import parse_command
from bot.commands.model import COMMANDS, Command, Export, Search, Trending
from bot.commands.table import Rights, row_of
from bot.errors import UsageError
from bot.search.typed import parse_search
from bot.topics.parser import parse_query as query

# https://discord.com/developers/docs/interactions/application-commands#application-command-object
NAME = re.compile(r"[-_'\w]{1,32}")
MANAGE_CHANNELS = 1 << 4


async def nothing(_: Interaction, __: str, ___: Mapping[str, str]) -> None:
    return


async def nobody(_: Interaction, __: str, ___: str, ____: str) -> list[Suggestion]:
    return []


@pytest.fixture
def payloads() -> dict[str, dict[str, Any]]:
    client = PaperboyClient(InvalidRequests())
    add_commands(client, nothing, nobody)
    return {one.name: one.to_dict(client.tree) for one in client.tree.get_commands()}


def words(value: object) -> Iterator[str]:
    """The texts that count towards the limit of a command."""
    if isinstance(value, dict):
        yield from (str(value[key]) for key in ("name", "description", "value") if key in value)
        yield from words(list(value.get("options", ())) + list(value.get("choices", ())))
    elif isinstance(value, list):
        for one in value:
            yield from words(one)


def test_all_commands_are_within_the_limits(payloads: dict[str, dict[str, Any]]) -> None:
    assert set(payloads) == {name_of(name) for name in COMMANDS}
    assert len(payloads) <= 100
    for payload in payloads.values():
        assert sum(map(len, words(payload))) <= 8_000
        assert len(payload["options"]) <= 25
        assert [one["required"] for one in payload["options"]] == sorted(
            (one["required"] for one in payload["options"]), reverse=True
        )
        for one in (payload, *payload["options"]):
            assert NAME.fullmatch(one["name"])
            assert one["name"] == one["name"].lower()
            assert 0 < len(one["description"]) <= 100
            assert not one["description"].endswith("…"), "help is cut"
            assert len(one.get("choices", ())) <= 25


def test_what_changes_is_for_those_who_manage_channels(payloads: dict[str, dict[str, Any]]) -> None:
    for name, kind in COMMANDS.items():
        payload = payloads[name_of(name)]
        if row_of(kind).rights is Rights.CHANGERS:
            assert int(payload["default_member_permissions"]) == MANAGE_CHANNELS
        else:
            assert payload["default_member_permissions"] is None
        where = ([0, 1], [0]) if row_of(kind).needs_channel else ([0, 1, 2], [0, 1])
        assert (payload["contexts"], payload["integration_types"]) == where


ALIKE: list[tuple[str, dict[str, str], str]] = [
    ("search", {"query": "emergent misalignment"}, "emergent misalignment"),
    ("search", {"query": "agents", "sort": "votes", "page": "2"}, "agents sort:votes page:2"),
    ("search", {"query": "subscribe agents"}, "subscribe agents"),
    ("search", {"query": "search list decoding"}, "search list decoding"),
    ("subscribe", {"topic": "icl -survey", "days": "mon,thu"}, "subscribe icl -survey days:mon,thu"),
    ("subscribe", {"topic": "icl", "days": "mon, thu"}, 'subscribe icl days:"mon, thu"'),
    ("subscribe", {"topic": 'author:"Owain Evans"'}, 'subscribe author:"Owain Evans"'),
    ("subscribe", {"topic": "icl at:8:30"}, "subscribe icl at:8:30"),
    (
        "subscribe",
        {"topic": "icl", "at": "6 pm", "tz": "new york"},
        'subscribe icl at:"6 pm" tz:"new york"',
    ),
    ("unsubscribe", {"which": "#12"}, "unsubscribe #12"),
    ("unsubscribe", {"which": "cat:cs.CL"}, "unsubscribe cat:cs.CL"),
    ("list", {}, "list"),
    ("preview", {}, "preview"),
    ("trending", {"window": "month", "topic": "agents"}, "trending month agents"),
    ("trending", {"topic": "agents"}, "trending agents"),
    ("show", {"paper": "more"}, "show more"),
    ("show", {"paper": "https://arxiv.org/abs/2502.17424v2"}, "show 2502.17424"),
    ("export", {"format": "ris", "what": "digest"}, "export ris digest"),
    ("settings", {"limit": "5", "layout": "compact"}, "settings limit:5 layout:compact"),
    ("mute", {}, "mute"),
    ("mute", {"clause": 'author:"Owain Evans"'}, 'mute author:"Owain Evans"'),
    ("unmute", {"clause": "all"}, "unmute all"),
    ("save", {"paper": "2502.17424v2"}, "save 2502.17424"),
    ("saved", {"page": "2"}, "saved page:2"),
    ("unsave", {"paper": "all"}, "unsave all"),
    ("like", {"paper": "2502.17424"}, "like 2502.17424"),
    ("dislike", {"paper": "2502.17424v2"}, "dislike 2502.17424"),
    ("unlike", {"paper": "all"}, "unlike all"),
    ("feedback", {}, "feedback"),
    ("feedback", {"action": "reset"}, "feedback reset"),
    ("pause", {}, "pause"),
    ("pause", {"which": "2", "until": "3d"}, "pause #2 until:3d"),
    ("resume", {"which": "#2"}, "resume 2"),
    ("help", {}, "help"),
    ("help", {"command": "subscribe"}, "help subscribe"),
]


@pytest.mark.parametrize(("name", "options", "text"), ALIKE)
def test_both_doors_give_equal_commands(name: str, options: dict[str, str], text: str) -> None:
    assert read_command(name, options) == parse_command(text)
    assert parse_command(text_of(name, options)) == parse_command(text)


def test_no_command_is_left_out() -> None:
    assert {name for name, _, _ in ALIKE} == set(COMMANDS)


@pytest.mark.parametrize(
    ("name", "options", "command"),
    [
        ("trending", {"topic": "month of agents"}, Trending(topic=query("month of agents"))),
        ("export", {"what": "csv parsing"}, Export(what=query("csv parsing"))),
        ("search", {"query": "agents", "page": "1"}, Search(parse_search("agents"))),
    ],
)
def test_an_option_is_never_read_as_another(name: str, options: dict[str, str], command: Command) -> None:
    assert read_command(name, options) == command
    assert parse_command(text_of(name, options)) == command


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("show", {"paper": "banana"}, "not the id"),
        ("unsubscribe", {"which": "agents OR OR"}, "OR"),
        ("subscribe", {"topic": "agents", "tz": "Nowhere/Land"}, "not a time zone"),
        ("pause", {"which": "banana"}, "not the number"),
    ],
)
def test_a_wrong_option_is_an_error_and_no_search(name: str, options: dict[str, str], problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        read_command(name, options)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(sorted(COMMANDS)),
    st.dictionaries(st.sampled_from(["topic", "days", "at", "tz", "which"]), st.text()),
)
def test_any_options_are_a_command_or_a_usage_error(name: str, options: dict[str, str]) -> None:
    with suppress(UsageError):
        assert isinstance(read_command(name, options), tuple(COMMANDS.values()))


def test_commands_have_their_discord_names() -> None:
    assert native_text("`/papers list` or /papers subscribe x, /papers words") == (
        "`/subscriptions` or /subscribe x, /papers words"
    )
