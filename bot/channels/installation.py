"""Workspaces that installed Paperboy by themselves, over OAuth."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Installation:
    """What a platform needs to act in a workspace."""

    platform: str
    workspace: str
    """As `Address.workspace` names it."""
    secret: str = field(repr=False)
    """The platform's own JSON, with its tokens: sealed at rest."""
    installed: datetime
