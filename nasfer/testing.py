"""Contract suites: laws that every proxy, predictor, strategy and space keeps, one's own included.

Call them from a test of your plug-in; nasfer's own tests run them over everything registered.
"""

from __future__ import annotations

import math
import pickle
import random
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import torch

from nasfer.arch import Arch, parse_arch
from nasfer.errors import ProxyError
from nasfer.pools import Pool
from nasfer.predictors import fit, load_predictor, save_predictor
from nasfer.proxies import PROXIES, score
from nasfer.searching import STRATEGIES, Outcome
from nasfer.space import Space

FACES = "drawn,train=70,val=7,test=7"
"""What proxies of faces are checked on."""


class ContractError(AssertionError):
    """A plug-in breaks a law; the message says which."""


def _require(holds: bool, law: str) -> None:
    if not holds:
        raise ContractError(law)


def check_proxy(name: str, arch: Arch) -> None:
    """Check that a proxy keeps its contract on one architecture.

    Same seed, same score, whatever the global random state is; finite; that state, the number of
    threads and the recording of gradients unchanged; grey 48 px images work; a proxy of faces
    refuses to score without them, and is given drawn ones.

    Raises:
        ContractError: a law is broken.
    """
    proxy, number = PROXIES.get(name), partial(score, proxy=name, resolution=48, batch=2)
    if proxy.needs_data:
        try:
            number(arch, seed=3)
        except ProxyError:
            number = partial(number, data=FACES)
        else:
            raise ContractError(f"{name}: says it needs faces, and scores without")
    before = _process_state()
    first = number(arch, seed=3)
    _require(_process_state() == before, f"{name}: changed a global state of the process")
    with _other_random_state():
        second = number(arch, seed=3)
    _require(float(first) == float(second), f"{name}: same seed, other score: {first}, {second}")
    _require(math.isfinite(first), f"{name}: score {float(first)} is not finite")
    grey = number(arch.with_in_channels(1), seed=3)
    _require(math.isfinite(grey), f"{name}: grey images score {float(grey)}")
    if proxy.random:
        other = number(arch, seed=4)
        _require(float(other) != float(first), f"{name}: says it is random, and ignores the seed")


def _process_state() -> list[object]:
    """What a score must leave as it was."""
    return [
        random.getstate(), repr(np.random.get_state()), torch.get_rng_state().tolist(),
        torch.get_num_threads(), torch.is_grad_enabled(), torch.get_default_dtype(),
    ]  # fmt: skip


@contextmanager
def _other_random_state() -> Iterator[None]:
    """Within, the global random numbers are others than before; they are put back."""
    pythons, numpys = random.getstate(), np.random.get_state()
    with torch.random.fork_rng(devices=[]):
        random.seed(91)
        np.random.seed(92)
        torch.default_generator.manual_seed(93)
        try:
            yield
        finally:
            random.setstate(pythons)
            np.random.set_state(numpys)


def check_strategy(name: str, space: Space) -> None:
    """Check that a strategy keeps its contract in a space.

    Asks lie in the space; same seed, same asks; outcomes may be told in any order; a restored
    strategy goes on as the original does.

    Raises:
        ContractError: a law is broken.
    """

    def fake(arch: Arch) -> Outcome:
        return Outcome(0.0, float(int(arch.digest(), 16) % 1000), 1000)

    make = STRATEGIES.get(name)
    one, same = make(space, seed=5, population=16), make(space, seed=5, population=16)
    for _ in range(200):
        arch, again = one.ask(), same.ask()
        _require(space.contains(arch), f"{name}: asks outside the space: {space.why_not(arch)}")
        _require(arch == again, f"{name}: same seed, other asks")
        one.tell(arch, fake(arch))
        same.tell(arch, fake(arch))
    restored = make(space, seed=99, population=16)
    restored.restore(pickle.loads(pickle.dumps(one.state())))
    for _ in range(100):
        arch, again = one.ask(), restored.ask()
        _require(arch == again, f"{name}: a restored strategy asks otherwise")
        one.tell(arch, fake(arch))
        restored.tell(arch, fake(arch))
    batch = [one.ask() for _ in range(8)]
    for arch in reversed(batch):
        one.tell(arch, fake(arch))


def check_space(space: Space, *, members: int, seed: int) -> None:
    """Check that moves never leave a space and that members survive their text form.

    Raises:
        ContractError: a law is broken.
    """
    rng = random.Random(seed)
    _require(space.contains(space.start), f"{space.name}: the start is no member")
    before = space.start
    for _ in range(members):
        sampled = space.sample(rng=rng)
        made = {
            "sample": sampled,
            "mutate": space.mutate(sampled, rng=rng),
            "nudge": space.nudge(sampled, rng=rng),
            "crossover": space.crossover(sampled, before, rng=rng),
        }
        for move, arch in made.items():
            complaint = space.why_not(arch)
            _require(complaint is None, f"{space.name}: {move} leaves the space: {complaint}")
            _require(parse_arch(str(arch)) == arch, f"{space.name}: {arch} is not read back")
        before = sampled


def check_predictor(name: str, pool: Pool) -> None:
    """Check that a kind of predictor keeps its contract on a pool of trained networks.

    Same seed, same predictions; finite, with deviations above 0; doubt grows from 0; one at a time
    as all together; saved and read again it predicts the same; global random states unchanged.

    Raises:
        ContractError: a law is broken.
    """
    python_state, numpy_state = (
        random.getstate(),
        np.random.get_state(legacy=False)["state"]["key"].tolist(),
    )
    made, again = fit(pool, name, seed=3), fit(pool, name, seed=3)
    mean, std = made.predict(pool.archs)
    for what, first, second in zip(("mean", "std"), (mean, std), again.predict(pool.archs)):
        _require(bool((first == second).all()), f"{name}: same seed, other {what}")
    _require(bool(np.isfinite(mean).all()), f"{name}: a mean is not finite")
    _require(bool((np.isfinite(std) & (std > 0)).all()), f"{name}: a deviation is not above 0")
    doubt = made.doubt(pool.archs)
    _require(bool((np.isfinite(doubt) & (doubt >= 0)).all()), f"{name}: doubt under 0")
    alone = np.array([made.means([arch])[0] for arch in pool.archs])
    _require(bool(np.allclose(alone, mean, rtol=1e-9)), f"{name}: alone other than together")
    with tempfile.TemporaryDirectory() as folder:
        save_predictor(made, Path(folder) / "predictor.json")
        read = load_predictor(Path(folder) / "predictor.json")
    for what, first, second in zip(("mean", "std"), (mean, std), read.predict(pool.archs)):
        _require(bool((first == second).all()), f"{name}: saved and read, other {what}")
    _require(read.digest == made.digest, f"{name}: saved and read, another digest")
    after = np.random.get_state(legacy=False)["state"]["key"].tolist()
    _require(
        random.getstate() == python_state and after == numpy_state,
        f"{name}: changed a global random state",
    )


__all__ = [
    "ContractError", "check_predictor", "check_proxy", "check_space", "check_strategy",
]  # fmt: skip
