"""Bad input: the story is reported and left out, the others publish, and nobody sees a traceback."""

from __future__ import annotations

import os
import socket
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from feedmill.model import Level
from tests.conftest import CONFIGURATION, Mill

GOOD = "a-good-story"


def documents(wire: Mill) -> str:
    return "\n".join(path.read_text("utf-8") for path in sorted(wire.feeds.rglob("*")) if path.is_file())


@pytest.fixture
def beside_good(wire: Mill) -> Mill:
    wire.story(f"2024-05-02-{GOOD}.md", title="A good story", topics="[china]")
    return wire


def assert_left_out(
    wire: Mill, capsys: pytest.CaptureFixture[str], code: str, place: str, *, marker: str = "Words."
) -> None:
    """The build exits 1, says what and where, and publishes the good story without the bad one."""
    (wire.directory / "content" / f"2024-05-02-{GOOD}.md").write_text(
        "---\ntitle: A good story\ndate: 2024-05-02\ntopics: [china]\n---\nSound.\n"
    )
    assert wire.run("build") == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.err + said.out
    [line] = [line for line in said.err.splitlines() if f" {code}: " in line]
    assert fnmatchcase(line, f"content/{place}: error: *")
    assert "; " in line, "says what to do"
    assert GOOD in (wire.feeds / "china.atom").read_text()
    assert marker not in documents(wire)


def test_a_story_without_a_title(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.story("2024-05-01-bad.md", title="")
    assert_left_out(beside_good, capsys, "title", "2024-05-01-bad.md")


@pytest.mark.parametrize("title", ['"  "', '"\\u200b \\u00a0"', '"<b></b>"'])
def test_a_story_with_an_empty_title(beside_good: Mill, capsys: pytest.CaptureFixture[str], title: str) -> None:
    beside_good.story("2024-05-01-bad.md", title=title)
    assert_left_out(beside_good, capsys, "title", "2024-05-01-bad.md:2:8")


def test_a_story_without_a_date(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.story("bad.md")
    assert_left_out(beside_good, capsys, "date-missing", "bad.md")


@pytest.mark.parametrize("date", ["2024-02-30", "2024-13-01", "03/04/2024", "yesterday", "May 2024", "1714557600"])
def test_a_date_that_is_impossible_or_ambiguous(
    beside_good: Mill, capsys: pytest.CaptureFixture[str], date: str
) -> None:
    beside_good.story("bad.md", date=date)
    assert_left_out(beside_good, capsys, "date", "bad.md:3:7")


def test_an_impossible_date_in_a_file_name(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.story("2024-02-31-bad.md")
    assert_left_out(beside_good, capsys, "date", "2024-02-31-bad.md")


def test_yaml_that_does_not_parse(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.write("2024-05-01-bad.md", "---\ntitle: One\nsummary: a: b\n---\nWords.\n")
    assert_left_out(beside_good, capsys, "yaml-syntax", "2024-05-01-bad.md:3:11")


def test_front_matter_without_an_end(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.write("2024-05-01-bad.md", "---\ntitle: One\nWords.\n")
    assert_left_out(beside_good, capsys, "front-matter-end", "2024-05-01-bad.md:1:1")


def test_a_yaml_tag_that_would_run_code(beside_good: Mill, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    trap = tmp_path / "ran"
    beside_good.story("2024-05-01-bad.md", summary=f"!!python/object/apply:os.system ['touch {trap}']")
    assert_left_out(beside_good, capsys, "yaml-tag", "2024-05-01-bad.md:3:10")
    assert not trap.exists()


def test_a_bomb_of_yaml_aliases(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    beside_good.write("2024-05-01-bad.md", "---\ntitle: Bomb\n" + "\n".join(lines) + "\n---\nWords.\n")
    assert_left_out(beside_good, capsys, "yaml-alias", "2024-05-01-bad.md:3:5")


def test_yaml_that_nests_beyond_any_stack(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.write("2024-05-01-bad.md", f"---\ntitle: Deep\ntags: {'[' * 100_000}\n---\nWords.\n")
    # Where it is noticed: at Feedmill's own bound, or before it by a PyYAML that has one.
    assert_left_out(beside_good, capsys, "yaml-too-large", "2024-05-01-bad.md:3:*")


def test_yaml_that_nests_beyond_what_metadata_needs(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.write("2024-05-01-bad.md", f"---\ntitle: Deep\ntags: {'[' * 40}{']' * 40}\n---\nWords.\n")
    assert_left_out(beside_good, capsys, "yaml-too-large", "2024-05-01-bad.md:3:39")


def test_a_key_given_twice_is_told_and_the_second_counts(wire: Mill) -> None:
    wire.write("2024-05-01-twice.md", "---\ntitle: One\ntitle: Two\n---\nWords.\n")
    assert [entry.title for entry in wire.mill().entries] == ["Two"]
    assert [str(problem.place) for problem in wire.problems("repeated-key")] == ["content/2024-05-01-twice.md:3:1"]


def test_an_unknown_key_is_told_with_the_nearest_known_one(wire: Mill) -> None:
    wire.story(sumary="Short")
    [problem] = wire.problems("unknown-key")
    assert str(problem) == (
        "content/2024-05-01-story.md:3:1: warning: unknown-key: unknown key 'sumary'; did you mean 'summary'?"
    )
    assert len(wire.mill().entries) == 1


def test_an_unknown_key_inside_another(wire: Mill) -> None:
    wire.story(source="{title: Elsewhere, urll: https://else.example/}", authors="[{nme: A}]")
    assert {problem.message for problem in wire.problems("unknown-key")} == {
        "unknown key 'source.urll'",
        "unknown key 'authors.nme'",
    }


def test_a_file_that_is_not_utf_8(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.write("2024-05-01-bad.md", b"---\ntitle: Caf\xe9\n---\nWords.\n")
    assert_left_out(beside_good, capsys, "not-utf-8", "2024-05-01-bad.md:2:11")


def test_a_file_in_utf_16(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.write("2024-05-01-bad.md", "---\ntitle: Wide\n---\nWords.\n".encode("utf-16"))
    assert_left_out(beside_good, capsys, "not-utf-8", "2024-05-01-bad.md:1:1")


def test_a_raw_nul_in_the_front_matter(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.write("2024-05-01-bad.md", b"---\ntitle: Nul\x00l\n---\nWords.\n")
    assert_left_out(beside_good, capsys, "yaml-characters", "2024-05-01-bad.md:2:11")


def test_control_characters_that_yaml_spells_out_are_removed_from_a_title(wire: Mill) -> None:
    wire.story(title='"Nul\\0 and bell\\a"')
    [entry] = wire.mill().entries
    assert entry.title == "Nul and bell"
    [problem] = wire.problems("control-character")
    assert (problem.level, problem.place.line, problem.place.column) == (Level.WARNING, 2, 8)
    wire.build()


def test_control_characters_are_removed_from_a_body(wire: Mill) -> None:
    wire.story(body="One\x00two\n\nthree\x0b\x1bfour ￾\n")
    [entry] = wire.mill().entries
    assert entry.content == "<p>Onetwo</p>\n<p>threefour</p>"
    [problem] = wire.problems("control-character")
    assert (problem.level, problem.place.line, problem.place.column) == (Level.WARNING, 4, 4)
    wire.build()


def test_control_characters_spelt_as_references_are_removed_from_a_body(wire: Mill) -> None:
    wire.story(body="One&#1;two &#x0B; &#0; &#xFFFE;\n", summary="'&#2;Short'")
    [entry] = wire.build().whole_feeds()[0].entries
    assert (entry.content.replace("\ufffd", ""), entry.summary) == ("<p>Onetwo   </p>", "Short")


def test_two_stories_with_one_id(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.story("2024-05-01-first.md", id="one")
    beside_good.story("2024-05-03-second.md", id="one", body="Later.\n")
    assert_left_out(beside_good, capsys, "id-taken", "2024-05-03-second.md", marker="Later.")
    assert "Words." in documents(beside_good)


def test_a_draft_never_takes_the_id_of_a_published_story(wire: Mill) -> None:
    wire.story("2024-05-01-draft.md", id="one", draft="true")
    wire.story("2024-05-03-second.md", id="one", body="Later.\n")
    assert [entry.path for entry in wire.mill().feeds[0].entries] == ["2024-05-03-second.md"]


@pytest.mark.parametrize("slug", ["../../etc/passwd", "..", "a/b", "a\\\\b", ".hidden", "a..b"])
def test_a_slug_that_leaves_its_place(beside_good: Mill, capsys: pytest.CaptureFixture[str], slug: str) -> None:
    beside_good.story("2024-05-01-bad.md", slug=f'"{slug}"')
    assert_left_out(beside_good, capsys, "slug", "2024-05-01-bad.md:3:7")


@pytest.mark.parametrize(
    ("link", "what"),
    [("javascript:alert(1)", "javascript"), ("data:text/html,<b>x</b>", "data"), ("JaVaScRiPt:alert(1)", "script")],
)
def test_a_link_that_is_no_web_address_is_disarmed_and_told(wire: Mill, link: str, what: str) -> None:
    wire.story("2024-05-01-md.md", body=f"One\n\n[click]({link}) here\n")
    wire.story("2024-05-02-html.html", body=f'<p>One</p>\n\n<a href="{link}">click</a> here\n')
    built = wire.build()
    assert [entry.content.count("click") for entry in built.whole_feeds()[0].entries] == [1, 1]
    for text in (documents(wire), *(entry.content for entry in built.whole_feeds()[0].entries)):
        assert link.partition(":")[0].lower() + ":" not in text.lower()
    assert {(p.place.path, p.place.line, p.level) for p in wire.problems("markup-removed")} == {
        ("content/2024-05-01-md.md", 6, Level.WARNING),
        ("content/2024-05-02-html.html", 6, Level.WARNING),
    }


@pytest.mark.parametrize("key", ["url", "image", "source", "related", "media"])
@pytest.mark.parametrize("link", ["javascript:alert(1)", "data:text/html,x", "https://[", "http://a b/"])
def test_metadata_that_is_no_web_address(
    beside_good: Mill, capsys: pytest.CaptureFixture[str], key: str, link: str
) -> None:
    beside_good.story("2024-05-01-bad.md", **{key: f'"{link}"', "image_alt": "x"})
    problems = beside_good.problems("url")
    assert [(problem.place.line, problem.level) for problem in problems] == [(3, Level.ERROR)]


@pytest.mark.parametrize(
    ("markup", "what"),
    [
        ("<script>alert(1)</script>", "a script"),
        ('<p onclick="alert(1)">x</p>', "an event handler"),
        ("<img src=x.png onerror=alert(1)>", "an event handler"),
        ('<iframe src="javascript:alert(1)"></iframe>', "a frame"),
        ('<form action="https://evil.example/"><input value="alert"></form>', "a form field"),
        ("<svg><script>alert(1)</script></svg>", "a script"),
    ],
)
def test_markup_that_runs_is_removed_and_reported(wire: Mill, markup: str, what: str) -> None:
    wire.story("2024-05-01-md.md", body=f"Before\n\n{markup}\n\nAfter\n")
    wire.story("2024-05-02-html.html", body=f"<p>Before</p>\n\n{markup}\n<p>After</p>\n")
    built = wire.build()
    for entry in built.whole_feeds()[0].entries:
        assert "Before" in entry.content
        assert "After" in entry.content
        assert "alert" not in entry.content
        assert "evil" not in entry.content
    told = [problem for problem in wire.problems("markup-removed") if what in problem.message]
    assert [(problem.level, problem.place.line) for problem in told] == [(Level.WARNING, 6)] * 2


@pytest.mark.parametrize(
    "markup", ["<style>p { color: red }</style>", '<p style="color: red" class="red" id="red" data-x="red">x</p>']
)
def test_what_says_nothing_to_a_reader_goes_without_a_warning(
    wire: Mill, capsys: pytest.CaptureFixture[str], markup: str
) -> None:
    wire.story("2024-05-01-md.md", body=f"Before\n\n{markup}\n\nAfter\n")
    [entry] = wire.build().whole_feeds()[0].entries
    assert "red" not in entry.content
    assert wire.problems() == []
    assert wire.run("check", "--all-problems") == 0
    assert "2024-05-01-md.md:6:1: notice: markup-removed: " in capsys.readouterr().out.replace(":6:3:", ":6:1:")


@pytest.mark.parametrize("token", ["{{ page.title }}", "{% include foot %}", "{{< video >}}"])
@pytest.mark.parametrize("name", ["2024-05-01-bad.md", "2024-05-01-bad.html", "2024-05-01-bad.txt"])
def test_a_template_token_in_a_body(
    beside_good: Mill, capsys: pytest.CaptureFixture[str], token: str, name: str
) -> None:
    beside_good.story(name, body=f"Words.\n\nWell: {token}\n")
    assert_left_out(beside_good, capsys, "template-token", f"{name}:6:7")


@pytest.mark.parametrize("key", ["title", "summary", "tags", "rights", "series", "authors"])
def test_a_template_token_in_metadata(beside_good: Mill, capsys: pytest.CaptureFixture[str], key: str) -> None:
    beside_good.story("2024-05-01-bad.md", **{key: '"A {{ token }} here"'})
    line = 2 if key == "title" else 3
    [problem] = beside_good.problems("template-token")
    assert (problem.level, problem.place.line) == (Level.ERROR, line)


def test_a_template_token_in_code_is_what_the_story_is_about(wire: Mill) -> None:
    wire.story("2024-05-01-md.md", body="Write `{{ title }}`:\n\n```\n{% raw %}\n```\n\n    {{ indented }}\n")
    wire.story("2024-05-02-html.html", body="<p>Write <code>{{ title }}</code></p><pre>{% raw %}</pre>\n")
    assert [entry.slug for entry in wire.mill().entries] == ["md", "html"]
    assert not wire.problems()


def test_a_file_that_cannot_be_read(
    beside_good: Mill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = beside_good.story("2024-05-01-bad.md")
    honest = os.open

    def refuse(path: Path | str, flags: int, mode: int = 0o777) -> int:
        if str(path) == str(bad):
            raise PermissionError(13, "Permission denied", str(path))
        return honest(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    assert_left_out(beside_good, capsys, "unreadable", "2024-05-01-bad.md")


def test_a_link_out_of_the_content_directory(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    secret = beside_good.directory / "secret.md"
    secret.write_text("---\ntitle: Secret\n---\nWords.\n")
    (beside_good.directory / "content" / "2024-05-01-bad.md").symlink_to(secret)
    assert_left_out(beside_good, capsys, "link-outside", "2024-05-01-bad.md")


def test_a_link_to_a_directory_is_told_and_not_followed(wire: Mill) -> None:
    outside = wire.directory / "outside"
    outside.mkdir()
    (outside / "2024-05-01-secret.md").write_text("---\ntitle: Secret\n---\nWords.\n")
    wire.story("2024-05-02-good.md")
    (wire.directory / "content" / "more").symlink_to(outside)
    (wire.directory / "content" / "round").symlink_to(wire.directory / "content")
    assert [entry.slug for entry in wire.mill().entries] == ["good"]
    assert [problem.place.path for problem in wire.problems("link-directory")] == ["content/more", "content/round"]


def test_a_link_to_nothing(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    (beside_good.directory / "content" / "2024-05-01-bad.md").symlink_to("nowhere.md")
    assert_left_out(beside_good, capsys, "unreadable", "2024-05-01-bad.md")


def test_names_of_folders_links_and_sidecars_that_are_not_utf_8(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story("2024-05-02-good.md")
    content = wire.directory / "content"
    bad = os.fsdecode(b"\xff")
    (content / f"f-{bad}").mkdir()
    for name in (f"f-{bad}/2024-05-01-a.md", f"f-{bad}/alone.yaml", f"x-{bad}.yaml"):
        (content / name).write_bytes(b"title: A\n")
    (content / f"l-{bad}").symlink_to("/etc")
    assert wire.run("check") == 1
    said = capsys.readouterr()
    for place in (
        "content/f-\\xff: error: file-name",
        "content/x-\\xff.yaml: warning: sidecar-alone",
        "content/l-\\xff: warning",
    ):
        assert place in said.out + said.err
    assert wire.run("build") == 1
    assert "fault" not in capsys.readouterr().err


def test_a_link_to_itself(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    (beside_good.directory / "content" / "2024-05-01-bad.md").symlink_to("2024-05-01-bad.md")
    (beside_good.directory / "content" / "round").symlink_to("round")
    assert_left_out(beside_good, capsys, "unreadable", "2024-05-01-bad.md")


def test_a_pipe_or_socket_with_a_storys_name_does_not_hang_the_build(
    beside_good: Mill, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(beside_good.directory / "content" / "2024-05-01-bad.md")
    monkeypatch.chdir(beside_good.directory / "content")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("2024-05-01-plug.md")
        assert len(beside_good.problems("not-a-file")) == 2
    Path("2024-05-01-plug.md").unlink()
    assert_left_out(beside_good, capsys, "not-a-file", "2024-05-01-bad.md")


def test_an_empty_content_directory(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    assert wire.run("build") == 1
    assert "content: error: content-empty: there are no stories here; add files" in capsys.readouterr().err
    assert (wire.feeds / "all.atom").exists()


def test_content_that_became_empty_empties_no_feed_unless_it_is_meant(
    wire: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    wire.configure(CONFIGURATION + "content: {on_missing: drop}\n")
    story = wire.story()
    assert wire.run("build") == 0
    before = documents(wire)
    story.unlink()
    assert wire.run("build") == 3
    assert "put the stories back, or confirm with --force" in capsys.readouterr().err
    assert documents(wire) == before
    assert wire.run("build", "--force") == 1
    assert "A story" not in documents(wire)


def test_a_missing_content_directory_changes_no_feed(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story()
    assert wire.run("build") == 0
    before = documents(wire)
    (wire.directory / "content").rename(wire.directory / "unmounted")
    assert wire.run("build") == 2
    assert "there is no content directory here; create it" in capsys.readouterr().err
    assert documents(wire) == before


def test_a_story_of_20_mb(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    beside_good.story("2024-05-01-bad.md", body="Words.\n" * 3_000_000)
    assert_left_out(beside_good, capsys, "story-size", "2024-05-01-bad.md")


@pytest.mark.parametrize(
    "body",
    ["<div>" * 5_000, "> " * 5_000, "- " * 5_000 + "x", "<a " + " ".join(f"a{n}=1" for n in range(20_000)) + ">x</a>"],
    ids=["divs", "quotations", "lists", "attributes"],
)
def test_markup_that_would_take_minutes(beside_good: Mill, capsys: pytest.CaptureFixture[str], body: str) -> None:
    beside_good.story("2024-05-01-bad.md", body=body + "\nEnd.\n")
    assert_left_out(beside_good, capsys, "markup-bounds", "2024-05-01-bad.md:4:1", marker="End.")


def test_a_file_whose_name_is_not_utf_8(beside_good: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    folder = os.fsencode(beside_good.directory / "content")
    Path(os.fsdecode(folder + b"/2024-05-01-caf\xe9.md")).write_text("---\ntitle: One\n---\nWords.\n")
    assert_left_out(beside_good, capsys, "file-name", "2024-05-01-caf\\xe9.md")


def test_a_draft_that_is_not_ready_is_no_error(wire: Mill) -> None:
    wire.story("2024-05-02-good.md")
    wire.story("idea.md", title="", draft="true")
    assert wire.run("build") == 0
    assert {problem.level for problem in wire.problems()} == {Level.WARNING}


def test_terminal_codes_in_content_do_not_reach_the_terminal(
    beside_good: Mill, capsys: pytest.CaptureFixture[str]
) -> None:
    beside_good.story("2024-05-01-bad.md", date='"\\e[2Jnever"')
    assert_left_out(beside_good, capsys, "date", "2024-05-01-bad.md:3:7")
    assert "\x1b" not in capsys.readouterr().err


@pytest.mark.parametrize("body", ["a\n\n" * 900_000, "[^1]: x\n\n" * 245_000], ids=["paragraphs", "footnotes"])
def test_a_story_that_grows_beyond_what_readers_take(
    beside_good: Mill, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    beside_good.story("2024-05-01-bad.md", body=f"Grown.\n\n{body}")
    assert_left_out(beside_good, capsys, "markup-bounds", "2024-05-01-bad.md:4:1", marker="Grown.")


@pytest.mark.parametrize(
    "body", ["&" * 3_900_000, "{{" * 1_900_000, "{%" * 1_900_000], ids=["references", "braces", "tags"]
)
def test_bodies_that_took_minutes_are_left_out_at_once(
    beside_good: Mill, capsys: pytest.CaptureFixture[str], body: str
) -> None:
    beside_good.story("2024-05-01-bad.md", body=body)
    code = "markup-bounds" if "&" in body else "template-token"
    assert_left_out(beside_good, capsys, code, "2024-05-01-bad.md:4:1", marker=body[:50])


@pytest.mark.parametrize(
    "stray", ["layout: post", "permalink: /x/", "weight: 3", "aliases: [/y/]", "lastmod: 2024-01-02"]
)
def test_a_stray_key_of_another_tool_never_shows_what_is_hidden(wire: Mill, stray: str) -> None:
    wire.story("2024-01-01-a.md", title="Secret deal", embargo="2031-01-01")
    wire.story("2024-01-01-b.md", title="Taken back", withdrawn="{date: 2024-02-01, reason: libel}")
    wire.story("2024-01-01-c.md", title="Old", expires="2024-02-01")
    wire.write("2024-01-01-d.md", f"---\ntitle: Stray\n{stray}\n---\nWords.\n")
    assert [entry.title for entry in wire.mill().feeds[0].entries] == ["Stray"]
    site = (wire.directory / "feedmill.yaml").read_text()
    for convention in ("hugo", "jekyll", "eleventy", "zola", "pelican"):
        wire.configure(f"{site}content: {{convention: {convention}}}\n")
        assert [entry.title for entry in wire.mill().feeds[0].entries] == ["Stray"], convention


@pytest.mark.parametrize(
    "email",
    [
        "desk",
        "desk@",
        "a b@e.example",
        "desk@e.example, x@e.example",
        "<x@e.example>",
        "d%esk@e.example",
        "三@e.example",
    ],
)
def test_an_e_mail_address_that_is_none_is_left_out_with_a_warning(wire: Mill, email: str) -> None:
    wire.story("2024-05-01-a.md", authors=f"[{{name: Ada, email: '{email}'}}]")
    wire.story("2024-05-02-b.md", authors="[{name: Bo, email: bo.o'neil+x@mail.e-1.example}]")
    [problem] = wire.build().contents.problems
    assert (problem.level, problem.code) == (Level.WARNING, "author-email")
    assert str(problem.place).startswith("content/2024-05-01-a.md:3:")
    said = documents(wire)
    assert f">{email}<" not in said
    assert "bo.o'neil+x@mail.e-1.example" in said


def test_a_line_end_that_html_takes_for_a_control_stops_no_feed(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", body="One\x85two &#133; three.\n")
    assert not [problem for problem in wire.build().contents.problems if problem.level is Level.ERROR]
    assert "\x85" not in documents(wire)


def test_a_problem_is_one_line_whatever_it_quotes(wire: Mill, capsys: pytest.CaptureFixture[str]) -> None:
    wire.story("2024-05-02-bad.md", image='"javascript:one\\ntwo\\u2028three"')
    assert wire.run("build") == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("content/2024-05-02-bad.md:3:8: error: url: ")


def test_an_author_file_that_means_harm_stops_no_feed(wire: Mill) -> None:
    site = (wire.directory / "feedmill.yaml").read_text()
    wire.configure(site + "content: {authors_from: people}\nfeeds: {authors: true}\n")
    wire.write(
        "people/ada.md", '---\nname: "Ada\\e \\x01 Lovelace"\nemail: nobody\nurl: javascript://x/%0aalert(1)\n---\n'
    )
    wire.story("2024-05-01-a.md", authors="[ada]")
    built = wire.build()
    assert sorted(problem.code for problem in built.contents.problems) == ["author-email", "author-url"]
    assert "Ada  Lovelace" in documents(wire)
    assert "javascript:" not in documents(wire)
