"""What commands say of channels and their subscriptions; of the rest, see the other `say_…`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.channels.channel import Channel, Mute, Subscription
from bot.channels.permissions import Policy
from bot.channels.schedule import AT_ONCE, DAILY
from bot.commands.grammar import usage_of
from bot.commands.replies import feedback as say_rating
from bot.commands.replies import mutes as say_muting
from bot.commands.replies.papers import FETCH, hit_card
from bot.digests.compose import count_noun
from bot.errors import NotYoursError, QueryError, UsageError
from bot.feedback.rating import NO_RATINGS, Tally
from bot.messages.blocks import Block, Button, Buttons, Code, Fields, Heading, Message, Note, Paragraph
from bot.search.trending import PER_DIGEST
from bot.services.backtest import WEEKS, BackTest, Verdict
from bot.topics.query import Query, split_trending
from bot.topics.strictness import Strictness
from bot.topics.topic_text import spell_topic


def usage_error(error: UsageError) -> Message:
    """What is wrong with what was typed, and what to write instead."""
    blocks: list[Block] = [Paragraph(error.hint)] if error.hint else []
    if isinstance(error, NotYoursError) and error.owners:
        blocks.insert(0, Paragraph("Subscribed by", error.owners))
    if isinstance(error, QueryError):
        blocks.insert(0, Code(error.caret_lines()))
    return Message(error.problem, tuple(blocks))


def local_moment(instant: datetime, zone: str) -> str:
    """`Mon 24 November 09:00 (Europe/Berlin)`."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%a} {local.day} {local:%B} {local:%H:%M} ({zone})"


def next_digest(channel: Channel, subscriptions: Iterable[Subscription]) -> str:
    """When the channel's next digest comes, and what of `subscriptions` comes at once."""
    if channel.paused:
        return "Paused: nothing is posted, and matches are kept. Use `/papers resume` to continue."
    said = []
    if starts := [_start_of(channel, sub) for sub in subscriptions if _is_at_once(sub)]:
        first = min(starts)
        begins = f", from {first} on" if first > date.min else ""
        said.append(f"Immediate subscriptions are posted as soon as papers match{begins}.")
    if channel.next_due:
        pause = ", after the pause" if channel.resume_on else ""
        said.append(f"The next digest is due {local_moment(channel.next_due, channel.zone)}{pause}.")
    return " ".join(said) or "No digest is due: there are no subscriptions, or all are paused."


def _start_of(channel: Channel, subscription: Subscription) -> date:
    """The first day on which it is delivered after a pause."""
    return max(channel.resume_on or date.min, subscription.resume_on or date.min)


def _is_at_once(subscription: Subscription) -> bool:
    """Whether its papers come as soon as they match."""
    return subscription.days == AT_ONCE and not (subscription.paused or subscription.broken)


def _days_text(subscription: Subscription) -> str:
    return "at once" if subscription.days == AT_ONCE else str(subscription.days)


def back_test(test: BackTest) -> tuple[Block, ...]:
    """What a topic would have given, the latest of it, and a warning where it is noise."""
    blocks: list[Block] = [Paragraph(_weekly_rate(test))]
    if test.found and split_trending(test.topic):
        blocks.append(Note("This uses current votes and assumes a daily digest."))
    if test.stored and test.by_strictness:
        blocks.append(Note(_by_strictness(test)))
    if test.unread:
        blocks.append(Note(not_embedded(test.unread)))
    if warning := _noise_warning(test):
        blocks.append(Note(warning, warning=True))
    if test.latest:
        blocks.append(Heading("What trends now" if split_trending(test.topic) else "The latest"))
        blocks += [hit_card(hit) for hit in test.latest]
    return tuple(blocks)


def not_embedded(papers: int) -> str:
    """That papers have no vector yet."""
    return (
        f"{count_noun(papers, 'paper')} could not be compared by meaning yet: they are still being embedded."
    )


def _weekly_rate(test: BackTest) -> str:
    if test.verdict is Verdict.NO_PAPERS:
        return f"No papers of the last {WEEKS} weeks are stored, so there is nothing to test against. {FETCH}"
    span = f"{test.since.day} {test.since:%b} to {test.until.day} {test.until:%b}"
    rate = f"{test.per_week:.0f}" if test.per_week >= 10 else f"{test.per_week:.1f}"
    return f"{count_noun(test.found, 'paper')} from {span} would have matched, about {rate} a week."


def _by_strictness(test: BackTest) -> str:
    others = (
        f"strictness:{one} {number:,}" for one, number in test.by_strictness.items() if one != test.strictness
    )
    return f"This is strictness:{test.strictness}. Others over the same days: {', '.join(others)}."


def _noise_warning(test: BackTest) -> str:
    if test.verdict is Verdict.NOISE:
        return "That is more than most people read. Narrow it with another word, a quoted phrase or cat:."
    if test.verdict is Verdict.SILENT and split_trending(test.topic):
        return (
            "No matching paper has votes yet. Votes come from Hugging Face, which must be one of the sources."
        )
    if test.verdict is Verdict.SILENT:
        return "Nothing matched: check the spelling, drop a word, join words with OR, or write emerg*."
    return ""


def subscription_added(
    subscription: Subscription, channel: Channel, test: BackTest, *, was_there: bool
) -> Message:
    """A new subscription, or one that was there and is now as asked."""
    title = "Subscription updated" if was_there else "Subscribed"
    strictness = (("Strictness", str(subscription.strictness)),) if test.by_strictness else ()
    facts = Fields((("Topic", str(subscription.topic)), ("Days", _days_text(subscription)), *strictness))
    start = () if was_there else (Note(_start_note(subscription.topic)),)
    # Undoing what was there before would remove it.
    undo = () if was_there else (Button("Undo", f"unsubscribe #{subscription.id}"),)
    buttons = Buttons((*undo, Button("List all", "list")))
    return Message(
        title, (facts, Paragraph(next_digest(channel, [subscription])), *start, *back_test(test), buttons)
    )


def _start_note(topic: Query) -> str:
    if split_trending(topic):
        return f"Each digest has up to {PER_DIGEST} trending papers that this channel has not seen."
    return "It starts with papers announced from now on."


def preview_of_topic(test: BackTest) -> Message:
    """A topic tried without subscribing."""
    how = "" if test.strictness is Strictness.NORMAL else f" strictness:{test.strictness}"
    subscribe = Buttons((Button("Subscribe", f"subscribe {spell_topic(str(test.topic))}{how}"),))
    return Message(f"Preview: {test.topic}", (*back_test(test), subscribe))


def subscription_list(
    channel: Channel,
    subscriptions: Sequence[Subscription],
    mutes: Sequence[Mute],
    tally: Tally = NO_RATINGS,
) -> Message:
    """All of a channel."""
    if not subscriptions:
        return Message(
            "Nothing is subscribed here",
            (
                Paragraph(
                    "Use `/papers subscribe <topic>`; `/papers preview <topic>` shows what it would match."
                ),
            ),
        )
    quiet = say_muting.fully_muted(subscriptions, mutes)
    pairs = tuple((f"#{sub.id}", f"{sub.topic}  ·  {_channel_state(sub, quiet)}") for sub in subscriptions)
    muted = (say_muting.mute_note(mutes),) if mutes else ()
    rated = say_rating.rating_notes(tally, subscriptions)
    buttons = Buttons((Button("Preview the next digest", "preview"), Button("Settings", "settings")))
    title = count_noun(len(subscriptions), "subscription")
    return Message(
        title, (Fields(pairs), Paragraph(next_digest(channel, subscriptions)), *muted, *rated, buttons)
    )


def _channel_state(subscription: Subscription, quiet: Sequence[Subscription]) -> str:
    owner = [f"by {subscription.owner}"] if subscription.owner else []
    return ", ".join([*subscription_terms(subscription), *owner, *subscription_state(subscription, quiet)])


def subscription_terms(subscription: Subscription) -> list[str]:
    """On which days a subscription comes, and how strictly where that was chosen."""
    strictness = subscription.strictness
    return [_days_text(subscription), *([] if strictness is Strictness.NORMAL else [str(strictness)])]


def subscription_state(subscription: Subscription, quiet: Sequence[Subscription]) -> list[str]:
    """What keeps a subscription from coming as usual; all of a `quiet` one is muted."""
    facts = []
    if subscription.paused:
        facts.append("paused")
    if subscription.resume_on:
        facts.append(f"delivered from {subscription.resume_on} on")
    if subscription in quiet:
        facts.append("all of it muted")
    if subscription.broken:
        facts.append(f"broken: {subscription.broken}")
    return facts


def subscriptions_removed(
    gone: Sequence[Subscription], channel: Channel, left: Sequence[Subscription]
) -> Message:
    """Subscriptions that are gone, and those that are left."""
    again = tuple(Button(f"Subscribe again: {sub.topic}"[:75], _as_it_was(sub)) for sub in gone[:3])
    topics = ", ".join(str(sub.topic) for sub in gone)
    return Message(f"Unsubscribed from {topics}", (Paragraph(next_digest(channel, left)), Buttons(again)))


def _as_it_was(subscription: Subscription) -> str:
    """The command that subscribes as before."""
    days = "" if subscription.days == DAILY else f" days:{subscription.days}"
    strictness = subscription.strictness
    how = "" if strictness is Strictness.NORMAL else f" strictness:{strictness}"
    return f"subscribe {spell_topic(str(subscription.topic))}{days}{how}"


def pause_changed(
    channel: Channel,
    subscriptions: Sequence[Subscription],
    topics: Sequence[str],
    *,
    paused: bool,
    resume_on: date | None = None,
) -> Message:
    """Some topics, or (with none) the whole channel, paused, for a while or for good, or resumed."""
    what = ", ".join(topics) or "This channel's digest"
    how = f"paused until {resume_on}" if resume_on else "paused" if paused else "resumed"
    return Message(f"{what}: {how}", (Paragraph(next_digest(channel, subscriptions)),))


def channel_settings(
    channel: Channel, subscriptions: Sequence[Subscription], policy: Policy, *, changed: bool
) -> Message:
    """How a channel's digest is set, and who may change it."""
    pairs = (
        ("at", f"{channel.at:%H:%M}"),
        ("tz", channel.zone),
        ("limit", f"{count_noun(channel.limit, 'paper')} a digest"),
        ("layout", str(channel.layout)),
        ("policy", f"{policy}: {_POLICIES[policy]}"),
    )
    change = Note(f"Change them with `/papers {usage_of('settings')}`.")
    title = "Settings changed" if changed else "Settings of this channel"
    return Message(title, (Fields(pairs), Paragraph(next_digest(channel, subscriptions)), change))


_POLICIES = {
    Policy.MEMBERS: "everyone may subscribe and change subscriptions",
    Policy.CREATORS: "everyone may subscribe; only admins and its owner may change a subscription",
    Policy.ADMINS: "only admins may subscribe and change subscriptions",
}


def nothing_new() -> Message:
    """A digest that would be empty, and is not posted."""
    return Message(
        "Nothing new", (Paragraph("No new papers match this channel's topics, so nothing was posted."),)
    )
