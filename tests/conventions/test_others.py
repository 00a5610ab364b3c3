"""Jekyll, Eleventy, Zola and Pelican sites, read as they are."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.conftest import Mill

CONFIGURATION = """\
site: {title: Post, url: https://post.example/, id_authority: 'post.example,2020'}
topics: {sea: {title: The sea}, ships: {title: Ships}}
"""


@pytest.fixture
def post(wire: Mill) -> Mill:
    wire.configure(CONFIGURATION)
    return wire


def test_jekyll_posts(post: Mill) -> None:
    post.write(
        "_posts/2024-03-01-tides.md",
        "---\nlayout: post\ntitle: Tides\ncategories: sea news\ntags: [moon]\nlast_modified_at: 2024-04-01\n---\n"
        "First.\n\nSecond.\n",
    )
    post.write("ships/_posts/2024-03-02-keel.md", "---\ntitle: Keel\ndate: 2024-03-02 09:30:00 +0100\n---\nWords.\n")
    post.write("_posts/2024-03-03-own.md", "---\ntitle: Own\npermalink: /:year/:title.html\n---\nWords.\n")
    post.write("_posts/2024-03-04-pretty.md", "---\ntitle: Pretty\npermalink: pretty\ncategory: sea\n---\nWords.\n")
    post.write("_posts/2024-03-05-off.md", "---\ntitle: Off\npublished: false\n---\nWords.\n")
    post.write("_drafts/idea.md", "---\ntitle: Idea\n---\nWords.\n")
    post.write(
        "_posts/2024-03-06-cut.md",
        "---\ntitle: Cut\nexcerpt_separator: <!--cut-->\n---\nOne.\n\nTwo.\n<!--cut-->\nThree.\n",
    )
    contents = post.mill()
    found = {entry.title: entry for entry in contents.entries}
    assert {title: entry.url for title, entry in found.items()} == {
        "Tides": "https://post.example/sea/news/2024/03/01/tides.html",
        "Keel": "https://post.example/ships/2024/03/02/keel.html",
        "Own": "https://post.example/2024/own.html",
        "Pretty": "https://post.example/sea/2024/03/04/pretty/",
        "Off": "https://post.example/2024/03/05/off.html",
        "Cut": "https://post.example/2024/03/06/cut.html",
    }
    assert (found["Tides"].topics, found["Tides"].tags) == (("sea",), ("news", "moon"))
    assert found["Tides"].updated == datetime(2024, 4, 1, tzinfo=UTC)
    assert found["Keel"].topics == ("ships",)
    assert found["Keel"].published == datetime(2024, 3, 2, 8, 30, tzinfo=UTC)
    assert found["Cut"].summary == "One. Two."
    assert contents.hidden == {"_posts/2024-03-05-off.md": "a draft"}
    assert {detected.name for detected in contents.conventions.values()} == {"jekyll"}
    assert post.run("build") == 0, "a draft without a date is no error"


def test_the_root_of_a_site_may_be_its_content_directory(post: Mill) -> None:
    post.configure(CONFIGURATION + "content: {path: ., sections: [_posts]}\n")
    for path in ("_posts/2024-03-01-a.md", "README.md", "node_modules/x/readme.md"):
        (post.directory / path).parent.mkdir(parents=True, exist_ok=True)
        (post.directory / path).write_text(
            "---\ntitle: A\nnever: '\n---\n" if "modules" in path else "---\ntitle: A\n---\n"
        )
    built = post.build()
    assert [entry.path for entry in built.contents.entries] == ["_posts/2024-03-01-a.md"]
    assert [str(problem.place) for problem in built.contents.problems] == ["_posts/2024-03-01-a.md:2:8"]
    assert post.build().contents.problems == built.contents.problems, "the feeds are no content"


def test_eleventy_data_files_and_permalinks(post: Mill) -> None:
    post.write("posts/posts.json", '{"tags": ["posts", "sea"], "author": "Mira"}')
    post.write("posts/posts.11tydata.json", '{"layout": "post"}')
    post.write("posts/2024-03-01-tides.md", "---\ntitle: Tides\ntags: [moon]\n---\nWords.\n")
    post.write(
        "posts/deep/2024-03-02-keel.md", "---\ntitle: Keel\nauthor: Jan\npermalink: /k/index.html\n---\nWords.\n"
    )
    post.write("posts/2024-03-03-none.md", "---\ntitle: None\npermalink: false\n---\nWords.\n")
    contents = post.mill()
    tides, keel = (next(e for e in contents.entries if e.title == title) for title in ("Tides", "Keel"))
    assert (tides.url, keel.url) == ("https://post.example/posts/tides/", "https://post.example/k/")
    assert (tides.topics, tides.tags, [person.name for person in tides.authors]) == (("sea",), ("moon",), ["Mira"])
    assert [person.name for person in keel.authors] == ["Jan"]
    assert contents.hidden == {"posts/2024-03-03-none.md": "a draft"}
    assert contents.conventions["posts"].because == "directory data files"


def test_a_broken_data_file_is_named(post: Mill) -> None:
    post.write("posts/posts.json", '{"tags": [}')
    post.write("posts/2024-03-01-tides.md", "---\ntitle: Tides\n---\nWords.\n")
    [problem] = post.problems("json-syntax")
    assert (problem.place.path, problem.place.line) == ("content/posts.json", 1)


def test_zola_pages(post: Mill) -> None:
    post.write(
        "blog/2024-03-01-tides.md",
        "+++\ntitle = 'Tides'\nupdated = 2024-04-01\ndescription = 'Up and down'\n[taxonomies]\ntags = ['moon']\n"
        "categories = ['The sea']\n[extra]\nauthor = 'Mira'\nimage = '/moon.jpg'\nimage_alt = 'A moon'\n+++\nWords.\n",
    )
    post.write(
        "blog/keel/index.md",
        "+++\ntitle = 'Keel'\ndate = 2024-03-02\npath = 'keels/one'\n+++\nOne.\n<!-- more -->\n"
        "[t](@/blog/2024-03-01-tides.md#up)\n",
    )
    entries = {entry.title: entry for entry in post.mill().entries}
    tides, keel = entries["Tides"], entries["Keel"]
    assert (tides.url, keel.url) == ("https://post.example/blog/tides/", "https://post.example/keels/one/")
    assert (tides.topics, tides.tags, tides.summary) == (("sea",), ("moon",), "Up and down")
    assert tides.authors[0].name == "Mira"
    assert tides.updated == datetime(2024, 4, 1, tzinfo=UTC)
    assert keel.summary == "One."
    assert 'href="https://post.example/blog/tides/#up"' in keel.content
    assert post.mill().conventions["blog"].name == "zola"


def test_pelican_articles_of_every_kind(post: Mill) -> None:
    post.write(
        "ships/keel.md",
        "Title: The keel: a history\nDate: 2024-03-02 10:20\nModified: 2024-03-05\nTags: wood, iron\n"
        "Authors: Holt, Mira; Voss, Jan\nSummary: Long\n    and short\nStatus: published\n\nWords.\n",
    )
    post.write(
        "sea/tides.html",
        '<html><head><title>Tides &amp; moons</title><meta name="date" content="2024-03-01">'
        '<meta name="tags" content="moon"></head><body><p>Words.</p></body></html>',
    )
    post.write(
        "sea/waves.rst",
        "Waves\n=====\n\n:date: 2024-03-03\n:tags: wind\n:slug: big-waves\n\nThey *break*.\n\n"
        ".. image:: w.png\n   :alt: A wave\n",
    )
    post.write("sea/hidden.md", "Title: Hidden\nDate: 2024-03-04\nStatus: draft\n\nWords.\n")
    contents = post.mill()
    assert not contents.problems
    found = {entry.title: entry for entry in contents.entries}
    keel, tides, waves = found["The keel: a history"], found["Tides & moons"], found["Waves"]
    assert (keel.url, tides.url, waves.url) == (
        "https://post.example/the-keel-a-history.html",
        "https://post.example/tides-moons.html",
        "https://post.example/big-waves.html",
    )
    assert [person.name for person in keel.authors] == ["Holt, Mira", "Voss, Jan"]
    assert (keel.topics, keel.tags, keel.summary) == (("ships",), ("wood", "iron"), "Long and short")
    assert keel.content == "<p>Words.</p>"
    assert (tides.topics, tides.tags, tides.content) == (("sea",), ("moon",), "<p>Words.</p>")
    assert "<em>break</em>" in waves.content
    assert 'alt="A wave"' in waves.content
    assert 'src="https://post.example/w.png"' in waves.content
    assert contents.hidden == {"sea/hidden.md": "a draft"}
    assert {detected.name for detected in contents.conventions.values()} == {"pelican"}


def test_restructured_text_cannot_read_files_or_pass_raw_html(
    post: Mill, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("HUSH")
    post.write(
        "a/x.rst",
        f"X\n=\n\n:date: 2024-03-03\n\nBefore.\n\n.. include:: {secret}\n\n.. raw:: html\n\n   <script>x</script>\n\n"
        "After.\n",
    )
    for entry in post.mill().entries:
        assert "HUSH" not in entry.content
        assert "<script" not in entry.content


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("hugo.toml", "", "hugo"),
        ("_config.yml", "", "jekyll"),
        (".eleventy.js", "", "eleventy"),
        ("eleventy.config.mjs", "", "eleventy"),
        ("config.toml", 'base_url = "https://x.example"', "zola"),
        ("config.toml", 'baseURL = "https://x.example"', "hugo"),
        ("pelicanconf.py", "", "pelican"),
    ],
)
def test_a_generators_configuration_beside_the_content_decides(post: Mill, file: str, text: str, name: str) -> None:
    (post.directory / file).write_text(text)
    post.story("news/2024-03-01-a.md")
    detected = post.mill().conventions["news"]
    assert (detected.name, detected.because.split()[-1]) == (name, file)


def test_folders_may_follow_different_conventions_and_may_be_told_which(post: Mill) -> None:
    post.story("own/2024-03-01-a.md")
    post.write("blog/b.md", "+++\ntitle = 'B'\ndate = 2024-03-01\n+++\nWords.\n")
    assert {folder: d.name for folder, d in post.mill().conventions.items()} == {"own": "feedmill", "blog": "hugo"}
    post.configure(CONFIGURATION + "content: {convention: {blog: zola}}\n")
    assert post.mill().conventions["blog"].name == "zola"
    post.configure(CONFIGURATION + "content: {convention: feedmill}\n")
    assert {d.name for d in post.mill().conventions.values()} == {"feedmill"}


def test_the_report_states_the_conventions(post: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    post.write("blog/b.md", "+++\ntitle = 'B'\ndate = 2024-03-01\n+++\nWords.\n")
    assert post.run("check") == 0
    assert "content/blog: read as hugo (front matter of TOML or JSON in blog/b.md)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("convention: hugoo", "'hugoo' is not a valid content.convention"),
        ("keys: {redirect: adress}", "'adress' is not a valid content.keys"),
        ("keys: {redirect: source.adress}", "'source.adress' is not a valid content.keys"),
        ("shortcodes: {note: [a]}", "'content.shortcodes.note' must be one text"),
        ("story_url: ':year/'", "no {slug}"),
    ],
)
def test_mistakes_under_content_are_told(
    post: Mill, capsys: pytest.CaptureFixture[str], content: str, complaint: str
) -> None:
    post.configure(CONFIGURATION + f"content:\n  {content}\n")
    assert post.run("check") == 2
    assert complaint in capsys.readouterr().err


def test_thousands_of_files_in_one_directory_are_no_trouble(post: Mill) -> None:
    for number in range(5_000):
        post.write(f"2024-03-01-s{number}.md", f"---\ntitle: S{number}\n---\n")
    assert len(post.mill().entries) == 5_000
