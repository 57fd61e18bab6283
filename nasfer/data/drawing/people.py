"""What is drawn: an expression as facial actions, a person, and the scene of one picture.

Lengths are in face units: 1 is half the height of a head; x to the right, y down, the origin in
the middle of the head. All arithmetic is exact per element (no matrix products, no
transcendentals), so a face is the same whatever the batch it is computed in.
"""

from __future__ import annotations

from torch import Tensor

from nasfer.data.drawing.numbers import uniforms

ACTIONS = (
    "brow_inner", "brow_outer", "furrow", "lid", "squint", "corner", "open", "stretch", "press",
    "upper_lip", "wrinkle", "fold", "side",
)  # fmt: skip
"""Facial actions, after Ekman and Friesen's units: AU1/4, 2, 4, 5, 6/7, 12/15, 26, 20/18, 23/24,
10, 9, nasolabial fold, 14 on one side."""

EXPRESSION_ACTIONS: dict[str, dict[str, float]] = {
    "neutral": {},
    "happiness": {"corner": 1.0, "squint": 0.6, "stretch": 0.5, "open": 0.25, "fold": 0.7},
    "sadness": {"brow_inner": 0.8, "brow_outer": -0.5, "furrow": 0.3, "lid": -0.5, "corner": -1.0},
    "surprise": {
        "brow_inner": 1.0, "brow_outer": 1.0, "lid": 0.9, "open": 1.0, "stretch": -0.6,
    },
    "fear": {
        "brow_inner": 0.9, "brow_outer": 0.2, "furrow": 0.6, "lid": 0.8, "open": 0.35,
        "stretch": 0.9, "corner": -0.4,
    },
    "disgust": {
        "brow_inner": -0.4, "brow_outer": -0.3, "lid": -0.4, "squint": 0.6, "wrinkle": 1.0,
        "upper_lip": 1.0, "corner": -0.3, "fold": 0.8,
    },
    "anger": {
        "brow_inner": -1.0, "brow_outer": 0.3, "furrow": 1.0, "squint": 0.3, "lid": 0.2,
        "press": 1.0, "corner": -0.25,
    },
    "contempt": {"side": 1.0, "lid": -0.3, "squint": 0.2},
}  # fmt: skip
"""The actions of each expression at full intensity; what is not named is 0."""

PERSON: dict[str, tuple[float, float]] = {
    "width": (0.70, 0.84), "jaw": (0.02, 0.32), "eye_x": (0.29, 0.37), "eye_y": (-0.20, -0.08),
    "eye_size": (0.125, 0.175), "eye_slant": (-0.03, 0.03), "iris": (0.52, 0.66),
    "brow_gap": (0.17, 0.24), "brow_size": (0.18, 0.23), "brow_thick": (0.020, 0.045),
    "brow_arch": (0.0, 0.05), "nose_y": (0.20, 0.30), "nose_size": (0.07, 0.11),
    "mouth_y": (0.50, 0.60), "mouth_size": (0.21, 0.28), "lip": (0.025, 0.055),
    "skin": (0.36, 0.88), "warmth": (0.05, 0.20), "hair": (0.04, 0.60), "hair_red": (0.0, 0.25),
    "hairline": (-0.82, -0.58), "hair_long": (0.0, 1.0), "hair_curve": (-0.2, 0.35),
    "bald": (0.0, 1.0), "beard": (0.0, 1.0), "beard_tone": (0.25, 0.7), "glasses": (0.0, 1.0),
    "glasses_size": (0.20, 0.25), "lip_tone": (0.50, 0.85), "eye_tone": (0.05, 0.30),
    "rest_corner": (-0.15, 0.15), "rest_brow": (-0.25, 0.25), "rest_lid": (-0.25, 0.25),
}  # fmt: skip
"""What differs between people: the range of each measure, uniform."""

SCENE: dict[str, tuple[float, float]] = {
    "roll": (-0.16, 0.16), "yaw": (-1.0, 1.0), "pitch": (-0.07, 0.07), "scale": (0.74, 0.92),
    "shift_x": (-0.12, 0.12), "shift_y": (-0.12, 0.12), "light_x": (-0.55, 0.55),
    "light_y": (-0.40, 0.40), "round": (0.05, 0.45), "contrast": (0.60, 1.15),
    "brightness": (-0.12, 0.12), "gamma": (-0.30, 0.45), "blur": (-1.0, 1.0),
    "noise": (-0.05, 0.05),
    "wall": (0.05, 0.95), "wall_x": (-0.25, 0.25), "wall_y": (-0.25, 0.25), "wall_red": (-0.1, 0.1),
    "blob_x": (-1.0, 1.0), "blob_y": (-1.0, 1.0), "blob_size": (0.2, 0.7), "blob": (0.0, 1.0),
    "strip_x": (-1.0, 1.0), "strip_size": (0.03, 0.3), "strip": (0.0, 1.0),
    "cloth": (0.05, 0.95), "cover": (-1.0, 1.0), "cover_x": (-1.0, 1.0), "cover_y": (-0.9, 1.0),
    "cover_w": (0.10, 0.30), "cover_h": (0.15, 0.40), "cover_turn": (-0.6, 0.6),
    "cover_tone": (0.05, 0.95), "dark_lens": (0.0, 1.0),
}  # fmt: skip
"""What differs between pictures of one person: the range of each measure, uniform.

Of blur and noise the sign does not matter; positions are in half sides of the picture.
"""

INTENSITY = (0.55, 1.10)
"""How much of an expression's actions a face shows, weak to strong."""

VARIATION = 0.22
"""How far each action is off, from person to person, either way."""

_STEADY = {"open": 0.6, "wrinkle": 0.6, "side": 0.6, "press": 0.6}  # vary less, they tell most
_AT_REST = {
    "corner": "rest_corner", "brow_inner": "rest_brow", "brow_outer": "rest_brow",
    "lid": "rest_lid",
}  # fmt: skip
_NOT_NEGATIVE = ("open", "press", "furrow", "wrinkle", "fold", "upper_lip", "squint", "side")

_NAMES = (
    "intensity", "smirk_side", *(f"action {name}" for name in ACTIONS), *PERSON, *SCENE,
)  # fmt: skip

Face = dict[str, Tensor]
"""Measures of N faces, each ``(N,)`` float32."""


def faces_of(
    seed: int, stream: str, indices: Tensor, actions: Tensor, nuisance: float = 1.0
) -> Face:
    """Return the measures of the faces of these indices.

    Args:
        actions: ``(N, len(ACTIONS))``, each face's expression at full intensity.
        nuisance: 0 keeps expression and person only (a frontal, evenly lit, unhidden face), 1 has
            all variation of pose, light, occlusion, background, blur and noise.
    Example:
        >>> import torch
        >>> face = faces_of(0, "train", torch.arange(3), torch.zeros(3, len(ACTIONS)))
        >>> face["roll"].shape, bool((face["width"] > 0.69).all())
        (torch.Size([3]), True)
    """
    columns = uniforms(seed, stream, indices, _NAMES).unbind(1)
    chance = dict(zip(_NAMES, columns))
    face: Face = {}
    for name, (low, high) in PERSON.items():
        face[name] = low + (high - low) * chance[name]
    for name, (low, high) in SCENE.items():
        face[name] = (low + high) / 2 + (high - low) * nuisance * (chance[name] - 0.5)
    low, high = INTENSITY
    strength = low + (high - low) * chance["intensity"]
    for column, name in enumerate(ACTIONS):
        off = VARIATION * _STEADY.get(name, 1.0) * (2 * chance[f"action {name}"] - 1)
        face[name] = actions[:, column].double() * strength + off
    for name, rest in _AT_REST.items():
        face[name] = face[name] + face[rest]
    for name in _NOT_NEGATIVE:
        face[name] = face[name].clamp(min=0)
    face["smirk_side"] = (chance["smirk_side"] < 0.5).double() * 2 - 1  # 1: the right corner
    return {name: value.float() for name, value in face.items()}
