"""What runs leave behind for the next one and for `status`: .feedmill/runs.json ↔ Record."""

from feedmill.recording.memory import after_build, after_complaint, after_failure, after_run, known_problems
from feedmill.recording.store import load_record, save_record

__all__ = [
    "after_build",
    "after_complaint",
    "after_failure",
    "after_run",
    "known_problems",
    "load_record",
    "save_record",
]
