"""The page on which the scenes of Discord stand, one a section."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from pathlib import Path

from docs.pictures.discord_parts import Payload, drawn
from docs.pictures.discord_scenes import Scene

STYLE = Path(__file__).with_name("discord.css")


def page(scenes: Mapping[str, Scene]) -> str:
    """The whole page; a scene is at its name as an anchor.

    Raises UnknownBlock.
    """
    drawings = "\n".join(
        f'<section id="{name}">{_form(scene) if "title" in scene.payload else _channel(scene)}</section>'
        for name, scene in scenes.items()
    )
    head = f'<meta charset="utf-8">\n<title>Paperboy</title>\n<style>{STYLE.read_text("utf-8")}</style>'
    return f"<!doctype html>\n{head}\n{drawings}"


def _channel(scene: Scene) -> str:
    typed = ""
    if scene.typed:
        used = f'<span class="mention">{escape(scene.typed)}</span>'
        typed = f'<div class="used"><b>{escape(scene.user)}</b> used {used}</div>'
    return f'<div class="bar">#&nbsp;{escape(scene.place)}</div>{typed}{_message(scene, scene.payload)}'


def _message(scene: Scene, payload: Payload) -> str:
    only = "<div class='only'>Only you can see this • Dismiss message</div>" if scene.typed else ""
    author = '<b>Paperboy</b> <span class="app">APP</span> <span class="time">09:00</span>'
    body = drawn(payload["components"], scene.names)
    face = '<div class="face">P</div>'
    return f'<div class="message">{face}<div class="grow"><div>{author}</div>{body}{only}</div></div>'


def _form(scene: Scene) -> str:
    title = f'<div class="title">{escape(scene.payload["title"])}</div>'
    foot = (
        '<div class="foot"><span class="button">Cancel</span><span class="button style1">Submit</span></div>'
    )
    return f'<div class="modal">{title}{drawn(scene.payload["components"], scene.names)}{foot}</div>'
