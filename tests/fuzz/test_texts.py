"""No text on the command line ends in anything but an answer, or one line of what is wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nasfer.arch import parse_arch
from nasfer.data.loading import parse_data
from nasfer.quantity import parse_quantity
from nasfer.searching.budget import asked_limits
from nasfer.training.recipe import Recipe
from nasfer.tuning.asking.ranges import parse_ranges, parse_search
from tests.fuzz.mutating import misspelt
from tests.fuzz.running import examples, holds, refused_or_done

STRUCTURES = (
    "SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,16,2,8,1,sa=1)",
    "SuperConvK3BNRELU(3,8,2,1)SuperResIDWE2K5(8,16,2,8,1,se=4)Head(16,7,dropout=0.1)",
    "ConvK3BN(3,24,2,pool=1)ShuffleK3(24,48,2,2)Head(48,7)",
    "ConvK3BN(1,16,2)EmoResE2K3(16,24,2,1,blend=0.8)",
    "ResNetStem(3,64)ResNetLayer(64,64,1,1)",
)

NUMBERS = st.one_of(
    st.integers().map(str), st.floats().map(str), st.integers(1, 500).map(lambda n: "9" * n),
    st.sampled_from(("nan", "-nan", "inf", "1e9999", "-1e9999", "0", "-0", "1_0", "٣", "0x1", "")),
)  # fmt: skip


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@examples(200)
@given(text=st.sampled_from(STRUCTURES).flatmap(misspelt), px=st.sampled_from(("8", "48")))
def test_structures(text: str, px: str) -> None:
    holds("profile", "--resolution", px, "--", text)


@examples(150)
@given(
    fields=st.lists(st.one_of(NUMBERS, st.integers(0, 70).map(str)), min_size=4, max_size=6),
    name=st.sampled_from(
        ("SuperConvK{}BNRELU", "SuperResK1K{}K1", "ConvK{}BN", "ShuffleK{}", "EmoResE{}K3")
    ),
    kernel=NUMBERS,
)
def test_numbers_of_structures(fields: list[str], name: str, kernel: str) -> None:
    refused_or_done(parse_arch, f"{name.format(kernel)}({','.join(fields)})")


@examples(200)
@given(text=st.one_of(NUMBERS, misspelt("450M"), misspelt("1.5k"), st.text(max_size=9)))
def test_quantities_and_budgets(text: str) -> None:
    refused_or_done(parse_quantity, text, "`budget`")
    refused_or_done(asked_limits, text, "flops", {"max_rho": text, "max_layers": text})


@examples(200)
@given(
    text=st.sampled_from(
        (
            "folder:.,val=0.2",
            "fer2013:x.csv",
            "drawn,train=70,val=14",
            "rafdb:a,convention=emo_net",
            "folder:.,limit=10,seed=3",
            "folder:.,drop=leakage+duplicates",
            "folder:.,drop=leakage,x",
        )
    ).flatmap(misspelt)
)
def test_data(text: str) -> None:
    refused_or_done(parse_data, text)


@examples(200)
@given(
    text=st.sampled_from(
        ("lr=loguniform(1e-4,1e-1)", "batch_size=randint(8,64)", "optimizer=choice(sgd,adamw)")
    ).flatmap(misspelt)
)
def test_ranges(text: str) -> None:
    refused_or_done(lambda: parse_ranges(parse_search([text]), Recipe()))


@examples(200)
@given(name=st.sampled_from([*Recipe.model_fields, "x", ""]), value=st.one_of(NUMBERS, st.text()))
def test_options_of_recipes(name: str, value: str) -> None:
    refused_or_done(lambda: Recipe().with_options({name: value}))


COMMANDS: tuple[tuple[str, ...], ...] = (
    ("search", "--budget", "1", "--seed"), ("search", "--budget", "1", "--proxy-weight"),
    ("search", "--space", "x", "--iterations"), ("score", "x", "--batch"),
    ("score", "x", "--repeats"), ("profile", "zennet_r", "--resolution"),
    ("train", "x", "--epochs"), ("train", "x", "--lr"), ("train", "x", "--threads"),
    ("tune", "x", "--seeds"), ("tune", "x", "--trials"), ("tune", "x", "--cpus-per-trial"),
    ("tune", "x", "--max-concurrent"), ("predict", "x", "y", "--top"),
    ("evaluate", "x", "--data", "y", "--batch"), ("export", "x", "--batch"),
    ("create", "x", "y", "--num-classes"), ("correlate", "x", "--seed"),
    ("pareto", "x", "--reference"), ("data", "show", "x", "--per-class"),
)  # fmt: skip


@examples(60)
@given(command=st.sampled_from(COMMANDS), value=NUMBERS)
def test_options_of_commands(command: tuple[str, ...], value: str) -> None:
    holds(*command[:-1], f"{command[-1]}={value}")


@examples(50)
@given(words=st.lists(st.one_of(st.text(max_size=8), st.sampled_from(COMMANDS).map(lambda c: c[0])),
                      max_size=4))  # fmt: skip
def test_any_words(words: list[Any]) -> None:
    if words[:1] in (["search"], ["train"], ["tune"]):
        words = [words[0], "--seed", "-1"]  # no real run
    holds(*words)
