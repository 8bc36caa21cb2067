"""What Slack puts into the text of people, taken out again."""

from __future__ import annotations

import re

from bot.papers.identity import ARXIV, DOI, PaperId, find_id

# https://docs.slack.dev/messaging/formatting-message-text#escaping: the only three entities.
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_SPECIAL = re.compile(r"<(?P<kind>[@#!]?)(?P<what>[^<>|]*)(?:\|(?P<label>[^<>]*))?>")
_TOKEN = re.compile(r"[^\s<>|\"'()\[\]]+")
_WORD = re.compile(r"[^\W\d_][\w-]{2,}")
MOST_WORDS = 12


def tidy_text(text: str) -> str:
    """`text` as it was typed: links as their address, mentions as their name, entities as their sign."""
    plain = _SPECIAL.sub(_plain_typed, text)
    for entity, sign in _ENTITIES:
        plain = plain.replace(entity, sign)
    return plain.strip()


def as_command(text: str) -> str:
    """`text`, or where it is nothing but the address or id of one paper, the command that shows it."""
    found = find_id(text) if text and not text.split()[1:] else None
    return f"show {found[0]}" if found and found[0].scheme in {ARXIV, DOI} else text


def papers_in(text: str) -> list[PaperId]:
    """The papers that a message of Slack names by id or link, each once, in order."""
    found = (find_id(token.rstrip(".,;:!?")) for token in _TOKEN.findall(_SPECIAL.sub(r" \g<what> ", text)))
    return list(dict.fromkeys(one[0] for one in found if one and one[0].scheme in {ARXIV, DOI}))


def words_of(text: str) -> str:
    """The first words of a message that can be searched for, without links and mentions."""
    plain = re.sub(r"https?://\S+", " ", tidy_text(_SPECIAL.sub(" ", text)))
    words = [word for word in _WORD.findall(plain) if word.upper() not in {"OR", "AND", "NOT"}]
    return " ".join(list(dict.fromkeys(words))[:MOST_WORDS])


def _plain_typed(match: re.Match[str]) -> str:
    label = match["label"] or ""
    if not match["kind"]:
        return label if match["what"].startswith(("mailto:", "tel:")) else match["what"]
    return label.lstrip("@#") if label or match["kind"] == "!" else match["what"]
