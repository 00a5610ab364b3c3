"""What subscribers have been told: published ids, the plan of a build, withdrawals, archives."""

from feedmill.ledger.adopting import Adopted, adopt
from feedmill.ledger.archiving import due_archives, late_corrections
from feedmill.ledger.exchange import export_lines, import_lines
from feedmill.ledger.moving import moved_feeds
from feedmill.ledger.planning import FeedPlan, Plan, Seen, make_plan
from feedmill.ledger.recording import record_feeds
from feedmill.ledger.records import Archive, Ledger, Record, State, moment_text
from feedmill.ledger.recovering import complete, recover
from feedmill.ledger.standing import Standing, stand
from feedmill.ledger.store import check_site, check_stories, check_writable, load, recording, save
from feedmill.ledger.told import NotAFeed, Told, read_feed
from feedmill.ledger.withdrawing import forgotten, stands, stub, stubs, withdrawn_addresses

__all__ = [
    "Adopted",
    "Archive",
    "FeedPlan",
    "Ledger",
    "NotAFeed",
    "Plan",
    "Record",
    "Seen",
    "Standing",
    "State",
    "Told",
    "adopt",
    "check_site",
    "check_stories",
    "check_writable",
    "complete",
    "due_archives",
    "export_lines",
    "forgotten",
    "import_lines",
    "late_corrections",
    "load",
    "make_plan",
    "moment_text",
    "moved_feeds",
    "read_feed",
    "record_feeds",
    "recording",
    "recover",
    "save",
    "stand",
    "stands",
    "stub",
    "stubs",
    "withdrawn_addresses",
]
