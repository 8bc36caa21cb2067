"""Handlers that only read: search, preview, trending, show, help."""

from __future__ import annotations

from dataclasses import replace

from bot.channels.upcoming import delivered, due_now, upcoming
from bot.commands.context import Desk
from bot.commands.grammar import did_you_mean
from bot.commands.model import Help, Preview, Search, Show, Trending
from bot.commands.replies import papers as say_papers
from bot.commands.replies import subscriptions as say
from bot.commands.replies.help import help_all, help_one
from bot.digests.compose import candidate_card
from bot.digests.mute_filter import Topics
from bot.messages.blocks import Message
from bot.ports.store import Transaction
from bot.search.plan import Hit, SearchPlan, as_search
from bot.search.trending import reason
from bot.services.draft_digest import draft
from bot.services.search import Searcher
from bot.services.trending import trending as what_trends
from bot.topics.evaluate import view
from bot.topics.query import Or, joined, trends
from bot.topics.reasons import reasons

PAGE = 5
TRENDING = 10


def search(command: Search, desk: Desk) -> Message:
    """One page of hits, each with the clauses that it fits; a search of what trends lists that."""
    if found := trends(command.query.query):
        return trending(Trending(*found), desk)
    return search_page(desk.searcher, desk.tx, command, PAGE)


def search_page(searcher: Searcher, tx: Transaction, command: Search, size: int) -> Message:
    """A page of `size` hits."""
    plan = as_search(command.query, command.sort)
    page = searcher.search(tx, plan, size, (command.page - 1) * size)
    query, pages = command.query, -(-page.total // size)
    meant = did_you_mean(query.text)
    if not page.total:
        return say_papers.found_nothing(query, tx.papers.count(), meant)
    if not page.hits:
        return say_papers.no_such_page(query.name, page.total, pages)
    cards = [say_papers.hit_card(hit, _why(page.plan or plan, hit)) for hit in page.hits]
    if meant and searcher.knows(query.text.split()[0]):
        meant = ""
    return say_papers.found(command, cards, page, pages, meant)


def _why(plan: SearchPlan, hit: Hit) -> tuple[str, ...]:
    """The clauses that a hit fits; of ranked words that need not be all of them."""
    parts = [*plan.ranked, *((plan.required,) if plan.required else ())]
    return reasons(joined(Or, parts), view(hit.paper, hit.sources)) or (say_papers.NEAR,)


def preview(command: Preview, desk: Desk) -> Message:
    """A topic's back-test, or the channel's digest as it stands."""
    if command.topic is not None:
        return say.previewed(desk.tested(command.topic, command.strictness))
    channel = replace(desk.channel(), paused=False)
    every = desk.subscriptions(channel)
    if channel.next_due and channel.next_due <= desk.now:
        slot, due = due_now(channel, every, desk.now)
        return draft(desk.tx, channel, replace(slot, due=desk.now), due, desk.expected, desk.meaning).message
    following = upcoming(channel, every, desk.now, desk.tx.digests.last_slot(channel.id))
    if following is None:
        return say.listing(desk.channel(), every, desk.tx.channels.mutes(channel.id))
    due = delivered(channel, every, following.day)
    return draft(desk.tx, channel, replace(following, due=desk.now), due, desk.expected, desk.meaning).message


def trending(command: Trending, desk: Desk) -> Message:
    """The most voted papers of the window, by the trending score."""
    today = desk.now.date()
    ranked = what_trends(desk.tx, desk.meaning, command.window, command.topic, today)[:TRENDING]
    cards = [say_papers.hit_card(hit, (reason(trend),)) for hit, trend in ranked]
    return say_papers.trending(cards, command.window, command.topic)


def show(command: Show, desk: Desk) -> Message:
    """One paper, stored or looked up; or what the latest digest listed past its cap."""
    if command.paper is None:
        return _show_more(desk)
    hit = desk.tx.papers.get(command.paper)
    paper = hit.paper if hit else desk.looked_up
    if paper is None:
        return say_papers.unknown_paper(command.paper)
    mutable = _topics(desk).brought(paper, hit.sources if hit else ())
    return say_papers.one_paper(paper, hit.announced if hit else None, mutable)


def _show_more(desk: Desk) -> Message:
    channel = desk.tx.channels.get(desk.caller.address)
    rest = desk.tx.digests.overflow(channel.id) if channel else ()
    topics = _topics(desk)
    heard = topics.heard(rest).kept
    if not heard:
        had = channel is not None and bool(desk.tx.digests.listed(channel.id))
        return say_papers.nothing_more(had_digest=had)
    return say_papers.more([candidate_card(candidate, topics) for candidate in heard])


def _topics(desk: Desk) -> Topics:
    channel = desk.channel()
    return Topics.of(desk.subscriptions(channel), desk.tx.channels.mutes(channel.id))


def help_(command: Help, _desk: Desk) -> Message:
    """All commands, or one."""
    return help_one(command.command) if command.command else help_all()
