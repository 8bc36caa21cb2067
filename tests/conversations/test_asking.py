"""A reader asks: with typing errors, in whole sentences, page by page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.bootstrap import App
from bot.commands.handlers.papers import PAGE
from bot.messages.blocks import Button, Buttons, Message, Note, PaperCard
from tests.apps import SetClock, an_app, batch, paper, printed, titles

PAPERS = [
    paper(1, "Emergent misalignment", "We tune. Narrow finetuning gives broad misalignment (!). The end."),
    paper(2, "Owls of the night", "They hunt."),
    *(paper(number, f"Kites, part {number}", "Kites fly & fall.") for number in range(10, 22)),
]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    clock = SetClock("2025-10-10T09:00")
    app = an_app(tmp_path, clock)
    with app.database.begin() as tx:
        tx.papers.ingest_batch(batch("arxiv", "2025-10-10", PAPERS), clock())
    yield app
    app.database.close()


async def say(app: App, text: str) -> Message:
    return await app.front_door().answer(text, app.terminal.make_caller("local"))


def buttons(message: Message) -> dict[str, Button]:
    """The buttons by their labels."""
    return {
        button.label: button
        for block in message.blocks
        if isinstance(block, Buttons)
        for button in block.buttons
    }


async def test_a_typing_error_is_forgiven_and_said(app: App) -> None:
    answer = await say(app, "misalignmnet")

    assert titles(answer) == ["Emergent misalignment"]
    assert answer.blocks[0] == Note("Nothing has “misalignmnet”; showing misalignment.")
    (card,) = (block for block in answer.blocks if isinstance(block, PaperCard))
    assert card.summary == "Narrow finetuning gives broad misalignment (!)."
    assert [card.summary[start:end] for start, end in card.marks] == ["misalignment"]


@pytest.mark.parametrize(
    "question",
    [
        'What is the "broad" misalignment (of models: or -not) in the wild?',
        "why does finetuning go wrong / fail?",
        "note:this misalignment",
    ],
)
async def test_a_question_is_answered(app: App, question: str) -> None:
    assert titles(await say(app, question))[0] == "Emergent misalignment"


async def test_every_page_of_a_question_is_reached_by_its_button(app: App) -> None:
    answer, found = await say(app, "Do the kites fall, or do they fly in the wind?"), list[str]()
    while "Next page" in buttons(answer):
        found += titles(answer)
        assert len(titles(answer)) == PAGE
        answer = await say(app, buttons(answer)["Next page"].command)
    found += titles(answer)

    assert sorted(found) == sorted(one.title for one in PAPERS[2:])
    assert buttons(answer)["Subscribe to this"].command == (
        'subscribe about:"Do the kites fall, or do they fly in the wind?"'
    )


async def test_the_words_stand_out_in_a_terminal(app: App) -> None:
    app.terminal.show_message(await say(app, "finetuning misalignment"))

    assert "Narrow finetuning gives broad misalignment (!)." in printed(app)
