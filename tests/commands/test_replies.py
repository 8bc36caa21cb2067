from __future__ import annotations

import pytest

from bot.commands.replies import papers as say_papers
from bot.commands.replies import subscriptions as say
from bot.errors import QueryError
from bot.messages.blocks import Code, Message, Paragraph
from bot.topics.parser import parse_query


def test_a_caret_stands_below_the_character_that_was_typed() -> None:
    with pytest.raises(QueryError) as caught:
        parse_query("`agents`  (x")

    assert say.usage_error(caught.value) == Message(
        "This `(` is never closed.", (Code("`agents`  (x\n          ^"), Paragraph("Add `)`."))
    )


def test_one_page_is_no_pages() -> None:
    assert say_papers.no_such_page("agents", 1, 1).title == "agents has 1 page"
    assert say_papers.no_such_page("agents", 1200, 240).title == "agents has 240 pages"
