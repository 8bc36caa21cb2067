"""Words and settings that cannot be used are one line and exit code 2."""

from __future__ import annotations

import pytest

from tests.cli.command import Paperboy, one_line


@pytest.mark.parametrize(
    ("args", "env", "said"),
    [
        ((), {"PAPERBOY_TIMEZONE": "Berln"}, "PAPERBOY_TIMEZONE: “Berln” is not a time zone."),
        ((), {"PAPERBOY_DIGEST_AT": "25:00"}, "PAPERBOY_DIGEST_AT: “25:00” is not a time of day."),
        ((), {"PAPERBOY_DIGEST_LIMIT": "many"}, "PAPERBOY_DIGEST_LIMIT: "),
        ((), {"PAPERBOY_SOURCES": "arxiv,blog"}, "PAPERBOY_SOURCES: “blog” is not a known source."),
        (("--sort", "best"), {}, "Invalid value for '--sort'"),
        (("--nonsense",), {}, "No such option: --nonsense. See `paperboy --help`."),
        (('author:"Lee',), {}, "This quote is never closed. Add a closing quote. (at character 15)"),
        (("upvotes:many",), {}, "`upvotes:` needs a whole number"),
        (("like:2502.17424",), {}, "`like:2502.17424` needs the semantic index"),
    ],
)
def test_what_cannot_be_used_is_one_line_and_exit_code_2(
    paperboy: Paperboy, args: tuple[str, ...], env: dict[str, str], said: str
) -> None:
    assert said in one_line(paperboy("search", "agents", *args, **env), 2)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgresql//ann:s3cret@host/papers", "PAPERBOY_DATABASE_URL is not the URL of a database."),
        ("postgresql://ann:s3cret@host:p0rt/papers", "PAPERBOY_DATABASE_URL is not the URL of a database."),
        ("mysql://ann:s3cret@host/papers", "Paperboy cannot use a database of the kind mysql."),
        ("sqlite:///papers.db?key=s3cret", "PAPERBOY_DATABASE_URL names no file."),
    ],
)
def test_a_database_that_cannot_be_meant_is_a_setting_and_keeps_its_secret(
    paperboy: Paperboy, url: str, said: str
) -> None:
    line = one_line(paperboy("search", "agents", PAPERBOY_DATABASE_URL=url), 2)

    mend = (
        "to a file, sqlite:///paperboy.db, or to a server, postgresql+psycopg://user:password@host/database."
    )
    assert line == f"{said} Set PAPERBOY_DATABASE_URL {mend}"


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_file_of_settings_that_is_not_utf_8(paperboy: Paperboy, encoding: str) -> None:
    (paperboy.folder / ".env").write_text("PAPERBOY_CONTACT=\u00e9@example.org\n", encoding=encoding)

    assert one_line(paperboy("search", "agents"), 2) == "`.env` cannot be read as text. Save it as UTF-8."


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("ingest", "--source", "blog"), "Unknown source: blog. PAPERBOY_SOURCES names none."),
        (
            ("ingest",),
            "No sources are configured. Set PAPERBOY_SOURCES, or pass a file: --file papers.jsonl.",
        ),
        (("chat", "-c", "list", "--channel", "[/red]"), "“[/red]” is not a valid channel name."),
        (("chat", "--channel", "x" * 65), "Use up to 64 letters, digits, dots, dashes and underscores."),
        (("digest", "--channel", "terminal:\x1b[2J"), "“[2J” is not a valid channel name."),
        (("digest", "--dry-run", "--channel", ""), "“” is not a valid channel name."),
        (("digest", "--dry-run", "--channel", "slack:\x1b[2J"), "slack:[2J has nothing subscribed."),
        (("digest", "--channel", "slack:C1"), "slack is not set up here. Set its tokens, or add --dry-run."),
        (("ingest", "--since", "yesterday"), "Invalid value for '--since'"),
        (("nonsense",), "No such command 'nonsense'."),
        (("search",), "Missing argument"),
    ],
)
def test_wrong_words_are_usage_errors(paperboy: Paperboy, args: tuple[str, ...], said: str) -> None:
    assert said in one_line(paperboy(*args), 2)


def test_help_and_version(paperboy: Paperboy) -> None:
    assert "demo" in paperboy.anew("--help").stdout
    unsaid = paperboy.anew()
    assert (unsaid.returncode, unsaid.stderr) == (2, "")
    assert "Show a whole day of Paperboy" in unsaid.stdout
    assert paperboy("--version").stdout.startswith("paperboy ")
