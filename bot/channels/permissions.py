"""Who may change what a channel gets: the rule of a workspace, and what it says to those it holds back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum

from bot.channels.channel import Subscription
from bot.errors import NotYoursError, UsageError


class Policy(StrEnum):
    """Who may subscribe a channel, and change or remove what another has subscribed."""

    MEMBERS = "members"
    """Everybody may do all of it."""
    CREATORS = "creators"
    """Everybody may subscribe; a subscription is changed by whoever made it, and by admins."""
    ADMINS = "admins"
    """Only admins."""


def default_policy(platform: str) -> Policy:
    """The policy of a workspace that has set none.

    On Discord a command that changes something is offered to those who may manage the channel alone, and what
    it does not offer is not done by other ways either.
    """
    return Policy.ADMINS if platform == "discord" else Policy.MEMBERS


def may_subscribe(policy: Policy, *, is_admin: bool) -> bool:
    """Whether a caller may add a topic to a channel."""
    return is_admin or policy is not Policy.ADMINS


def may_change(policy: Policy, subscription: Subscription, user: str, *, is_admin: bool) -> bool:
    """Whether `user` may change or remove a subscription; one without a known owner is for admins."""
    if is_admin or policy is Policy.MEMBERS:
        return True
    # `bool(user)`: a subscription without a known owner is not that of every caller without a name.
    return policy is Policy.CREATORS and bool(user) and subscription.owner == user


def check_subscribe(policy: Policy, *, is_admin: bool) -> None:
    """Raise the UsageError that says who may, where the caller may not subscribe."""
    if not may_subscribe(policy, is_admin=is_admin):
        raise UsageError("Only admins may subscribe channels of this workspace.", _ASK_AN_ADMIN)


def check_change(policy: Policy, touched: Iterable[Subscription], user: str, *, is_admin: bool) -> None:
    """Raise the UsageError that says who may, where the caller may not change all of `touched`."""
    held = _not_permitted(policy, touched, user, is_admin=is_admin)
    if not held:
        return
    if policy is Policy.ADMINS:
        raise UsageError("Only admins may change the subscriptions of this workspace.", _ASK_AN_ADMIN)
    named = ", ".join(f"#{sub.id}" for sub in held[:10])
    problem = f"Only an admin or the person who subscribed may change {named}."
    raise NotYoursError(problem, "Ask one of them.", _distinct_owners(held))


def check_channel(
    policy: Policy, every: Iterable[Subscription], user: str, act: str, *, is_admin: bool
) -> None:
    """Raise the UsageError that says who may, where the caller may not do `act` to all of a channel.

    `every` are its subscriptions; `act` is said after “may”.
    """
    if not may_subscribe(policy, is_admin=is_admin):
        raise UsageError(f"Only admins may {act}.", _ASK_AN_ADMIN)
    if held := _not_permitted(policy, every, user, is_admin=is_admin):
        problem = f"Only an admin, or the person who made all of its subscriptions, may {act}."
        raise NotYoursError(problem, "Ask an admin.", _distinct_owners(held))


def check_policy(*, is_admin: bool) -> None:
    """Raise the UsageError that says who may, where the caller may not set the policy."""
    if not is_admin:
        raise UsageError("Only admins may change this policy.", "Ask an admin of this workspace.")


def _not_permitted(
    policy: Policy, touched: Iterable[Subscription], user: str, *, is_admin: bool
) -> list[Subscription]:
    return [sub for sub in touched if not may_change(policy, sub, user, is_admin=is_admin)]


def _distinct_owners(held: Sequence[Subscription]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(sub.owner for sub in held[:10] if sub.owner))


_ASK_AN_ADMIN = "Ask an admin, who can also open this to everyone: `/papers settings policy:members`."
