"""``predictor:FILE``: what `nasfer learn` learnt, as a proxy: predicted accuracy in percent."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from nasfer.arch import Arch
from nasfer.errors import NasferWarning, ProxyError, SpecError
from nasfer.proxies._base import PROXIES, Proxy, Settings

if TYPE_CHECKING:
    from nasfer.predictors import Predictor

PREFIX = "predictor"


@dataclass(frozen=True, slots=True)
class LearntProxy(Proxy):
    """A predictor of a file; it also scores many networks at once.

    Args:
        predictor: that was learnt.
    """

    predictor: Predictor = field(kw_only=True)

    @property
    def digest(self) -> str:
        """Of the file's content."""
        return self.predictor.digest

    def check(self, resolution: int) -> None:
        """Refuse images of another size than those that it was learnt on.

        Raises:
            ProxyError: they are.
        """
        own = self.predictor.about.resolution
        if resolution != own:
            raise ProxyError(
                f"`resolution`: {resolution} px; {self.name} was learnt at {own} px, and judges"
                " networks there alone"
            )

    def score_many(self, archs: Sequence[Arch], settings: Settings) -> np.ndarray:
        """Return ``(n,)`` predicted accuracies in percent.

        Raises:
            ProxyError: the size of images is another one, or too small for a network.
        """
        self.check(settings.resolution)
        try:
            return self.predictor.means(archs)
        except SpecError as error:
            raise ProxyError(f"{self.name}: {error}") from None

    def warn_of(self, arch: Arch) -> bool:
        """Warn if a network is far outside what was learnt from, and return whether it is."""
        if not self.predictor.is_far(arch):
            return False
        about = self.predictor.about
        warnings.warn(
            f"{self.name}: {arch.digest()} is far outside the {about.networks} networks of"
            f" {about.pool} that it has learnt from; its accuracy is hardly known",
            NasferWarning,
            stacklevel=2,
        )
        return True


def _made(path: str) -> LearntProxy:
    """Return the proxy of a file.

    Raises:
        PredictorError: it cannot be read, is damaged, or of another schema.
    """
    from nasfer.predictors import load_predictor  # with pools and pydantic: when one is asked for

    predictor = load_predictor(path)
    known = _MADE.get(path)
    if known is not None and known.predictor is predictor:
        return known
    name = f"{PREFIX}:{path}"

    warned: list[Arch] = []

    def function(arch: Arch, settings: Settings) -> float:
        score = float(made.score_many([arch], settings)[0])
        if not warned and made.warn_of(arch):
            warned.append(arch)  # once is enough
        return score

    about = predictor.about
    made = LearntProxy(
        name,
        function,
        higher_is_better=True,
        random=False,
        unit="percent",
        summary=f"Accuracy predicted from {about.networks} trained networks of {about.pool}.",
        source="nasfer learn",
        predictor=predictor,
    )
    _MADE[path] = made
    return made


_MADE: dict[str, LearntProxy] = {}
"""The proxy of each file that was asked for; one whose file changed is made anew."""

PROXIES.add_maker(PREFIX, _made)
