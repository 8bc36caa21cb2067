"""Every error that Paperboy raises on purpose. Each says in one line what is wrong and what to do."""

from __future__ import annotations


class PaperboyError(Exception):
    """The root. `problem` says what is wrong, `hint` what to do about it; `str()` is both on one line."""

    exit_code = 1

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.problem = problem
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.problem} {self.hint}".strip()


class UsageError(PaperboyError):
    """What the user typed cannot be carried out as it stands."""

    exit_code = 2


class NotYoursError(UsageError):
    """What somebody else made, and only they may change; `owners` are who did, as the platform names them."""

    def __init__(self, problem: str, hint: str, owners: tuple[str, ...]) -> None:
        super().__init__(problem, hint)
        self.owners = owners


class QueryError(UsageError):
    """A topic or search that does not parse.

    `text` is what was typed and `position` the 0-based character in it at which reading stopped.
    """

    def __init__(self, text: str, position: int, problem: str, hint: str = "") -> None:
        super().__init__(problem, hint)
        self.text = text
        self.position = position

    def caret_lines(self) -> str:
        """The typed text with a caret under the character, two lines, cut to a window of 60 characters."""
        start = max(0, self.position - 40)
        window = self.text[start : start + 60].replace("\n", " ")
        return f"{window}\n{' ' * (self.position - start)}^"


class SettingsError(PaperboyError):
    """A setting that cannot be used."""

    exit_code = 2


class StorageError(PaperboyError):
    """The database cannot be used: locked, full, newer than this program, not writable."""


class IndexFolderError(StorageError):
    """The folder of the search index cannot be used. Searches go without what stands there."""


class SourceError(PaperboyError):
    """A source did not answer, or not with what it promises. What it had listed is fetched again later."""


class DeliveryError(PaperboyError):
    """A message could not be posted.

    `permanent` says that another try cannot help until somebody acts; `retry_after` is the platform's own
    wish in seconds, where it gave one. `unknown` says that some of it may have been posted: the platform is
    asked before another try. Where it is `permanent` too, nobody can tell, and it is not tried again.
    `begun` says that a part of it may stand there, which another try must not repeat.
    """

    def __init__(
        self,
        problem: str,
        hint: str = "",
        *,
        permanent: bool,
        retry_after: float | None = None,
        unknown: bool = False,
        begun: bool = False,
    ) -> None:
        super().__init__(problem, hint)
        self.permanent = permanent
        self.retry_after = retry_after
        self.unknown = unknown
        self.begun = begun
