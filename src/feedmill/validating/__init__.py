"""Document → problems. Each part is imported when it is asked for: a build needs the gate alone."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feedmill.validating.agreement import disagreements
    from feedmill.validating.comparing import compare
    from feedmill.validating.gate import check_whole, validate_documents
    from feedmill.validating.judging import MAX_BYTES, judge
    from feedmill.validating.telling import told_by

__all__ = ["MAX_BYTES", "check_whole", "compare", "disagreements", "judge", "told_by", "validate_documents"]

_MODULES = {
    "MAX_BYTES": "judging",
    "check_whole": "gate",
    "compare": "comparing",
    "disagreements": "agreement",
    "judge": "judging",
    "told_by": "telling",
    "validate_documents": "gate",
}


def __getattr__(name: str) -> object:
    """Import what is asked for."""
    if name not in _MODULES:
        raise AttributeError(name)
    return getattr(import_module(f"feedmill.validating.{_MODULES[name]}"), name)
