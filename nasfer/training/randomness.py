"""Random numbers from one generator on the CPU, also for code that draws from the global one.

What a training changes of its process, threads and global generators, is the caller's: it is put
back by `process_state_kept`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from torch import Tensor


def seeded(*parts: int | str) -> torch.Generator:
    """Return a generator on the CPU that depends on all parts: seed, epoch, purpose.

    Example:
        >>> bool(seeded(0, 1).initial_seed() == seeded(0, 1).initial_seed())
        True
        >>> bool(seeded(0, 11).initial_seed() == seeded(0, 1, 1).initial_seed())
        False
    """
    text = "/".join(map(str, parts))
    return torch.Generator().manual_seed(random.Random(text).getrandbits(63))


def uniform(
    generator: torch.Generator,
    count: int,
    low: float,
    high: float,
    device: torch.device | str = "cpu",
) -> Tensor:
    """Draw ``(count,)`` numbers, the same ones whatever the device.

    Example:
        >>> drawn = uniform(torch.Generator().manual_seed(0), 3, 2.0, 3.0)
        >>> bool(((drawn >= 2) & (drawn < 3)).all())
        True
    """
    drawn = torch.rand(count, generator=generator) * (high - low) + low
    return drawn.to(device, non_blocking=True)


@contextmanager
def seeding_the_global_one(generator: torch.Generator) -> Iterator[None]:
    """Seed torch's global generator of the CPU from ``generator``, and put it back afterwards.

    Example:
        >>> before = torch.get_rng_state()
        >>> with seeding_the_global_one(torch.Generator().manual_seed(0)):
        ...     drawn = torch.rand(1)
        >>> bool((torch.get_rng_state() == before).all())
        True
    """
    seed = int(torch.randint(2**63 - 1, (), generator=generator))
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)  # not torch.manual_seed, which seeds GPUs too
        yield


def seed_the_global_ones(seed: int, device: torch.device) -> None:
    """Seed torch's global generators that a training on the device draws from; no others.

    ``torch.manual_seed`` would also seed GPUs that somebody else is using.

    Example:
        >>> with process_state_kept(threads=1, device=torch.device("cpu")):
        ...     seed_the_global_ones(3, torch.device("cpu"))
        ...     torch.initial_seed()
        3
    """
    if device.type == "cpu":
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)


@contextmanager
def process_state_kept(*, threads: int, device: torch.device) -> Iterator[None]:
    """Compute with so many threads, and leave the process as it was, also after an error.

    Put back are torch's number of threads and the global random numbers: Python's, numpy's and
    torch's, on the CPU and, where the device is one, on all GPUs.

    Args:
        threads: of torch, for the while.
        device: where is computed.
    Example:
        >>> before, drawn = torch.get_num_threads(), torch.get_rng_state()
        >>> with process_state_kept(threads=before + 1, device=torch.device("cpu")):
        ...     _ = torch.rand(1)
        >>> torch.get_num_threads() == before, bool((torch.get_rng_state() == drawn).all())
        (True, True)
    """
    before, pythons, numpys = torch.get_num_threads(), random.getstate(), np.random.get_state()
    gpus = range(torch.cuda.device_count()) if device.type == "cuda" else ()
    with torch.random.fork_rng(devices=gpus):
        torch.set_num_threads(threads)
        try:
            yield
        finally:
            torch.set_num_threads(before)
            random.setstate(pythons)
            np.random.set_state(numpys)
