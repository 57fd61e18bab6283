"""Are the presets the published networks?"""

from nasfer.verifying.checking import check_presets
from nasfer.verifying.files import write_verdicts

__all__ = ["check_presets", "write_verdicts"]
