"""A content directory becomes stories."""

from feedmill.model import BodyFormat
from feedmill.reading import story_files
from feedmill.scan import walk
from tests.conftest import Mill, stories_in


def test_markdown_html_and_text_are_stories_and_other_files_are_not(wire: Mill) -> None:
    for name in ("a.md", "b.markdown", "c.HTML", "d.htm", "e.txt", "f.jpg", "g.pdf", ".hidden.md", "h.md~"):
        wire.write(name, "---\ntitle: T\n---\n")
    wire.write(".git/i.md", "---\ntitle: T\n---\n")
    root = wire.directory / "content"
    found = [story_files(folder, root) for folder in walk(str(root), "")]
    assert [(file.relative, file.body_format) for files, _ in found for file in files] == [
        ("a.md", BodyFormat.MARKDOWN),
        ("b.markdown", BodyFormat.MARKDOWN),
        ("c.HTML", BodyFormat.HTML),
        ("d.htm", BodyFormat.HTML),
        ("e.txt", BodyFormat.TEXT),
    ]
    assert [problem for _, problems in found for problem in problems] == []


def test_a_sidecar_carries_the_metadata_of_a_file_that_has_none(wire: Mill) -> None:
    wire.write("2024-05-01-plain.txt", "Words.\n")
    wire.write("2024-05-01-plain.yaml", "title: From beside\nsumary: x\n")
    [entry] = wire.mill().entries
    assert (entry.title, entry.content) == ("From beside", "<p>Words.</p>")
    [problem] = wire.problems()
    assert str(problem.place) == "content/2024-05-01-plain.yaml:2:1"


def test_a_sidecar_beside_front_matter_is_told_and_not_read(wire: Mill) -> None:
    wire.story("2024-05-01-a.md", title="Mine")
    wire.write("2024-05-01-a.yaml", "title: Beside\n")
    assert [entry.title for entry in wire.mill().entries] == ["Mine"]
    assert [problem.place.path for problem in wire.problems("sidecar-unused")] == ["content/2024-05-01-a.yaml"]


def test_a_sidecar_alone_is_told(wire: Mill) -> None:
    wire.story()
    wire.write("lonely.yaml", "title: Alone\n")
    assert [problem.place.path for problem in wire.problems("sidecar-alone")] == ["content/lonely.yaml"]


def test_a_broken_sidecar_is_named_itself(wire: Mill) -> None:
    wire.write("2024-05-01-a.txt", "Words.\n")
    wire.write("2024-05-01-a.yml", "title: [\n")
    [problem] = wire.problems("yaml-syntax")
    assert str(problem.place) == "content/2024-05-01-a.yml:2:1"


def test_line_ends_and_byte_order_marks_of_all_systems_are_one(wire: Mill) -> None:
    wire.write("2024-05-01-a.md", b"\xef\xbb\xbf---\r\ntitle: One\r\n---\r\nA\r\n\r\nB\r\n")
    [entry] = wire.mill().entries
    assert (entry.title, entry.content) == ("One", "<p>A</p>\n<p>B</p>")


def test_stories_come_in_one_order_whatever_the_file_system_says(wire: Mill) -> None:
    for name in ("b/2.md", "a/1.md", "b.md", "B.md", "a-b.md"):
        wire.write(name, "---\ntitle: T\n---\n")
    assert [story.path for story in stories_in(wire.directory / "content")] == [
        "B.md",
        "a-b.md",
        "a/1.md",
        "b.md",
        "b/2.md",
    ]


def test_a_story_without_a_body_is_told_with_the_place_of_its_title(wire: Mill) -> None:
    wire.write("2024-05-01-bare.md", "---\ndate: 2024-05-01\ntitle: Bare\n---\n")
    [problem] = wire.problems("body-empty")
    assert str(problem.place) == "content/2024-05-01-bare.md:3:8"
