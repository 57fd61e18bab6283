"""Learn to predict accuracy from networks that were trained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nasfer.errors import SpecError
from nasfer.quantity import parse_quantity

if TYPE_CHECKING:
    from nasfer.report.predictions.learnt import Learnt

Sources = str | Path | Sequence[str | Path]

MOST_REPEATS = 1_000


def learn(
    pool: Sources,
    out: str | Path | None = None,
    *,
    predictor: str = "auto",
    sample: int | None = None,
    repeats: int = 1,
    budget: str | int | None = None,
    seed: int = 0,
    mixed: bool = False,
    plot: str | Path | None = None,
    watch: Callable[[int, int], None] | None = None,
) -> Learnt:
    """Learn to predict the accuracy of networks, and measure how far that is to be trusted.

    Without ``sample`` the predictor learns from all networks; its figures are of models that have
    not seen the network they predict: each left out once, or a tenth at a time of more than 50.
    With it, ``sample`` networks are drawn, learnt from, and judged on up to 1,500 others,
    ``repeats`` times; the predictor is the first draw's.

    Args:
        pool: what `nasfer.pools.read_pool` reads: run folders of `nasfer.tune`, CSV files, public
            tables; one or several.
        out: JSON file for the predictor; ``None`` writes none. The plot stands beside it.
        predictor: ``gp``, ``ridge``, ``forest``, or ``auto``: the best of these by cross-validation
            within what is learnt from.
        sample: networks that are drawn; ``None``: all are learnt from. More than 1,000 are never.
        repeats: draws.
        budget: FLOPs ``B``, such as ``"450M"``: the band is 0.85 B to B, and networks are drawn
            and judged from 0.75 B to B; ``None``: the largest judged network's FLOPs are ``B``.
        seed: of all that is drawn.
        mixed: allow several data sets and recipes in one pool.
        plot: PNG or PDF file for predicted against measured; ``None``: beside ``out``.
        watch: called with the parts done, and all.
    Returns:
        The predictor and its figures, beside those of every free proxy on the same networks.
    Raises:
        PoolError: the pool cannot be read or teaches nothing, or is too small for the sample.
        SpecError: a number is out of range, or a file's name ends wrongly.
        UnknownNameError: no such kind of predictor.
        MissingPackageError: scipy or scikit-learn is not installed.
    """
    from nasfer.pools import read_pool
    from nasfer.predictors import PREDICTORS, fit, save_predictor
    from nasfer.predictors.examples import MOST
    from nasfer.report.predictions.holding import Holder
    from nasfer.report.predictions.learnt import Learnt
    from nasfer.report.predictions.plot import plot_learnt

    _check(sample, repeats, out, plot)
    PREDICTORS.get(predictor)
    limit = None if budget is None else parse_quantity(budget, "`budget`")
    sources = [pool] if isinstance(pool, str | Path) else list(pool)
    trained = read_pool(*sources, mixed=mixed)
    holder = Holder(trained, predictor, budget=limit, seed=seed)
    if sample is None and len(trained) > MOST:
        sample = MOST
    watch = watch or (lambda done, total: None)
    if sample is None:
        draws = [holder.folds(watch)]
        learnt_from, method = trained, holder.method
    else:
        draws = holder.sampled(sample, repeats, watch)
        learnt_from, method = trained.take(draws[0].drawn), "sample"
    made = fit(learnt_from, predictor, seed=seed)
    learnt = Learnt(made, predictor, draws, trained.accuracies, limit, method)
    if out is not None:
        save_predictor(made, out)
    picture = plot or (None if out is None else Path(out).with_suffix(".png"))
    if picture is not None:
        plot_learnt(learnt, picture)
    return learnt


def _check(
    sample: int | None, repeats: int, out: str | Path | None, plot: str | Path | None
) -> None:
    if not 1 <= repeats <= MOST_REPEATS:
        raise SpecError(f"`repeats`: {repeats}; 1 to {MOST_REPEATS:,} are allowed")
    if repeats > 1 and sample is None:
        raise SpecError("`repeats`: of a `sample` only; all networks can be drawn but once")
    if out is not None and Path(out).suffix != ".json":
        raise SpecError(f"`out`: {out} does not end in .json")
    if plot is not None and Path(plot).suffix not in (".png", ".pdf"):
        raise SpecError(f"`plot`: {plot} ends neither in .png nor in .pdf")
