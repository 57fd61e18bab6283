"""Random numbers from one generator on the CPU, also for code that draws from the global one."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager

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
