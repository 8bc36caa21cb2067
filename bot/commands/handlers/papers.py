"""Handlers that only read: search, preview, trending, show, help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.channels.channel import Channel, Subscription
from bot.channels.schedule import Slot
from bot.channels.upcoming import due_slot, next_digest_slot, subscriptions_on
from bot.commands.context import CommandContext
from bot.commands.grammar import did_you_mean
from bot.commands.model import Help, Preview, Search, Show, Trending
from bot.commands.replies import papers as say_papers
from bot.commands.replies import subscriptions as say
from bot.commands.replies.help import help_all, help_one
from bot.digests.compose import candidate_card
from bot.digests.mute_filter import ChannelTopics
from bot.messages.blocks import Message
from bot.ports.store import Transaction
from bot.search.plan import Hit, SearchPlan, plan_search
from bot.search.trending import trend_reason
from bot.services.draft_digest import draft_digest
from bot.services.search import Searcher
from bot.services.trending import trending_hits as what_trends
from bot.topics.evaluate import view_paper
from bot.topics.query import Or, join_parts, split_trending
from bot.topics.reasons import explain_match

PAGE = 5
TRENDING = 10


def search(command: Search, context: CommandContext) -> Message:
    """One page of hits, each with the clauses that it fits; a search of what trends lists that."""
    if found := split_trending(command.query.query):
        return list_trending(Trending(*found), context)
    return search_page(context.searcher, context.tx, command, PAGE)


def search_page(searcher: Searcher, tx: Transaction, command: Search, size: int) -> Message:
    """A page of `size` hits."""
    plan = plan_search(command.query, command.sort)
    page = searcher.search(tx, plan, size, (command.page - 1) * size)
    query, pages = command.query, -(-page.total // size)
    meant = did_you_mean(query.text)
    if not page.total:
        return say_papers.found_nothing(query, tx.papers.count_papers(), meant)
    if not page.hits:
        return say_papers.no_such_page(query.name, page.total, pages)
    cards = [say_papers.hit_card(hit, _reasons_of(page.plan or plan, hit)) for hit in page.hits]
    if meant and searcher.knows_word(query.text.split()[0]):
        meant = ""
    return say_papers.search_results(command, cards, page, pages, meant)


def _reasons_of(plan: SearchPlan, hit: Hit) -> tuple[str, ...]:
    """The clauses that a hit fits; of ranked words that need not be all of them."""
    parts = [*plan.ranked, *((plan.required,) if plan.required else ())]
    return explain_match(join_parts(Or, parts), view_paper(hit.paper, hit.sources)) or (say_papers.NEAR,)


def preview(command: Preview, context: CommandContext) -> Message:
    """A topic's back-test, or the channel's digest as it stands."""
    if command.topic is not None:
        return say.preview_of_topic(context.back_test_topic(command.topic, command.strictness))
    channel = replace(context.channel(), paused=False)
    every = context.subscriptions(channel)
    if channel.next_due and channel.next_due <= context.now:
        slot, due = due_slot(channel, every, context.now)
        return _draft_digest(context, channel, slot, due)
    following = next_digest_slot(channel, every, context.now, context.tx.digests.last_slot(channel.id))
    if following is None:
        return say.subscription_list(context.channel(), every, context.tx.channels.mutes(channel.id))
    due = subscriptions_on(channel, every, following.day)
    return _draft_digest(context, channel, following, due)


def _draft_digest(
    context: CommandContext, channel: Channel, slot: Slot, due: Sequence[Subscription]
) -> Message:
    """The digest of `slot` as it would be posted now."""
    now = replace(slot, due=context.now)
    return draft_digest(context.tx, channel, now, due, context.expected, context.meaning).message


def list_trending(command: Trending, context: CommandContext) -> Message:
    """The most voted papers of the window, by the trending score."""
    today = context.now.date()
    ranked = what_trends(context.tx, context.meaning, command.window, command.topic, today)[:TRENDING]
    cards = [say_papers.hit_card(hit, (trend_reason(trend),)) for hit, trend in ranked]
    return say_papers.trending_papers(cards, command.window, command.topic)


def show(command: Show, context: CommandContext) -> Message:
    """One paper, stored or looked up; or what the latest digest listed past its cap."""
    if command.paper is None:
        return _show_rest(context)
    hit = context.tx.papers.get(command.paper)
    paper = hit.paper if hit else context.looked_up
    if paper is None:
        return say_papers.unknown_paper(command.paper)
    mutable = _channel_topics(context).clauses_bringing(paper, hit.sources if hit else ())
    return say_papers.one_paper(paper, hit.announced if hit else None, mutable)


def _show_rest(context: CommandContext) -> Message:
    channel = context.tx.channels.get(context.caller.address)
    rest = context.tx.digests.unlisted_rest(channel.id) if channel else ()
    topics = _channel_topics(context)
    heard = topics.drop_muted(rest).kept
    if not heard:
        had = channel is not None and bool(context.tx.digests.latest_papers(channel.id))
        return say_papers.nothing_more(had_digest=had)
    return say_papers.more_papers([candidate_card(candidate, topics) for candidate in heard])


def _channel_topics(context: CommandContext) -> ChannelTopics:
    channel = context.channel()
    return ChannelTopics.from_subscriptions(
        context.subscriptions(channel), context.tx.channels.mutes(channel.id)
    )


def help_(command: Help, _context: CommandContext) -> Message:
    """All commands, or one."""
    return help_one(command.command) if command.command else help_all()
