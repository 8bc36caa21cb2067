"""What Paperboy asks for when it is installed, and why."""

from __future__ import annotations

SCOPES: dict[str, str] = {
    "commands": "/papers, and the message shortcut",
    "chat:write": "digests",
    "chat:write.public": "digests in public channels without an invitation",
    "channels:history": "to find a digest whose posting was not answered, rather than post it twice",
    "groups:history": "the same in private channels to which Paperboy is invited",
    "links:read": "to see links to papers that are shared",
    "links:write": "to show what they lead to",
    "users:read": "to tell who is an admin",
    "channels:read": "to show all your channels in the Home tab, and to go on once Paperboy is invited again",
    "groups:read": "the same for private channels to which Paperboy is invited",
}
OPTIONAL = frozenset({"channels:read", "groups:read"})
"""Of installs that are older, and do without what these bring."""
