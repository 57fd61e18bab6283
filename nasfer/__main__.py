"""``python -m nasfer`` is the command ``nasfer``; both begin here, where little is imported."""

from __future__ import annotations

import os
import signal
from typing import NoReturn

INTERRUPTED = 130


def main() -> None:
    """Run the command line; Ctrl-C while its modules are imported ends it in one line, too."""
    own = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # ignored under nohup
    if own:
        signal.signal(signal.SIGINT, _leave)
    from nasfer.cli import app

    if own:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    app.main()


def _leave(number: int, frame: object) -> NoReturn:
    """End at once: an exception within an import may be lost, or make another one."""
    os.write(2, b"nasfer: interrupted; nothing was begun\n")
    os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
