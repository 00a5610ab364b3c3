"""A real site of 2,083 stories, left as people left it, with one feedmill.yaml.

What Feedmill reads is compared, story by story, with what a small reader of this test's own finds in the files.
"""

from __future__ import annotations

import html
import json
import random
import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from lxml import etree
from lxml import html as lxml_html

from feedcheck import validate
from tests.conftest import Contents, Finished, Mill
from tests.ledger.reader import ATOM, walk
from tests.ledger.reader import shown as shown_in
from tests.parts import require_shared, thorough

ALIVE = datetime(2024, 6, 1, tzinfo=UTC)
FIGURE = (
    '<figure><img src="https://s3.amazonaws.com/digitalgov/{folder}{{src}}" alt="{{alt}}">'
    "<figcaption>{{caption}}</figcaption></figure>"
)
CONFIGURATION = f"""\
site:
  title: Digital.gov
  url: https://digital.gov/
  id_authority: digital.gov,2010
  timezone: America/New_York
content:
  path: CONTENT
  story_url: ":year/:month/:day/:slug/"
  sections: [news]
  topics_from: topics
  authors_from: authors
  keys: {{redirectto: url, source_url: source.url, source: source.title}}
  shortcodes:
    legacy-img: '{FIGURE.format(folder="_legacy-img/")}'
    legacy-img-right: '{FIGURE.format(folder="_legacy-img/")}'
    img: '{FIGURE.format(folder="img/")}'
    img-right: '{FIGURE.format(folder="img/")}'
    asset-static: '<a href="https://s3.amazonaws.com/digitalgov/static/{{file}}">{{label}}</a>'
    legacy-file: '<a href="https://s3.amazonaws.com/digitalgov/_legacy-files/{{src}}">{{src}}</a>'
    quote-block: '<blockquote><p>{{text}}</p><p>{{cite}}</p></blockquote>'
    button: '<p><a href="{{href}}">{{text}}</a></p>'
    card-prompt: '<p>{{intro}}</p>{{inner}}<p><a href="{{button-url}}">{{button-text}}</a></p>'
    tmp: drop
feeds: {{archive: true, limit: 50, formats: [atom, json]}}
"""


@dataclass(frozen=True)
class Line:
    """What this test's own reader finds in a file."""

    title: str
    date: datetime
    day: str
    slug: str
    redirect: str
    expiry: str
    topics: tuple[str, ...]


ONE_PAGE = [
    f"news/2014/06/2014-06-30-508-accessible-videos-{name}.md"
    for name in (
        "how-to-caption-videos",
        "how-to-make-audio-descriptions",
        "use-a-508-compliant-video-player",
        "why-and-how-to-make-them",
    )
]
"""Stories that redirect to one and the same page elsewhere: each has an address of its own."""


def unquoted(text: str) -> str:
    text = text.strip()
    if text[:1] == "'":
        return text[1 : text.rindex("'")].replace("''", "'")
    if text[:1] == '"':
        return text[1 : text.rindex('"')].replace('\\"', '"')
    return re.sub(r"\s#.*$", "", text)


def shown(title: str) -> str:
    """Return a title as readers see it: references resolved, inline tags gone."""
    return re.sub(r"[ \t]+", " ", re.sub(r"</?(?:em|i|b|strong|br|sup|span)\b[^>]*>", "", html.unescape(title))).strip()


def read(path: Path) -> Line | None:
    lines = path.read_text("utf-8-sig").splitlines()
    start = next(number for number, line in enumerate(lines) if line.strip() == "---")
    end = next(number for number in range(start + 1, len(lines)) if lines[number].rstrip() == "---")
    found: dict[str, str] = {}
    topics: list[str] = []
    key = ""
    for line in lines[start + 1 : end]:
        head = re.match(r"([A-Za-z_]+):(?:\s+(.*)|\s*)$", line)
        if head:
            key = head[1]
            if head[2] or key not in found:
                found[key] = head[2] or ""
        elif key in ("topics", "categories") and (item := re.match(r"\s*-\s+(.+)", line)):
            topics.append(unquoted(item[1]))
        elif line.startswith("  ") and key == "title":
            found[key] = f"{found[key].removeprefix('>-').removeprefix('>')} {line.strip()}".strip()
    if not found.get("title"):
        return None
    stamp = re.fullmatch(
        r"[\"']?(\d{4}-\d\d-\d\d)(?:[ T](\d{1,2}:\d\d:\d\d)(?: ?([+-]\d\d:?\d\d))?)?[\"']?", found["date"].strip()
    )
    assert stamp, path
    day, clock, offset = stamp.groups()
    hour, minute, second = map(int, (clock or "0:00:00").split(":"))
    zone: tzinfo = ZoneInfo("America/New_York")
    if offset:
        sign = -1 if offset[0] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:])))
    year, month, date = map(int, day.split("-"))
    return Line(
        title=shown(unquoted(found["title"])),
        date=datetime(year, month, date, hour, minute, second, tzinfo=zone).astimezone(UTC),
        day=day,
        slug=unquoted(found.get("slug", "")),
        redirect=unquoted(found.get("redirectto", "")),
        expiry=unquoted(found.get("expirydate", "")),
        topics=tuple(topics),
    )


@pytest.fixture(scope="module")
def root() -> Path:
    return require_shared("corpora", "digitalgov")


@pytest.fixture(scope="module")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Return the build of the site, which no test changes."""
    wire = Mill(tmp_path_factory.mktemp("corpus"))
    wire.configure(CONFIGURATION.replace("CONTENT", str(root)))
    return wire.build(ALIVE)


@pytest.fixture(scope="module")
def contents(built: Finished) -> Contents:
    """Return what `check` knows of the site: it looks at every body, as a build need not."""
    return Mill(built.directory.parent).mill(ALIVE)


@pytest.fixture(scope="module")
def truth(root: Path) -> dict[str, Line | None]:
    files = (path for path in (root / "news").rglob("*.md") if path.name != "_index.md")
    return {path.relative_to(root).as_posix(): read(path) for path in files}


def test_every_story_is_published_or_left_out_for_a_reason_that_is_true(
    contents: Contents, truth: dict[str, Line | None]
) -> None:
    assert contents.found == len(truth) == 2_083
    missing = set(truth) - {entry.path for entry in contents.entries}
    errors = {p.place.path.partition("digitalgov/")[2]: p for p in contents.problems if p.level == "error"}
    assert set(errors) == missing
    assert {path: problem.code for path, problem in errors.items()} == {
        "news/2018/09/2018-09-24-example.md": "title",
        "news/2023/11/2023-11-20-infrastructure-as-a-public-service.md": "url-shared",
        "news/2024/07/2024-07-10-engineering-craft-practices-at-10.md": "copy",
    }
    assert not missing & set(ONE_PAGE)
    redirects = {line.redirect for path in ONE_PAGE if (line := truth[path])}
    assert len(redirects) == 1
    copy, original = (
        truth[f"news/2024/07/2024-07-10-{name}engineering-craft-practices-at-10.md"] for name in ("", "18f-")
    )
    assert copy and original and (copy.title, copy.date) == (original.title, original.date)
    assert truth["news/2018/09/2018-09-24-example.md"] is None
    twin = truth["news/2023/11/2023-11-20-infrastructure-as-a-public-service.md"]
    other = truth["news/2023/09/2023-09-15-infrastructure-as-a-public-service.md"]
    assert twin
    assert other
    assert (twin.day, twin.slug) == (other.day, other.slug)


def test_damaged_front_matter_that_a_person_can_read_is_read_with_a_warning(contents: Contents) -> None:
    repaired = [problem for problem in contents.problems if problem.code == "front-matter-repaired"]
    repeated = [problem for problem in contents.problems if problem.code == "repeated-key"]
    paths = {entry.path for entry in contents.entries}
    assert (len(repaired), len(repeated)) == (4, 13)
    for problem in (*repaired, *repeated):
        assert problem.place.path.partition("digitalgov/")[2] in paths


def test_titles_dates_and_addresses_equal_those_of_an_independent_reading(
    contents: Contents, truth: dict[str, Line | None]
) -> None:
    wrong = []
    for entry in contents.entries:
        line = truth[entry.path]
        assert line is not None
        own = f"https://digital.gov/{line.day.replace('-', '/')}/{line.slug}/"
        is_elsewhere = not line.redirect.startswith("https://digital.gov/")
        address, external = (own, line.redirect) if is_elsewhere else (line.redirect, "")
        told = (entry.title, entry.published, entry.url.rstrip("/"), entry.external_url.rstrip("/"))
        if told != (line.title, line.date, address.rstrip("/"), external.rstrip("/")):
            wrong.append((entry.path, told, line))
    assert wrong == []


def test_all_topics_have_feeds_under_their_own_titles_and_names_resolve(root: Path, contents: Contents) -> None:
    feeds = {feed.name: feed for feed in contents.feeds}
    folders = sorted(path.parent.name for path in (root / "topics").glob("*/_index.md"))
    assert len(folders) == 51
    for folder in folders:
        text = (root / "topics" / folder / "_index.md").read_text("utf-8")
        title = unquoted(re.search(r"^title:\s*(.+)$", text, re.MULTILINE)[1])  # type: ignore[index]
        assert feeds[folder].title == f"Digital.gov: {title}"
    assert not [problem for problem in contents.problems if problem.code == "topic-unknown"]


def test_topics_of_every_story_are_those_that_it_names_or_its_categories(
    contents: Contents, truth: dict[str, Line | None]
) -> None:
    for entry in contents.entries:
        line = truth[entry.path]
        assert line is not None
        named = {name.lower().replace(" ", "-") for name in line.topics} & set(contents.site.topics)
        assert set(entry.topics) == named, entry.path


def test_an_alias_of_a_topic_names_it(contents: Contents) -> None:
    assert "rpa" in contents.site.topics["robotic-process-automation"].aliases
    assert "metrics" in contents.site.topics["analytics"].aliases


def test_authors_appear_under_their_display_names(root: Path, contents: Contents) -> None:
    names = {}
    for path in (root / "authors").glob("*/_index.md"):
        found = re.search(r"^display_name:\s*(.+)$", path.read_text("utf-8"), re.MULTILINE)
        if found:
            names[path.parent.name] = unquoted(found[1])
    shown_names = {person.name for entry in contents.entries for person in entry.authors}
    assert len(names) > 1_000
    assert "Jeremy Zilar" in shown_names
    assert not shown_names & (set(names) - set(names.values()))


def test_expiry_holds_under_now(contents: Contents, truth: dict[str, Line | None]) -> None:
    expired = {path for path, line in truth.items() if line and line.expiry and line.expiry <= "2024-06-01"}
    hidden = {path for path, reason in contents.hidden.items() if reason.startswith("expired")}
    assert hidden == {path for path in expired if path in {entry.path for entry in contents.entries}}
    later = datetime(2025, 6, 1, tzinfo=UTC)
    gone = [entry for entry in contents.entries if entry.expires and entry.expires <= later]
    assert len(gone) > 1_500


def test_stories_that_redirect_link_there_and_republished_ones_carry_their_source(
    contents: Contents, truth: dict[str, Line | None]
) -> None:
    elsewhere = [entry for entry in contents.entries if (line := truth[entry.path]) and line.redirect]
    assert len(elsewhere) == 9
    assert all(entry.external_url or not entry.url.startswith("https://digital.gov/2") for entry in elsewhere)
    republished = [entry for entry in contents.entries if entry.source]
    assert len(republished) > 250
    assert all(entry.source and entry.source.url.startswith("http") for entry in republished)


def targets(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*.md")}


def test_every_reference_that_has_a_target_resolves_to_it(root: Path, contents: Contents) -> None:
    files = targets(root)
    names = {path.rpartition("/")[2] for path in files} - {"_index.md"}
    told = [problem.message.split("'")[1] for problem in contents.problems if problem.code == "ref-missing"]
    assert told
    for reference in told:
        path = reference.partition("#")[0].strip("/")
        assert path not in files
        assert f"{path}.md" not in files
        assert f"{path}/_index.md" not in files
        assert path.rpartition("/")[2] not in names


def test_a_reference_leads_where_its_target_lies(root: Path, contents: Contents) -> None:
    by_name = {entry.path.rpartition("/")[2]: entry for entry in contents.entries}
    checked = as_text = 0
    for entry in contents.entries:
        source = (root / entry.path).read_text("utf-8")
        for name in re.findall(r"\{\{< ref \"([\w.-]+\.md)\" >\}\}", source):
            target = by_name.get(name)
            if target is not None:
                assert html.escape(target.url) in entry.content, (entry.path, name)
                checked += 1
                as_text += f'href="{html.escape(target.url)}' not in entry.content
    assert checked > 1_000
    # Markdown links inside lines that begin as HTML are text to CommonMark, and so they are on the site itself.
    assert as_text <= 3


def test_no_token_and_no_relative_image_is_in_any_document(built: Finished) -> None:
    """The feeds and their archives show every story between them."""
    assert len(built.contents.feeds) == 52
    bodies: dict[str, str] = {}
    for path in sorted(built.directory.rglob("*.json")):
        if path.name != "manifest.json":
            bodies.update({item["id"]: item["content_html"] for item in json.loads(path.read_bytes())["items"]})
    for path in sorted(built.directory.rglob("*.atom")):
        feed = etree.parse(path).getroot()
        texts = (e.text or "" for e in feed.iter() if etree.QName(e).localname != "content")
        text = "".join((*texts, *(str(value) for e in feed.iter() for value in e.attrib.values())))
        assert not any(mark in text for mark in ("{{", "}}", "{%")), path
        for entry in feed.iter(f"{ATOM}entry"):
            id_, content = entry.findtext(f"{ATOM}id") or "", entry.findtext(f"{ATOM}content") or ""
            assert bodies.setdefault(id_, content) == content, "every document tells the same"
    assert len(bodies) > 1_900
    images = 0
    for body in filter(None, bodies.values()):
        tree = lxml_html.fragment_fromstring(body, create_parent="div")
        for element in tree.iter("code", "pre"):
            element.text = ""
        assert not any(mark in "".join(map(str, tree.itertext())) for mark in ("{{", "}}", "{%"))
        for image in tree.iter("img"):
            images += 1
            assert str(image.get("src")).startswith("https://") or str(image.get("src")).startswith("http://")
    assert images > 2_000


def test_explain_tells_file_convention_dates_address_topics_and_feeds(
    built: Finished, capsys: pytest.CaptureFixture[str]
) -> None:
    site = Mill(built.directory.parent)
    assert site.run("explain", "a-year-in-life-a-pif", "--now", ALIVE.isoformat()) == 0
    said = capsys.readouterr().out
    for part in (
        "news/2019/03/2019-03-26-a-year-in-life-a-pif.md",
        "hugo (the file _index.md)",
        "the front matter's date; its own offset",
        "content.story_url :year/:month/:day/:slug/",
        "product-and-project-management (named by the story)",
    ):
        assert part in said


def test_no_document_has_a_finding(built: Finished) -> None:
    found: list[str] = []
    for path in sorted(built.directory.iterdir()):
        if path.suffix in (".atom", ".json", ".opml"):
            found += map(str, validate(path.read_bytes(), name=path.name, now=ALIVE).findings)
    assert not [problem for problem in found if ": error: " in problem]
    # Titles of that site that have &#39; in them, and a story that is nothing but a title, are told as what they are.
    told = {"warning: ContainsHTML: the entity &#39;", "warning: MissingTextualContent: the entry has neither"}
    assert not [problem for problem in found if not any(part in problem for part in told)]
    assert len(found) < 100


def test_a_walk_from_the_head_finds_every_story_once(built: Finished, contents: Contents) -> None:
    base = "https://digital.gov/feeds/"
    for name in ("all", "usability", "accessibility"):
        members = {
            entry.id: entry.title
            for entry in contents.entries
            if (name == "all" or name in entry.topics) and entry.path not in contents.hidden
        }
        assert len(members) > 40
        assert walk(built.directory, base, name) == members
    assert len(walk(built.directory, base)) > 2_000
    assert len(shown_in(built.directory)) == 50


def before_2018(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if re.fullmatch("201[0-7]", name)]


def test_a_new_domain_and_200_renamed_files_show_nothing_again(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the site of 2018 and later, or all of it."""
    shutil.copytree(root, tmp_path / "content", ignore=None if thorough() else before_2018)
    site = Mill(tmp_path)
    site.configure(CONFIGURATION.replace("CONTENT", "content"))
    site.build(ALIVE)
    ids = set(walk(site.feeds, "https://digital.gov/feeds/"))
    assert len(ids) > 400
    chance = random.Random(2024)
    files = sorted((tmp_path / "content" / "news").rglob("2*.md"))
    for number, path in enumerate(chance.sample(files, 200)):
        target = path.with_name(f"{path.stem[:11]}moved-{number}.md") if number % 2 else elsewhere(path, number)
        path.rename(target)
    text = (tmp_path / "feedmill.yaml").read_text()
    site.configure(text.replace("url: https://digital.gov/", "url: https://moved.example/"))
    assert site.run("plan", "--now", ALIVE.isoformat()) == 1, "the corpus has two stories with errors"
    assert capsys.readouterr().out.splitlines()[-1] == "In all 0 entries new, 0 shown again."
    plan = site.build(ALIVE).plan
    for feed in plan.feeds:
        assert (feed.new, feed.again, feed.lost, feed.withdrawn, feed.left) == ((), (), (), (), ()), feed.name
    assert plan.brakes == ()
    assert plan.changed_ids == ()
    assert set(walk(site.feeds, "https://moved.example/feeds/")) == ids


def elsewhere(path: Path, number: int) -> Path:
    folder = path.parent / "elsewhere"
    folder.mkdir(exist_ok=True)
    return folder / f"{path.stem[:11]}{number}.md"
