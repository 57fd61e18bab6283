"""The Gaussian process is the textbook's: scikit-learn agrees, gradients and left-out ones too."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import RBF, ConstantKernel, DotProduct, WhiteKernel

from nasfer.predictors.kernel import Kernel, Parts
from nasfer.predictors.process import JITTER, Process, _Evidence, fit_process

RNG = np.random.default_rng(0)
INPUTS = RNG.normal(size=(24, 5))
TARGETS = np.sin(INPUTS[:, 0]) + INPUTS[:, 1] + 0.1 * RNG.normal(size=24)
TARGETS = (TARGETS - TARGETS.mean()) / TARGETS.std()
NOISE = np.zeros(24)
OTHERS = RNG.normal(size=(7, 5))
GROUPS = ((0, 1, 2), (3, 4))
KERNEL = Kernel(0.1, (-1.0, -2.0), (-0.5, -3.0), -2.0)


def process(kernel: Kernel = KERNEL, groups: tuple[tuple[int, ...], ...] = GROUPS) -> Process:
    return Process(kernel, groups, INPUTS, TARGETS, NOISE)


def test_one_group_is_scikit_learns_process() -> None:
    near, linear = 0.3, 0.2
    kernel = Kernel(np.log(0.8), (np.log(near),), (np.log(linear),), np.log(0.05))
    theirs = GaussianProcessRegressor(
        ConstantKernel(0.8) * RBF(np.sqrt(5 / near)) + ConstantKernel(linear / 5)
        * DotProduct(0, "fixed") + WhiteKernel(0.05 + JITTER), alpha=0, optimizer=None,
    ).fit(INPUTS, TARGETS)  # fmt: skip
    ours = process(kernel, ((0, 1, 2, 3, 4),))
    mean, variance = ours.predict(OTHERS)
    wanted, deviation = theirs.predict(OTHERS, return_std=True)
    assert mean == pytest.approx(wanted, rel=1e-6)
    assert variance + 0.05 == pytest.approx(deviation**2, rel=1e-5)
    assert ours.predict_mean(OTHERS) == pytest.approx(mean)


def test_the_gradient_is_that_of_small_steps() -> None:
    parts = Parts.of(INPUTS, INPUTS, GROUPS)
    evidence = _Evidence(parts, TARGETS, NOISE, KERNEL, np.ones(6))
    at = KERNEL.vector() + 0.3
    _, slopes = evidence(at)
    for index in range(len(at)):
        step = np.zeros_like(at)
        step[index] = 1e-5
        slope = (evidence(at + step)[0] - evidence(at - step)[0]) / 2e-5
        assert slopes[index] == pytest.approx(slope, rel=1e-4)


def test_left_out_ones_are_predicted_by_the_others() -> None:
    whole = process()
    mean, variance = whole.held_out
    for left in (0, 11):
        rest = np.arange(24) != left
        others = Process(KERNEL, GROUPS, INPUTS[rest], TARGETS[rest], NOISE[rest])
        wanted, spread = others.predict(INPUTS[[left]])
        assert mean[left] == pytest.approx(wanted[0])
        assert variance[left] == pytest.approx(spread[0] + np.exp(KERNEL.noise) + JITTER)


def test_fitted_weights_are_better_than_where_they_began() -> None:
    rng = np.random.default_rng(0)
    found = fit_process(INPUTS, TARGETS, NOISE, GROUPS, smooth=True, rng=rng)
    assert found.log_density > process().log_density
    again = fit_process(INPUTS, TARGETS, NOISE, GROUPS, smooth=True, rng=np.random.default_rng(1))
    assert found.kernel == again.kernel  # nothing is drawn of few examples


def test_a_group_that_says_nothing_is_found_to() -> None:
    rng = np.random.default_rng(3)
    told = rng.normal(size=(40, 2))
    inputs = np.concatenate([told, rng.normal(size=(40, 8))], axis=1)
    targets = told[:, 0] - told[:, 1]
    found = fit_process(
        inputs, targets / targets.std(), np.zeros(40), ((0, 1), tuple(range(2, 10))), smooth=True,
        rng=rng,
    )  # fmt: skip
    assert found.kernel.linear[0] > found.kernel.linear[1] + 2


def test_known_noise_counts_a_target_for_less() -> None:
    inputs, targets = np.array([[0.0], [0.0], [1.0]]), np.array([1.0, -1.0, 0.0])
    kernel = Kernel(0.0, (0.0,), (-5.0,), -8.0)
    even, biased = (
        Process(kernel, ((0,),), inputs, targets, np.array(noise)).predict(np.array([[0.0]]))[0][0]
        for noise in ([0.1, 0.1, 0.1], [0.01, 0.5, 0.1])
    )
    assert abs(even) < 1e-6 < 0.5 < biased
