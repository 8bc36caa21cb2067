"""Links to papers, shown as cards, with the restraint that readers thank for."""

from __future__ import annotations

import time
from collections.abc import Iterable

from adapters.slack.render import render_message
from adapters.slack.splitting import Payload
from bot.digests.compose import paper_card
from bot.messages.blocks import Message
from bot.papers.identity import ARXIV, DOI, PaperId, find_id
from bot.papers.paper import Paper

DOMAINS = ("arxiv.org", "huggingface.co", "doi.org")
QUIET_SECONDS = 30 * 60
"""A link that was shared in the channel within this time is not shown again."""
TOO_MANY = 3
"""A message with so many links is a list, and shows none."""
MOST = 10_000


class Restraint:
    """What was shown where and when; each process remembers its own."""

    def __init__(self) -> None:
        self._shown: dict[tuple[str, PaperId], float] = {}

    def allowed_links(self, channel: str, urls: Iterable[str]) -> dict[str, PaperId]:
        """The links of one message to show, with their papers; they count as shown from now on."""
        links = list(urls)
        now = time.monotonic()
        if len(links) >= TOO_MANY:
            return {}
        if len(self._shown) > MOST:
            self._shown = {k: at for k, at in self._shown.items() if now - at < QUIET_SECONDS}
        found: dict[str, PaperId] = {}
        for url in links:
            known = find_id(url)
            if known is None or known[0].scheme not in {ARXIV, DOI} or known[0] in found.values():
                continue
            last = self._shown.get((channel, known[0]))
            self._shown[channel, known[0]] = now
            if last is None or now - last >= QUIET_SECONDS:
                found[url] = known[0]
        return found


def unfurl_paper(paper: Paper) -> Payload:
    """A paper below the link to it: the card, without a menu."""
    [part] = render_message(Message("", (paper_card(paper),)))
    return {
        "blocks": [{name: value for name, value in b.items() if name != "accessory"} for b in part.blocks]
    }
