"""Numbers read off an architecture without torch: parameters, FLOPs, MACs, layers, memory."""

from nasfer.costs.cost import (
    BlockCost,
    Cost,
    LayerCost,
    block_cost,
    cost,
    input_shape,
    last_map,
    layer_table,
)

__all__ = [
    "BlockCost", "Cost", "LayerCost", "block_cost", "cost", "input_shape", "last_map",
    "layer_table",
]  # fmt: skip
