"""A tuning that is extended: may it be, and what is said of it."""

from __future__ import annotations

from nasfer.errors import RunFolderError
from nasfer.runs.extending import told
from nasfer.runs.files import trial_folder
from nasfer.training.optim.schedules import when_extended
from nasfer.training.state import OLDER_FILE, STATE_FILE
from nasfer.tuning.asking.asking import Asked
from nasfer.tuning.book import Book


def check_extension(book: Book, asked: Asked) -> None:
    """See that every trial that goes further can go on from its last epoch.

    Raises:
        RunFolderError: the trials are a population, or the state of one is missing.
    """
    folder = book.folder.path
    if asked.settings.scheduler == "pbt":
        raise RunFolderError(
            f"{folder}: trials of pbt take over each other's weights, so that none can join or go"
            " on alone; choose another `out`"
        )
    for key in book.shorter:
        trial = trial_folder(folder, key)
        if not any((trial / name).exists() for name in (STATE_FILE, OLDER_FILE)):
            raise RunFolderError(
                f"{trial / STATE_FILE}: missing, and more epochs go on from it; bring it back, or"
                " choose another `out`"
            )


def extension_line(book: Book, asked: Asked) -> str:
    """Return the line that says how a tuning is extended, and what that means for its trials."""
    line = told(book.folder.path, book.folder.steps)
    if not book.shorter:
        return line
    count = f"{len(book.shorter)} trial{'s' if len(book.shorter) > 1 else ''}"
    return f"{line}; what is trained ({count}) goes on, {when_extended(asked.recipe)}"
