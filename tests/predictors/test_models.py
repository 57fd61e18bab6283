"""Every kind of predictor keeps the contract, learns what can be learnt, and knows its doubt."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from sklearn.ensemble import RandomForestRegressor

from nasfer.arch import parse_arch
from nasfer.errors import PoolError, PredictorError, UnknownNameError
from nasfer.pools import Pool
from nasfer.pools.agreement import kendall
from nasfer.predictors import (
    FAR,
    PREDICTORS,
    Predictor,
    block_worths,
    examples_of,
    fit,
)
from nasfer.predictors.folds import columns_of, fitted_mean, predict_folds
from nasfer.predictors.forest import TREES, forest
from nasfer.predictors.scaling import telling_columns
from nasfer.testing import check_predictor
from tests.predictors.trained import accuracy, pool_of, trained

POOL = pool_of(60)
LEARNT, OTHERS = POOL.take(range(36)), POOL.take(range(36, 60))
KINDS = PREDICTORS.names()


@pytest.fixture(scope="module")
def made() -> dict[str, Predictor]:
    return {kind: fit(LEARNT, kind) for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_the_contract(kind: str) -> None:
    check_predictor(kind, pool_of(14, seed=2))


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_orders_networks_that_it_has_not_seen(
    kind: str, made: dict[str, Predictor]
) -> None:
    truth = np.array([accuracy(arch) for arch in OTHERS.archs])
    mean, std = made[kind].predict(OTHERS.archs)
    assert kendall(mean, truth) > (0.6 if kind == "forest" else 0.8)
    assert np.abs(mean - truth).mean() < np.abs(truth - truth.mean()).mean() / 2
    off = np.abs(OTHERS.accuracies - mean) / std
    assert 0.3 < np.sqrt((off**2).mean()) < 2.5  # deviations are of the size of the errors


@pytest.mark.parametrize("kind", ["gp", "ridge"])
def test_doubt_is_small_inside_and_whole_far_outside(kind: str, made: dict[str, Predictor]) -> None:
    predictor = made[kind]
    assert predictor.doubt(OTHERS.archs).max() < FAR
    assert not predictor.is_far(OTHERS.archs[0])
    strange = parse_arch("SuperConvK3BNRELU(3,16,2,1)SuperResK3K3(16,512,2,512,9)")
    assert predictor.is_far(strange)
    assert predictor.predict([strange])[1][0] > predictor.predict(OTHERS.archs)[1].max()


def test_what_auto_chooses_is_a_model_of_its_own(made: dict[str, Predictor]) -> None:
    assert made["auto"].model.kind in ("gp", "ridge", "forest")
    same = made[made["auto"].model.kind]
    assert (made["auto"].means(OTHERS.archs) == same.means(OTHERS.archs)).all()


def test_an_additive_predictor_is_the_sum_of_its_blocks_worths(made: dict[str, Predictor]) -> None:
    for arch, mean in zip(OTHERS.archs, made["ridge"].means(OTHERS.archs)):
        nothing, worths = block_worths(made["ridge"], arch)
        assert len(worths) == len(arch.blocks) + 1
        assert nothing + sum(worths) == pytest.approx(mean)
    with pytest.raises(PredictorError, match="`predictor`: gp is no sum over blocks"):
        block_worths(made["gp"], OTHERS.archs[0])


def test_a_ridge_is_its_process(made: dict[str, Predictor]) -> None:
    model = made["ridge"].model
    examples = examples_of(OTHERS)
    values = examples.values[:, columns_of(model, examples)]
    blend = model.blend  # type: ignore[attr-defined]
    assert model.mean(values) == pytest.approx(blend.mean(values))


def test_a_forest_is_scikit_learns() -> None:
    examples = examples_of(LEARNT)
    model = forest(examples, 5)
    values = examples.values[:, columns_of(model, examples)]
    theirs = RandomForestRegressor(
        TREES, max_features=1 / 3, random_state=5, oob_score=True, n_jobs=1
    ).fit(values, examples.accuracies)
    others = examples_of(OTHERS).values[:, columns_of(model, examples)]
    assert model.mean(others) == pytest.approx(theirs.predict(others), rel=1e-12)
    assert model.held_out == pytest.approx(theirs.oob_prediction_, rel=1e-12)


def test_many_seeds_count_for_more_than_one() -> None:
    """Of two networks that read alike, the one of many seeds is believed."""
    base = list(POOL.take(range(12)).networks)
    one = parse_arch(
        "ConvK3BN(3,16,1)MBConvE2K3(16,24,2,2)MBConvE2K3(24,32,2,2)MBConvE2K3(32,48,2,2)"
    )
    two = parse_arch(str(one).replace("MBConvE2K3(16", "Identity(16,16,1)MBConvE2K3(16"))
    means = []
    for seeds in ((40, 2), (2, 40)):
        pair = [trained(one, 85.0, seeds[0], 3.0), trained(two, 75.0, seeds[1], 3.0)]
        pool = dataclasses.replace(POOL, networks=(*base, *pair))
        examples = examples_of(pool)
        kinds = [f.name for f in examples.features].index("kind_Identity")
        alike = np.delete(np.arange(len(examples.features)), kinds)
        told = examples.columns(alike)
        means.append(fitted_mean(told, told.values[[-1]], "gp", 0)[0])
    assert means[0] > means[1] + 1


def test_constant_and_repeated_columns_are_left_out() -> None:
    values = np.array([[1.0, 5, 0.1, 2], [2, 5, 0.2, 3], [3, 5, 0.3, 1], [4, 5, 0.4, 9]])
    assert telling_columns(values) == [0, 3]


def test_folds_predict_each_network_by_models_that_have_not_seen_it() -> None:
    examples = examples_of(pool_of(12))
    parts: list[tuple[int, int]] = []
    told = predict_folds(
        examples, "ridge", folds=12, seed=0, watch=lambda done, total: parts.append((done, total))
    )
    assert parts[-1] == (12, 12)
    for left in (0, 7):
        rest = examples.rows(np.delete(np.arange(12), left))
        alone = fitted_mean(rest, examples.values[[left]], "ridge", 0)
        assert told[left] == pytest.approx(alone[0])


def test_more_than_a_model_can_learn_from_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nasfer.predictors.predictor.MOST", 20)
    assert fit(POOL, "ridge").about.networks == 20
    assert fit(POOL, "ridge", seed=1).digest != fit(POOL, "ridge", seed=2).digest


def refused(pool: Pool) -> str:
    with pytest.raises(PoolError) as error:
        fit(pool)
    return str(error.value)


def test_pools_that_teach_nothing_are_refused_by_what_they_lack() -> None:
    assert refused(POOL.take([0])) == "mine: 1 network; 3 at least are needed to learn"
    equal = tuple(dataclasses.replace(one, accuracy=50.0) for one in POOL.networks)
    assert "all accuracies are 50" in refused(dataclasses.replace(POOL, networks=equal))
    sizes = (*LEARNT.networks, dataclasses.replace(OTHERS.networks[0], resolution=48))
    assert "images of 32 px, 48 px" in refused(dataclasses.replace(POOL, networks=sizes))
    nowhere = tuple(dataclasses.replace(one, resolution=0) for one in POOL.networks)
    assert "nothing says at which" in refused(dataclasses.replace(POOL, networks=nowhere))
    with pytest.raises(UnknownNameError, match="unknown predictor 'gpp'; did you mean 'gp'"):
        fit(POOL, "gpp")
