"""A channel's subscriptions, each with its buttons: in the answer to `list`, and in the Home tab."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from adapters.slack.modal import LONGEST_TOPIC
from adapters.slack.mrkdwn import cut_text, person_element, rich_block, text_element
from adapters.slack.render import context_block, render_message
from adapters.slack.splitting import MOST_CHARACTERS, Payload, SlackMessage, count_characters
from bot.channels.channel import Mute, Subscription
from bot.commands.channel_view import ChannelView
from bot.commands.replies.mutes import fully_muted, unmute_buttons
from bot.commands.replies.subscriptions import subscription_state, subscription_terms
from bot.messages.blocks import Fields, Message
from bot.papers.text import clean_line
from bot.topics.topic_text import spell_topic

LIST = "list"
MOST_MUTES = 5
MOST = 20
"""Subscriptions with buttons in a message; a longer list is text."""


def list_messages(answer: Message, view: ChannelView) -> list[SlackMessage]:
    """The answer to `list`, with buttons in the place of its fields."""
    subscriptions = view.subscriptions
    plain = render_message(answer)
    around = render_message(
        replace(answer, blocks=tuple(b for b in answer.blocks if not isinstance(b, Fields)))
    )
    blocks = list(around[0].blocks)
    whole = [*blocks[:1], *subscription_rows(view, LIST), *unmute_row(view.mutes, LIST)[1:], *blocks[1:]]
    if not subscriptions or len(subscriptions) > MOST or count_characters(whole) > MOST_CHARACTERS:
        return plain
    return [SlackMessage(plain[0].text, tuple(whole))]


def subscription_rows(view: ChannelView, where: str) -> list[Payload]:
    """Every subscription with its buttons; `where` names the list that a press renews."""
    quiet = fully_muted(view.subscriptions, view.mutes)
    return [block for sub in view.subscriptions for block in _subscription_row(sub, quiet, where)]


def _subscription_row(
    subscription: Subscription, quiet: Sequence[Subscription], where: str
) -> Iterable[Payload]:
    number = subscription.id
    topic = cut_text(clean_line(str(subscription.topic)), 600)
    state = [text_element(f" · {one}") for one in subscription_terms(subscription)]
    if subscription.owner:
        state += [text_element(" · by "), person_element(subscription.owner)]
    state += [
        text_element(f" · {cut_text(clean_line(one), 300)}", "bold")
        for one in subscription_state(subscription, quiet)
    ]
    yield rich_block(text_element(f"#{number} ", "bold"), text_element(topic), *state)
    hold = ("Resume", "resume") if subscription.paused else ("Pause", "pause")
    remove = _make_button("Remove", f"unsubscribe #{number}", f"paperboy:{where}:{number}:remove")
    remove |= {"style": "danger", "confirm": _confirm_dialog(topic)}
    elements = [_make_button(hold[0], f"{hold[1]} #{number}", f"paperboy:{where}:{number}:hold"), remove]
    if len(str(subscription.topic)) <= LONGEST_TOPIC:
        edit = f"paperboy:edit:{where.partition(':')[2]}:{number}"
        elements.insert(0, _make_button("Edit", str(number), edit))
    if where == LIST and topic == str(subscription.topic):
        elements.insert(
            -1, _make_button("Preview", f"preview {spell_topic(topic)}", f"paperboy:{number}:preview")
        )
    yield {"type": "actions", "elements": elements}


def unmute_row(mutes: Sequence[Mute], where: str) -> list[Payload]:
    """A row of muted clauses, each with its button; `where` names the list that a press renews."""
    fitting = [mute for mute in mutes if len(str(mute.clause)) <= LONGEST_TOPIC][:MOST_MUTES]
    if not fitting:
        return []
    left = f" and {len(mutes) - len(fitting)} more, see /papers mute" if len(fitting) < len(mutes) else ""
    named = ", ".join(str(mute.clause) for mute in fitting)
    buttons = [
        _make_button(cut_text(clean_line(one.label), 75), one.command, f"paperboy:{where}:{n}:unmute")
        for n, one in enumerate(unmute_buttons(fitting))
    ]
    return [
        context_block(cut_text(clean_line(f"Muted: {named}{left}"), 1_000)),
        {"type": "actions", "elements": buttons},
    ]


def _make_button(label: str, command: str, action: str) -> Payload:
    return {
        "type": "button",
        "text": {"type": "plain_text", "text": label, "emoji": False},
        "action_id": action,
        "value": cut_text(command, 2_000),
    }


def _confirm_dialog(topic: str) -> Payload:
    def plain(text: str) -> Payload:
        return {"type": "plain_text", "text": text, "emoji": False}

    return {
        "title": plain("Remove this subscription?"),
        "text": plain(cut_text(topic, 250)),
        "confirm": plain("Remove"),
        "deny": plain("Keep"),
    }
