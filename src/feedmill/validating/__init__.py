"""Documents of a build → problems: none is published that breaks its standard or our promises.

The rules of the standards are those of `feedcheck`; what stands here is what Feedmill promises beyond them.
"""

from feedmill.validating.gate import check_whole, validate_documents

__all__ = ["check_whole", "validate_documents"]
