from __future__ import annotations

from contextlib import suppress
from datetime import date, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.permissions import Policy
from bot.channels.schedule import parse_days
from bot.commands.arguments import ALL, Anew, Which
from bot.commands.grammar import (
    arguments_of,
    command_text,
    did_you_mean,
    parse_command,
    required_arguments,
    usage_of,
)
from bot.commands.model import (
    COMMANDS,
    ChannelSettings,
    Command,
    Dislike,
    Export,
    Feedback,
    Help,
    Like,
    List,
    Mute,
    Pause,
    Preview,
    Resume,
    Save,
    Saved,
    Search,
    Show,
    Subscribe,
    Trending,
    Unlike,
    Unmute,
    Unsave,
    Unsubscribe,
)
from bot.errors import QueryError, UsageError
from bot.messages.blocks import Layout
from bot.papers.identity import PaperId
from bot.search.export import ExportFormat
from bot.search.plan import Order
from bot.search.typed import parse_search
from bot.topics.parser import parse_query as q
from bot.topics.topic_text import ExportScope
from bot.topics.window import Window

PAPER = PaperId("arxiv", "2502.17424")
WEEKDAYS = parse_days("weekdays")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("", Help()),
        ("  help ", Help()),
        ("help subscribe", Help("subscribe")),
        ("emergent misalignment", Search(parse_search("emergent misalignment"))),
        ("agents page:2", Search(parse_search("agents"), page=2)),
        ("search list decoding", Search(parse_search("list decoding"))),
        ("search agents sort:date page:2", Search(parse_search("agents"), Order.DATE, 2)),
        ('search "sort:date"', Search(parse_search('"sort:date"'))),
        ("subscribe agents", Subscribe(q("agents"))),
        ("SUBSCRIBE agents", Subscribe(q("agents"))),
        ("subscribe days:weekdays agents at:8:30 tz:berlin",
         Subscribe(q("agents"), WEEKDAYS, time(8, 30), "Europe/Berlin")),
        ("subscribe agents --days=weekdays —at=9", Subscribe(q("agents"), WEEKDAYS, time(9))),
        ('subscribe title:"look at:7 x" -"sort:date" at:8',
         Subscribe(q('title:"look at:7 x" -"sort:date"'), at=time(8))),
        ("subscribe author:“Ann at:7 Lee”", Subscribe(q('author:"Ann at:7 Lee"'))),
        ('settings tz:"new york"', ChannelSettings(tz="America/New_York")),
        ("subscribe\tagents\nat:8", Subscribe(q("agents"), at=time(8))),
        ("subscribe trending", Subscribe(q("trending:week"))),
        ("subscribe Trending Month agents OR icl days:weekdays",
         Subscribe(q("trending:month (agents OR icl)"), WEEKDAYS)),
        ("subscribe trending:day", Subscribe(q("trending:day"))),
        ("subscribe trends in science", Subscribe(q("trends in science"))),
        ('subscribe "trending" topics', Subscribe(q('"trending" topics'))),
        ("preview trending cat:cs.CL", Preview(q("trending:week cat:cs.CL"))),
        ("unsubscribe trending day", Unsubscribe(Which(topic=q("trending:day")))),
        ("mute trending:week", Mute(q("trending:week"))),
        ("mute trending week cat:cs.CL", Mute(q("trending:week cat:cs.CL"))),
        ("unmute trending", Unmute(q("trending:week"))),
        ("export trending day agents", Export(what=q("trending:day agents"))),
        ("export csv trending", Export(ExportFormat.CSV, q("trending:week"))),
        ("export csv (trending)", Export(ExportFormat.CSV, q("(trending)"))),
        ("trending\nmonth", Trending(Window.MONTH)),
        ("papers with code", Search(parse_search("papers with code"))),
        ("PAGE: a title that was pasted", Search(parse_search("PAGE: a title that was pasted"))),
        ("LIMIT: a title that was pasted", Search(parse_search("LIMIT: a title that was pasted"))),
        ("unsubscribe #12", Unsubscribe(Which(number=12))),
        ("unsubscribe 1234567890", Unsubscribe(Which(topic=q("1234567890")))),
        ("unsubscribe agents", Unsubscribe(Which(topic=q("agents")))),
        ("unsubscribe all", Unsubscribe(ALL)),
        ("list", List()),
        ("preview", Preview()),
        ("preview cat:cs.CL", Preview(q("cat:cs.CL"))),
        ("trending", Trending()),
        ("trending month agents", Trending(Window.MONTH, q("agents"))),
        ("trending agents", Trending(Window.WEEK, q("agents"))),
        ("show 2502.17424v2", Show(PAPER)),
        ("show https://arxiv.org/abs/2502.17424", Show(PAPER)),
        ("show more", Show(None)),
        ("save 2502.17424v2", Save(PAPER)),
        ("saved", Saved()),
        ("saved page:2", Saved(2)),
        ("unsave https://arxiv.org/abs/2502.17424", Unsave(PAPER)),
        ("unsave all", Unsave(None)),
        ("like https://arxiv.org/abs/2502.17424v2", Like(PAPER)),
        ("like more women than men in trials", Search(parse_search("like more women than men in trials"))),
        ("dislike 2502.17424", Dislike(PAPER)),
        ("dislike of reviewers", Search(parse_search("dislike of reviewers"))),
        ("unlike arxiv:2502.17424", Unlike(PAPER)),
        ("unlike all", Unlike(None)),
        ("unlike humans models lie", Search(parse_search("unlike humans models lie"))),
        ("feedback", Feedback()),
        ("feedback Reset", Feedback(Anew.RESET)),
        ("feedback control of robots", Search(parse_search("feedback control of robots"))),
        ("export", Export()),
        ("export saved", Export()),
        ("export RIS Digest", Export(ExportFormat.RIS, ExportScope.DIGEST)),
        ("export csv page:2", Export(ExportFormat.CSV, page=2)),
        ("export bibtex arxiv:2502.17424", Export(what=PAPER)),
        ("export bibtex journal-club:x1", Export(what=PaperId("journal-club", "x1"))),
        ("export json cat:cs.CL agents", Export(ExportFormat.JSON, q("cat:cs.CL agents"))),
        ("export cat:cs.CL", Export(what=q("cat:cs.CL"))),
        ("mute", Mute()),
        ('mute author:"Evan Hubinger"', Mute(q('author:"Evan Hubinger"'))),
        ("unmute all", Unmute(None)),
        ("unmute agents OR icl", Unmute(q("agents OR icl"))),
        ("pause", Pause()),
        ("pause 3", Pause(Which(number=3))),
        ("pause until:2026-12-01", Pause(until=date(2026, 12, 1))),
        ("pause #3 until:2w", Pause(Which(number=3), until=timedelta(days=14))),
        ("resume all", Resume(ALL)),
        ("settings", ChannelSettings()),
        ("settings at:07:00 limit:5", ChannelSettings(at=time(7), limit=5)),
        (
            "settings layout:Compact policy:admins",
            ChannelSettings(layout=Layout.COMPACT, policy=Policy.ADMINS),
        ),
    ],
)  # fmt: skip
def test_text_is_a_command(text: str, command: Command) -> None:
    assert parse_command(text) == command


@pytest.mark.parametrize(
    "text",
    ["list decoding", "show me attention maps", "help seeking behaviour", "pause tokens", "resume screening",
     "settings of hyperparameters", "save energy", "saved models", "unsave this"],
)  # fmt: skip
def test_a_command_word_with_words_that_do_not_fit_it_is_a_search(text: str) -> None:
    assert parse_command(text) == Search(parse_search(text))


@pytest.mark.parametrize(
    ("text", "kind", "error"),
    [
        (
            "subscribe",
            UsageError,
            "`subscribe` needs a topic. Write `/papers subscribe <topic> [days:<days>]",
        ),
        ("unsubscribe", UsageError,
         "`unsubscribe` needs a number. Write `/papers unsubscribe <number|topic|all>`."),
        ("search", UsageError, "`search` needs a query."),
        ('subscribe "unclosed', QueryError, ""),
        ("subscribe agents days:someday", UsageError, "“someday” is not a set of days."),
        ("subscribe agents tz:Mars", UsageError, "“Mars” is not a time zone."),
        ("search agents page:0", UsageError, "“0” is not a whole number from 1 to 1000."),
        ("search agents sort:best", UsageError, "“best” is not one of relevance, date, votes."),
        ("settings layout:wide", UsageError, "“wide” is not one of full, compact, post."),
        ("settings policy:me", UsageError, "“me” is not one of members, creators, admins."),
        ("settings limit:9999", UsageError, "“9999” is not a whole number from 1 to 100."),
        ("settings limit:0000000019999", UsageError, "“0000000019999” is not a whole number from 1 to 100."),
        ("search agents page:0000000010000", UsageError, "“0000000010000” is not a whole number"),
        ("unsubscribe " + "9" * 5000, QueryError, "A query has at most 1,000 characters."),
        ("subscribe agents at:", UsageError, "`at:` needs its value right after it. Write `at:<time>`."),
        ("subscribe agents at: 9", UsageError, "`at:` needs its value right after it."),
        ("settings at: 9", UsageError, "`at:` needs its value right after it."),
        ("agents page: 2", UsageError, "`page:` needs its value right after it."),
        ("settings days:mon", UsageError,
         "`settings` takes no `days:`. Write `/papers settings [at:<time>] [tz:<zone>] [limit:<number>] "),
        ("settings at:9 at:10", UsageError, "`at:` is given twice. Remove one of them."),
        ("settings tz:New York", UsageError, "“New” is not a time zone."),
        ("settings at:9 pm", UsageError, "`settings` takes no “pm”. Write `/papers settings [at:<time>]"),
        ("pause until:5 days", UsageError, "“days” is not the number of a subscription."),
        ("subscribe agents --days weekdays", UsageError,
         "`--days` needs its value right after it. Write `days:` and the value."),
        ("agents —page 2", UsageError, "`—page` needs its value right after it."),
        ("list days:mon", UsageError, "`list` takes no `days:`. Write `/papers list`."),
        ("list decoding days:mon", UsageError, "`search` takes no `days:`."),
        ("agents at:9", UsageError, "`search` takes no `at:`."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_answered_with_the_mend(text: str, kind: type[UsageError], error: str) -> None:
    with pytest.raises(kind) as caught:
        parse_command(text)

    assert str(caught.value).startswith(error)


@settings(max_examples=200)
@given(st.sampled_from(["", *COMMANDS]), st.text(max_size=80))
def test_any_text_is_a_command_or_a_usage_error(name: str, text: str) -> None:
    with suppress(UsageError):
        assert isinstance(parse_command(f"{name} {text}"), tuple(COMMANDS.values()))


def test_every_command_has_its_help_and_usage() -> None:
    for name, kind in COMMANDS.items():
        assert kind.__doc__
        assert usage_of(name).startswith(name)
        assert all(spec.help for spec in arguments_of(kind).values())
        assert required_arguments(kind) <= arguments_of(kind).keys()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("subscirbe agents", "subscribe agents"),
        ("trendign", "trending"),
        ("emergent misalignment", ""),
        ("list", ""),
        ("serch list decoding", "search list decoding"),
        ("lists", "list"),
        ("lists decoding", ""),
        ("shown images", ""),
        ("subscrib agents --days mon", "subscribe agents --days mon"),
    ],
)
def test_a_command_almost_typed_is_recognised(text: str, meant: str) -> None:
    assert did_you_mean(text) == meant


@pytest.mark.parametrize(
    ("line", "text"),
    [("/papers agents", "agents"), ("/papers", ""), ("agents x", "agents x"), ("/papers\tlist", "list"),
     ("papers with code", "papers with code")],
)  # fmt: skip
def test_the_slash_command_may_be_typed_or_left_out(line: str, text: str) -> None:
    assert command_text(line) == text
