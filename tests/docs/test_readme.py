"""What the documentation tells people to type exists, and what it links to is there."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from bot.commands.grammar import parse_command
from bot.commands.model import COMMANDS
from bot.commands.replies.help import help_all
from bot.errors import UsageError
from tests.environment import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/**/*.md")])

_FENCE = re.compile(r"^```(?P<language>\w*).*?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\((?P<markdown>[^)\s]+)[^)]*\)|(?:src|srcset|href)=\"(?P<html>[^\"]+)\"")
_HEADING = re.compile(r"^#+ +(.+?) *$", re.MULTILINE)
_TARGET = re.compile(r"^(?P<name>[a-z]+):", re.MULTILINE)
_ENDS = {"|", "&&", ";", ">", ">>", "#"}


def typed(text: str) -> list[str]:
    """The commands after `$` in the console blocks of a page."""
    blocks = [match["body"] for match in _FENCE.finditer(text) if match["language"] == "console"]
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def one_command(line: str) -> list[str]:
    """The words of a line up to a pipe or a comment, without variables before them."""
    words = shlex.split(line)
    end = next((at for at, word in enumerate(words) if word in _ENDS), len(words))
    start = next((at for at, word in enumerate(words[:end]) if "=" not in word), end)
    return words[start:end]


def trouble(line: str) -> str:
    """What is wrong with a typed line, or "" where nothing is or it is not ours."""
    program, *words = one_command(line)
    if program == "make":
        targets = set(_TARGET.findall((ROOT / "Makefile").read_text("utf-8")))
        asked = {word for word in words if "=" not in word and not word.startswith("-")}
        return f"no target {sorted(asked - targets)}" if asked - targets else ""
    return wrong_call(words) if program == "paperboy" else ""


def wrong_call(words: list[str]) -> str:
    """What is wrong with the arguments of `paperboy`."""
    from bot.cli.main import cli  # noqa: PLC0415 - only for pages that show it

    command = typer.main.get_command(cli)
    while isinstance(command, TyperGroup) and words and not words[0].startswith("-"):
        name, *words = words
        if name not in command.commands:
            return f"no command {name}"
        command = command.commands[name]
    known = {name for option in command.params for name in (*option.opts, *option.secondary_opts)}
    for word in words:
        if word.startswith("--") and word != "--" and word.partition("=")[0] not in {*known, "--help"}:
            return f"no option {word}"
    return wrong_chat(words) if command.name == "chat" else ""


def wrong_chat(words: list[str]) -> str:
    """What is wrong with the text after `-c`."""
    for option, text in pairwise(words):
        if option in {"-c", "--command"}:
            try:
                parse_command(text.removeprefix("/papers").strip())
            except UsageError as error:
                return str(error)
    return ""


def anchors(text: str) -> set[str]:
    """The headings of a page as GitHub links to them."""
    plain = [re.sub(r"[^\w\- ]", "", heading.lower()) for heading in _HEADING.findall(text)]
    return {heading.replace(" ", "-") for heading in plain}


def dead_links(page: Path, text: str) -> list[str]:
    """The links of a page that lead to no file, or to no heading."""
    dead = []
    for match in _LINK.finditer(_FENCE.sub("", text)):
        link = match["markdown"] or match["html"]
        if re.match(r"[a-z]+:", link):
            continue
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (anchor and anchor not in anchors(target.read_text("utf-8"))):
            dead.append(link)
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_is_typed_exists(page: Path) -> None:
    lines = typed(page.read_text("utf-8"))

    assert {line: trouble(line) for line in lines if trouble(line)} == {}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert dead_links(page, page.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("make test", ""),
        ("make PYTHON=python3.13 test", ""),
        ("make tset", "no target ['tset']"),
        ("git status", ""),
        ("paperboy demo", ""),
        ("PAPERBOY_TIMEZONE=UTC paperboy search icl --json | head", ""),
        ("paperboy search icl --jsno", "no option --jsno"),
        ("paperboy serach icl", "no command serach"),
        ("paperboy db backup copy.db", ""),
        ("paperboy db restore", "no command restore"),
        ('paperboy chat -c "/papers subscribe icl at:8.30"', ""),
    ],
)
def test_a_wrong_line_is_found(line: str, expected: str) -> None:
    assert trouble(line) == expected


def test_a_malformed_chat_line_is_found() -> None:
    assert trouble('paperboy chat -c "/papers subscribe icl OR OR"')


@pytest.mark.parametrize(
    ("link", "is_dead"),
    [
        ("[a](CHANGELOG.md)", False),
        ("[a](docs/settings.md#settings)", False),
        ("[a](https://example.org/nothing)", False),
        ('<img src="docs/nothing.svg">', True),
        ("[a](docs/nothing.md)", True),
        ("[a](docs/settings.md#nothing)", True),
        ("```\n[a](nothing.md)\n```\n", False),
    ],
)
def test_a_dead_link_is_found(link: str, *, is_dead: bool) -> None:
    assert bool(dead_links(ROOT / "README.md", link)) is is_dead


def test_console_blocks_are_read() -> None:
    page = "```console\n$ make test\n1 passed\n```\n```sh\n$ make clean\n```\n"

    assert typed(page) == ["make test"]


@pytest.mark.parametrize("name", COMMANDS)
def test_readme_and_help_name_every_command(name: str) -> None:
    named = re.compile(rf"/papers {name}\b")
    assert named.search((ROOT / "README.md").read_text("utf-8")), f"README does not name /papers {name}"
    assert named.search(str(help_all())), f"help does not name /papers {name}"
