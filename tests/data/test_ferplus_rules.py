"""FERPlus' rules against votes worked out by hand."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from nasfer.data.sets.ferplus_rules import LABELS, RULES, label

# neutral, happiness, surprise, sadness, anger, disgust, fear, contempt, unknown, NF
CASES = [
    # emotionnet: most votes, whatever else there is
    ("emotionnet", "majority", [3, 2, 2, 1, 0, 0, 0, 0, 2, 0], {0: 1}),
    ("emotionnet", "majority", [0, 1, 0, 0, 0, 0, 0, 0, 9, 0], {1: 1}),
    ("emotionnet", "majority", [0, 0, 0, 0, 0, 0, 0, 0, 5, 5], None),
    ("emotionnet", "probability", [3, 0, 0, 1, 0, 0, 0, 0, 6, 0], {0: 0.75, 3: 0.25}),
    ("emotionnet", "multi_target", [4, 4, 2, 0, 0, 0, 0, 0, 0, 0], {0: 0.5, 1: 0.5}),
    ("emotionnet", "multi_target", [3, 3, 4, 0, 0, 0, 0, 0, 0, 0], {2: 1}),  # 30 % is not over
    ("emotionnet", "multi_target", [2, 2, 2, 2, 2, 0, 0, 0, 0, 0], {0: 1}),  # else the top one
    # microsoft: single votes count for nothing
    ("microsoft", "majority", [5, 1, 1, 1, 1, 1, 0, 0, 0, 0], {0: 1}),
    ("microsoft", "majority", [5, 5, 0, 0, 0, 0, 0, 0, 0, 0], None),  # half is not over half
    ("microsoft", "majority", [4, 0, 0, 2, 0, 0, 0, 0, 4, 0], None),
    ("microsoft", "majority", [2, 0, 0, 0, 0, 0, 0, 0, 8, 0], None),
    ("microsoft", "majority", [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], None),
    ("microsoft", "probability", [6, 4, 0, 0, 0, 0, 0, 0, 0, 0], {0: 0.6, 1: 0.4}),
    ("microsoft", "probability", [8, 2, 0, 0, 0, 0, 0, 0, 0, 0], {0: 1}),  # 75 % reached
    ("microsoft", "probability", [2, 0, 0, 0, 0, 0, 0, 0, 8, 0], None),  # unknown first
    ("microsoft", "probability", [6, 0, 0, 0, 0, 0, 0, 0, 4, 0], {0: 1}),  # unknown second
    ("microsoft", "probability", [4, 2, 0, 0, 0, 0, 0, 0, 4, 0], None),  # 40 % held
    ("microsoft", "probability", [2, 2, 2, 2, 2, 0, 0, 0, 0, 0], None),  # ties: more than three
    ("microsoft", "multi_target", [3, 3, 2, 2, 0, 0, 0, 0, 0, 0], {0: 0.5, 1: 0.5}),
    ("microsoft", "multi_target", [5, 2, 2, 0, 0, 0, 0, 0, 1, 0], {0: 1}),
    ("microsoft", "multi_target", [4, 2, 2, 2, 0, 0, 0, 0, 0, 0], None),  # 40 % held
]


@pytest.mark.parametrize(("rules", "labels", "votes", "wanted"), CASES)
def test_votes_become_the_label_of_the_rules(
    rules: str, labels: str, votes: list[int], wanted: dict[int, float] | None
) -> None:
    shares = label(votes, labels=labels, rules=rules)
    if wanted is None:
        assert shares is None
    else:  # the tilt of equal shares is a millionth
        assert shares == pytest.approx([wanted.get(k, 0.0) for k in range(8)], abs=1e-6)


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("rules", RULES)
def test_seven_classes_are_eight_without_contempt(rules: str, labels: str) -> None:
    assert label([0, 0, 0, 0, 0, 0, 0, 10, 0, 0], labels=labels, rules=rules, classes=7) is None
    shares = label([6, 0, 0, 0, 0, 0, 0, 4, 0, 0], labels=labels, rules=rules, classes=7)
    assert shares == (1.0, 0, 0, 0, 0, 0, 0)


def test_the_most_voted_class_is_the_label_also_among_equal_shares() -> None:
    shares = label([4, 6, 0, 0, 0, 0, 0, 0, 0, 0], labels="multi_target", rules="emotionnet")
    assert shares is not None
    assert shares.index(max(shares)) == 1


def test_microsofts_majority_keeps_as_many_as_their_reader_on_all_votes() -> None:
    table = Path(__file__).parents[2] / "../shared/data/ferplus/fer2013new.csv"
    if not table.is_file():
        pytest.skip(f"{table}: FERPlus' votes are not here")
    kept: Counter[str] = Counter()
    with table.open(newline="") as file:
        for usage, name, *votes in list(csv.reader(file))[1:]:
            if name and label(list(map(int, votes)), labels="majority", rules="microsoft"):
                kept[usage] += 1
    assert kept == {"Training": 25_060, "PublicTest": 3_199, "PrivateTest": 3_153}
