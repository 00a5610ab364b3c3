"""A saved page becomes stories, by the shape of its lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.importing.capture import read_capture
from feedmill.model import BodyFormat
from feedmill.normalising.markup import body_text, render_body, sanitise
from tests.parts import require_shared

HARBOUR = """\
Home
News
Harbour
Accept all cookies
We use cookies and share personal data with partners. By continuing to use our site you consent to this.
${site.banner}
Pilots warn of a shallower channel
By Mira Holt and Jan Voss
12 March 2024
4 min read
The northern channel has lost half a metre of depth since the autumn storms, the harbour's pilots say in a letter.
Ships of the largest class now wait for the tide, which costs each of them "between six and nine hours", it adds.
What the port says
The port authority disputes the figures. It will publish a survey of its own in May.
Two measures are under discussion:
- Dredging the bend near the old lighthouse.
- Moving the anchorage a mile to the west.
Neither can begin before {{ season.start }} the summer.
Listen to the whole interview: A pilot's morning on the water
Read next
» Why tide tables are wrong more often
» Harbour Post's guide to the new ferries - Harbour Post
Can a village keep its last shipyard?
The yard at Nessby has built wooden boats since 1871. Its owner is 79 and has found nobody to follow her.
A cooperative of the village wants to buy it, and has until June to find the money.
All rights reserved. © 2024 Harbour Post
Imprint
Contact
"""


def test_a_page_of_another_kind_is_told_apart_by_the_same_structure() -> None:
    capture = read_capture(HARBOUR)
    pilots, shipyard = capture.stories
    assert pilots.title == "Pilots warn of a shallower channel"
    assert pilots.authors == ("Mira Holt", "Jan Voss")
    assert pilots.date == "12 March 2024"
    assert [piece.title for piece in pilots.related] == [
        "Listen to the whole interview: A pilot's morning on the water",
        "Why tide tables are wrong more often",
        "Harbour Post's guide to the new ferries",
    ]
    assert [piece.line for piece in pilots.related] == [19, 21, 22]
    assert pilots.body == (
        "The northern channel has lost half a metre of depth since the autumn storms, the harbour's pilots say in a "
        'letter.\n\nShips of the largest class now wait for the tide, which costs each of them "between six and nine '
        'hours", it adds.\n\n## What the port says\n\nThe port authority disputes the figures. It will publish a '
        "survey of its own in May.\n\nTwo measures are under discussion:\n\n- Dredging the bend near the old "
        "lighthouse.\n- Moving the anchorage a mile to the west.\n\nNeither can begin before the summer.\n"
    )
    assert shipyard.title == "Can a village keep its last shipyard?"
    assert shipyard.body.count("\n\n") == 1


def test_every_line_is_in_a_story_or_reported() -> None:
    capture = read_capture(HARBOUR)
    reported = {item.line: item.why for item in capture.left_out}
    lines = HARBOUR.splitlines()
    kept = "\n".join(
        "\n".join((story.title, story.body, *(p.title for p in story.related), *story.authors, story.date))
        for story in capture.stories
    )
    for number, line in enumerate(lines, 1):
        words = line.strip("» -").removeprefix("By ").split(" and ")[0].split(" - ")[0].split("{{")[0].strip()
        assert number in reported or words.partition(": ")[2] in kept or words in kept, line
    assert reported[5] == "a notice about consent or terms"
    assert reported[6] == "a template token that nothing filled in"
    assert reported[18] == "a template token that nothing filled in"
    assert reported[20] == "the heading of a list"
    assert reported[22] == "the page's name after a title"
    assert {1, 2, 3, 4, 10, 26, 27, 28} <= set(reported)


def test_a_page_that_a_narrow_window_wrapped_is_joined_again() -> None:
    page = (
        "A river finds its old bed again\n"
        "\n"
        "After forty years in concrete the stream at Olden runs free for two\n"
        "kilometres, and the first trout were seen there in April, wardens say.\n"
        "\n"
        "The work cost less than the next repair of the walls would have, by\n"
        "the town's own figures.\n"
    )
    [story] = read_capture(page).stories
    assert story.body.split("\n\n")[0].endswith("runs free for two kilometres, and the first trout were seen there in "
                                                "April, wardens say.")  # fmt: skip
    assert story.body.count("\n\n") == 1


def test_a_story_about_consent_is_no_consent_notice() -> None:
    page = (
        "Regulator fines shop over cookies it never asked about\n"
        "The shop stored cookies without consent, the regulator found, and its privacy policy did not say so.\n"
    )
    [story] = read_capture(page).stories
    assert story.body.startswith("The shop stored cookies")


def test_a_page_without_a_story_gives_none() -> None:
    capture = read_capture("Home\nNews\nContact\n© 2024 Nobody\n")
    assert capture.stories == ()
    assert [item.line for item in capture.left_out] == [1, 2, 3, 4]


def test_the_projects_own_capture_gives_its_two_stories() -> None:
    text = require_shared("captures", "china-ai-topic-page.txt").read_text("utf-8")
    lines = text.splitlines()
    capture = read_capture(text)
    first, second = capture.stories
    assert (first.title, second.title) == (lines[3], lines[7])
    assert shown(first.body) == " ".join(lines[4:7])
    assert shown(second.body) == " ".join(lines[8:12])
    assert first.related == ()
    conversation, *pieces = second.related
    assert (conversation.line, conversation.title) == (13, lines[12])
    assert len(pieces) == 5
    for piece, line in zip(pieces, lines[13:], strict=True):
        assert line.startswith(f"- {piece.title}")
    assert [item.line for item in capture.left_out] == [1, 2, 3, 18]


def shown(markdown: str) -> str:
    return body_text(sanitise(render_body(markdown, BodyFormat.MARKDOWN), "https://e.example/"))


words = st.text(
    st.characters(min_codepoint=33, max_codepoint=0x2FFF, exclude_categories=["Cs", "Cc", "Z", "Cn"]), min_size=1
)


@given(st.lists(words, min_size=30, max_size=60))
def test_whatever_a_paragraph_says_its_story_shows_exactly_that(tokens: list[str]) -> None:
    paragraph = "So " + " ".join(tokens) + "."
    capture = read_capture(f"A headline of more than four words\n{paragraph}\n")
    if len(capture.stories) != 1 or capture.left_out:
        return
    [story] = capture.stories
    if story.related or story.body.startswith("- "):
        return
    assert shown(story.body) == paragraph


def test_a_line_of_many_words_is_a_headline_where_no_headline_is_signed() -> None:
    page = "The first story of this page\nIt rains.\nThe second story of this page\nIt snows.\n"
    assert [story.title for story in read_capture(page).stories] == [
        "The first story of this page",
        "The second story of this page",
    ]


ARTICLE = """\
Court asks who owns a voice
{paragraph}
The ruling binds the lower courts.
"""


@pytest.mark.parametrize(
    "paragraph",
    [
        "Sign up rates fell after the ruling, the company said in its filing.",
        "Log in problems plagued users, too, and the firm apologised for them.",
        "Copyright holders are next, lawyers say, because the ruling binds other courts.",
        "Share this with nobody, the judge is said to have written.",
        '"We never share your personal data without your consent, and our cookies are harmless," the chief said.',
        "“We use cookies with your consent,” the firm says. Our reporter found you cannot refuse.",
    ],
)
def test_sentences_that_sound_like_furniture_stay_in_the_story(paragraph: str) -> None:
    [story] = read_capture(ARTICLE.format(paragraph=paragraph)).stories
    assert shown(story.body).startswith(paragraph)


def test_a_section_that_begins_like_a_byline_stays_in_the_story() -> None:
    page = "Court asks who owns a voice\nThe ruling came on Monday.\nBy Friday evening\nNobody had appealed.\n"
    [story] = read_capture(page).stories
    assert story.body == "The ruling came on Monday.\n\n## By Friday evening\n\nNobody had appealed.\n"


def test_a_page_in_german() -> None:
    page = (
        "Startseite\nPolitik\nWirtschaft\n"
        "Wir verwenden Cookies. Mit Ihrer Zustimmung speichern wir personenbezogene Daten.\n"
        "Chinas Chipindustrie holt auf\nVon Anna Müller und Jan Voss, Redaktion Wirtschaft\n3. Mai 2024\n"
        "Die Fabriken in Schanghai laufen rund um die Uhr, sagt der Verband.\nDie Ausbeute bleibt ein Geheimnis.\n"
        "Impressum\n"
    )
    capture = read_capture(page)
    [story] = capture.stories
    assert story.title == "Chinas Chipindustrie holt auf"
    assert story.authors == ("Anna Müller", "Jan Voss")
    assert story.date == "3. Mai 2024"
    assert story.body.count("\n\n") == 1
    assert [item.line for item in capture.left_out] == [1, 2, 3, 4, 10]


def test_a_page_in_chinese_has_as_many_stories_as_headlines() -> None:
    page = (
        "首页\n新闻\n芯片产业正在追赶\n上海的工厂昼夜不停地运转，协会表示。\n产量仍然是一个秘密。\n"
        "人工智能研究面临新的限制\n研究人员说，他们不再提出某些问题。\n"
    )
    assert [story.title for story in read_capture(page).stories] == ["芯片产业正在追赶", "人工智能研究面临新的限制"]
