"""`python -m docs.pictures.make`: draw what Paperboy sends to Slack and Discord, as the pictures of docs/.

Chromium is needed. It opens one local file and no address.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.pictures.discord_page import page as discord_page
from docs.pictures.discord_scenes import scenes as discord_scenes
from docs.pictures.page import page
from docs.pictures.scenes import scenes

FOLDER = Path(__file__).resolve().parent
WIDTH = 760
BROWSER = (
    "chromium",
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
_MEASURE = "<script>document.title = document.querySelector('section').offsetHeight</script>"
_TITLE = re.compile(r"<title>(\d+)</title>")


def main() -> None:
    """Write every picture."""
    for name, html in pages().items():
        with TemporaryDirectory(prefix="paperboy-pictures-") as folder:
            picture = FOLDER / f"{name}.png"
            shoot(html, picture, Path(folder))
            print(f"{picture.name}: {picture.stat().st_size // 1000} kB")


def pages() -> dict[str, str]:
    """The page of every picture, by its name."""
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        slack = asyncio.run(scenes(Path(one)))
        discord = asyncio.run(discord_scenes(Path(other)))
    return {f"slack-{name}": page({name: scene}) for name, scene in slack.items()} | {
        f"discord-{name}": discord_page({name: scene}) for name, scene in discord.items()
    }


def shoot(html: str, picture: Path, folder: Path) -> None:
    """Draw one page into `picture`, as high as its section is."""
    file = folder / "page.html"
    file.write_text(html + _MEASURE, encoding="utf-8")
    found = _TITLE.search(_browse(folder, file, "--dump-dom", f"--window-size={WIDTH},600"))
    assert found, "the page tells its height in its title"
    _browse(folder, file, f"--screenshot={picture}", f"--window-size={WIDTH},{found[1]}")


def _browse(folder: Path, file: Path, *arguments: str) -> str:
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [*BROWSER, profile, *arguments, file.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


if __name__ == "__main__":
    main()
