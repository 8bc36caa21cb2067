"""What arXiv's feeds, its query API and its OAI-PMH write in the same way."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.errors import SourceError
from bot.papers.identity import DOI, PaperId, find_id

# `cs.CL`, `cond-mat.mes-hall`, `hep-th`. The same fields also hold ACM (`I.2.7`) and MSC classes (`68T50`).
_CATEGORY = re.compile(r"[a-z]+(?:-[a-z]+)*(?:\.[A-Za-z]+(?:-[a-z]+)*)?")


class BadRecordError(Exception):
    """This record cannot be read; the message says why."""


class RefusedError(SourceError):
    """arXiv refuses a category, which does not exist. It has nothing to list, so that nothing is missing."""


def arxiv_categories(terms: Iterable[str]) -> tuple[str, ...]:
    """arXiv's own categories among `terms`, each once, in their order: the primary one is first."""
    return tuple(dict.fromkeys(term for term in terms if _CATEGORY.fullmatch(term)))


def is_followed(category: str, followed: Iterable[str]) -> bool:
    """Whether `category` is one of `followed` or belongs to a followed archive (`cs` holds `cs.CL`)."""
    return any(category == name or category.startswith(f"{name}.") for name in followed)


def doi_aliases(text: str, paper_id: PaperId) -> tuple[PaperId, ...]:
    """The DOIs in a field, which may hold several, sorted, without arXiv's own for the paper."""
    found = (find_id(part) for part in text.split())
    return tuple(sorted({hit[0] for hit in found if hit and hit[0].scheme == DOI} - {paper_id}))
