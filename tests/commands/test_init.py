"""`feedmill init` beside a site generator's configuration writes a feedmill.yaml for its site, and no story."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Mill


@pytest.fixture
def mill(tmp_path: Path) -> Mill:
    """A directory in which there is no feedmill.yaml yet."""
    return Mill(tmp_path)


STORY = "---\ntitle: A story\ndate: 2024-05-01\n---\nWords.\n"
SITES = {
    "hugo": (
        {
            "hugo.toml": 'baseURL = "https://harbour.example/"\ntitle = "Harbour: Post"\nlanguageCode = "en-gb"\n'
            'timeZone = "Europe/Oslo"\ncontentDir = "words"\n[permalinks]\nposts = "/:year/:slug/"\n',
            "words/posts/a-story.md": STORY,
        },
        "https://harbour.example/2024/a-story/",
    ),
    "jekyll": (
        {
            "_config.yml": "title: 'Harbour: Post'\nurl: https://harbour.example\nbaseurl: /news\nlang: en_GB\n"
            "timezone: Europe/Oslo\npermalink: pretty\n",
            "_posts/2024-05-01-a-story.md": STORY,
        },
        "https://harbour.example/news/2024/05/01/a-story/",
    ),
    "eleventy": (
        {
            "eleventy.config.js": 'export default function () { return { dir: { input: "src" } } }\n',
            "src/_data/metadata.json": '{"title": "Harbour: Post", "url": "https://harbour.example/", '
            '"language": "en-gb"}',
            "src/posts/a-story.md": STORY,
        },
        "https://harbour.example/posts/a-story/",
    ),
    "zola": (
        {
            "config.toml": 'base_url = "https://harbour.example"\ntitle = "Harbour: Post"\n'
            'default_language = "en-gb"\n',
            "content/blog/a-story.md": STORY,
        },
        "https://harbour.example/blog/a-story/",
    ),
    "pelican": (
        {
            "pelicanconf.py": "SITENAME = 'Harbour: Post'\nSITEURL = ''\nTIMEZONE = 'Europe/Oslo'\n"
            "DEFAULT_LANG = 'en-gb'\nARTICLE_URL = 'x/{slug}.html'\nraise SystemExit\n",
            "publishconf.py": "SITEURL = 'https://harbour.example'\n",
            "content/a-story.md": "Title: A story\nDate: 2024-05-01\n\nWords.\n",
        },
        "https://harbour.example/x/a-story.html",
    ),
}


@pytest.mark.parametrize("generator", SITES)
def test_a_generators_site_is_ready_to_build(generator: str, mill: Mill) -> None:
    files, address = SITES[generator]
    for name, text in files.items():
        path = mill.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert mill.run("init") == 0
    said = (mill.directory / "feedmill.yaml").read_text()
    assert "not found" not in said
    site = mill.site
    assert site.title == "Harbour: Post"
    assert site.url.startswith("https://harbour.example/")
    assert site.id_authority.startswith("harbour.example,")
    assert site.language.lower() == "en-gb"
    assert site.timezone == ("UTC" if generator in ("eleventy", "zola") else "Europe/Oslo")
    assert site.content.conventions == {"": generator}
    assert not list(mill.directory.rglob("*welcome*"))
    assert mill.run("build") == 0
    assert f'<link href="{address}"' in (mill.feeds / "all.atom").read_text()


@pytest.mark.parametrize(
    "text",
    [
        'title = "x\n',
        "baseURL = 3\ntitle = 1979-05-27\n",
        'baseURL = "{{ env.URL }}"\ntitle = "{{ x }}"\ntimeZone = "Nowhere/Land"\nlanguageCode = "no such"\n'
        'contentDir = "."\n[permalinks]\na = "/:unknown/"\n',
        'title = "\\u0000 \\u0085 \\"\'\\n# - [x]: {y}"\nbaseURL = "https://[bad"\n',
    ],
)
def test_what_cannot_be_used_is_left_out_with_a_note(text: str, mill: Mill) -> None:
    (mill.directory / "hugo.toml").write_text(text)
    assert mill.run("init") == 0
    assert "# not found: write yours" in (mill.directory / "feedmill.yaml").read_text()
    assert mill.site.url == "https://example.org/"


@pytest.mark.parametrize("text", ["(" * 100_000, "SITENAME = \0", "SITENAME = f'{1}'\n", "x" * 5_000_000])
def test_a_program_is_never_run_and_may_be_broken(text: str, mill: Mill) -> None:
    (mill.directory / "pelicanconf.py").write_text(text)
    assert mill.run("init") == 0
    assert mill.site.title == "My site"


def test_bare_writes_no_story(mill: Mill) -> None:
    assert mill.run("init", "--bare") == 0
    assert sorted(path.name for path in mill.directory.iterdir()) == ["feedmill.schema.json", "feedmill.yaml"]
