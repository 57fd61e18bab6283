"""What Ray costs, and what two trials at once bring: `nasfer tune` beside plain trainings.

Run: ``python benchmarks/ray_overhead.py [--network zennet_m] [--train 2000] [--epochs 8]``;
trials of 60 s and more are what the figures stand on. One thread a trial throughout.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from nasfer.api import tune
from nasfer.tuning.asking.asking import ask
from nasfer.tuning.proposing.drafts import first_trials
from nasfer.tuning.trial import train_trial

TRIALS = 4


def main() -> None:
    """Time both and print the ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="zennet_m")
    parser.add_argument("--train", type=int, default=2000, help="drawn faces of an epoch")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--resolution", type=int, default=48)
    given = parser.parse_args()
    data = f"drawn,train={given.train},val=70,test=70"
    options = {"epochs": str(given.epochs)}

    with tempfile.TemporaryDirectory(prefix="nasfer-overhead-") as folder:
        root = Path(folder)
        asked = ask(
            [given.network], data, recipe="nasfer", options=options, seeds=TRIALS,
            resolution=given.resolution,
        )  # fmt: skip
        since = time.monotonic()
        for spec in first_trials(asked):
            train_trial(spec, asked.settings, asked.recipe, root / "plain", device="cpu")
        plain = time.monotonic() - since

        def tuned(at_once: int) -> float:
            since = time.monotonic()
            tune(
                given.network, data, out=root / str(at_once), options=options, seeds=TRIALS,
                resolution=given.resolution, max_concurrent=at_once, ray_address="local",
            )  # fmt: skip
            return time.monotonic() - since

        one, two = tuned(1), tuned(2)
    print(f"{TRIALS} trials of {plain / TRIALS:.1f} s, one thread each")
    print(f"plain, one after the other: {plain:.1f} s")
    print(f"Tune, one at a time:        {one:.1f} s, {one / plain - 1:+.1%} (limit +10 %)")
    print(f"Tune, two at once:          {two:.1f} s, {one / two:.2f} times as many (goal 1.6)")


if __name__ == "__main__":
    main()
