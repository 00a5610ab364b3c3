"""Story → Entry: dates, identity, addresses, markup, topics, people and media.

`bodies` is imported by those who make one: a run that makes none does not wait for its libraries.
"""

from feedmill.normalising.addresses import absolute_url
from feedmill.normalising.dates import DateError, parse_moment
from feedmill.normalising.entries import Draft, draft_entry
from feedmill.normalising.heads import page_address
from feedmill.normalising.references import References, own_name, plain_path
from feedmill.normalising.slugs import slug_from
from feedmill.normalising.surroundings import unknown_shortcodes
from feedmill.normalising.text import shorten
from feedmill.normalising.topics import TopicIndex

__all__ = [
    "DateError",
    "Draft",
    "References",
    "TopicIndex",
    "absolute_url",
    "draft_entry",
    "own_name",
    "page_address",
    "parse_moment",
    "plain_path",
    "shorten",
    "slug_from",
    "unknown_shortcodes",
]
