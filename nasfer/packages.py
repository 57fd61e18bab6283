"""Optional packages: which extra of nasfer brings each, and one line for who lacks one.

``pip install nasfer`` searches, scores and counts; the rest is in extras of setup.cfg, so that
nobody installs Ray to look at a table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Literal

from nasfer.errors import MissingPackageError

Extra = Literal["train", "report", "export", "tune", "learn"]

EXTRAS: Mapping[Extra, tuple[str, ...]] = {
    "train": ("sklearn", "tensorboard", "torchvision"),
    "report": ("jinja2", "markupsafe", "scipy"),
    "export": ("onnx", "onnxruntime", "onnxscript"),
    "tune": ("optuna", "ray"),
    "learn": ("scipy", "sklearn"),
}
"""What is imported of each extra; a test compares with setup.cfg."""

INCLUDED: Mapping[Extra, tuple[Extra, ...]] = {"tune": ("train", "report")}
"""Extras that come with an extra: a tune run trains, and ends with a report."""

DISTRIBUTIONS = {"sklearn": "scikit-learn"}
"""What pip calls a package whose import has another name."""


def require(extra: Extra) -> None:
    """See that all packages of an extra are there, before work is begun that would be lost.

    Nothing is imported.

    Raises:
        MissingPackageError: one is not installed.
    """
    for part in (extra, *INCLUDED.get(extra, ())):
        for package in EXTRAS[part]:
            if find_spec(package) is None:
                raise _missing(package, extra)


@contextmanager
def needs(extra: Extra) -> Iterator[None]:
    """Around imports of optional packages: say which extra brings what is not installed.

    Raises:
        MissingPackageError: a package is not installed; it, or what it needs itself.
    Example:
        >>> with needs("tune"):
        ...     import wings
        Traceback (most recent call last):
        nasfer.errors.MissingPackageError: wings is not installed: pip install 'nasfer[tune]'
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if isinstance(error, MissingPackageError) or package in ("", "nasfer"):
            raise
        raise _missing(package, extra) from None


def _missing(package: str, extra: Extra) -> MissingPackageError:
    name = DISTRIBUTIONS.get(package, package)
    return MissingPackageError(f"{name} is not installed: pip install 'nasfer[{extra}]'")
