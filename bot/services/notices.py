"""What is said to people who did not ask: that a channel broke, that a digest was given up."""

from __future__ import annotations

from datetime import date

from bot.channels.channel import Address
from bot.messages.blocks import Fields, Message, Note, Paragraph


def channel_broken(address: Address, reason: str) -> Message:
    """To whoever subscribed a channel that cannot be posted to any more."""
    return Message(
        "One of your digests cannot be posted",
        (
            Fields((("Channel", str(address)), ("Reason", reason))),
            Paragraph("Its subscriptions are kept. Once that is fixed, run `/papers list` there to resume."),
        ),
    )


def given_up(address: Address, slot: date, reason: str, delivery: int, hours: int | None) -> Message:
    """To whoever subscribed a channel of which a digest was tried for `hours`, or may have come: None."""
    tried = f"It was tried for {hours} hours and will not be retried."
    doubt = "It may or may not be there. It will not be posted again automatically, to avoid duplicates."
    word = f"retry {delivery}" if hours else f"settle {delivery} sent|lost"
    hint = f"Whoever runs Paperboy can use `paperboy deliveries {word}`."
    return Message(
        "One of your digests was not posted" if hours else "One of your digests may be missing",
        (
            Fields((("Channel", str(address)), ("Day", str(slot)), ("Reason", reason))),
            Paragraph(f"{tried if hours else doubt} {hint}"),
        ),
    )


def works_again(reason: str) -> Note:
    """Below the first answer in a channel that was broken."""
    return Note(f"Digests had stopped here. {reason} They will be tried again now.", warning=True)
