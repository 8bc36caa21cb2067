from __future__ import annotations

import pytest

from bot.channels.channel import Address, Subscription
from bot.channels.permissions import Policy, check_change, check_policy, check_subscribe, may_change
from bot.errors import NotYoursError, UsageError
from bot.topics.parser import parse_query

ANNS = Subscription(1, 1, parse_query("agents"), owner="ann")
NOBODYS = Subscription(2, 1, parse_query("vision"))


@pytest.mark.parametrize(
    ("policy", "user", "is_admin", "anns", "nobodys"),
    [
        (Policy.MEMBERS, "bob", False, True, True),
        (Policy.MEMBERS, "", False, True, True),
        (Policy.CREATORS, "ann", False, True, False),
        (Policy.CREATORS, "bob", False, False, False),
        (Policy.CREATORS, "", False, False, False),
        (Policy.CREATORS, "bob", True, True, True),
        (Policy.ADMINS, "ann", False, False, False),
        (Policy.ADMINS, "bob", True, True, True),
    ],
)
def test_who_may_change_what(policy: Policy, user: str, *, is_admin: bool, anns: bool, nobodys: bool) -> None:
    assert may_change(policy, ANNS, user, is_admin=is_admin) is anns
    assert may_change(policy, NOBODYS, user, is_admin=is_admin) is nobodys


@pytest.mark.parametrize(
    ("policy", "is_admin", "allowed"),
    [
        (Policy.MEMBERS, False, True),
        (Policy.CREATORS, False, True),
        (Policy.ADMINS, False, False),
        (Policy.ADMINS, True, True),
    ],
)
def test_who_may_subscribe(policy: Policy, *, is_admin: bool, allowed: bool) -> None:
    if allowed:
        check_subscribe(policy, is_admin=is_admin)
    else:
        with pytest.raises(UsageError, match=r"Only admins may subscribe.*policy:members"):
            check_subscribe(policy, is_admin=is_admin)


def test_the_refusal_names_what_is_held_back_and_its_owner() -> None:
    with pytest.raises(NotYoursError, match=r"may change #1, #2\. Ask one of them\.") as refused:
        check_change(Policy.CREATORS, [ANNS, NOBODYS], "bob", is_admin=False)
    assert refused.value.owners == ("ann",)
    with pytest.raises(UsageError, match=r"may change #2\."):
        check_change(Policy.CREATORS, [ANNS, NOBODYS], "ann", is_admin=False)
    with pytest.raises(UsageError, match="Only admins may change the subscriptions"):
        check_change(Policy.ADMINS, [ANNS], "ann", is_admin=False)
    check_change(Policy.ADMINS, [], "bob", is_admin=False)


def test_only_admins_set_the_policy() -> None:
    check_policy(is_admin=True)
    with pytest.raises(UsageError, match="Only admins"):
        check_policy(is_admin=False)


@pytest.mark.parametrize(
    ("place", "workspace"), [("T1/C1", "T1"), ("C1", ""), ("local", ""), ("E1/T1/C1", "E1/T1")]
)
def test_a_place_names_its_workspace(place: str, workspace: str) -> None:
    assert Address("slack", place).workspace == workspace
