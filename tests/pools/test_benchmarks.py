"""The public tables: every network has the table's parameters and multiply-adds, exactly."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nasfer.arch import parse_arch
from nasfer.costs import cost
from nasfer.errors import PoolError, UnknownNameError
from nasfer.models import create_model
from nasfer.pools import read_pool
from nasfer.pools.accel_nasbench import accel_network
from nasfer.pools.nas_bench_macro import macro_network

TABLES = Path(__file__).parents[2] / "../shared/bench"
MACRO, ACCEL = TABLES / "nas-bench-macro_cifar10.json", TABLES / "accel-nasbench_imagenet.json"
real = pytest.mark.skipif(not TABLES.is_dir(), reason=f"{TABLES}: the public tables are not here")

MACRO_ROWS: dict[str, Any] = {
    "02012100": {
        "test_acc": [89.5, 88.9, 89.2], "mean_acc": 89.2, "params": 890666, "flops": 47327744,
    },
    "11111221": {
        "test_acc": [92.2, 92.2, 92.5], "mean_acc": 92.3, "params": 2181386, "flops": 65012224,
    },
}  # fmt: skip
ACCEL_ROWS: list[dict[str, Any]] = [
    {
        "blocks": [[6, 3, 1, 0], [4, 5, 2, 0], [6, 3, 3, 0], [6, 5, 3, 0], [6, 5, 2, 0],
                   [1, 3, 2, 0], [1, 3, 2, 0]],
        "val_top1": 59.368, "macs": 415361072, "params": 2501160,
    },
    {
        "blocks": [[6, 3, 1, 0], [4, 5, 2, 0], [6, 3, 3, 0], [6, 5, 3, 0], [6, 5, 2, 0],
                   [1, 3, 2, 0], [1, 3, 2, 0]],
        "val_top1": 59.248, "macs": 415361072, "params": 2501160,
    },
    {
        "blocks": [[1, 5, 1, 0], [4, 3, 3, 0], [6, 5, 1, 1], [6, 3, 3, 0], [4, 5, 3, 0],
                   [6, 5, 4, 1], [1, 5, 1, 1]],
        "val_top1": 62.77, "macs": 340099888, "params": 4334938,
    },
]  # fmt: skip


def written(folder: Path, data: Any) -> Path:
    path = folder / "table.json"
    path.write_text(json.dumps(data))
    return path


@real
def test_all_of_nas_bench_macro_are_networks_of_the_tables_costs() -> None:
    pool = read_pool(f"nas_bench_macro:{MACRO}")  # which refuses other parameters or macs
    rows = json.loads(MACRO.read_text())
    assert len(pool) == len(set(pool.archs)) == len(rows) == 6561
    assert [network.params for network in pool.networks] == [r["params"] for r in rows.values()]
    np.testing.assert_allclose(pool.accuracies, [row["mean_acc"] for row in rows.values()])
    assert {network.seeds for network in pool.networks} == {3}
    spreads = [network.spread or 0.0 for network in pool.networks]
    # the table's std divides by 3, ours by 2
    np.testing.assert_allclose(spreads, [r["std"] * 1.5**0.5 for r in rows.values()], rtol=1e-6)
    assert pool.noise == pytest.approx(0.2128, abs=1e-4)


@real
def test_all_of_accel_nasbench_are_networks_of_the_tables_costs() -> None:
    pool = read_pool(f"accel_nasbench:{ACCEL}")
    rows = json.loads(ACCEL.read_text())
    assert sum(network.seeds for network in pool.networks) == len(rows) == 5138
    assert len(pool) == 5125  # 13 were trained twice
    assert pool.noise == pytest.approx(0.2697, abs=1e-4)
    params = {accel_network(row["blocks"]): row["params"] for row in rows}
    assert {network.arch: network.params for network in pool.networks} == params


@real
@pytest.mark.parametrize("path", [MACRO, ACCEL])
def test_costs_of_a_pool_are_those_of_nasfer(path: Path) -> None:
    pool = read_pool(path)
    for network in pool.networks[:: len(pool) // 20]:
        counted = cost(network.arch, pool.resolution)
        assert (network.params, network.flops) == (counted.params, counted.flops)


def test_a_table_is_known_by_its_name_or_by_its_content(tmp_path: Path) -> None:
    for name, data in (("nas_bench_macro", MACRO_ROWS), ("accel_nasbench", ACCEL_ROWS)):
        path = written(tmp_path, data)
        assert read_pool(path) == read_pool(f"{name}:{path}")
    pool = read_pool(path)
    assert (len(pool), pool.networks[0].seeds, pool.networks[1].spread) == (2, 2, None)
    assert pool.networks[0].accuracy == pytest.approx(59.308)
    assert (pool.resolution, pool.dataset, pool.families) == (224, "ImageNet", ("accel_nasbench",))


@pytest.mark.parametrize("key", ["00000000", "12012012", "22222222"])
def test_a_key_is_a_network_that_reads_back_and_runs(key: str) -> None:
    arch = macro_network(key)
    assert parse_arch(str(arch)) == arch
    module = create_model(arch)
    assert sum(p.numel() for p in module.parameters()) == cost(arch, 32).params


@pytest.mark.parametrize(
    ("place", "value", "complaint"),
    [
        (("02012100", "params"), 890667, "02012100: params: 890,667, but the network has 890,666"),
        (("11111221", "flops"), 1, "11111221: macs: 1, but the network has 65,012,224"),
        (("02012100", "test_acc"), [], "02012100.test_acc: list should have at least 1 item"),
        (("02012100", "test_acc"), [101.0], "input should be less than or equal to 100"),
        (("02012100", "flops"), "many", "02012100.flops: input should be a valid integer"),
        (("02012103",), MACRO_ROWS["02012100"], "'02012103': eight digits from 0 to 2 are needed"),
    ],
)
def test_a_damaged_table_is_refused_in_one_line(
    tmp_path: Path, place: tuple[str, ...], value: Any, complaint: str
) -> None:
    data = copy.deepcopy(MACRO_ROWS)
    inner: Any = data
    for name in place[:-1]:
        inner = inner[name]
    inner[place[-1]] = value
    with pytest.raises(PoolError, match=complaint) as error:
        read_pool(written(tmp_path, data))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("data", [[], {}, {"a": 1}, [1], "text", [{"blocks": [[1, 3, 1, 0]]}]])
def test_other_json_is_refused(tmp_path: Path, data: Any) -> None:
    path = written(tmp_path, data)
    for source in (path, f"accel_nasbench:{path}", f"nas_bench_macro:{path}"):
        with pytest.raises(PoolError, match=r"table.json: no "):
            read_pool(source)


def test_a_name_that_is_no_table_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, MACRO_ROWS)
    with pytest.raises(UnknownNameError, match="did you mean 'nas_bench_macro'"):
        read_pool(f"nas_bench_makro:{path}")


def test_tables_are_not_mixed_unasked(tmp_path: Path) -> None:
    accel = written(tmp_path, ACCEL_ROWS).rename(tmp_path / "accel.json")
    macro = written(tmp_path, MACRO_ROWS)
    with pytest.raises(PoolError, match=r"^dataset: .*: 02012100 has 'CIFAR-10', .* 'ImageNet'"):
        read_pool(macro, accel)
    both = read_pool(macro, accel, mixed=True)
    assert (len(both), both.resolution, both.dataset, both.recipe) == (4, 0, "", "")
    assert {network.resolution for network in both.networks} == {32, 224}
