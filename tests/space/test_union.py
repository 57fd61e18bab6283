"""Laws of a union of families: moves stay in the family, but for a rare change."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from nasfer.arch import parse_arch
from nasfer.errors import SpaceError
from nasfer.presets import PRESETS
from nasfer.space import Space, load_space, union

SIX = ("zennet_m", "zennet_r", "emo_net", "efficientface", "attention_emotion_net", "amp_net")


@pytest.fixture(scope="module")
def fer() -> Space:
    return load_space("fer")


def written(tmp_path: Path, text: str, name: str = "mine.yaml") -> Space:
    (tmp_path / name).write_text(text)
    return load_space(str(tmp_path / name))


def test_fer_holds_the_six_families(fer: Space) -> None:
    assert fer.families == SIX
    assert tuple(fer.family(start) for start in fer.starts) == SIX
    assert fer.start == fer.starts[0]


def test_every_published_network_with_its_familys_head_is_a_member(fer: Space) -> None:
    for family in SIX:
        arch = PRESETS.get(family).arch
        assert fer.contains(arch)
        assert fer.family(arch) == family


def test_a_plain_space_is_its_own_only_family() -> None:
    space = load_space("zennet_m")
    assert space.families == (space.family(space.start),) == ("zennet_m",)
    assert space.parts == (space,)
    with pytest.raises(SpaceError, match="'zennet_m' cannot be taken away"):
        space.without("zennet_m")


@pytest.mark.parametrize("move", ["mutate", "nudge"])
@pytest.mark.parametrize("family", SIX)
def test_a_move_keeps_the_family_where_no_change_is_drawn(
    fer: Space, family: str, move: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(union, "CHANGE", 0.0)
    rng, arch = random.Random(3), fer.starts[SIX.index(family)]
    own = load_space(family)
    for _ in range(60):
        arch = getattr(fer, move)(arch, rng=rng)
        assert fer.family(arch) == family
        assert own.contains(arch)


def test_one_move_in_a_hundred_changes_the_family_to_any_other(fer: Space) -> None:
    rng = random.Random(0)
    found = [fer.family(fer.nudge(fer.start, rng=rng)) for _ in range(5000)]
    changed = [family for family in found if family != fer.families[0]]
    assert 30 <= len(changed) <= 70
    assert set(changed) == set(SIX[1:])


def test_samples_are_of_all_families_alike(fer: Space) -> None:
    rng = random.Random(0)
    found = [fer.family(fer.sample(rng=rng)) for _ in range(600)]
    assert all(60 <= found.count(family) <= 140 for family in SIX)


def test_members_of_two_families_are_not_crossed(fer: Space) -> None:
    rng, (one, other, *_) = random.Random(0), fer.starts
    assert fer.crossover(one, other, rng=rng) == one
    near = [fer.nudge(one, rng=rng) for _ in range(2)]
    assert fer.family(fer.crossover(*near, rng=rng)) == "zennet_m"


def test_skeletons_of_two_families_differ(fer: Space) -> None:
    assert len({fer.skeleton(start) for start in fer.starts}) == len(SIX)


def test_size_is_the_sum_and_no_network_is_of_two_families(fer: Space) -> None:
    assert fer.size() == sum(load_space(family).size(20) for family in SIX)
    assert fer.size(12) == sum(load_space(family).size(12) for family in SIX)
    # each family has a position at which only its own kinds may stand
    for part in fer.parts:
        others = {k for o in fer.parts if o != part for position in o.kinds() for k in position}
        assert any(position.isdisjoint(others) for position in part.kinds())


def test_the_families_own_limits_do_not_count(fer: Space) -> None:
    assert fer.limits.model_dump(exclude_none=True) == {"max_layers": 20}
    assert all(part.limits == fer.limits for part in fer.parts)


def test_why_not_says_it_of_each_family(tmp_path: Path) -> None:
    space = written(tmp_path, "families: [zennet_m, zennet_r]")
    complaint = str(space.why_not(parse_arch("SuperConvK3BNRELU(3,8,2,1)")))
    assert [part.split(":")[0] for part in complaint.split("; ")] == ["zennet_m", "zennet_r"]


def test_without_a_family_the_others_stay(fer: Space) -> None:
    left = fer.without("emo_net")
    assert left.families == tuple(family for family in SIX if family != "emo_net")
    assert not left.contains(fer.starts[SIX.index("emo_net")])
    with pytest.raises(SpaceError, match="'emo' cannot be taken away"):
        fer.without("emo")


PLAIN = """
start: SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,1,8,1)
moves: {SuperResKK: {repeats: {step: [-1, 1], max: %d}}}
"""


def test_a_member_of_two_families_is_the_first_ones(tmp_path: Path) -> None:
    (tmp_path / "short.yaml").write_text(PLAIN % 2)
    (tmp_path / "long.yaml").write_text(PLAIN % 9)
    space = written(tmp_path, "families: [short.yaml, long.yaml]")
    assert [space.family(start) for start in space.starts] == ["short", "short"]
    long = parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,1,8,5)")
    assert space.family(long) == "long"
    with pytest.raises(SpaceError, match=r"short: blocks\[1\].repeats: 10"):
        space.family(parse_arch("SuperConvK3BNRELU(3,8,2,1)SuperResK3K3(8,8,1,8,10)"))


def test_the_digest_follows_the_union_and_its_families(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(PLAIN % 2)
    text = "families: [own.yaml, zennet_r]\nlimits: {max_layers: 9}"
    first = written(tmp_path, text).digest()
    assert written(tmp_path, text, "other_name.yaml").digest() == first
    assert written(tmp_path, text.replace("9", "8")).digest() != first
    assert written(tmp_path, text.replace("zennet_r", "zennet_m")).digest() != first
    (tmp_path / "own.yaml").write_text(PLAIN % 2 + "limits: {max_layers: 3}")  # means nothing here
    assert written(tmp_path, text).digest() == first
    (tmp_path / "own.yaml").write_text(PLAIN % 3)
    assert written(tmp_path, text).digest() != first


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("families: [zennet_m, zenet_r]", "families[1]: unknown space 'zenet_r'; did you mean"),
        ("families: [zennet_m, no.yaml]", "families[1]: unknown space 'no.yaml': there is no such"),
        ("families: [zennet_m, zennet_m]", "families[1]: 'zennet_m' stands there twice"),
        ("families: [zennet_m, fer]", "families[1]: 'fer' is a union itself"),
        ("families: [zennet_m]", "families: Tuple should have at least 2 items"),
        ("families: zennet_m", "families: Input should be a valid tuple"),
        ("families: [zennet_m, 3]", "families.1: Input should be a valid string"),
        ("families: [zennet_m, zennet_r]\nstart: x", "start: unknown key; allowed: families, desc"),
        ("families: [zennet_m, zennet_r]\nlimits: {layers: 3}", "allowed: max_flops, max_macs"),
        ("- zennet_m", "a mapping with 'start' and 'moves', or 'families', is needed"),
    ],
)
def test_a_wrong_union_is_one_line_that_names_the_place(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(SpaceError) as raised:
        written(tmp_path, text)
    assert message in str(raised.value)
    assert str(raised.value).startswith(str(tmp_path / "mine.yaml"))
    assert "\n" not in str(raised.value)
