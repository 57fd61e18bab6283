"""From ten people's votes to a label: the two sets of rules for FERPlus.

Counts of images and accuracies cannot be compared across rules, nor across label modes.

Sources: ``microsoft``: Barsoum et al., ICMI 2016, arXiv:1608.01041, and the authors' reader;
``emotionnet``: the code of AttentionEmotionNet.
"""

from __future__ import annotations

from collections.abc import Sequence

RULES = ("emotionnet", "microsoft")
"""Sets of rules, the default first."""

LABELS = ("majority", "probability", "multi_target")
"""Label modes, the default first."""

FACES = 8
"""Columns of votes that are expressions; two more, unknown and NF (no face), follow."""

TILT = 1e-6
"""What the top class of equal shares has more, so that it is the label that accuracy counts."""

Votes = Sequence[float]
Shares = tuple[float, ...]


def label(votes: Votes, *, labels: str, rules: str, classes: int = FACES) -> Shares | None:
    """Return the distribution over the classes that an image is given, ``None`` to drop it.

    Args:
        votes: ten counts: eight expressions in FERPlus' order, unknown, NF.
        labels: one of `LABELS`.
        rules: one of `RULES`.
        classes: 8, or 7 without contempt: images whose top class is contempt are dropped, its
            votes elsewhere are left out and the rest is normalised.
    Example:
        >>> label([4, 0, 0, 1, 3, 2, 0, 0, 0, 0], labels="majority", rules="emotionnet")
        (1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        >>> label([4, 0, 0, 1, 3, 2, 0, 0, 0, 0], labels="majority", rules="microsoft") is None
        True
    """
    table = {"emotionnet": _EMOTIONNET, "microsoft": _MICROSOFT}[rules]
    if rules == "microsoft":
        votes = [count if count > 1 else 0 for count in votes]  # single votes are outliers
    else:
        votes = votes[:FACES]
    shares = _normalised(table[labels](votes)) if sum(votes) else None
    if shares is None or classes == FACES:
        return shares
    contempt = FACES - 1
    if shares.index(max(shares)) == contempt:
        return None
    return _normalised(shares[:contempt])


def _emotionnet_majority(votes: Votes) -> list[float]:
    return _only(votes, [_top(votes)])


def _emotionnet_probability(votes: Votes) -> list[float]:
    return list(votes)


def _emotionnet_multi_target(votes: Votes) -> list[float]:
    """Give equal shares to the classes over 30 % of the votes, else all to the top one."""
    top = _top(votes)
    over = [place for place, count in enumerate(votes) if 10 * count > 3 * sum(votes)] or [top]
    return [(place in over) * (1 + TILT * (place == top)) for place in range(len(votes))]


def _microsoft_majority(votes: Votes) -> list[float]:
    top = _top(votes)
    return _only(votes, [top] if 2 * votes[top] > sum(votes) else [])


def _microsoft_probability(votes: Votes) -> list[float]:
    """Take the top classes until they hold 75 % of the votes or are three.

    Equal counts are taken together. An unknown or NF ends it: it counts only if it comes first.
    """
    taken: list[int] = []
    reached, ended = 0.0, False
    while 4 * reached < 3 * sum(votes) and len(taken) < 3 and not ended:
        left = [place for place in range(len(votes)) if place not in taken and votes[place]]
        most = max(votes[place] for place in left)
        for place in left:
            if votes[place] != most:
                continue
            if place >= FACES:
                ended = True
                if not taken:
                    return _only(votes, [place])
                break
            taken.append(place)
            reached += votes[place]
    held = 2 * reached > sum(votes)
    return _only(votes, taken if held and len(taken) <= 3 else [])


def _microsoft_multi_target(votes: Votes) -> list[float]:
    over = [place for place, count in enumerate(votes) if count and 10 * count >= 3 * sum(votes)]
    held = 2 * sum(votes[place] for place in over) > sum(votes)
    return _only(votes, over if held else [])


_EMOTIONNET = {
    "majority": _emotionnet_majority,
    "probability": _emotionnet_probability,
    "multi_target": _emotionnet_multi_target,
}
_MICROSOFT = {
    "majority": _microsoft_majority,
    "probability": _microsoft_probability,
    "multi_target": _microsoft_multi_target,
}


def _top(votes: Votes) -> int:
    """Return the place of the most votes, the first of equals."""
    return max(range(len(votes)), key=votes.__getitem__)


def _only(votes: Votes, places: Sequence[int]) -> list[float]:
    return [count if place in places else 0.0 for place, count in enumerate(votes)]


def _normalised(shares: Votes) -> Shares | None:
    """Return shares of 1 over the expressions; ``None`` if unknown or NF leads, or none is left."""
    if not any(shares) or _top(shares) >= FACES:
        return None
    faces = shares[:FACES]
    return tuple(share / sum(faces) for share in faces)
