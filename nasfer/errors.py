"""Every exception of nasfer: all are ``NasferError``, each also the builtin that fits it.

A message is one line of three parts: where, what was given, what is allowed.

Example:
    >>> try:
    ...     raise SpecError("net.yaml: blocks[2].kernel: 4 is not odd")
    ... except ValueError as error:
    ...     print(error)
    net.yaml: blocks[2].kernel: 4 is not odd
"""

from __future__ import annotations


class NasferError(Exception):
    """Base of all errors that nasfer raises on purpose; the CLI prints it and exits with 2."""


class SpecError(NasferError, ValueError):
    """An architecture, as text, YAML, JSON or value, is not well formed."""


class SpaceError(NasferError, ValueError):
    """A search space file is wrong, or an architecture is no member of the space."""


class BudgetError(NasferError, ValueError):
    """A budget cannot be read, or no member of the space meets it."""


class UnknownNameError(NasferError, LookupError):
    """A name is not registered; the message holds the nearest one."""


class DuplicateNameError(NasferError, ValueError):
    """A name is registered already."""


class ProxyError(NasferError, RuntimeError):
    """A proxy cannot score this network; never turned into a number."""


class DataError(NasferError, ValueError):
    """A data set or an image cannot be read as what it claims to be."""


class PoolError(NasferError, ValueError):
    """Trained networks cannot be read as a pool, or are no pool for what is asked."""


class PredictorError(NasferError, ValueError):
    """A predictor's file is damaged, or was written by a version with other features."""


class CheckpointError(NasferError, ValueError):
    """A checkpoint is damaged or belongs to another network."""


class RunFolderError(NasferError, ValueError):
    """A run folder is damaged, holds other settings, or cannot be written."""


class TrialError(NasferError, RuntimeError):
    """A training trial failed."""


class ResourceError(NasferError, ValueError):
    """No Ray there, or one that can never give what a trial asks for."""


class MissingPackageError(NasferError, ImportError):
    """An optional package is needed and not installed."""


class NasferWarning(UserWarning):
    """Something the user should know that does not stop the work."""
