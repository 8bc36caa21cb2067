"""The table of sentences holds what people read, wherever it is said."""

from __future__ import annotations

import pytest

from docs.sentences import sentences
from tests.environment import ROOT

SAID = [(one.path, one.text) for one in sentences()]


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("bot/commands/replies/subscriptions.py", "would have matched, about {…} a week."),
        ("bot/commands/grammar.py", "`{…}:` is given twice."),
        ("bot/commands/model.py", "Search the stored papers."),
        ("bot/topics/parser.py", "This `(` is never closed."),
        ("bot/settings.py", "The arXiv categories to follow."),
        ("bot/cli/main.py", "Make no network requests."),
        ("adapters/slack/faults.py", "The channel is archived."),
        ("adapters/discord/faults.py", "This Discord channel no longer exists."),
        ("storage/faults.py", "is locked by another process."),
    ],
)
def test_a_sentence_of_each_part_is_in_the_table(path: str, part: str) -> None:
    assert any(part in text for where, text in SAID if where == path)


def test_every_module_of_replies_speaks() -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("bot/commands/replies/*.py")}
    assert {path for path in modules if not path.endswith("__init__.py")} <= {path for path, _ in SAID}


def test_nobody_reads_what_only_the_log_or_the_database_gets() -> None:
    assert not [text for _, text in SAID if text.startswith(("SELECT ", "the database cannot be used"))]


WORN = (
    "stands twice",
    "is no source",
    "set up by half",
    "Ask more narrowly",
    "now as follows",
    "mended",
    "anew",
)
"""Words that read as translated."""


@pytest.mark.parametrize("worn", WORN)
def test_worn_words_are_gone(worn: str) -> None:
    assert not [(path, text) for path, text in SAID if worn in text]
