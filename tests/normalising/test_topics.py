"""Topics by name, alias and match words."""

import pytest

from feedmill.config.site import Topic
from feedmill.normalising.topics import TopicIndex
from tests.conftest import Mill

INDEX = TopicIndex.of(
    {
        "ai": Topic("ai", "Artificial intelligence", aliases=("machine-minds",), match=("AI", "language model*")),
        "china": Topic("china", "China", match=("China", "Chinese")),
    }
)


@pytest.mark.parametrize("name", ["ai", "AI", "Artificial Intelligence", "artificial-intelligence", "Machine Minds"])
def test_a_topic_is_known_by_slug_title_and_alias_in_any_case(name: str) -> None:
    assert INDEX.resolve(name) == "ai"


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("AI in China", {"ai", "china"}),
        ("China's plans", {"china"}),
        ("Chinatown", set()),
        ("fine china", set()),
        ("He said: j'ai faim", set()),
        ("OpenAI", set()),
        ("Large Language Models", {"ai"}),
        ("a language\nmodel", {"ai"}),
        ("language modelling", {"ai"}),
        ("GPT-4 (AI)", {"ai"}),
    ],
)
def test_match_words_are_whole_words_and_capitals_count(text: str, topics: set[str]) -> None:
    assert set(INDEX.match(text)) == topics


def test_words_place_only_a_story_that_names_no_topics(wire: Mill) -> None:
    wire.story("2024-05-01-named.md", topics="[china]", body="AI everywhere\n")
    wire.story("2024-05-02-matched.md", body="About **AI**.\n")
    named, matched = wire.mill().entries
    assert named.topics == ("china",)
    assert matched.topics == ("ai",)
    assert matched.because.topics == {"ai": "the word 'AI' stands in it"}


def test_an_unknown_topic_is_a_tag_and_told_with_the_nearest(wire: Mill) -> None:
    wire.story(topics="[chna, weather]")
    [entry] = wire.mill().entries
    assert (entry.topics, entry.tags) == ((), ("chna", "weather"))
    first, second = wire.problems("topic-unknown")
    assert "did you mean 'china'?" in str(first)
    assert (second.place.line, second.place.column) == (3, 16)
