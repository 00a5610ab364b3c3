"""Document → problems."""

from feedmill.validating.agreement import disagreements
from feedmill.validating.comparing import compare
from feedmill.validating.gate import validate_documents
from feedmill.validating.judging import MAX_BYTES, judge
from feedmill.validating.known import Known
from feedmill.validating.telling import told_by

__all__ = ["MAX_BYTES", "Known", "compare", "disagreements", "judge", "told_by", "validate_documents"]
