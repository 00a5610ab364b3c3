"""What subscribers have been told: published ids, the plan of a build, withdrawals, archives."""

from feedmill.ledger.planning import FeedPlan, Plan, Seen, make_plan
from feedmill.ledger.recording import record_feeds
from feedmill.ledger.records import Archive, Ledger, Record, State
from feedmill.ledger.standing import Standing, stand
from feedmill.ledger.store import check_site, check_writable, load, recording, save
from feedmill.ledger.withdrawing import forgotten, stubs

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
    "check_writable",
    "forgotten",
    "load",
    "make_plan",
    "record_feeds",
    "recording",
    "save",
    "stand",
    "stubs",
]
