"""Pools as CSV files: what is read, what is written, what is refused."""

from __future__ import annotations

import math
import random
import statistics
from pathlib import Path

import numpy as np
import pytest

from nasfer.arch import parse_arch
from nasfer.costs import cost
from nasfer.errors import NasferWarning, PoolError
from nasfer.pools import Pool, PooledNetwork, read_pool, write_pool
from nasfer.pools.cells import MOST_ROWS
from nasfer.pools.joining import pooled

FACES = Path(__file__).parents[2] / "../shared/pool"
NET = "SuperConvK3BNRELU(3,{},2,1)SuperConvK1BNRELU({},32,1,1)"


def structure(width: int) -> str:
    return NET.format(width, width)


def table(folder: Path, header: str, *rows: str) -> Path:
    path = folder / "pool.csv"
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def row(width: int, *cells: object) -> str:
    return ",".join([f'"{structure(width)}"', *map(str, cells)])


def some_pool() -> Pool:
    rng = random.Random(3)
    networks = []
    for width in (8, 16, 24):
        arch, seeds = parse_arch(structure(width)), width // 8
        found = cost(arch, 48)
        networks.append(
            PooledNetwork(
                arch, rng.uniform(20, 40), seeds, rng.random() if seeds > 1 else None,
                found.flops, found.params, "mine", (1.5, 1.25 / seeds), "faces", 48, "short",
            )
        )  # fmt: skip
    return Pool(tuple(networks), 48, "faces", "short", "pool.csv")


def test_what_is_written_is_read_to_an_equal_pool(tmp_path: Path) -> None:
    pool = some_pool()
    write_pool(pool, tmp_path / "made" / "pool.csv")
    assert read_pool(tmp_path / "made/pool.csv") == pool


def test_seeds_of_a_structure_are_one_network(tmp_path: Path) -> None:
    header = "structure,accuracy,resolution,seed"
    rows = [row(8, 30, 48, 0), row(16, 25, 48, 0), row(8, 33, 48, 1), row(8, 30, 48, 0)]
    pool = read_pool(table(tmp_path, header, *rows))  # the last row is the first again
    first, second = pool.networks
    assert (first.accuracy, first.seeds, second.seeds) == (31.5, 2, 1)
    assert first.spread == pytest.approx(statistics.stdev([30, 33]))
    assert second.spread is None
    assert pool.noise == first.spread
    counted = cost(second.arch, 48)
    assert (second.flops, second.params) == (counted.flops, counted.params)


def test_means_and_deviations_join_as_if_all_trainings_were_there() -> None:
    rng = np.random.default_rng(0)
    groups = [rng.normal(30, 2, size) for size in (1, 4, 2, 7)]
    parts = [
        (len(g), float(g.mean()), float(g.std(ddof=1)) if len(g) > 1 else None) for g in groups
    ]
    count, mean, spread = pooled(parts)
    whole = np.concatenate(groups)
    assert count == 14
    assert mean == pytest.approx(whole.mean())
    assert spread == pytest.approx(whole.std(ddof=1))
    assert pooled([(3, 1.0, None), (1, 2.0, None)])[2] is None


def test_noise_is_pooled_over_networks() -> None:
    pool = some_pool()
    two, three = pool.networks[1].spread or 0, pool.networks[2].spread or 0
    assert pool.noise == pytest.approx(math.sqrt((two**2 + 2 * three**2) / 3))
    assert pool.take([0]).noise is None


def test_parts_of_a_pool(tmp_path: Path) -> None:
    pool = some_pool()
    flops = [network.flops for network in pool.networks]
    assert pool.take([2, 0]).archs == (pool.archs[2], pool.archs[0])
    assert pool.within(flops[0] + 1, flops[1]).archs == (pool.archs[1],)
    assert list(pool.accuracies) == [network.accuracy for network in pool.networks]
    frame = pool.frame()
    assert list(frame["digest"]) == [arch.digest() for arch in pool.archs]
    assert frame["train_loss_2"].tolist() == [1.25, 0.625, 1.25 / 3]


def test_shares_become_percent_only_if_all_are_shares(tmp_path: Path) -> None:
    header = "structure,accuracy,spread,seeds,resolution"
    shares = table(tmp_path, header, row(8, 0.25, 0.01, 2, 48), row(16, 1, "", "", 48))
    pool = read_pool(shares)
    assert list(pool.accuracies) == [25.0, 100.0]
    assert pool.networks[0].spread == 1.0
    percent = table(tmp_path, header, row(8, 0.25, 0.01, 2, 48), row(16, 1.5, "", "", 48))
    assert list(read_pool(percent).accuracies) == [0.25, 1.5]


def test_without_a_resolution_the_usual_one_is_taken_and_said(tmp_path: Path) -> None:
    path = table(tmp_path, "structure,accuracy", row(8, 30), row(16, 31))
    with pytest.warns(NasferWarning, match="no resolution for some networks; 224 px is taken"):
        pool = read_pool(path)
    assert pool.resolution == 224
    assert pool.networks[0].flops == cost(pool.archs[0], 224).flops


@pytest.mark.parametrize("costs", [("7", ""), ("", "7")])
def test_other_costs_are_said_and_not_used(tmp_path: Path, costs: tuple[str, str]) -> None:
    header = "structure,accuracy,resolution,flops,params"
    own = cost(parse_arch(structure(16)), 48)
    rows = [row(8, 30, 48, *costs), row(16, 31, 48, own.flops, own.params), row(24, 32, 48, "", "")]
    with pytest.warns(NasferWarning, match="1 of 3 networks have other FLOPs or parameters than"):
        pool = read_pool(table(tmp_path, header, *rows))
    counted = cost(pool.archs[0], 48)
    assert (pool.networks[0].flops, pool.networks[0].params) == (counted.flops, counted.params)


@pytest.mark.parametrize(
    ("column", "one", "two", "complaint"),
    [
        ("dataset", "fer2013", "rafdb", r"dataset: .*csv:2 has 'fer2013', .*csv:3 has 'rafdb'"),
        ("dataset", "fer2013", "", r"dataset: .*csv:2 has 'fer2013', .*csv:3 names none"),
        ("recipe", "short", "long", r"recipe: .*csv:2 has 'short', .*csv:3 has 'long'"),
        ("resolution", "48", "64", r"resolution: .*csv:2 has 48, .*csv:3 has 64"),
    ],
)
def test_what_differs_is_named_and_mixed_when_asked(
    tmp_path: Path, column: str, one: str, two: str, complaint: str
) -> None:
    size = [] if column == "resolution" else ["48"]
    header = ",".join(["structure", "accuracy", *(["resolution"] if size else []), column])
    path = table(tmp_path, header, row(8, 30, *size, one), row(8, 31, *size, two))
    with pytest.raises(PoolError, match=f"^{complaint}; networks of one are compared, or `mixed`"):
        read_pool(path)
    pool = read_pool(path, mixed=True)
    assert len(pool) == 2  # the same structure, but not the same training
    assert not getattr(pool, column)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "no column 'structure'; its first line has nothing"),
        ("arch,accuracy\nx,1\n", "no column 'structure'; its first line has arch, accuracy"),
        ("structure,accuracy\n", "no network under the names"),
        ('structure,flops\n"NET",1\n', ":2: no accuracy; a column 'accuracy' is needed"),
        ('structure,accuracy\n"NET",\n', ":2: no accuracy"),
        ('structure,accuracy\n"NET",nan\n', ":2: accuracy: nan; 0 to 100 is allowed"),
        ('structure,accuracy\n"NET",-1\n', ":2: accuracy: -1; 0 to 100"),
        ('structure,accuracy\n"NET",100.5\n', ":2: accuracy: 100.5; 0 to 100"),
        ('structure,accuracy\n"NET",much\n', ":2: accuracy: input should be a valid number"),
        ('structure,accuracy\n"NET",1,2\n', ":2: 3 cells under 2 columns"),
        ('structure,accuracy,accuracy\n"NET",1,2\n', "two columns are called 'accuracy'"),
        ("structure,accuracy\nNo(1),1\n", r":2: structure: position 0: unknown block 'No'"),
        ('structure,accuracy,resolution\n"NET",1,0\n', ":2: resolution: 0; 1 to 8,192"),
        ('structure,accuracy,seeds\n"NET",1,0\n', ":2: seeds: 0; 1 to 1,000,000"),
        ('structure,val_accuracy_1\n"NET",x\n', ":2: val_accuracy_1: 'x' is not a number"),
        ('structure,accuracy\n"NET\0",1\n', "NUL|unknown block|expected"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "pool.csv"
    path.write_text(text.replace("NET", structure(8)))
    with pytest.raises(PoolError, match=complaint) as error:
        read_pool(path)
    assert "\n" not in str(error.value)


def test_too_many_rows_and_no_file_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_ROWS > 100_000
    monkeypatch.setattr("nasfer.pools.cells.MOST_ROWS", 1)
    path = table(tmp_path, "structure,accuracy,resolution", row(8, 1, 48), row(8, 2, 48))
    with pytest.raises(PoolError, match="more than 1 rows"):
        read_pool(path)
    with pytest.raises(PoolError, match="cannot be read: no such file"):
        read_pool(tmp_path / "other.csv")
    with pytest.raises(PoolError, match="no source"):
        read_pool()
    with pytest.raises(PoolError, match=r"`out`: .* does not end in .csv"):
        write_pool(some_pool(), tmp_path / "pool.txt")


def test_the_last_epochs_count_where_there_is_no_accuracy(tmp_path: Path) -> None:
    header = "structure,resolution," + ",".join(f"val_accuracy_{e}" for e in range(1, 6))
    path = table(tmp_path, header, row(8, 48, 0.9, 0.1, 0.2, 0.3, 0.4), row(16, 48, 0.2, 0.5))
    assert list(read_pool(path).accuracies) == pytest.approx([30, 35])


@pytest.mark.skipif(not FACES.is_dir(), reason=f"{FACES}: the pool of faces is not here")
def test_the_pool_of_faces() -> None:
    """Figures of its README: ``zennet_r`` 40.1 with seed 0 and 39.3 with seed 1."""
    files = sorted(FACES.glob("*.csv"))
    pool = read_pool(*files)
    assert len(pool) == 46
    assert len(read_pool(files[0])) == 40
    twice = {n.family: n for n in pool.networks if n.seeds == 2}
    assert sorted(twice) == ["emo_net", "zennet_r"]
    assert twice["zennet_r"].accuracy == pytest.approx((40.1 + 39.3) / 2, abs=0.1)
    assert (pool.resolution, pool.dataset) == (48, "fer2013")
    assert {len(network.losses) for network in pool.networks} == {8}
