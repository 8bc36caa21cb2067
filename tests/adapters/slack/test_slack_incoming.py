from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack.incoming import as_command, papers_in, tidy_text, words_of


@pytest.mark.parametrize(
    ("sent", "typed"),
    [
        ("subscribe agents", "subscribe agents"),
        ("  padded ", "padded"),
        ("a &amp; b &lt;c&gt;", "a & b <c>"),
        ("&amp;lt;", "&lt;"),
        ("author:<@U1|ann>", "author:ann"),
        ("by <@U1>", "by U1"),
        ("in <#C1|general>", "in general"),
        ("<!here> look", "look"),
        ("<!subteam^S1|@lab> look", "lab look"),
        ("show <https://arxiv.org/abs/2510.00001>", "show https://arxiv.org/abs/2510.00001"),
        ("show <http://arxiv.org/abs/1|arxiv.org/abs/1>", "show http://arxiv.org/abs/1"),
        ("<mailto:a@b.c|a@b.c>", "a@b.c"),
        ("“smart quotes”", "“smart quotes”"),
    ],
)
def test_tidy(sent: str, typed: str) -> None:
    assert tidy_text(sent) == typed


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("https://arxiv.org/pdf/2510.00001v3", "show arxiv:2510.00001"),
        ("2510.00001", "show arxiv:2510.00001"),
        ("10.1101/2024.01.01.573800", "show doi:10.1101/2024.01.01.573800"),
        ("cat:cs.CL", "cat:cs.CL"),
        ("2510.00001 agents", "2510.00001 agents"),
        ("list", "list"),
        ("", ""),
    ],
)
def test_a_lone_paper_is_shown(text: str, command: str) -> None:
    assert as_command(text) == command


def test_the_papers_of_a_message() -> None:
    text = "<https://arxiv.org/abs/2510.00001v2|this>, (2510.00002), and https://doi.org/10.1000/x. cat:cs.CL"

    assert [str(one) for one in papers_in(text)] == ["arxiv:2510.00001", "arxiv:2510.00002", "doi:10.1000/x"]
    assert papers_in("nothing here") == []


def test_the_words_of_a_message() -> None:
    text = "<@U1|ann> do *agents* plan OR not? <https://x.example/a|link> &amp; plan"

    assert words_of(text) == "agents plan"
    assert len(words_of(" ".join(f"word{'x' * n}" for n in range(50))).split()) == 12


@settings(max_examples=200)
@given(st.text() | st.text(alphabet='<>@#!|&;:/ a1."'))
def test_whatever_is_sent_is_read(text: str) -> None:
    assert tidy_text(text) == tidy_text(text).strip()
    assert isinstance(as_command(tidy_text(text)), str)
    assert isinstance(papers_in(text), list)
    assert "<" not in words_of(text)
