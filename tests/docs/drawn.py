"""What a page of docs/ shows of the pictures, and what they show of the app."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from typing import TypeVar

from docs.pictures.make import FOLDER

Scene = TypeVar("Scene")


def unsaid(
    scenes: Mapping[str, Scene],
    page: Callable[[dict[str, Scene]], str],
    said: Mapping[str, Collection[str]],
) -> set[str]:
    """What should stand in each of the scenes, which are these and no others, and does not in its page."""
    assert set(scenes) == set(said)
    shown = {name: page({name: scene}) for name, scene in scenes.items()}
    return {text for name, texts in said.items() for text in texts if text not in shown[name]}


def pictures(name: str, most: int) -> list[str]:
    """The pictures that docs/`name`.md shows; each is there, and has at most so many bytes."""
    found = re.findall(r"\]\(pictures/([^)]+)\)", (FOLDER.parent / f"{name}.md").read_text("utf-8"))
    assert {one for one in found if not 0 < (FOLDER / one).stat().st_size < most} == set()
    return sorted(found)
