"""Story → Entry: dates, identity, addresses, markup, topics, people and media."""

from feedmill.normalising.addresses import absolute_url
from feedmill.normalising.collisions import settle
from feedmill.normalising.dates import DateError, parse_moment
from feedmill.normalising.entries import Normalised, normalise
from feedmill.normalising.identity import slug_from
from feedmill.normalising.text import shorten, xml_legal
from feedmill.normalising.topics import TopicIndex

__all__ = [
    "DateError",
    "Normalised",
    "TopicIndex",
    "absolute_url",
    "normalise",
    "parse_moment",
    "settle",
    "shorten",
    "slug_from",
    "xml_legal",
]
