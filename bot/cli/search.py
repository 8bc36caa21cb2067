"""`paperboy search`: one query to the stored papers, for people and for programs."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from bot import bootstrap
from bot.commands.handlers.papers import search_page
from bot.commands.model import Search
from bot.commands.replies import subscriptions as say
from bot.search.export import hit_json
from bot.search.plan import Order, plan_search
from bot.search.typed import parse_search

Json = Annotated[bool, typer.Option("--json", help="Print JSON, for other programs.")]

_MINUS = "\u2212"


class Asked(TyperCommand):
    """A command whose words may begin with a minus, as `-survey`, or with a passage's own dashes."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Read the arguments. Only `--name` by itself is taken for an option that is mistyped."""
        options = {name for param in self.get_params(ctx) for name in param.opts}
        # A true minus means the same in a query, and begins no option.
        return super().parse_args(ctx, [_MINUS + arg[1:] if _is_said(arg, options) else arg for arg in args])


def _is_said(arg: str, options: set[str]) -> bool:
    return arg[:1] == "-" and arg not in {"-", "--", *options} and (arg[:2] != "--" or " " in arg)


def search(
    query: Annotated[list[str], typer.Argument(help="Words, phrases and filters.")],
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Maximum number of results.")] = 10,
    sort: Annotated[Order, typer.Option(help="What comes first.")] = Order.RELEVANCE,
    *,
    as_json: Json = False,
) -> None:
    """Search the stored papers."""
    app = bootstrap.from_environment()
    command = Search(parse_search(" ".join(query)), sort)
    plan, searcher = plan_search(command.query, sort), app.searcher
    searcher.prepare_search(app.database, plan)
    with app.database.read() as tx:
        unread = tx.vectors.count_without_vector(app.meaning.model) if app.meaning else 0
        hits = searcher.search(tx, plan, limit).hits if as_json else ()
        page = None if as_json else search_page(searcher, tx, command, limit)
    if page:
        app.terminal.show_message(page)
    else:
        typer.echo(json.dumps([hit_json(rank, hit) for rank, hit in enumerate(hits, 1)]))
    if unread:
        typer.echo(f"paperboy: {say.not_embedded(unread)}", err=True)
