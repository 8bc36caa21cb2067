"""A channel's subscriptions, each with its buttons: in the answer to `list`, and in the Home tab."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from adapters.slack.modal import LONGEST_TOPIC
from adapters.slack.mrkdwn import cut, person, rich, text_element
from adapters.slack.render import context, render
from adapters.slack.splitting import MOST_CHARACTERS, Payload, SlackMessage, characters
from bot.channels.channel import Mute, Subscription
from bot.commands.channel_view import ChannelView
from bot.commands.replies.mutes import silent, unmute_buttons
from bot.commands.replies.subscriptions import standing, terms
from bot.messages.blocks import Fields, Message
from bot.papers.text import clean_line
from bot.topics.topic_text import spell_topic

LIST = "list"
MOST_MUTES = 5
MOST = 20
"""Subscriptions with buttons in a message; a longer list is text."""


def listing(answer: Message, view: ChannelView) -> list[SlackMessage]:
    """The answer to `list`, with buttons in the place of its fields."""
    subscriptions = view.subscriptions
    plain = render(answer)
    around = render(replace(answer, blocks=tuple(b for b in answer.blocks if not isinstance(b, Fields))))
    blocks = list(around[0].blocks)
    whole = [*blocks[:1], *rows(view, LIST), *unmuting(view.mutes, LIST)[1:], *blocks[1:]]
    if not subscriptions or len(subscriptions) > MOST or characters(whole) > MOST_CHARACTERS:
        return plain
    return [SlackMessage(plain[0].text, tuple(whole))]


def rows(view: ChannelView, where: str) -> list[Payload]:
    """Every subscription with its buttons; `where` names the list that a press renews."""
    quiet = silent(view.subscriptions, view.mutes)
    return [block for sub in view.subscriptions for block in _row(sub, quiet, where)]


def _row(subscription: Subscription, quiet: Sequence[Subscription], where: str) -> Iterable[Payload]:
    number = subscription.id
    topic = cut(clean_line(str(subscription.topic)), 600)
    state = [text_element(f" · {one}") for one in terms(subscription)]
    if subscription.owner:
        state += [text_element(" · by "), person(subscription.owner)]
    state += [
        text_element(f" · {cut(clean_line(one), 300)}", "bold") for one in standing(subscription, quiet)
    ]
    yield rich(text_element(f"#{number} ", "bold"), text_element(topic), *state)
    hold = ("Resume", "resume") if subscription.paused else ("Pause", "pause")
    remove = _button("Remove", f"unsubscribe #{number}", f"paperboy:{where}:{number}:remove")
    remove |= {"style": "danger", "confirm": _sure(topic)}
    elements = [_button(hold[0], f"{hold[1]} #{number}", f"paperboy:{where}:{number}:hold"), remove]
    if len(str(subscription.topic)) <= LONGEST_TOPIC:
        edit = f"paperboy:edit:{where.partition(':')[2]}:{number}"
        elements.insert(0, _button("Edit", str(number), edit))
    if where == LIST and topic == str(subscription.topic):
        elements.insert(-1, _button("Preview", f"preview {spell_topic(topic)}", f"paperboy:{number}:preview"))
    yield {"type": "actions", "elements": elements}


def unmuting(mutes: Sequence[Mute], where: str) -> list[Payload]:
    """A row of muted clauses, each with its button; `where` names the list that a press renews."""
    fitting = [mute for mute in mutes if len(str(mute.clause)) <= LONGEST_TOPIC][:MOST_MUTES]
    if not fitting:
        return []
    left = f" and {len(mutes) - len(fitting)} more, see /papers mute" if len(fitting) < len(mutes) else ""
    named = ", ".join(str(mute.clause) for mute in fitting)
    buttons = [
        _button(cut(clean_line(one.label), 75), one.command, f"paperboy:{where}:{n}:unmute")
        for n, one in enumerate(unmute_buttons(fitting))
    ]
    return [
        context(cut(clean_line(f"Muted: {named}{left}"), 1_000)),
        {"type": "actions", "elements": buttons},
    ]


def _button(label: str, command: str, action: str) -> Payload:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "action_id": action,
        "value": cut(command, 2_000),
    }


def _sure(topic: str) -> Payload:
    def plain(text: str) -> Payload:
        return {"type": "plain_text", "text": text, "emoji": False}

    return {
        "title": plain("Remove this subscription?"),
        "text": plain(cut(topic, 250)),
        "confirm": plain("Remove"),
        "deny": plain("Keep"),
    }
