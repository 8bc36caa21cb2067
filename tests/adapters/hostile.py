"""Messages with text of a stranger's in every place, for platforms that must draw it harmlessly."""

from __future__ import annotations

from datetime import date

from bot.messages.blocks import (
    Button,
    Buttons,
    Code,
    Coverage,
    Fields,
    Heading,
    Message,
    Note,
    PaperCard,
    Paragraph,
    Receipt,
    ReceiptLine,
)

PAGE = "https://arxiv.org/abs/2510.00001"


def everywhere(text: str) -> Message:
    """A message with `text` in every place that a stranger can fill."""
    card = PaperCard(
        id="arxiv:2510.00001",
        url=PAGE,
        title=text,
        authors=(text, text),
        categories=(text,),
        announced=date(2025, 10, 10),
        code_url=text,
        summary=text,
        reasons=(text, text),
        actions=(Button("BibTeX", "bibtex arxiv:2510.00001"), Button(text, f"mute {text}")),
    )
    late = ReceiptLine(text, date(2025, 10, 10), 1, 1, 1, Coverage.LATE, detail=text)
    said = (Heading(text), Paragraph(text), Note(text), Note(text, warning=True), Fields(((text, text),)))
    pressed = Buttons((Button(text, f"subscribe {text}"),))
    return Message(text, (card, *said, Code(text), pressed, Receipt((late,))))
