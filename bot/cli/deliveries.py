"""`paperboy deliveries`: what is on its way, what got stuck, and the operator's word on it."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated

import typer

from bot import bootstrap
from bot.bootstrap import App
from bot.delivery.delivery import DeliveryState, OutboxEntry
from bot.delivery.retry import OperatorDecision, check_ended, settle_state
from bot.digests.compose import count_noun
from bot.errors import UsageError
from bot.messages.blocks import Fields, Message, Note
from bot.ports.store import Transaction

deliveries = typer.Typer(help="Inspect and repair pending digests.", invoke_without_command=True)

_OPEN = tuple(state for state in DeliveryState if state is not DeliveryState.SENT)
_Id = Annotated[int, typer.Argument(metavar="ID", min=1, max=2**63 - 1, help="The id that the list shows.")]


@deliveries.callback()
def list_deliveries(
    context: typer.Context,
    state: Annotated[list[DeliveryState] | None, typer.Option(help="Only in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="Maximum number to show.")] = 100,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")] = False,
) -> None:
    """List deliveries not posted yet, with channel, day, state, age and last error."""
    if context.invoked_subcommand is not None:
        return
    if state and DeliveryState.SENT in state:
        raise UsageError("Sent deliveries are not listed.", f"Ask for {', '.join(_OPEN)}.")
    app = bootstrap.from_environment()
    with app.database.begin() as tx:
        found = tx.outbox.entries(state or _OPEN, limit)
    now = app.clock()
    if as_json:
        typer.echo(json.dumps([_as_json(parcel, now) for parcel in found]))
        return
    pairs = tuple((f"{parcel.id}", _delivery_line(parcel, now)) for parcel in found)
    app.terminal.show_message(
        Message("Deliveries", (Fields(pairs),) if pairs else (Note("Nothing is waiting or stuck."),))
    )


@deliveries.command()
def settle(delivery: _Id, word: Annotated[OperatorDecision, typer.Argument(metavar="sent|lost")]) -> None:
    """Say whether an unknown delivery reached the channel; a lost one is posted again."""
    if word is OperatorDecision.RETRY:
        raise UsageError("Say sent or lost.", f"`paperboy deliveries retry {delivery}` tries again.")
    _settle_delivery(bootstrap.from_environment(), delivery, word)


@deliveries.command()
def retry(delivery: _Id) -> None:
    """Retry a failed or dead delivery from the start."""
    _settle_delivery(bootstrap.from_environment(), delivery, OperatorDecision.RETRY)


@deliveries.command()
def drop(delivery: _Id) -> None:
    """Drop a delivery for good: it is never posted, and its papers are not shown again."""
    with bootstrap.from_environment().database.begin() as tx:
        parcel = _find_delivery(tx, delivery)
        check_ended(parcel.state)
        tx.outbox.drop_entry(delivery, parcel.state)
    typer.echo(f"Delivery {delivery} of {parcel.address} was dropped.")


def _find_delivery(tx: Transaction, delivery: int) -> OutboxEntry:
    parcel = tx.outbox.find_entry(delivery)
    if parcel is None:
        raise UsageError(f"There is no delivery {delivery}.", "`paperboy deliveries` lists them.")
    return parcel


def _settle_delivery(app: App, delivery: int, word: OperatorDecision) -> None:
    with app.database.begin() as tx:
        parcel = _find_delivery(tx, delivery)
        after = settle_state(parcel.state, word)
        tx.outbox.settle_entry(delivery, parcel.state, after)
    typer.echo(f"Delivery {delivery} of {parcel.address} is {after} now.")


def _delivery_line(parcel: OutboxEntry, now: datetime) -> str:
    digest = f"{parcel.slot} at once {parcel.number}" if parcel.number else str(parcel.slot)
    facts = [str(parcel.address), f"{digest} part {parcel.part}", str(parcel.state)]
    if parcel.planned:
        facts.append(f"{_age_text(now, parcel.planned)} old")
    if parcel.attempts:
        facts.append(count_noun(parcel.attempts, "attempt"))
    return "  ·  ".join([*facts, *([parcel.detail] if parcel.detail else [])])


def _age_text(now: datetime, then: datetime) -> str:
    minutes = max(0, int((now - then).total_seconds() // 60))
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"


def _as_json(parcel: OutboxEntry, now: datetime) -> dict[str, object]:
    return {
        "id": parcel.id,
        "channel": str(parcel.address),
        "slot": str(parcel.slot),
        "number": parcel.number,
        "part": parcel.part,
        "state": str(parcel.state),
        "attempts": parcel.attempts,
        "age_seconds": round((now - parcel.planned).total_seconds()) if parcel.planned else None,
        "next_try": parcel.next_try.isoformat() if parcel.next_try else None,
        "why": parcel.detail,
    }
