"""What subscribers have been told: published ids, the plan of a build, withdrawals, archives."""

# `adopting`, `exchange` and `migration` are imported by whoever needs them: most builds do not.
from feedmill.ledger.due_archives import LATE, Closing, due_archives, late_corrections
from feedmill.ledger.feed_reader import NotAFeed, ReadFeed, read_feed
from feedmill.ledger.identity import Identified, identify
from feedmill.ledger.kept import decoded, without_text
from feedmill.ledger.ledger_database import FILE_NAME, check_writable
from feedmill.ledger.missing import Missing, bring_back
from feedmill.ledger.opening import check_stories, open_ledger
from feedmill.ledger.planning import FeedPlan, Plan, Seen, make_plan
from feedmill.ledger.recording import Recording, recording_of
from feedmill.ledger.records import Archive, Archived, Ledger, Record, State, moment_text, url_of
from feedmill.ledger.settling import Settled, settle
from feedmill.ledger.updating import with_updated
from feedmill.ledger.withdrawals import forgotten, stands_until, stub, withdrawal_of

__all__ = [
    "FILE_NAME",
    "LATE",
    "Archive",
    "Archived",
    "Closing",
    "FeedPlan",
    "Identified",
    "Ledger",
    "Missing",
    "NotAFeed",
    "Plan",
    "ReadFeed",
    "Record",
    "Recording",
    "Seen",
    "Settled",
    "State",
    "bring_back",
    "check_stories",
    "check_writable",
    "decoded",
    "due_archives",
    "forgotten",
    "identify",
    "late_corrections",
    "make_plan",
    "moment_text",
    "open_ledger",
    "read_feed",
    "recording_of",
    "settle",
    "stands_until",
    "stub",
    "url_of",
    "with_updated",
    "withdrawal_of",
    "without_text",
]
