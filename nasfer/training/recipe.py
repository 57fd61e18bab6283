"""Recipes: how a network is trained, as a value; files of them; values that override them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from nasfer.errors import SpecError, UnknownNameError
from nasfer.registry import nearest
from nasfer.training.fields import parse_fields, read_texts
from nasfer.training.older import OLDER_NAMES

FOLDER = Path(__file__).parent / "recipes"

Positive = Annotated[float, Field(gt=0, le=1e38)]
NotNegative = Annotated[float, Field(ge=0, le=1e38)]
Share = Annotated[float, Field(ge=0, le=1)]
Rate = Annotated[float, Field(ge=0, lt=1)]
Count = Annotated[int, Field(gt=0, le=10**6)]
OptionalCount = Annotated[int, Field(gt=0, le=10**6)] | None
OptionalRate = Annotated[float, Field(ge=0, lt=1)] | None
OWN = "paper"
"""What asks for a preset's own recipe."""


class Recipe(BaseModel):
    """How a network is trained. Values are checked; nothing is converted in silence.

    Options that another one has no use for (``nesterov`` with AdamW) are not read, so that one
    override suffices to change the optimiser or the schedule.

    Args:
        summary: one line on what the recipe is.
        source: where its values stand.
        epochs: passes over the training split.
        batch_size: images a step.
        resolution: side of the network's input, in pixels; ``None`` is left to the training, which
            takes the preset's or the data's own.
        optimizer: ``sgd`` or ``adamw``; ``momentum`` is AdamW's first beta. AdamW does not decay
            biases and norms, SGD decays everything, as the published codes do.
        sam_rho: radius of sharpness-aware minimisation; 0 is off. A step costs two passes.
        lr: learning rate, of ``one_cycle`` the largest.
        lr_per: images a step that ``lr`` is given for: the rate is ``lr * batch_size / lr_per``.
        schedule: ``constant``; ``step``: times ``step_factor`` every ``step_epochs`` epochs after
            the warm-up; ``cosine`` to 0; ``one_cycle``, which has its own warm-up.
        warmup_epochs: linear, from nearly 0.
        label_smoothing: share of a target that is spread over all classes.
        focal_gamma: of the focal loss; 0 is cross entropy.
        class_weights: ``balanced``: each class counts as much as it is rare; ``effective``:
            likewise, up to about 1,000 images a class. 1 on average over the training images.
        loss: ``cross_entropy``; ``ldl``: label distribution learning against a teacher.
        teacher: checkpoint of the network whose softmax is the target, instead of the labels.
        mixup: alpha of the Beta distribution; 0 is off. With ``cutmix`` too, one of them a batch.
        cutmix: likewise.
        crop: ``pad``: a window of the full size, off by up to 1/8 of the side, black outside;
            ``eased``: likewise, but the largest shift begins at 0 and grows by 1/48 an epoch while
            the network overfits, see `nasfer.training.augment.easing`;
            ``random_resized``: a window of ``crop_scale`` to 1 of the area and ratio 3/4 to 4/3.
        crop_scale: the smallest share of the area.
        flip: probability of a mirrored image.
        rotation: largest angle, in degrees.
        scale: largest relative change of size: 0.1 is 0.9 to 1.1.
        translate: largest shift, as a share of the side, in each direction.
        affine_p: probability of rotation, scale and shift together.
        auto_augment: torchvision's policy for ImageNet, or RandAugment.
        color_jitter: largest relative change of brightness, contrast and saturation.
        grayscale: probability of an image without colour.
        random_erasing: probability of an erased rectangle.
        balanced_sampling: draw every class equally often, with replacement.
        ema_decay: of the weights' exponential moving average, a step; 0 is off.
        clip_norm: largest norm of the gradient; 0 is off.
        bn_momentum: of the running statistics of batch norm.
        init: initial weights: ``torch``, ``zero_residual``, ``near_linear`` or ``zennet``, see
            `nasfer.training.start.initialise`.
        stochastic_depth: rate at which training drops the last residual body, earlier ones
            linearly less; ``None`` keeps the architecture's own.
        early_stopping: stop after so many epochs without a better accuracy in validation; 0 is off.
        autocast: ``auto`` computes in bfloat16 on GPUs.
        channels_last: the memory format of images and weights.
    Raises:
        SpecError: by `load_recipe` and `with_options`; pydantic's own error by the constructor.
    Example:
        >>> Recipe(lr=0.1, lr_per=256, batch_size=64).start_lr
        0.025
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    summary: str = ""
    source: str = ""

    epochs: Count = 20
    batch_size: Annotated[int, Field(gt=1, le=2**16)] = 128
    resolution: Annotated[int, Field(gt=0, le=8192)] | None = None

    optimizer: Literal["sgd", "adamw"] = "adamw"
    sam_rho: NotNegative = 0.0
    lr: Positive = 3e-3
    lr_per: OptionalCount = None
    momentum: Rate = 0.9
    nesterov: bool = False
    weight_decay: NotNegative = 0.01
    clip_norm: NotNegative = 0.0
    schedule: Literal["constant", "step", "cosine", "one_cycle"] = "one_cycle"
    warmup_epochs: Annotated[int, Field(ge=0, le=10**6)] = 0
    step_epochs: OptionalCount = None
    step_factor: Annotated[float, Field(gt=0, le=1)] = 0.1

    loss: Literal["cross_entropy", "ldl"] = "cross_entropy"
    label_smoothing: Rate = 0.0
    focal_gamma: NotNegative = 0.0
    class_weights: Literal["none", "balanced", "effective"] = "none"
    teacher: str | None = None

    crop: Literal["none", "pad", "eased", "random_resized"] = "none"
    crop_scale: Annotated[float, Field(gt=0, le=1)] = 0.08
    flip: Share = 0.0
    rotation: Annotated[float, Field(ge=0, le=180)] = 0.0
    scale: Rate = 0.0
    translate: Share = 0.0
    affine_p: Share = 1.0
    auto_augment: Literal["none", "autoaugment", "randaugment"] = "none"
    color_jitter: Share = 0.0
    grayscale: Share = 0.0
    random_erasing: Share = 0.0
    mixup: NotNegative = 0.0
    cutmix: NotNegative = 0.0
    balanced_sampling: bool = False

    init: Literal["torch", "zero_residual", "near_linear", "zennet"] = "torch"
    bn_momentum: Annotated[float, Field(gt=0, le=1)] = 0.1
    stochastic_depth: OptionalRate = None
    ema_decay: Rate = 0.0
    early_stopping: Annotated[int, Field(ge=0, le=10**6)] = 0
    autocast: Literal["auto", "off"] = "auto"
    channels_last: bool = False

    @model_validator(mode="after")
    def _agree(self) -> Recipe:
        if self.schedule == "step" and self.step_epochs is None:
            raise ValueError("step_epochs: needed by schedule step")
        if self.schedule == "one_cycle" and self.warmup_epochs:
            raise ValueError("warmup_epochs: one_cycle has its own warm-up; 0 is allowed")
        if self.warmup_epochs and self.warmup_epochs >= self.epochs:
            raise ValueError(
                f"warmup_epochs: {self.warmup_epochs} leaves nothing of {self.epochs} epochs"
            )
        if self.loss == "ldl" and (self.label_smoothing or self.focal_gamma):
            raise ValueError("label_smoothing, focal_gamma: loss ldl has neither; 0 is allowed")
        if self.class_weights != "none" and (self.loss == "ldl" or self.balanced_sampling):
            other = "loss ldl has none" if self.loss == "ldl" else "balanced_sampling does the same"
            raise ValueError(f"class_weights: {other}; none is allowed")
        if self.nesterov and not self.momentum:
            raise ValueError("nesterov: needs a momentum over 0")
        return self

    @property
    def start_lr(self) -> float:
        """The learning rate for ``batch_size`` images a step."""
        return self.lr if self.lr_per is None else self.lr * self.batch_size / self.lr_per

    def with_options(self, options: Mapping[str, Any], where: str = "`options`") -> Recipe:
        """Return the recipe with some values changed.

        Args:
            options: by field, values or texts as a file has them; ``none`` or ``None`` clears a
                field that may be empty.
            where: the place of the options, for the message.
        Raises:
            SpecError: an unknown field, or a value that the field does not take.
        Example:
            >>> changed = Recipe().with_options({"lr": "1e-3", "flip": 0.5})
            >>> changed.lr, changed.flip
            (0.001, 0.5)
            >>> Recipe().with_options({"epoch": 3})
            Traceback (most recent call last):
            nasfer.errors.SpecError: `options`: epoch: unknown option; did you mean 'epochs'?
        """
        if not options:
            return self
        parsed = parse_fields(Recipe, options, where, OLDER_NAMES)
        return _validated(self.model_dump() | parsed, where)


def list_recipes() -> list[str]:
    """Return the names of the recipes that come with nasfer.

    Example:
        >>> {"nasfer", "zennet"} <= set(list_recipes())
        True
    """
    return sorted(path.stem for path in FOLDER.glob("*.yaml"))


def load_recipe(name: str | Path) -> Recipe:
    """Load a recipe by name, or from the path of a YAML file; a file leaves out what is default.

    Raises:
        UnknownNameError: no such recipe; the message holds the nearest name.
        SpecError: ``my.yaml: momentun: unknown option; did you mean 'momentum'?``, one line.
    Example:
        >>> load_recipe("zennet").start_lr
        0.025
    """
    is_file = isinstance(name, Path) or name.endswith((".yaml", ".yml"))
    name, path = str(name), Path(name)
    if is_file:
        if not os.path.isfile(path):  # of a name that is too long, too
            raise UnknownNameError(f"unknown recipe {name!r}: there is no such file")
    else:
        path = FOLDER / f"{name}.yaml"
        if name == OWN:
            raise UnknownNameError(f"recipe {OWN!r} is the own one of a preset that is trained")
        if name not in list_recipes():
            raise UnknownNameError(f"unknown recipe {name!r}{nearest(name, list_recipes())}")
    return _validated(parse_fields(Recipe, read_texts(path), str(path), OLDER_NAMES), str(path))


def _validated(values: Mapping[str, Any], where: str) -> Recipe:
    """Check the values together."""
    try:
        return Recipe.model_validate(values)
    except ValidationError as error:
        message = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise SpecError(f"{where}: {message}") from None
