"""The architecture value, its text forms and its op tree."""

from nasfer.arch import blocks as _blocks  # registers the block kinds
from nasfer.arch.arch import Arch
from nasfer.arch.block import BLOCKS, Block, register_block
from nasfer.arch.serial import arch_from_dict, arch_to_dict, arch_to_json, arch_to_yaml, read_arch
from nasfer.arch.text import is_structure, parse_arch

__all__ = [
    "BLOCKS", "Arch", "Block", "arch_from_dict", "arch_to_dict", "arch_to_json", "arch_to_yaml",
    "is_structure", "parse_arch", "read_arch", "register_block",
]  # fmt: skip
