"""Which int8 form serves this processor: all are timed and judged beside float32."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor

from nasfer.exporting.onnx_file import open_onnx
from nasfer.exporting.parity import classes_of
from nasfer.exporting.timing import Timed, time_files
from nasfer.models import Network

AGREEING = 0.01
"""A faster form may predict another class than float32 on so many more of the images."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The int8 form of a network that was chosen on this processor, beside float32.

    Args:
        form: of `nasfer.exporting.int8.FORMS`.
        content: of the file.
        batch: images a call that was timed.
        float_ms: median of a call of the float32 file in onnxruntime, one thread, in milliseconds.
        int8_ms: of the int8 file, timed in turns with it.
        float_accuracy: part of the held-out images whose class is right; ``None`` without labels.
        int8_accuracy: likewise.
    """

    form: str
    content: bytes = field(repr=False)
    batch: int
    float_ms: float
    int8_ms: float
    float_accuracy: float | None
    int8_accuracy: float | None

    @property
    def faster(self) -> bool:
        """Whether int8 takes less time than float32 here."""
        return self.int8_ms < self.float_ms


def choose(
    model: Network,
    single: bytes,
    forms: Mapping[str, bytes],
    calls: Sequence[tuple[Tensor, ...]],
    labels: Tensor | None,
    batch: int,
) -> Chosen:
    """Time float32 and all int8 forms in turns; the fastest that predicts as well is chosen.

    Args:
        model: that was exported.
        single: content of the float32 file.
        forms: contents of the int8 files by form.
        calls: held-out inputs.
        labels: ``(N,)`` logits of their true classes; ``None``: unknown.
        batch: images of the call that is timed.
    """
    classes = {
        name: classes_of(model, open_onnx(content), calls)
        for name, content in {"float32": single, **forms}.items()
    }
    fed = tuple(part[:1].expand(batch, *part.shape[1:]).contiguous() for part in calls[0])
    times = time_files([Timed(content, [fed]) for content in (single, *forms.values())])
    (float_ms, *others) = (found[0].median_ms for found in times)
    ms = dict(zip(forms, others))
    same = {name: float((classes[name] == classes["float32"]).double().mean()) for name in forms}
    form = preferred(ms, same)

    def accuracy(name: str) -> float | None:
        if labels is None:
            return None
        found = classes[name]
        return float((found == labels[: len(found)]).double().mean())

    return Chosen(
        form, forms[form], batch, float_ms, ms[form], accuracy("float32"), accuracy(form)
    )  # fmt: skip


def preferred(ms: Mapping[str, float], same: Mapping[str, float]) -> str:
    """Return the fastest of the forms that predict as float32 does nearly as often as the best.

    Args:
        ms: of each form.
        same: part of the images on which it predicts the class of float32.
    Example:
        >>> preferred({"unsigned": 1.0, "signed": 2.0}, {"unsigned": 0.99, "signed": 1.0})
        'unsigned'
        >>> preferred({"unsigned": 1.0, "signed": 2.0}, {"unsigned": 0.60, "signed": 1.0})
        'signed'
    """
    good = [name for name in ms if same[name] >= max(same.values()) - AGREEING]
    return min(good, key=lambda name: ms[name])
