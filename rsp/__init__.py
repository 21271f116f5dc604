"""The shell around the pure core: store, use cases, doors.

The rule enforced here: ``evaluations``, ``thresholds`` and ``reports`` are common words, so other distributions install packages
of the same names and can overwrite ours without a warning. Importing ``rsp`` therefore asks where these three would be imported
from (importing none of them) and stops, naming the intruder, unless they lie beside this folder.

Left out: whether two installed distributions claim one name, which takes longer to find out than an import may take.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

__all__ = ["__version__"]
__version__ = "0.1.0"

_NEIGHBOURS = ("evaluations", "thresholds", "reports")


def _refuse_strangers(beside: Path) -> None:
    """Raise ``ImportError`` unless every neighbour is the package that lies in the folder ``beside``."""
    for name in _NEIGHBOURS:
        spec = find_spec(name)
        # An origin of None is a half-deleted package (another one was installed over ours and removed): not ours either.
        origin = Path(spec.origin).resolve() if spec is not None and spec.origin is not None else None
        if origin != beside / name / "__init__.py":
            raise ImportError(
                f"found the package {name} at {origin or 'no place'}, expected {beside / name / '__init__.py'}: another package of that "
                "name is in the way. Install rsp-tracker into an environment of its own, or start from another folder."
            )


_refuse_strangers(Path(__file__).resolve().parent.parent)
