"""The kernel: how alike two networks are, from their features in groups.

``k(x, y) = s exp(-1/2 sum_g w_g |x_g - y_g|^2 / d_g) + sum_g v_g x_g y_g / d_g``, of groups ``g``
of ``d_g`` features each: a smooth part whose reach differs by group, and a linear one. With the
first part left out it is ridge regression.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Parts:
    """What the kernel is made of for some pairs of networks, before it is weighed.

    Args:
        squares: a group each, ``(n, m)`` mean squared differences.
        products: a group each, ``(n, m)`` mean products.
    """

    squares: tuple[np.ndarray, ...]
    products: tuple[np.ndarray, ...]

    @classmethod
    def of(cls, one: np.ndarray, two: np.ndarray, groups: Sequence[Sequence[int]]) -> Parts:
        """Compare ``(n, d)`` with ``(m, d)``, both scaled."""
        squares, products = [], []
        for group in groups:
            a, b = one[:, list(group)], two[:, list(group)]
            product = a @ b.T / len(group)
            left, right = (a * a).mean(axis=1)[:, None], (b * b).mean(axis=1)[None]
            squares.append(np.maximum(0, left + right - 2 * product))
            products.append(product)
        return cls(tuple(squares), tuple(products))


@dataclass(frozen=True)
class Kernel:
    """The weights of the kernel, as logarithms.

    Args:
        smooth: of the smooth part; ``None`` leaves that out.
        nearness: of each group's squared differences within it; empty without it.
        linear: of each group's products.
        noise: of the variance that features do not explain.
    """

    smooth: float | None
    nearness: tuple[float, ...]
    linear: tuple[float, ...]
    noise: float

    def vector(self) -> np.ndarray:
        """Return all weights in one array, for an optimiser."""
        smooth = () if self.smooth is None else (self.smooth,)
        return np.array([*smooth, *self.nearness, *self.linear, self.noise])

    def like(self, vector: np.ndarray) -> Kernel:
        """Return a kernel of the same form with other weights; the reverse of `vector`."""
        values = [float(value) for value in vector]
        count = len(self.linear)
        if self.smooth is None:
            return Kernel(None, (), tuple(values[:count]), values[-1])
        nearness, linear = values[1 : count + 1], values[count + 1 : -1]
        return Kernel(values[0], tuple(nearness), tuple(linear), values[-1])

    def smooth_part(self, parts: Parts) -> np.ndarray:
        """Return the smooth part, ``(n, m)``."""
        if self.smooth is None:
            return np.zeros_like(parts.products[0])
        near = sum(np.exp(w) * square for w, square in zip(self.nearness, parts.squares))
        part: np.ndarray = np.exp(self.smooth - 0.5 * near)
        return part

    def __call__(self, parts: Parts) -> np.ndarray:
        """Return the kernel without noise, ``(n, m)``."""
        linear = sum(np.exp(v) * product for v, product in zip(self.linear, parts.products))
        whole: np.ndarray = self.smooth_part(parts) + linear
        return whole

    def of_itself(self, inputs: np.ndarray, groups: Sequence[Sequence[int]]) -> np.ndarray:
        """Return each row's kernel with itself, ``(n,)``."""
        total = np.full(len(inputs), 0.0 if self.smooth is None else np.exp(self.smooth))
        for weight, group in zip(self.linear, groups):
            total = total + np.exp(weight) * (inputs[:, list(group)] ** 2).mean(axis=1)
        return total

    def slopes(self, parts: Parts, by: np.ndarray) -> np.ndarray:
        """Return ``sum(by * dK/dweight)`` for each weight but the noise's."""
        found = []
        if self.smooth is not None:
            weighed = by * self.smooth_part(parts)
            found.append(weighed.sum())
            for weight, square in zip(self.nearness, parts.squares):
                found.append(-0.5 * np.exp(weight) * (weighed * square).sum())
        for weight, product in zip(self.linear, parts.products):
            found.append(np.exp(weight) * (by * product).sum())
        return np.array(found)
