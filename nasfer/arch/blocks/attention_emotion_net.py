"""AttentionEmotionNet's blocks: plain convolutions with three kinds of spatial attention.

Source: the published EmotionNet repository. Its README promises residual links and stochastic
depth that its code lacks: both are fields here, off in the published network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from nasfer.arch import ops
from nasfer.arch.block import Block, check_choice, check_rate, register_block
from nasfer.arch.blocks.conv import conv_bn
from nasfer.arch.blocks.spatial_attention import (
    local_global_attention,
    pyramid_attention,
    region_attention,
)
from nasfer.arch.ops import Op, sequence
from nasfer.errors import SpecError

ConvAttention = Literal["none", "local_global", "pyramid"]
HeadAttention = Literal["none", "region"]


def _squeeze_excitation(channels: int, reduction: int) -> Op:
    squeezed = max(1, channels // reduction)
    return ops.Gate(
        sequence(
            ops.GlobalMean(),
            ops.Flatten(),
            ops.Linear(channels, squeezed, bias=False),
            ops.RELU,
            ops.Linear(squeezed, channels, bias=False),
            ops.SIGMOID,
            ops.Unflatten(),
        )
    )


def _conv_attention(kind: ConvAttention, channels: int) -> Op | None:
    match kind:
        case "local_global":
            return local_global_attention(channels)
        case "pyramid":
            return pyramid_attention(channels)
    return None


@dataclass(frozen=True, slots=True)
class _Linked(Block):
    """Shared by the blocks that may have a residual link, which training may drop."""

    def check(self) -> None:
        """Refuse stochastic depth where there is no link that keeps the signal alive."""
        check_rate("stochastic_depth", self.stochastic_depth)  # type: ignore[attr-defined]
        if self.stochastic_depth and not self.residual:  # type: ignore[attr-defined]
            raise SpecError("stochastic_depth: more than 0 without a residual link (residual=1)")

    def _linked(self, *body: Op | None) -> tuple[Op, ...]:
        """The body alone, or with its link: a 1 x 1 projection where the channels differ."""
        if not self.residual:  # type: ignore[attr-defined]
            return sequence(*body).children
        rate = self.stochastic_depth  # type: ignore[attr-defined]
        dropped = ops.StochasticDepth(rate) if rate else None
        projection = None
        if self.in_channels != self.out_channels:
            projection = sequence(*conv_bn(self.in_channels, self.out_channels, 1))
        return (ops.Residual(sequence(*body, dropped), projection),)


@register_block
@dataclass(frozen=True, slots=True)
class AttentionStem(Block):
    """Two 3 x 3 convolutions by way of ``bottleneck`` channels, batch norm, ReLU; 2 x 2 max-pool.

    Example:
        >>> str(AttentionStem(1, 128, bottleneck=64))
        'AttentionStem(1,128,64)'
    """

    name_format: ClassVar[str] = "AttentionStem"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "bottleneck")

    bottleneck: int

    def ops(self) -> Op:
        """Return the op tree."""
        return sequence(
            *conv_bn(self.in_channels, self.bottleneck, 3),
            ops.RELU,
            *conv_bn(self.bottleneck, self.out_channels, 3),
            ops.RELU,
            ops.MaxPool(2, 2),
        )


@register_block
@dataclass(frozen=True, slots=True)
class AttentionConv(_Linked):
    """Two 3 x 3 convolutions with batch norm and ReLU, spatial attention, 2 x 2 max-pool.

    Fields:
        attention: ``local_global``, ``pyramid`` (cross-scale) or ``none``.
        residual: a residual link around all but the pool.
        stochastic_depth: rate at which training drops the body of that link.

    Example:
        >>> str(AttentionConv(128, 256, bottleneck=256, attention="local_global"))
        'AttentionConv(128,256,256,attention=local_global)'
    """

    name_format: ClassVar[str] = "AttentionConv"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels", "bottleneck")

    bottleneck: int
    attention: ConvAttention = "none"
    residual: bool = False
    stochastic_depth: float = 0.0

    def check(self) -> None:
        """Refuse an unknown attention and stochastic depth without a link."""
        check_choice("attention", self.attention, ConvAttention)
        _Linked.check(self)

    def ops(self) -> Op:
        """Return the op tree."""
        body = self._linked(
            *conv_bn(self.in_channels, self.bottleneck, 3),
            ops.RELU,
            *conv_bn(self.bottleneck, self.out_channels, 3),
            ops.RELU,
            _conv_attention(self.attention, self.out_channels),
        )
        return sequence(*body, ops.MaxPool(2, 2))


@register_block
@dataclass(frozen=True, slots=True)
class AttentionSE(_Linked):
    """3 x 3 conv, BN, ReLU, 3 x 3 conv, BN, squeeze-and-excitation, dropout of whole channels.

    Fields:
        reduction: of the channels inside the squeeze-and-excitation.
        dropout: rate of dropped channels.
        residual: a residual link around everything.
        stochastic_depth: rate at which training drops the body of that link.

    Example:
        >>> str(AttentionSE(384, 384, dropout=0.1))
        'AttentionSE(384,384,dropout=0.1)'
    """

    name_format: ClassVar[str] = "AttentionSE"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels")

    reduction: int = 16
    dropout: float = 0.0
    residual: bool = False
    stochastic_depth: float = 0.0

    def check(self) -> None:
        """Refuse rates outside [0, 1), a reduction under 1, stochastic depth without a link."""
        check_rate("dropout", self.dropout)
        if self.reduction < 1:
            raise SpecError(f"reduction: {self.reduction} is not a positive number")
        _Linked.check(self)

    def ops(self) -> Op:
        """Return the op tree."""
        body = self._linked(
            *conv_bn(self.in_channels, self.out_channels, 3),
            ops.RELU,
            *conv_bn(self.out_channels, self.out_channels, 3),
            _squeeze_excitation(self.out_channels, self.reduction),
            ops.Dropout(self.dropout, channels=True) if self.dropout else None,
        )
        return sequence(*body)


@register_block
@dataclass(frozen=True, slots=True)
class AttentionHead(Block):
    """Region-aware attention, global mean and a classifier of three linear layers; logits.

    Fields:
        regions: maps of the attention; 0 is the published rule, 8 for 8 classes and else 7, which
            follows when the number of classes changes.
        hidden: width of the classifier's first layer, twice that of its second.
        dropout: before the first layer; half of it before the second.

    Example:
        >>> AttentionHead(384, 8).region_maps, AttentionHead(384, 7).region_maps
        (8, 7)
    """

    name_format: ClassVar[str] = "AttentionHead"
    arguments: ClassVar[tuple[str, ...]] = ("in_channels", "out_channels")
    is_head: ClassVar[bool] = True

    attention: HeadAttention = "region"
    regions: int = 0
    hidden: int = 512
    dropout: float = 0.4

    def check(self) -> None:
        """Refuse an unknown attention and numbers that make no network."""
        check_choice("attention", self.attention, HeadAttention)
        check_rate("dropout", self.dropout)
        if self.hidden < 2:
            raise SpecError(f"hidden: {self.hidden} is under 2")
        if self.regions < 0:
            raise SpecError("regions: less than 0 (0 is the published rule)")
        self._attention()

    @property
    def layers(self) -> int:
        """A head is no layer in ZenNAS's count."""
        return 0

    @property
    def region_maps(self) -> int:
        """Number of regions after the published rule."""
        return self.regions or (8 if self.out_channels == 8 else 7)

    def with_classes(self, classes: int) -> AttentionHead:
        """Return a head of the same maps for another number of classes."""
        head = replace(self, out_channels=classes)
        same = head.region_maps == self.region_maps
        return head if same else replace(head, regions=self.region_maps)

    def _attention(self) -> Op | None:
        if self.attention == "none":
            return None
        return region_attention(self.in_channels, self.region_maps)

    def ops(self) -> Op:
        """Return the op tree."""
        gelu = ops.Activation("gelu")
        return sequence(
            self._attention(),
            ops.GlobalMean(),
            ops.Flatten(),
            ops.Dropout(self.dropout),
            ops.Linear(self.in_channels, self.hidden),
            ops.LayerNorm(self.hidden),
            gelu,
            ops.Dropout(self.dropout / 2),
            ops.Linear(self.hidden, self.hidden // 2),
            gelu,
            ops.Linear(self.hidden // 2, self.out_channels),
        )
