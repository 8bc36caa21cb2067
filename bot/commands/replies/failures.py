"""What is said where a command could not be carried out, whatever the command."""

from __future__ import annotations

from bot.messages.blocks import Message, Paragraph


def database_unavailable() -> Message:
    """The database cannot be used for now."""
    return Message(
        "Paperboy cannot reach its database just now",
        (Paragraph("Nothing was changed. Try again in a minute; the log of Paperboy has the reason."),),
    )
