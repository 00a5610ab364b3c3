"""What subscribers have been told: published ids, the plan of a build, withdrawals, archives."""

from feedmill.ledger.archiving import due_archives, late_corrections
from feedmill.ledger.moving import moved_feeds
from feedmill.ledger.planning import FeedPlan, Plan, Seen, make_plan
from feedmill.ledger.recording import record_feeds
from feedmill.ledger.records import Archive, Ledger, Record, State, moment_text
from feedmill.ledger.recovering import complete, recover
from feedmill.ledger.standing import Standing, stand
from feedmill.ledger.store import check_site, check_stories, check_writable, load, recording, save
from feedmill.ledger.withdrawing import forgotten, stands, stub, stubs

__all__ = [
    "Archive",
    "FeedPlan",
    "Ledger",
    "Plan",
    "Record",
    "Seen",
    "Standing",
    "State",
    "check_site",
    "check_stories",
    "check_writable",
    "complete",
    "due_archives",
    "forgotten",
    "late_corrections",
    "load",
    "make_plan",
    "moment_text",
    "moved_feeds",
    "record_feeds",
    "recording",
    "recover",
    "save",
    "stand",
    "stands",
    "stub",
    "stubs",
]
