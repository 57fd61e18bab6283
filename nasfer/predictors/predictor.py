"""`Predictor`: a learnt model, what it was learnt from, and the networks that it can judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np

from nasfer.arch import Arch
from nasfer.features import FactReader, Facts, all_features, feature_values, find_feature
from nasfer.pools import Pool
from nasfer.predictors._base import PREDICTORS, Model
from nasfer.predictors.examples import MOST, examples_of
from nasfer.runs.seal import digest_of

FAR = 0.9
"""A network of which a predictor doubts so much is far outside what it has learnt from."""

WATCHED = ("aggregates", "kinds")
"""Groups of features of which a new value, where all examples had one, is far outside."""


@dataclass(frozen=True, slots=True)
class About:
    """What a predictor was learnt from.

    Args:
        pool: its name.
        digest: of its structures and accuracies.
        networks: how many of them the model has seen.
        resolution: side of the images, in pixels.
        dataset: that they were trained on; empty where it is not known.
        recipe: that they were trained by; likewise.
        noise: standard deviation of an accuracy over seeds, percent; ``None`` if not known.
    """

    pool: str
    digest: str
    networks: int
    resolution: int
    dataset: str
    recipe: str
    noise: float | None


@dataclass(frozen=True)
class Predictor:
    """Predicts accuracies of architectures, in percent, without training.

    Args:
        model: the learnt function of features.
        about: what it was learnt from.
        constants: features that all examples had alike, with that value.
    """

    model: Model
    about: About
    constants: Mapping[str, float]

    @cached_property
    def _reader(self) -> FactReader:
        return FactReader(self.about.resolution)

    def predict(self, archs: Sequence[Arch]) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of each accuracy, ``(n,)`` in percent.

        The deviation is the model's own: what it does not know, and what features do not explain.

        Args:
            archs: networks; they are judged at the size of images of the pool.
        Raises:
            SpecError: that size is too small for one of them.
        """
        values = self._values(self._reader.read(archs))
        return self.model.mean(values), self.model.std(values)

    def means(self, archs: Sequence[Arch]) -> np.ndarray:
        """Return the means alone, which is quicker: tens of thousands a second."""
        return self.model.mean(self._values(self._reader.read(archs)))

    def doubt(self, archs: Sequence[Arch]) -> np.ndarray:
        """Return ``(n,)`` shares of what was unknown before and still is; `FAR` and more is far.

        A network that has what no example had, a kind of block say, is doubted whole.
        """
        facts = self._reader.read(archs)
        doubt = self.model.doubt(self._values(facts))
        for feature, value in self._watched:
            found = feature.compute(facts)
            strange = np.abs(found - value) > 1e-9 * np.maximum(1, abs(value))
            doubt = np.where(strange, 1.0, doubt)
        return doubt

    def is_far(self, arch: Arch) -> bool:
        """Whether a network is far outside what was learnt from."""
        return bool(self.doubt([arch])[0] >= FAR)

    @cached_property
    def _watched(self) -> list[tuple[Any, float]]:
        return [(find_feature(name), value) for name, value in self.constants.items()]

    def _values(self, facts: Facts) -> np.ndarray:
        return feature_values(facts, self.model.features)

    def to_dict(self) -> dict[str, Any]:
        """Return plain data, without schema and digest."""
        return {
            "kind": self.model.kind,
            "about": asdict(self.about),
            "features": [feature.name for feature in self.model.features],
            "constants": dict(self.constants),
            "model": self.model.to_dict(),
        }

    @cached_property
    def digest(self) -> str:
        """12 hexadecimal digits of the SHA-256 of all that it holds."""
        return digest_of(self.to_dict())[:12]


def fit(pool: Pool, predictor: str = "auto", *, seed: int = 0) -> Predictor:
    """Learn a predictor from trained networks.

    Of more than 1,000 networks so many are drawn.

    Args:
        pool: networks of one image size.
        predictor: kind of model, one of ``PREDICTORS``.
        seed: of all that is drawn.
    Raises:
        PoolError: the pool teaches nothing: too few networks, equal accuracies, several sizes.
        UnknownNameError: no such kind.
        MissingPackageError: scipy or scikit-learn is not installed.
    Example:
        >>> from nasfer.arch import parse_arch
        >>> from nasfer.pools import PooledNetwork
        >>> def trained(width, accuracy):
        ...     arch = parse_arch(f"SuperConvK3BNRELU(3,{width},2,1)")
        ...     return PooledNetwork(arch, accuracy, 1, None, 1, 1, "mine", resolution=48)
        >>> networks = trained(8, 50.0), trained(16, 55.0), trained(32, 60.0)
        >>> pool = Pool(networks, 48, "", "", "mine")
        >>> mean, std = fit(pool, "ridge").predict([parse_arch("SuperConvK3BNRELU(3,24,2,1)")])
        >>> bool(55 < mean[0] < 60)
        True
    """
    kind = PREDICTORS.get(predictor)
    if len(pool) > MOST:
        drawn = np.random.default_rng(seed).permutation(len(pool))[:MOST]
        pool = pool.take(np.sort(drawn))
    examples = examples_of(pool)
    model = kind.fit(examples, seed)
    features = all_features()
    told = [list(map(str, pool.archs)), [float(value) for value in pool.accuracies]]
    about = About(
        pool.name, digest_of(told)[:12], len(pool), pool.networks[0].resolution, pool.dataset,
        pool.recipe, pool.noise,
    )  # fmt: skip
    same = np.ptp(examples.values, axis=0) == 0
    constants = {
        feature.name: float(value)
        for feature, value, constant in zip(features, examples.values[0], same)
        if constant and feature.group in WATCHED
    }
    return Predictor(model, about, constants)
