"""docs/structures.md holds: every kind and field, every example, every figure, every limit."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import pytest
import yaml

from nasfer.arch import Block, arch_to_yaml, parse_arch, read_arch, serial, text
from nasfer.arch import arch as arch_module
from nasfer.arch.block import BLOCKS, LARGEST, MOST, POSITIVE
from nasfer.costs import cost
from nasfer.costs.cost import LARGEST_PX, MOST_ACTIVATION_BYTES, MOST_PARAMS
from nasfer.errors import SpecError

PAGE = (Path(__file__).parents[1] / "docs" / "structures.md").read_text()
KINDS = {kind.__name__: kind for kind in BLOCKS if kind.__module__.startswith("nasfer.")}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading."""
    (section,) = re.findall(rf"## {heading}\n(.*?)(?=\n## |\Z)", PAGE, flags=re.DOTALL)
    table = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table]


BLOCK_ROWS, HEAD_ROWS = rows("The blocks"), rows("The heads")
ALL_ROWS = {row[0].strip("`"): row for row in BLOCK_ROWS + HEAD_ROWS}


def test_every_kind_is_there_and_no_other() -> None:
    assert ALL_ROWS.keys() == KINDS.keys()
    assert {row[0].strip("`") for row in HEAD_ROWS} == {n for n, k in KINDS.items() if k.is_head}


@pytest.mark.parametrize("name", ALL_ROWS)
def test_a_kind_is_written_so_and_costs_so(name: str) -> None:
    _, written, options, example, params, flops = ALL_ROWS[name]
    kind = KINDS[name]
    bracket = ",".join(field.removesuffix("_channels") for field in kind.arguments)
    assert written == f"`{kind.name_format}({bracket})`"
    assert dict(re.findall(r"`(\w+)=([\w.]+)`", options)) == {
        field: as_written(default) for field, default in kind.options().items()
    }
    arch = parse_arch(example.strip("`"))
    assert str(arch) == example.strip("`")
    assert name in {type(block).__name__ for block in (*arch.blocks, arch.head)}
    total = cost(arch, 224)
    assert (params, flops) == (f"{total.params:,}", f"{total.flops:,}")


def as_written(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return value if isinstance(value, str) else str(int(value))


def test_every_field_is_explained_with_what_is_allowed() -> None:
    told = {row[0].strip("`"): row for row in rows("The fields")}
    fields = {field.name for kind in KINDS.values() for field in dataclasses.fields(kind)}
    assert told.keys() == fields
    for kind in KINDS.values():
        for field, type_ in get_type_hints(kind).items():
            if field not in told:
                continue
            meaning, allowed = told[field][1:]
            if get_origin(type_) is Literal:
                assert ", ".join(get_args(type_)) in meaning + allowed
            elif type_ is bool:
                assert allowed == "0, 1"
            elif "under 1" in allowed:
                refused(kind, field, 1)
            else:
                least, most = re.findall(r"[\d,]+", allowed)[-2:]
                assert int(most.replace(",", "")) in (MOST.get(field, LARGEST), 1)
                refused(kind, field, int(most.replace(",", "")) + 2)
                refused(kind, field, int(least) - 1)
                assert (least != "0") or field not in POSITIVE


def refused(kind: type[Block], field: str, value: int) -> None:
    """See that the kind's example with this value is none."""
    example = parse_arch(ALL_ROWS[kind.__name__][3].strip("`"))
    (block, *_) = [one for one in (*example.blocks, example.head) if type(one) is kind]
    with pytest.raises(SpecError, match=field):
        dataclasses.replace(block, **{field: value})


def test_its_files_are_one_network(tmp_path: Path) -> None:
    (as_yaml,) = re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL)
    (as_json,) = re.findall(r"```json\n(.*?)```", PAGE, flags=re.DOTALL)
    structure = json.loads(as_json)["structure"]
    texts = {"a.yaml": as_yaml, "a.json": as_json, "a.txt": structure}
    texts["b.yaml"] = yaml.safe_dump({"structure": structure})
    for name, content in texts.items():
        (tmp_path / name).write_text(content)
        assert read_arch(tmp_path / name) == parse_arch(structure)
    assert yaml.safe_load(arch_to_yaml(parse_arch(structure))) == yaml.safe_load(as_yaml)
    for right, wrong in (("kernel: 3", 'kernel: "3"'), ("repeats: 1", "repeats: 1.0")):
        (tmp_path / "wrong.yaml").write_text(as_yaml.replace(right, wrong, 1))
        with pytest.raises(SpecError, match=r"wrong.yaml: blocks\[0\]"):
            read_arch(tmp_path / "wrong.yaml")


def test_what_it_says_of_errors_and_by_hand_is_so() -> None:
    (errors,) = re.findall(r"```text\n(.*?)```", PAGE, flags=re.DOTALL)
    wrong = ("SuperConvK3BNRELU(3,8,2)", "SuperRezK3K3(3,8,2,1,1)",
             "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(16,16,1,8,1)")  # fmt: skip
    for structure, line in zip(wrong, errors.splitlines(), strict=True):
        with pytest.raises(SpecError) as caught:
            parse_arch(structure)
        assert str(caught.value) == line
    (steps,) = re.findall(r"## One by hand\n(.*?)\n## ", PAGE, flags=re.DOTALL)
    by_hand = "".join(re.findall(r"`(\w+\([\d,]+\))`", steps))
    assert f'nasfer profile "{by_hand}"' in PAGE
    assert parse_arch(by_hand).classes == 7


def test_its_limits_are_the_codes() -> None:
    told = [int(row[1].replace(",", "")) for row in rows("Limits")]
    assert told == [
        arch_module.MOST_BLOCKS, arch_module.MOST_LAYERS, text.LONGEST_WORD, serial.LARGEST,
        MOST_PARAMS, LARGEST_PX, MOST_ACTIVATION_BYTES // 2**30,
    ]  # fmt: skip
