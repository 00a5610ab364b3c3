"""A Hugo site, read as it is."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.conftest import Mill

CONFIGURATION = """\
site: {title: Harbour Post, url: https://harbour.example/, id_authority: 'harbour.example,2020'}
content:
  sections: [news]
  topics_from: topics
  authors_from: authors
  keys: {redirect: url, from: source.title, from_url: source.url}
"""


@pytest.fixture
def hugo(wire: Mill) -> Mill:
    wire.configure(CONFIGURATION)
    wire.write("news/_index.md", "---\ntitle: News\n---\n")
    wire.write("topics/_index.md", "---\ntitle: Topics\n---\n")
    wire.write(
        "topics/sea/_index.md",
        "---\nslug: sea\ntitle: The sea\nsummary: Salt water\naliases: [/topics/ocean/, /2020/01/01/elsewhere/]\n---\n",
    )
    wire.write("topics/ships/_index.md", "---\ntitle: Ships\n---\n")
    wire.write("authors/mira-holt/_index.md", "---\ndisplay_name: Mira Holt\n---\n")
    wire.write("authors/_index.md", "---\ntitle: Authors\n---\n")
    return wire


def test_yaml_toml_and_json_front_matter_and_hugos_dates(hugo: Mill) -> None:
    hugo.write(
        "news/yaml.md",
        "---\ntitle: Yaml\ndate: 2024-03-01T10:00:00+01:00\npublishDate: 2024-03-02\nexpiryDate: 2030-01-01\n"
        "lastmod: 2024-04-01\nauthors: [mira-holt, Guest]\ntopics: [ocean]\ntags: [tide]\ncustom: {a: b}\n---\n"
        "Words.\n",
    )
    hugo.write(
        "news/toml.md",
        "+++\ntitle = 'Toml'\ndate = 2024-03-01T10:00:00\ndraft = false\ncategories = ['Ships']\n+++\nWords.\n",
    )
    hugo.write("news/json.md", '{"title": "Json", "date": "2024-03-03", "url": "/own/place/"}\n\nWords.\n')
    assert not hugo.problems()
    entries = {entry.title: entry for entry in hugo.mill().entries}
    yaml, toml, json = entries["Yaml"], entries["Toml"], entries["Json"]
    assert yaml.published == datetime(2024, 3, 2, tzinfo=UTC)
    assert yaml.expires == datetime(2030, 1, 1, tzinfo=UTC)
    assert yaml.updated == datetime(2024, 4, 1, tzinfo=UTC)
    assert [(person.name, person.url) for person in yaml.authors] == [
        ("Mira Holt", "https://harbour.example/authors/mira-holt/"),
        ("Guest", ""),
    ]
    assert (yaml.topics, yaml.tags) == (("sea",), ("tide",))
    assert toml.published == datetime(2024, 3, 1, 10, tzinfo=UTC)
    assert toml.because.published == "the front matter's date; no offset, so UTC"
    assert toml.topics == ("ships",)
    assert json.url == "https://harbour.example/own/place/"
    assert {entry.because.convention for entry in entries.values()} == {"hugo"}


def test_addresses_come_from_the_place_of_a_page_unless_the_site_has_a_pattern(hugo: Mill) -> None:
    hugo.write("news/plain.md", "---\ntitle: A\ndate: 2024-03-01\n---\n")
    hugo.write("news/2024/bundle/index.md", "---\ntitle: B\ndate: 2024-03-01\n---\n![](map.png)\n")
    hugo.write("news/slugged.md", "---\ntitle: C\ndate: 2024-03-01\nslug: other\n---\n")
    hugo.write("news/gone.md", "---\ntitle: D\ndate: 2024-03-01\nredirect: https://else.example/d\n---\n")
    found = {entry.title: entry for entry in hugo.mill().entries}
    assert {title: entry.url for title, entry in found.items()} == {
        "A": "https://harbour.example/news/plain/",
        "B": "https://harbour.example/news/2024/bundle/",
        "C": "https://harbour.example/news/other/",
        "D": "https://harbour.example/news/gone/",
    }
    assert found["D"].external_url == "https://else.example/d"
    assert 'src="https://harbour.example/news/2024/bundle/map.png"' in found["B"].content
    assert found["A"].because.url == "its place, by the convention of hugo"
    hugo.configure(CONFIGURATION.replace("content:\n", 'content:\n  story_url: "/:section/:year/:month/:slug/"\n'))
    found = {entry.title: entry for entry in hugo.mill().entries}
    assert found["C"].url == "https://harbour.example/news/2024/03/other/"
    assert found["B"].url == "https://harbour.example/news/2024/03/bundle/"


def test_only_the_sections_named_hold_stories(hugo: Mill) -> None:
    hugo.write("about.md", "---\ntitle: About\n---\n")
    hugo.write("news/a.md", '---\ntitle: A\ndate: 2024-03-01\n---\n[us]({{< ref "/about.md#team" >}})\n')
    contents = hugo.mill()
    assert [entry.title for entry in contents.entries] == ["A"]
    assert (contents.found, contents.left_out) == (1, 0)
    assert 'href="https://harbour.example/about/#team"' in contents.entries[0].content


def test_topics_and_authors_of_the_content_become_the_sites(hugo: Mill) -> None:
    hugo.write("news/a.md", "---\ntitle: A\ndate: 2024-03-01\ntopics: [sea]\n---\n")
    titles = {feed.name: feed.title for feed in hugo.mill().feeds}
    assert titles == {"all": "Harbour Post", "sea": "Harbour Post: The sea", "ships": "Harbour Post: Ships"}


def test_a_republished_story_carries_its_source(hugo: Mill) -> None:
    hugo.write(
        "news/a.md", "---\ntitle: A\ndate: 2024-03-01\nfrom: Gazette\nfrom_url: https://gazette.example/a\n---\n"
    )
    hugo.write("news/b.md", '---\ntitle: B\ndate: 2024-03-01\nfrom: ""\n---\nWords.\n')
    sources = [entry.source for entry in hugo.mill().entries]
    assert [(source.title, source.url) if source else None for source in sources] == [
        ("Gazette", "https://gazette.example/a"),
        None,
    ]


def test_a_summary_ends_at_the_more_mark(hugo: Mill) -> None:
    hugo.write("news/a.md", "---\ntitle: A\ndate: 2024-03-01\n---\nOne *two*.\n\nThree.\n\n<!--more-->\n\nFour.\n")
    [entry] = hugo.mill().entries
    assert entry.summary == "One two. Three."
    assert "Four." in entry.content


def test_data_that_collides_or_lacks_a_name_is_told(hugo: Mill) -> None:
    hugo.write("topics/boats/_index.md", "---\naliases: [/topics/ships/, ocean, rowing]\n---\n")
    hugo.write("authors/nobody/_index.md", "---\nslug: nobody\n---\n")
    hugo.write("topics/broken/_index.md", "---\ntitle: [\n---\n")
    hugo.write("news/a.md", "---\ntitle: A\ndate: 2024-03-01\ntopics: [rowing, ocean]\n---\nWords.\n")
    assert [(problem.code, problem.place.path) for problem in hugo.problems()] == [
        ("author-title", "content/authors/nobody/_index.md"),
        ("topic-title", "content/topics/boats/_index.md"),
        ("topic-alias", "content/topics/boats/_index.md"),
        ("yaml-syntax", "content/topics/broken/_index.md"),
        ("topic-alias", "content/topics/sea/_index.md"),
    ]
    assert hugo.mill().entries[0].topics == ("boats",)


def test_a_folder_of_data_that_is_not_there_is_told(hugo: Mill) -> None:
    hugo.configure(CONFIGURATION.replace("topics_from: topics", "topics_from: themes"))
    [problem] = hugo.problems("data-missing")
    assert problem.place.path == "content/themes"


def test_of_two_bundles_with_one_slug_the_first_has_the_address(hugo: Mill) -> None:
    hugo.write("news/a/index.md", "---\ntitle: A\ndate: 2024-03-01\nslug: same\n---\nWords.\n")
    hugo.write("news/b/index.md", "---\ntitle: B\ndate: 2024-03-02\nslug: same\n---\nWords.\n")
    assert [(p.level, p.code, p.place.path) for p in hugo.problems()] == [
        ("error", "url-shared", "content/news/b/index.md")
    ]
    assert [entry.title for entry in hugo.mill().entries] == ["A"]


def test_two_bundles_with_one_slug_on_one_day_have_ids_of_their_own(hugo: Mill) -> None:
    hugo.write("news/b/index.md", "---\ntitle: B\ndate: 2024-03-02\nslug: same\nurl: /b/\n---\nWords.\n")
    hugo.write("news/c/index.md", "---\ntitle: C\ndate: 2024-03-02\nslug: same\nurl: /c/\n---\nOther words.\n")
    assert [(entry.title, entry.id) for entry in hugo.mill().entries] == [
        ("B", "tag:harbour.example,2020:2024-03-02:same"),
        ("C", "tag:harbour.example,2020:2024-03-02:news/c/same"),
    ]
