"""The page on which the scenes stand, one a section."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from docs.pictures.blocks import Payload, drawn
from docs.pictures.scenes import Scene

STYLE = Path(__file__).with_name("slack.css")


def page(scenes: Mapping[str, Scene]) -> str:
    """The whole page; a scene is at its name as an anchor.

    Raises UnknownBlock.
    """
    style = STYLE.read_text("utf-8")
    drawings = "\n".join(scene_html(name, scene) for name, scene in scenes.items())
    head = f'<meta charset="utf-8">\n<title>Paperboy</title>\n<style>{style}</style>'
    return f"<!doctype html>\n{head}\n{drawings}"


def scene_html(name: str, scene: Scene) -> str:
    """One scene."""
    kinds = {"modal": _modal, "home": _home}
    draw = kinds.get(scene.payloads[0].get("type", ""), _channel)
    return f'<section id="{name}">{draw(scene)}</section>'


def _channel(scene: Scene) -> str:
    typed = f'<div class="composer">{escape(scene.typed)}</div>' if scene.typed else ""
    said = "".join(_message(scene, one) for one in scene.payloads)
    thread = "".join(_message(scene, one) for one in scene.replies)
    if thread:
        thread = f'<div class="thread"><div class="bar">Thread</div>{thread}</div>'
    return f'<div class="bar">{escape(scene.place)}</div>{typed}{said}{thread}'


def _message(scene: Scene, payload: Payload) -> str:
    only = '<div class="ephemeral">Only visible to you</div>' if scene.ephemeral else ""
    author = '<b>Paperboy</b> <span class="app">APP</span> <span class="time">09:00</span>'
    body = drawn(payload["blocks"], scene.names)
    face = '<div class="face">P</div>'
    return f'<div class="message">{face}<div class="grow">{only}<div>{author}</div>{body}</div></div>'


def _modal(scene: Scene) -> str:
    [view] = scene.payloads
    title, submit, close = (escape(view[name]["text"]) for name in ("title", "submit", "close"))
    buttons = f'<span class="button">{close}</span><span class="button primary">{submit}</span>'
    return (
        f'<div class="modal"><div class="title">{title}</div>'
        f'<div class="body">{drawn(view["blocks"], scene.names)}</div><div class="foot">{buttons}</div></div>'
    )


def _home(scene: Scene) -> str:
    tabs = '<div class="tabs"><b>Home</b><span>Messages</span><span>About</span></div>'
    body = drawn(scene.payloads[0]["blocks"], scene.names)
    return f'<div class="bar">{escape(scene.place)}</div>{tabs}<div class="body">{body}</div>'
