"""Documents → problems: RelaxNG grammars for what a grammar can say, rules in Python for the rest."""

from feedmill.validating.documents import judge, validate_documents

__all__ = ["judge", "validate_documents"]
