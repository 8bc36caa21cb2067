"""Whose reading list it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reader:
    """A person in a workspace of a platform; `workspace` is as `Address.workspace` names it, "" for all."""

    platform: str
    workspace: str
    user: str
