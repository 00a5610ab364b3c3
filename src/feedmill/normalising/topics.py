"""Story → Entry: topics, by name, alias, or the topic's `match` words."""

from __future__ import annotations

import re
from collections.abc import Mapping

from msgspec import Struct

from feedmill.config.site import Topic
from feedmill.expressions import expression
from feedmill.normalising.slugs import slug_from


class TopicIndex(Struct, frozen=True):
    """The site's topics, ready to be looked up."""

    names: Mapping[str, str]
    words: Mapping[str, tuple[tuple[str, re.Pattern[str]], ...]]

    @classmethod
    def of(cls, topics: Mapping[str, Topic]) -> TopicIndex:
        """Index topics by slug, title and aliases, and their `match` words."""
        names: dict[str, str] = {}
        words = {}
        for topic in topics.values():
            for name in (topic.slug, topic.title, *topic.aliases):
                names.setdefault(_key(name), topic.slug)
            words[topic.slug] = tuple((word, _word_pattern(word)) for word in topic.match)
        return cls(names, words)

    @property
    def has_words(self) -> bool:
        """Whether any topic has words that place stories."""
        return any(self.words.values())

    def resolve(self, name: str) -> str | None:
        """Return the slug of the topic that a story names, whatever its case and punctuation."""
        return self.names.get(_key(name))

    def nearest(self, name: str) -> str | None:
        """Return the slug of the topic that a misspelt name may mean."""
        import difflib  # few runs meet a name that nobody knows

        near = difflib.get_close_matches(_key(name), list(self.names), 1)
        return self.names[near[0]] if near else None

    def match(self, text: str) -> dict[str, str]:
        """Return the topics whose words stand in a text, each with the word that was found."""
        found = {}
        for slug, patterns in self.words.items():
            for word, pattern in patterns:
                if pattern.search(text):
                    found[slug] = word
                    break
        return found


def _key(name: str) -> str:
    return slug_from(name) or name.casefold()


_UNSPACED = expression(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u2e80-\u2fdf\u3005-\u3007\u3021-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uaa60-\uaa7f\uf900-\ufaff\uff66-\uff9f\U00020000-\U000323af]"
)
"""A character of a script that parts no words: Han, Kana, Thai, Lao, Tibetan, Burmese, Khmer, Tai."""
_HANGUL = expression("[\u1100-\u11ff\uac00-\ud7af]")


def matches_inside(word: str) -> bool:
    """Whether a word may stand inside others: it begins or ends in a script that parts no words."""
    bare = word.strip("* ")
    return bool(bare) and bool(_UNSPACED.match(bare[0]) or _UNSPACED.match(bare[-1]) or _HANGUL.match(bare[-1]))


def _word_pattern(word: str) -> re.Pattern[str]:
    """Return the pattern of a whole word or phrase; `*` stands for the rest of a word.

    A word with a capital letter matches only as written, so that AI is not "ai" in French and China no
    porcelain; one in small letters matches in any case. Scripts that part no words have no whole ones, and in Korean
    particles follow a word.
    """
    parts = [re.escape(part) for part in " ".join(word.split()).split("*")]
    pattern = r"\w*".join(parts).replace(r"\ ", r"\s+")
    bare = word.strip("* ") or word
    before = "" if _UNSPACED.match(bare[:1]) else r"(?<!\w)"
    after = "" if _UNSPACED.match(bare[-1:]) or _HANGUL.match(bare[-1:]) else r"(?!\w)"
    return re.compile(f"{before}{pattern}{after}", 0 if word != word.lower() else re.IGNORECASE)
