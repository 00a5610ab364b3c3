"""What subscribers have been told: published ids, the plan of a build, withdrawals, archives."""

# `adopting` and `exchange` are imported by the verb that needs them: a build does not.
from feedmill.ledger.ahead import Ahead, read_ahead
from feedmill.ledger.archiving import LATE, due_archives, late_corrections
from feedmill.ledger.moving import moved_feeds
from feedmill.ledger.planning import FeedPlan, Plan, Seen, make_plan
from feedmill.ledger.recording import record_feeds
from feedmill.ledger.records import Archive, Ledger, Record, State, digest_of, moment_text, seen_of, signs_of
from feedmill.ledger.recovering import complete, recover
from feedmill.ledger.resting import resting
from feedmill.ledger.standing import Standing, stand
from feedmill.ledger.store import check_site, check_stories, check_writable, load, recording, save
from feedmill.ledger.told import NotAFeed, Told, read_feed
from feedmill.ledger.withdrawing import (
    stands,
    stub,
    stubs,
    with_reason,
    withdrawn_addresses,
    withdrawn_untold,
)
from feedmill.ledger.words import Bodies, Fingerprint, fingerprint_of

__all__ = [
    "LATE",
    "Ahead",
    "Archive",
    "Bodies",
    "FeedPlan",
    "Fingerprint",
    "Ledger",
    "NotAFeed",
    "Plan",
    "Record",
    "Seen",
    "Standing",
    "State",
    "Told",
    "check_site",
    "check_stories",
    "check_writable",
    "complete",
    "digest_of",
    "due_archives",
    "fingerprint_of",
    "late_corrections",
    "load",
    "make_plan",
    "moment_text",
    "moved_feeds",
    "read_ahead",
    "read_feed",
    "record_feeds",
    "recording",
    "recover",
    "resting",
    "save",
    "seen_of",
    "signs_of",
    "stand",
    "stands",
    "stub",
    "stubs",
    "with_reason",
    "withdrawn_addresses",
    "withdrawn_untold",
]
