"""Story → Entry: dates, identity, addresses, markup, topics, people and media."""

from feedmill.normalising.addresses import absolute_url
from feedmill.normalising.collisions import settle
from feedmill.normalising.dates import DateError, parse_moment
from feedmill.normalising.entries import Completed, Draft, complete_entry, draft_entry, unknown_shortcodes
from feedmill.normalising.expanding import Unknown
from feedmill.normalising.heads import page_address
from feedmill.normalising.identity import slug_from
from feedmill.normalising.references import Lookup, References
from feedmill.normalising.text import shorten
from feedmill.normalising.topics import TopicIndex

__all__ = [
    "Completed",
    "DateError",
    "Draft",
    "Lookup",
    "References",
    "TopicIndex",
    "Unknown",
    "absolute_url",
    "complete_entry",
    "draft_entry",
    "page_address",
    "parse_moment",
    "settle",
    "shorten",
    "slug_from",
    "unknown_shortcodes",
]
