"""The command line as a user runs it: real processes, a real database file, sources on loopback."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import IO
from urllib.request import urlopen

import pytest

from tests.recorded import needs_recordings
from tests.standins.sources import SourcesStandin, standin_in_thread

ROOT = Path(__file__).resolve().parents[1]
PAPERS = (
    {
        "id": "2502.17424",
        "title": "Emergent misalignment",
        "abstract": "Narrow finetuning.",
        "authors": ["Ann Author"],
        "categories": ["cs.CL"],
        "published": "2025-02-24",
        "announced": "2025-10-09",
        "upvotes": 7,
    },
    {"id": "2510.00001", "title": "Emergent abilities", "announced": "2025-10-09"},
    {"id": "7", "title": "A wing in a slipstream", "announced": "2025-10-09"},
)


class Paperboy:
    """The command `paperboy` in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("PAPERBOY_")}
        self.env |= {
            "PAPERBOY_SOURCES": "",
            "PAPERBOY_HEALTH_PORT": "0",
            "PAPERBOY_MEANING": "0",
            "COLUMNS": "100",
            "NO_COLOR": "1",
        }

    def __call__(self, *args: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "bot", *args],
            cwd=self.folder,
            env=self.env | {"PYTHONPATH": str(ROOT)} | env,
            capture_output=True,
            text=True,
            timeout=50,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def start(self, *args: str, stdout: int | IO[str] = subprocess.PIPE, **env: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "bot", *args],
            cwd=self.folder,
            env=self.env | {"PYTHONPATH": str(ROOT)} | env,
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            stdin=subprocess.DEVNULL,
        )

    @property
    def database(self) -> Path:
        return self.folder / "paperboy.db"


@pytest.fixture
def paperboy(tmp_path: Path) -> Paperboy:
    return Paperboy(tmp_path)


@pytest.fixture
def stocked(paperboy: Paperboy) -> Paperboy:
    write_papers(paperboy.folder / "papers.jsonl")
    done = paperboy("ingest", "--file", "papers.jsonl", "--source", "club")
    assert done.returncode == 0, done.stderr
    return paperboy


def write_papers(path: Path) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in PAPERS), encoding="utf-8")


def one_line(done: subprocess.CompletedProcess[str], code: int) -> str:
    """What a failing command says: one line, no traceback, the right exit code."""
    assert done.returncode == code, done.stdout + done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("paperboy: ")
    return lines[0].removeprefix("paperboy: ")


def test_a_file_is_ingested_searched_and_the_same_again_changes_nothing(stocked: Paperboy) -> None:
    again = stocked("ingest", "--file", "papers.jsonl", "--source", "club", "--json")
    assert json.loads(again.stdout) == {
        "source": "club", "day": "2025-10-09", "announced": 3, "new": 0, "matched": 0, "unreadable": [],
        "complete": True,
    }  # fmt: skip

    found = json.loads(stocked("search", "emergent", "misalignment", "--json").stdout)
    assert [hit["id"] for hit in found] == ["2502.17424", "2510.00001"]
    assert found[0] == {
        "rank": 1, "score": found[0]["score"], "id": "2502.17424", "paper": "arxiv:2502.17424",
        "title": "Emergent misalignment",
        "authors": ["Ann Author"], "categories": ["cs.CL"], "published": "2025-02-24",
        "announced": "2025-10-09", "sources": ["club"], "upvotes": 7, "stars": None,
        "url": "https://arxiv.org/abs/2502.17424", "snippet": None, "marks": [],
    }  # fmt: skip
    assert 1 >= found[0]["score"] > found[1]["score"] > 0
    assert json.loads(stocked("search", "slipstream", "--json").stdout)[0]["id"] == "7"
    assert json.loads(stocked("search", "zebra", "--json").stdout) == []
    assert "2 papers for emergent" in stocked("search", "emergent", "--limit", "1").stdout


@pytest.mark.parametrize(
    ("args", "found"),
    [
        (("-emergent",), ["7"]),
        (("-hallucination slipstream",), ["7"]),
        (("slipstream", "-wing"), []),
        (("--wing in a slipstream of its own",), ["7"]),
        (("--", "-emergent"), ["7"]),
    ],
)
def test_words_may_begin_with_a_minus(stocked: Paperboy, args: tuple[str, ...], found: list[str]) -> None:
    done = stocked("search", "--limit", "100", "--json", *args)
    assert [hit["id"] for hit in json.loads(done.stdout)] == found, done.stderr


def test_an_ingest_that_is_interrupted_ends_and_a_search_says_what_it_does_not_know(
    paperboy: Paperboy,
) -> None:
    rows = [{"id": n, "title": f"Owls {n}", "text": f"They sleep {n} times. " * 30} for n in range(900)]
    (paperboy.folder / "owls.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    done = paperboy.start("ingest", "--file", "owls.jsonl", PAPERBOY_MEANING="1")
    while not vectors(paperboy.database):
        assert done.poll() is None
        time.sleep(0.05)
    done.send_signal(signal.SIGINT)
    assert done.wait(timeout=50) == 130
    left = 900 - vectors(paperboy.database)
    assert left > 0

    found = paperboy("search", "owls", "--json", PAPERBOY_MEANING="1")
    assert len(json.loads(found.stdout)) == 10
    assert found.stderr == (
        f"paperboy: {left} papers could not be asked yet by meaning: their vectors are to come.\n"
    )


def vectors(database: Path) -> int:
    try:
        with closing(sqlite3.connect(database)) as other:
            return int(other.execute("SELECT count(*) FROM vectors").fetchone()[0])
    except sqlite3.OperationalError:
        return 0


def test_a_bad_line_costs_that_line_alone_and_is_named(paperboy: Paperboy) -> None:
    write_papers(paperboy.folder / "papers.jsonl")
    with (paperboy.folder / "papers.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"id": "8"}\nnot json\n')

    done = paperboy("ingest", "--file", "papers.jsonl")

    assert done.returncode == 0
    assert "3 papers announced, 3 new, 0 matched" in done.stdout
    assert "line 4" in done.stdout
    assert "line 5" in done.stdout


def test_chat_answers_one_command(stocked: Paperboy) -> None:
    done = stocked("chat", "-c", "/papers subscribe emergent misalignment")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Subscribed" in done.stdout
    assert "1 subscription" in stocked("chat", "-c", "list").stdout
    assert "Emergent misalignment" in stocked("chat", "-c", "/papers show 2502.17424").stdout

    wrong = stocked("chat", "-c", '/papers subscribe "unclosed')
    assert wrong.returncode == 2
    assert "This quote is not closed." in wrong.stdout


def test_chat_reads_commands_until_the_input_ends(stocked: Paperboy) -> None:
    process = subprocess.run(
        [sys.executable, "-m", "bot", "chat"],
        cwd=stocked.folder, env=stocked.env | {"PYTHONPATH": str(ROOT)},
        input="subscribe wing\nlist\nexit\nlist\n", capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
    assert process.stdout.count("1 subscription") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_ctrl_c_leaves_the_prompt_at_once(stocked: Paperboy) -> None:
    ours, theirs = os.openpty()
    script = (
        "import fcntl, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); "
        "sys.argv = ['paperboy', 'chat']; from bot.cli import main; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], cwd=stocked.folder,
        env=stocked.env | {"PYTHONPATH": str(ROOT), "TERM": "dumb"},
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    try:
        said = read_until(ours, "/papers ")
        os.write(ours, b"list\n")
        said += read_until(ours, "\n/papers ")
        os.write(ours, b"\x03")
        assert process.wait(timeout=10) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    assert "Nothing is subscribed here" in said


def read_until(terminal: int, text: str) -> str:
    said = ""
    while text not in said:
        said += os.read(terminal, 4096).decode(errors="replace")
    return said


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
@pytest.mark.parametrize("args", [("search", "wing", "--json"), ("search", "wing"), ("--help",)])
def test_output_that_cannot_be_written(stocked: Paperboy, args: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        process = stocked.start(*args, stdout=full)
        _, said = process.communicate(timeout=50)

    assert (process.returncode, said) == (
        1,
        "paperboy: The output cannot be written: No space left on device.\n",
    )


@pytest.mark.parametrize("args", [("search", "wing", "--json"), ("search", "wing"), ("--help",)])
def test_a_reader_who_has_gone_is_no_failure(stocked: Paperboy, args: tuple[str, ...]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        process = stocked.start(*args, stdout=pipe)
        _, said = process.communicate(timeout=50)

    assert (process.returncode, said) == (0, "")


def test_an_output_that_knows_few_characters(paperboy: Paperboy) -> None:
    row = {"id": "8", "title": "Über wings"}
    (paperboy.folder / "papers.jsonl").write_text(json.dumps(row), encoding="utf-8")
    paperboy.env["PYTHONIOENCODING"] = "ascii"
    paperboy("ingest", "--file", "papers.jsonl")

    assert "?ber wings" in paperboy("search", "wings").stdout
    found = paperboy("search", "wings", "--json")
    assert (found.returncode, found.stderr) == (0, "")
    assert json.loads(found.stdout)[0]["title"] == "Über wings"


def test_a_digest_is_made_once_a_day(stocked: Paperboy) -> None:
    assert "has nothing subscribed" in one_line(stocked("digest"), 2)
    stocked("chat", "-c", "subscribe emergent")
    write_papers(stocked.folder / "more.jsonl")
    more = {"id": "2510.00009", "title": "Emergent things", "announced": "2025-10-10"}
    (stocked.folder / "more.jsonl").write_text(json.dumps(more), encoding="utf-8")
    stocked("ingest", "--file", "more.jsonl")

    assert "Emergent things" in stocked("digest", "--dry-run").stdout
    assert "1 paper for" in stocked("digest").stdout
    assert "Nothing new" in stocked("digest", "--channel", "terminal:local").stdout


@pytest.mark.parametrize(
    ("args", "env", "said"),
    [
        ((), {"PAPERBOY_TIMEZONE": "Berln"}, "PAPERBOY_TIMEZONE: “Berln” is not a time zone."),
        ((), {"PAPERBOY_DIGEST_AT": "25:00"}, "PAPERBOY_DIGEST_AT: “25:00” is not a time of day."),
        ((), {"PAPERBOY_DIGEST_LIMIT": "many"}, "PAPERBOY_DIGEST_LIMIT: "),
        ((), {"PAPERBOY_SOURCES": "arxiv,blog"}, "PAPERBOY_SOURCES: “blog” is no source."),
        (("--sort", "best"), {}, "Invalid value for '--sort'"),
        (("--nonsense",), {}, "No such option: --nonsense See `paperboy --help`."),
        (('author:"Lee',), {}, "This quote is not closed. Add a closing quote. (at character 15)"),
        (("upvotes:many",), {}, "`upvotes:` needs a whole number"),
        (("like:2502.17424",), {}, "`like:2502.17424` needs the meaning index"),
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
        (("ingest", "--source", "blog"), "There is no source blog. PAPERBOY_SOURCES names none."),
        (("ingest",), "No source is asked. Name some in PAPERBOY_SOURCES, or a file: --file papers.jsonl."),
        (("chat", "-c", "list", "--channel", "[/red]"), "“[/red]” is no name of a channel here."),
        (("chat", "--channel", "x" * 65), "Write up to 64 letters, digits, dots, dashes and underscores."),
        (("digest", "--channel", "terminal:\x1b[2J"), "“[2J” is no name of a channel here."),
        (("digest", "--dry-run", "--channel", ""), "“” is no name of a channel here."),
        (("digest", "--dry-run", "--channel", "slack:\x1b[2J"), "slack:[2J has nothing subscribed."),
        (("digest", "--channel", "slack:C1"), "slack is not set up here. Set its tokens, or add --dry-run."),
        (("ingest", "--since", "yesterday"), "Invalid value for '--since'"),
        (("nonsense",), "No such command 'nonsense'."),
        (("search",), "Missing argument"),
    ],
)
def test_wrong_words_are_usage_errors(paperboy: Paperboy, args: tuple[str, ...], said: str) -> None:
    assert said in one_line(paperboy(*args), 2)


def test_unreadable_files_are_named(paperboy: Paperboy) -> None:
    (paperboy.folder / "binary.jsonl").write_bytes(bytes(range(256)) * 100)
    for name in ("absent.jsonl", ".", "binary.jsonl"):
        said = one_line(paperboy("ingest", "--file", name), 1)
        assert "Give a file of JSON Lines" in said


def test_a_locked_database(stocked: Paperboy) -> None:
    with closing(sqlite3.connect(stocked.database, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert stocked("search", "wing", "--json").returncode == 0
        said = one_line(stocked("chat", "-c", "subscribe wings"), 1)
        other.execute("ROLLBACK")

    assert "is held by another process" in said
    assert stocked("chat", "-c", "subscribe wings").returncode == 0


def test_a_newer_database(stocked: Paperboy) -> None:
    with closing(sqlite3.connect(stocked.database)) as other:
        other.execute("UPDATE alembic_version SET version_num = 'from-the-future'")
        other.commit()

    assert "newer" in one_line(stocked("search", "agents"), 1)


def test_a_file_that_is_no_database(paperboy: Paperboy) -> None:
    paperboy.database.write_bytes(b"no database at all" * 100)

    assert "not a database" in one_line(paperboy("search", "agents"), 1)


def test_a_place_that_cannot_be_written(paperboy: Paperboy) -> None:
    (paperboy.folder / "file").write_text("", encoding="utf-8")
    said = one_line(paperboy("search", "x", PAPERBOY_DATABASE_URL="sqlite:///file/papers.db"), 1)

    assert "papers.db" in said
    assert "PAPERBOY_DATABASE_URL" in said


@pytest.mark.skipif(sys.platform != "linux", reason="limits the size of a file as Linux does")
def test_a_full_disk_loses_nothing(stocked: Paperboy) -> None:
    many = (json.dumps({"id": str(n), "title": f"Wing {n} " + "word " * 300}) for n in range(4000))
    (stocked.folder / "many.jsonl").write_text("\n".join(many), encoding="utf-8")
    script = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)); "
        "sys.argv = ['paperboy', 'ingest', '--file', 'many.jsonl']; from bot.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=stocked.folder, env=stocked.env | {"PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip

    assert "Look at the disk and its free space" in one_line(done, 1)
    assert "1 paper for slipstream" in stocked("search", "slipstream").stdout


@needs_recordings
def test_the_sources_are_asked_and_a_broken_one_is_said(paperboy: Paperboy) -> None:
    with standin_in_thread() as server:
        server.set_day(date(2025, 10, 10))
        paperboy.env |= source_settings(server)
        done = paperboy("ingest", "--source", "arxiv")
        assert done.returncode == 0, done.stderr
        assert "arxiv 2025-10-10: " in done.stdout
        again = paperboy("ingest", "--source", "arxiv")
        twice = paperboy("ingest", "--source", "arxiv", "--source", "arxiv")
        assert twice.stdout == again.stdout

        for _ in range(20):
            server.fail("/rss/", "garbage")
        said = one_line(paperboy("ingest", "--source", "arxiv"), 1)
        assert said == "127.0.0.1 did not answer with XML. It is asked again at the next round."

        looked = paperboy("doctor")
        assert looked.returncode == 1
        assert "✓ database" in looked.stdout
        assert "✗ arxiv" in looked.stdout
        assert paperboy("doctor", "--offline").returncode == 0


def source_settings(server: SourcesStandin) -> dict[str, str]:
    return {
        "PAPERBOY_SOURCES": "arxiv,huggingface",
        "PAPERBOY_ARXIV_RSS_URL": server.url,
        "PAPERBOY_ARXIV_API_URL": f"{server.url}/api/query",
        "PAPERBOY_ARXIV_OAI_URL": f"{server.url}/oai",
        "PAPERBOY_HUGGINGFACE_URL": server.url,
        "PAPERBOY_ARXIV_PACE_SECONDS": "0",
    }


def test_run_answers_for_its_health_and_stops_when_asked(paperboy: Paperboy) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = paperboy.start("run", PAPERBOY_HEALTH_PORT=str(port))
    try:
        assert wait_for(f"http://127.0.0.1:{port}/healthz") == "ok\n"
    finally:
        process.send_signal(signal.SIGTERM)
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert "stopping" in log


def wait_for(url: str) -> str:
    for _ in range(200):
        try:
            with urlopen(url, timeout=1) as answer:  # noqa: S310 - our own address
                return str(answer.read().decode())
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{url} never answered")


def test_a_port_in_use(paperboy: Paperboy) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = paperboy("run", PAPERBOY_HEALTH_PORT=str(port), PAPERBOY_LOG_LEVEL="error")

    assert f"127.0.0.1:{port} is in use. Set PAPERBOY_HEALTH_PORT" in one_line(done, 1)


def test_who_reads_the_hits_slowly_keeps_nobody_from_writing(paperboy: Paperboy) -> None:
    rows = [
        {"id": f"{n}", "title": f"Owls {n} {'sleep ' * 30}", "announced": "2025-10-09"} for n in range(600)
    ]
    (paperboy.folder / "owls.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert paperboy("ingest", "--file", "owls.jsonl").returncode == 0
    reading = paperboy.start("search", "owls", "--limit", "600")
    try:
        assert reading.stdout is not None
        assert reading.stdout.read(1)
        with closing(sqlite3.connect(paperboy.database, isolation_level=None, timeout=0)) as other:
            other.execute("BEGIN IMMEDIATE")
    finally:
        reading.kill()
        reading.communicate()


def test_the_database_is_upgraded_and_backed_up(stocked: Paperboy) -> None:
    assert stocked("db", "upgrade").stdout == "The database is up to date.\n"
    assert stocked("db", "backup", "copy.db").returncode == 0
    found = stocked("search", "slipstream", "--json", PAPERBOY_DATABASE_URL="sqlite:///copy.db")
    assert len(json.loads(found.stdout)) == 1


def test_everything_is_exported_and_imported(stocked: Paperboy) -> None:
    there = {"PAPERBOY_DATABASE_URL": "sqlite:///other.db"}
    assert stocked("chat", "-c", "subscribe na\u00efve owls").returncode == 0
    done = stocked("db", "export", "all.jsonl")
    assert (done.returncode, done.stdout) == (0, "")
    (papers,) = [line for line in done.stderr.splitlines() if line.startswith("papers ")]
    assert re.fullmatch(r"papers +\d+ rows  [0-9a-f]{16}", papers)
    piped = stocked("db", "export", "-", PYTHONIOENCODING="ascii").stdout
    assert piped == (stocked.folder / "all.jsonl").read_text("utf-8")

    packed = stocked.folder / "all.jsonl.gz"
    packed.write_bytes(gzip.compress((stocked.folder / "all.jsonl").read_bytes()))
    assert "no export of Paperboy. Name" in one_line(stocked("db", "import", packed.name, **there), 1)
    moved = stocked("db", "import", "all.jsonl", **there)
    assert papers in moved.stderr
    assert "reads back as it was exported" in moved.stderr
    assert len(json.loads(stocked("search", "slipstream", "--json", **there).stdout)) == 1
    assert "not empty" in one_line(stocked("db", "import", "all.jsonl", **there), 1)
    assert "all.jsonl exists already" in one_line(stocked("db", "export", "all.jsonl"), 2)


def test_the_demo_plays_to_its_end(paperboy: Paperboy) -> None:
    done = paperboy("demo")

    assert (done.returncode, done.stderr) == (0, "")
    assert "for Friday 10 October 2025" in done.stdout
    assert "announced" in done.stdout
    after = done.stdout[done.stdout.rindex("/papers emergent misalignment") :]
    first = next(line for line in after.splitlines() if "  1 " in line)
    assert "Emergent Misalignment" in first
    assert not any(paperboy.folder.iterdir()), "the demo leaves nothing behind"
    picture = (ROOT / "README.md").read_text(encoding="utf-8").partition("<!-- digest -->\n```text\n")[2]
    assert picture.partition("```")[0] in done.stdout, "README shows another digest than the demo"


def test_help_and_version(paperboy: Paperboy) -> None:
    assert "demo" in paperboy("--help").stdout
    unsaid = paperboy()
    assert (unsaid.returncode, unsaid.stderr) == (2, "")
    assert "Show a whole day of Paperboy" in unsaid.stdout
    assert paperboy("--version").stdout.startswith("paperboy ")
