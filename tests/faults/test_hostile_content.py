"""Content that means harm: nothing of it runs, every bad story is told of, and no run takes too long or too much."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import time
import zipfile
from pathlib import Path

import pytest

from tests.conftest import CONFIGURATION, NOW, Mill
from tests.faults.judging import dangers, dangers_in
from tests.faults.tools import BUILD
from tests.faults.vectors import VECTORS
from tests.parts import count, require_program
from tests.peers import site
from tests.peers.loopback import serving
from tests.peers.test_chromium import LOOPBACK_ONLY, OPTIONS

MEMORY = 1_500_000
"""Kilobytes of address space that a run may take."""


def bounded(wire: Mill, seconds: float, verb: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a verb within bounds of time and memory."""
    command = [*BUILD, "-C", str(wire.directory), verb, "--now", NOW.isoformat(), *options]
    done = subprocess.run(
        ["/bin/sh", "-c", f'ulimit -v {MEMORY}; exec "$@"', "sh", *command],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=seconds,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "MemoryError" not in done.stderr
    assert "a fault in Feedmill itself" not in done.stderr, done.stderr
    return done


def test_the_judge_finds_what_runs() -> None:
    runs = [vector for vector in VECTORS if list(dangers(vector))]
    assert len(runs) > 85, "the others are Markdown, or plain text"
    assert not list(dangers("<p><a href='https://e.example/'>x</a><img src='https://e.example/i.png' alt=''></p>"))


def hostile_site(wire: Mill) -> int:
    """Write every vector as a body of each kind and into each field; return how many stories there are."""
    wire.configure(CONFIGURATION + "feeds: {limit: 5000, authors: true, status: true}\n")
    number = 0
    for number, vector in enumerate(VECTORS, 1):
        head = f"---\ntitle: Vector {number}\ndate: 2024-05-01\ntopics: [china]\n---\n"
        for ending in ("md", "html", "txt"):
            wire.write(f"{number}-{ending}.{ending}", f"{head}Before.\n\n{vector}\n\nAfter.\n")
        text = json.dumps(vector)
        wire.write(
            f"{number}-fields.md",
            f"---\ntitle: {text}\ndate: 2024-05-01\nsummary: {text}\nauthors: [{{name: {text}}}]\ntags: [{text}]\n"
            f"topics: [china]\nseries: {text}\nrights: {text}\nimage_alt: {text}\nimage: /i.png\n---\nWords.\n",
        )
        wire.write(
            f"{number}-addresses.md",
            f"---\ntitle: Addresses {number}\ndate: 2024-05-01\nurl: {text}\nimage: {text}\n"
            f"authors: [{{name: A, url: {text}}}]\n"
            f"source: {{title: S, url: {text}}}\nrelated: [{{title: R, url: {text}}}]\ntopics: [china]\n---\nWords.\n",
        )
    return 5 * number


def told_of(done: subprocess.CompletedProcess[str], written: int) -> None:
    """Every story is published, or hidden for a reason that it gives itself, or told of with its file."""
    told = json.loads(done.stdout)
    stories = told["stories"]
    assert stories["found"] == written
    assert stories["published"] + len(stories["hidden"]) + stories["left_out"] == written
    errors = {problem["path"] for problem in told["problems"] if problem["level"] == "error"}
    assert len(errors) == stories["left_out"]
    assert done.returncode == (1 if errors else 0)


def test_no_vector_runs_in_any_document_or_page(wire: Mill, tmp_path: Path) -> None:
    """Judged by parsing with html5lib, and by opening everything in Chromium."""
    written = hostile_site(wire)
    told_of(bounded(wire, 60, "build", "--json"), written)
    found, looked_at = dangers_in(wire.feeds)
    assert found == []
    assert looked_at > len(VECTORS)

    chromium = require_program("chromium")
    items = json.loads((wire.feeds / "all.json").read_bytes())["items"]
    bodies = "".join(f"<div>{item['content_html']}</div>\n" for item in items)
    (wire.feeds / "bodies.htm").write_text(f"<!doctype html><meta charset=utf-8><title>calm</title>{bodies}", "utf-8")
    raw = "".join(f"<div>{vector}</div>\n" for vector in VECTORS[7:8])
    (wire.feeds / "raw.htm").write_text(f"<!doctype html><meta charset=utf-8><title>calm</title>{raw}", "utf-8")
    titles = {}
    with serving(wire.feeds) as served:
        for page in ("raw.htm", "bodies.htm", "china.html", "index.html", "status.html"):
            done = subprocess.run(
                [chromium, *OPTIONS, LOOPBACK_ONLY, f"--user-data-dir={tmp_path / 'profile'}",
                 "--virtual-time-budget=2000", "--dump-dom", served.url + page],
                env={"HOME": str(tmp_path), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"},
                capture_output=True, timeout=60, check=True,
            )  # fmt: skip
            titles[page] = done.stdout.decode("utf-8", "replace").partition("</title>")[0].rpartition(">")[2]
    assert titles.pop("raw.htm") == "OWNED", "the vectors do run where nobody cleans them"
    assert "OWNED" not in titles.values()
    assert titles["bodies.htm"] == "calm"


SEEDS = {
    "md": [site._CHIPS, site._MEDIA, site._REPUBLISHED, site._CORRECTED, site._BARE, site._SUMMARISED],
    "html": [site._HTML],
    "txt": [site._TEXT],
}
TOKENS = [
    "---\n", "...\n", "- ", ": ", "!!python/object ", "&a ", "*a ", "<<: ", "{", "}", "[", "]", "|\n", ">\n", "'",
    '"', "\\", "%", "@", "`", "\t", "\r", "\r\n", "\x00", "\x1b", "\x7f", "\x85", "\u2028", "\ufeff", "\ufffe",
    "\U0001f680", "e\u0301", "<", ">", "</", "/>", "<!--", "-->", "<![CDATA[", "]]>", "<?", "&", "&#0;", "&#x110000;",
    "&amp", "<p", "<b>", "</div>", "<table><tr><td>", "<a href=", "<img src=", "#", "##", "*", "**", "_", "~~",
    "[x](", "![x](", "[^1]", "> ", "    ", "{{", "}}", "{%", "%}", "{{< x >}}", "2024-13-45", "0000-00-00",
    "9999-12-31T23:59:60Z", "1e999", "null", "true", "~", "title: x\n", "date: 2024-05-01\n", "id: same\n",
    "slug: ../../x\n", "url: //evil.example/\n", "draft: maybe\n", "withdrawn: yes\n", "expires: 1\n",
    "topics: {a: b}\n", "authors: 7\n", "media: [[[]]]\n", "unlisted: true\n", f"weight: {'9' * 4_301}\n",
    f"authors: [{'中' * 84}]\n", f"tags: [{'[' * 300}\n", f"{'a.' * 500}b: 1\n", "\u202e", "\u2066",
    "\x9b31m", "\ud7ff",
    "<noscript>", "<math><mtext>", "<svg><title>", "<iframe src=//x.example>", "<object data=x>",
    "<base href=//x.example/>",
    "<img data-src=x src=data:,>", "<picture><source srcset='", ",,,,,,,, ", "<video src=x>", "<annotation-xml>",
    "<mglyph>",
    "\\(", "\\)", "\\[\n", "$", "$$", "\\frac{{", "{: .x onclick=y}", "> [!NOTE]\n", "- [ ] ", "\n: ", "www.x.example",
    "https://x.example/(", ".. |a| replace:: |a|\n", "<select><option>", "<textarea>", "&lsqb;", "&NotEqualTilde;",
]  # fmt: skip


def mutated(chance: random.Random, seed: str) -> bytes:
    """Change a good story in one to six places: its bytes, YAML, HTML or Markdown."""
    story = seed.encode()
    for _ in range(chance.choice([1, 1, 1, 2, 3, 6])):
        at = chance.randrange(len(story) + 1)
        upto = min(len(story), at + chance.choice([1, 3, 40, 400]))
        before, here, after = story[:at], story[at:upto], story[upto:]
        token, vector = chance.choice(TOKENS).encode("utf-8", "replace"), chance.choice(VECTORS).encode()
        kinds = (
            before + token + after,
            before + after,
            before + here + here + after,
            before + bytes([chance.randrange(256)]) + story[at + 1 :],
            before + token + here + after,
            before + token * 30 + here + after,
            before + vector + here + after,
            before + b"\n\n" + vector + b"\n\n" + here + after,
            before + here[::-1] + after,
            story[: max(at, len(story) // 2)],
        )
        story = chance.choice(kinds) or b"\n"
    return story


def test_mutated_stories_are_published_clean_or_reported(wire: Mill) -> None:
    chance = random.Random(20_240_501)
    wire.configure(CONFIGURATION + "feeds: {limit: 5000, authors: true}\n")
    number = count(120, 10_000)
    for index in range(number):
        ending = chance.choice(["md", "md", "md", "html", "txt"])
        # Each has words of its own: what is a copy of another is not looked at.
        own = f"\n---\nNumber {index} says this at some length, and no other says it, whatever becomes of it below.\n\n"
        seed = chance.choice(SEEDS[ending]).replace("\n---\n", own, 1).replace("title: ", f"title: {index} ", 1)
        wire.write(f"{index:05}.{ending}", mutated(chance, seed))
    wire.write("good.md", f"{site._CHIPS}\nAnd words of its own, which no mutant of it has.\n")
    began = time.monotonic()
    done = bounded(wire, 120 + number / 10, "build", "--json")
    took = time.monotonic() - began
    assert took < 5 + number / 50
    told_of(done, number + 1)
    stories = json.loads(done.stdout)["stories"]
    assert 10 < stories["left_out"] < number - 10, "some are bad, and some are not"
    found, looked_at = dangers_in(wire.feeds)
    assert found == []
    assert looked_at > 20
    assert "content/good.md" not in done.stderr


BODIES = {
    "quotations": "> " * 20_000 + "x",
    "lists": "- " * 20_000 + "x",
    "emphasis": "*a **a " * 30_000,
    "unclosed emphasis": "a**b" * 50_000,
    "brackets": "[" * 50_000,
    "bracket pairs": "[a](" * 30_000,
    "nested links": "[" * 20_000 + "a" + "](b)" * 20_000,
    "images": "![" * 50_000,
    "backticks": "".join("e" + "`" * number for number in range(1_500)),
    "entities": "&" * 100_000,
    "autolinks": "<" * 50_000,
    "comments": "<!--" * 30_000,
    "declarations": "<!A " * 30_000,
    "cdata": "<![CDATA[" * 20_000,
    "instructions": "<?" * 50_000,
    "references": "".join(f"[{number}]: x\n" for number in range(20_000)),
    "reference uses": "[a]: x\n\n" + "[a]" * 100_000,
    "footnotes": "".join(f"[^{number}]: x [^{number + 1}]\n\n" for number in range(5_000)) + "[^0]",
    "headings": "#" * 100_000,
    "setext": "a\n" + "=" * 100_000,
    "a huge table": "|" + "a|" * 300 + "\n|" + "-|" * 300 + "\n" + ("|" + "b|" * 300 + "\n") * 300,
    "a wide table": "|" + "a|" * 20_000 + "\n|" + "-|" * 20_000 + "\n" + "|b" * 20_000,
    "html tables": "<table>" * 5_000,
    "open elements": "<b><i><u>" * 5_000,
    "divs": "<div>" * 30_000,
    "attributes": "<p " + " ".join(f"a{number}=1" for number in range(30_000)) + ">",
    "one long word": "x" * 1_000_000,
    "blank lines": "\n" * 1_000_000,
    "tabs": "\t" * 300_000 + "x",
    "combining": "a" + "\u0301" * 300_000,
    "strikes": "~~a~" * 30_000,
    "pipes": "|" * 100_000,
    "selects": "<select><option>" * 5_000,
    "svg in math": "<svg><math>" * 5_000,
}


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_looks_exponential_is_done_in_no_time(wire: Mill, name: str) -> None:
    wire.story("2024-05-02-good.md")
    wire.story("2024-05-01-bad.md", body=BODIES[name])
    wire.write("bad.html", f"---\ntitle: B\ndate: 2024-05-01\n---\n{BODIES[name]}")
    done = bounded(wire, 20, "build", "--json")
    told_of(done, 3)
    assert dangers_in(wire.feeds)[0] == []
    assert "2024-05-02-good" not in done.stderr


def entity_bomb() -> bytes:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10))
    feed = "<rss version='2.0'><channel><title>&e9;</title></channel></rss>"
    return f"<?xml version='1.0'?><!DOCTYPE rss [{entities}]>{feed}".encode()


def zip_bomb(directory: Path) -> bytes:
    with zipfile.ZipFile(directory / "bomb.zip", "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(20):
            archive.writestr(f"{number}.html", b"\0" * 20_000_000)
    return (directory / "bomb.zip").read_bytes()


@pytest.mark.parametrize("kind", ["entities", "zip", "gzip", "large"])
@pytest.mark.parametrize("verb", ["import", "validate"])
def test_a_bomb_is_refused_within_bounds(wire: Mill, tmp_path: Path, verb: str, kind: str) -> None:
    if kind == "entities":
        content = entity_bomb()
    elif kind == "zip":
        content = zip_bomb(tmp_path)
    else:
        content = gzip.compress(b"\0" * 100_000_000) if kind == "gzip" else b"<rss>" + b"x" * 60_000_000
    (wire.directory / "bomb.xml").write_bytes(content)
    options = ["--date", "2024-05-01", "--base-url", "https://e.example/"] if verb == "import" else []
    done = bounded(wire, 20, verb, "bomb.xml", *options)
    assert done.returncode in (1, 2), (done.stdout[:500], done.stderr[:500])
    assert len(done.stdout) + len(done.stderr) < 100_000
    assert not list((wire.directory / "content").iterdir())
