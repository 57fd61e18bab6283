"""Numbers that describe an architecture, for predictors to learn from; no torch."""

from nasfer.features import aggregates as _aggregates  # registers them
from nasfer.features import by_size as _by_size  # registers them
from nasfer.features._base import (
    FEATURES,
    SCHEMA,
    Feature,
    all_features,
    find_feature,
    register_feature,
)
from nasfer.features.facts import FactReader, Facts
from nasfer.features.values import feature_rows, feature_values

__all__ = [
    "FEATURES", "SCHEMA", "FactReader", "Facts", "Feature", "all_features", "feature_rows",
    "feature_values", "find_feature", "register_feature",
]  # fmt: skip
