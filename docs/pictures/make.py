"""`python -m docs.pictures.make`: draw what Paperboy sends to Slack, as the pictures of docs/slack.md.

Chromium is needed. It opens one local file and no address.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from docs.pictures.page import page
from docs.pictures.scenes import Scene, scenes

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
    with TemporaryDirectory(prefix="paperboy-pictures-") as folder:
        for name, scene in asyncio.run(scenes(Path(folder))).items():
            picture = FOLDER / f"slack-{name}.png"
            shoot(name, scene, picture, Path(folder))
            print(f"{picture.name}: {picture.stat().st_size // 1000} kB")


def shoot(name: str, scene: Scene, picture: Path, folder: Path) -> None:
    """Draw one scene into `picture`, as high as it is."""
    file = folder / f"{name}.html"
    file.write_text(page({name: scene}) + _MEASURE, encoding="utf-8")
    found = _TITLE.search(_browse(folder, file, "--dump-dom", f"--window-size={WIDTH},600"))
    assert found, "the page tells its height in its title"
    _browse(folder, file, f"--screenshot={picture}", f"--window-size={WIDTH},{found[1]}")


def _browse(folder: Path, file: Path, *arguments: str) -> str:
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [*BROWSER, profile, *arguments, file.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


if __name__ == "__main__":
    main()
