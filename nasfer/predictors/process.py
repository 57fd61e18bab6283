"""A Gaussian process with the kernel of `nasfer.predictors.kernel`: in numpy, n at most a thousand.

Its weights maximise the posterior: marginal likelihood times wide log-normal priors, which keep
twenty networks from choosing a needle. The gradient is exact, the optimiser scipy's L-BFGS-B.

Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1 and
equations 5.9 (gradient) and 5.12 (leave one out).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nasfer.packages import needs
from nasfer.predictors.kernel import Kernel, Parts

JITTER = 1e-8
"""Added to the variance, so that equal networks do not make the matrix singular."""

PRIOR = {"smooth": (1.0, 1.0), "nearness": (0.2, 1.5), "linear": (0.3, 1.5), "noise": (0.1, 1.0)}
"""Median of each weight, and the deviation of its logarithm; targets have variance 1."""

BOUNDS = (-12.0, 7.0)
"""Of logarithms of weights."""

MOST_FITTED = 300
"""Examples that the weights are fitted on; more of them change little and cost their cube."""

STEPS = 100


@dataclass(frozen=True)
class Process:
    """A Gaussian process conditioned on examples.

    Args:
        kernel: its weights.
        groups: columns of each group.
        inputs: ``(n, d)`` scaled features.
        targets: ``(n,)`` of mean 0 and deviation 1.
        noise: ``(n,)`` known variance of each target, beside the kernel's own noise.
    Raises:
        numpy.linalg.LinAlgError: the matrix is not positive definite.
    """

    kernel: Kernel
    groups: tuple[tuple[int, ...], ...]
    inputs: np.ndarray
    targets: np.ndarray
    noise: np.ndarray

    @cached_property
    def inverse(self) -> np.ndarray:
        """The inverse of the examples' covariance, ``(n, n)``."""
        covariance = self.kernel(Parts.of(self.inputs, self.inputs, self.groups))
        whitened = covariance + np.diag(self.noise + np.exp(self.kernel.noise) + JITTER)
        root = np.linalg.inv(np.linalg.cholesky(whitened))
        inverse: np.ndarray = root.T @ root
        return inverse

    @cached_property
    def weights(self) -> np.ndarray:
        """What each example adds to a prediction, by its kernel: ``(n,)``."""
        weights: np.ndarray = self.inverse @ self.targets
        return weights

    def predict_mean(self, inputs: np.ndarray) -> np.ndarray:
        """Return the means alone, which is quicker: ``(m,)``."""
        across = self.kernel(Parts.of(inputs, self.inputs, self.groups))
        mean: np.ndarray = across @ self.weights
        return mean

    def predict(self, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and variance of what the process says, noise left out: ``(m,)`` each."""
        across = self.kernel(Parts.of(inputs, self.inputs, self.groups))
        before = self.kernel.of_itself(inputs, self.groups)
        variance = before - ((across @ self.inverse) * across).sum(axis=1)
        return across @ self.weights, np.maximum(variance, 0)

    @cached_property
    def prior_variance(self) -> float:
        """Mean variance of the examples before anything was learnt, noise left out."""
        return float(self.kernel.of_itself(self.inputs, self.groups).mean())

    @cached_property
    def held_out(self) -> tuple[np.ndarray, np.ndarray]:
        """Mean and variance of each target as the others predict it, with noise: ``(n,)`` each."""
        variance = 1 / np.diag(self.inverse)
        return self.targets - self.weights * variance, variance

    @property
    def log_density(self) -> float:
        """Logarithm of the density that the others give to each target, summed."""
        mean, variance = self.held_out
        terms = np.log(2 * np.pi * variance) + (self.targets - mean) ** 2 / variance
        return float(-0.5 * terms.sum())


def fit_process(
    inputs: np.ndarray,
    targets: np.ndarray,
    noise: np.ndarray,
    groups: Sequence[Sequence[int]],
    *,
    smooth: bool,
    rng: np.random.Generator,
) -> Process:
    """Fit the weights and return the process.

    Args:
        inputs: ``(n, d)`` scaled features.
        targets: ``(n,)`` of mean 0 and deviation 1.
        noise: ``(n,)`` known variances.
        groups: columns of each group, none empty.
        smooth: whether the kernel has its smooth part; without, this is ridge regression.
        rng: draws the examples that weights are fitted on, where there are very many.
    """
    with needs("learn"):
        from scipy.optimize import minimize

    rows = np.arange(len(targets))
    if len(rows) > MOST_FITTED:
        rows = np.sort(rng.permutation(rows)[:MOST_FITTED])
    start, width = _prior(len(groups), smooth)
    evidence = _Evidence(
        Parts.of(inputs[rows], inputs[rows], groups), targets[rows], noise[rows], start, width
    )
    found = minimize(
        evidence, start.vector(), jac=True, method="L-BFGS-B",
        bounds=[BOUNDS] * len(width), options={"maxiter": STEPS},
    )  # fmt: skip
    kept = tuple(tuple(int(column) for column in group) for group in groups)
    return Process(start.like(found.x), kept, inputs, targets, noise)


def _prior(groups: int, smooth: bool) -> tuple[Kernel, np.ndarray]:
    """Return the kernel of the medians, and the deviations of the logarithms."""
    median = {name: float(np.log(value)) for name, (value, _) in PRIOR.items()}
    near = (median["nearness"],) * groups if smooth else ()
    kernel = Kernel(
        median["smooth"] if smooth else None, near, (median["linear"],) * groups, median["noise"]
    )
    names = [*(["smooth"] if smooth else []), *["nearness"] * len(near), *["linear"] * groups]
    return kernel, np.array([PRIOR[name][1] for name in (*names, "noise")])


@dataclass(frozen=True)
class _Evidence:
    """Minus the log posterior of the weights, with its gradient."""

    parts: Parts
    targets: np.ndarray
    noise: np.ndarray
    start: Kernel
    width: np.ndarray

    def __call__(self, vector: np.ndarray) -> tuple[float, np.ndarray]:
        kernel = self.start.like(vector)
        own = np.exp(kernel.noise)
        covariance = kernel(self.parts) + np.diag(self.noise + own + JITTER)
        try:
            lower = np.linalg.cholesky(covariance)
        except np.linalg.LinAlgError:
            return 1e10, np.zeros_like(vector)
        root = np.linalg.inv(lower)
        inverse = root.T @ root
        weights = inverse @ self.targets
        away = (vector - self.start.vector()) / self.width
        value = 0.5 * self.targets @ weights + np.log(np.diag(lower)).sum() + 0.5 * away @ away
        by = 0.5 * (inverse - np.outer(weights, weights))
        slopes = np.append(kernel.slopes(self.parts, by), own * np.trace(by))
        return float(value), slopes + away / self.width
