"""Fifty builds over a content directory that changes, read after each by a reader that remembers ids."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from lxml import etree

from feedmill.publishing import Change
from tests.conftest import CONFIGURATION, Mill
from tests.dying import DyingAfter
from tests.ledger.reader import ATOM, all_bytes, shown_everywhere, walk
from tests.parts import count

EXAMPLES = int(os.environ.get("FEEDMILL_SCENARIOS", count(4, 8)))
START = datetime(2023, 12, 20, 9, tzinfo=UTC)
DOMAINS = ("https://wire.example/", "http://wire.example/", "https://moved.example/", "https://third.example/")
LIMIT = 4


class Story:
    """One story of the scenario. Its marker stands in its body, whatever else changes."""

    def __init__(self, number: int, date: datetime) -> None:
        self.number, self.date = number, date
        self.path = f"s{number}.md"
        self.title = f"Headline{number}q"
        self.words = "as first told"
        self.extra = ""
        self.is_broken = self.is_gone = self.is_withdrawn = self.was_told = False
        self.hidden_until: datetime | None = None

    @property
    def marker(self) -> str:
        return f"Marker{self.number}z"

    @property
    def text(self) -> str:
        if self.is_broken:
            return "---\ntitle: [\n---\n"
        head = f"title: {self.title}\ndate: {self.date.isoformat()}\ntopics: [{('china', 'ai')[self.number % 2]}]\n"
        embargo = f"embargo: {self.hidden_until.isoformat()}\n" if self.hidden_until else ""
        body = f"{self.marker} {self.words}, at a length that is no coincidence: {'x' * 80}.\n"
        return f"---\n{head}{embargo}{self.extra}---\n{body}"


class Scenario(RuleBasedStateMachine):
    """Every rule changes something and builds; a reader then looks at all that was published."""

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self.wire = Mill(directory)
        self.wire.directory.mkdir()
        (self.wire.directory / "content").mkdir()
        self.now = START
        self.domain = DOMAINS[0]
        self.stories: list[Story] = []
        self.ids: dict[int, str] = {}
        self.builds = 0

    def teardown(self) -> None:
        shutil.rmtree(self.wire.directory)

    # What the publisher does

    @initialize(count=st.integers(1, 7))
    def begin(self, count: int) -> None:
        self.configure()
        for number in range(count):
            self.add_story(START - timedelta(days=40 * (number + 1)))
        self.build()

    @rule(days=st.integers(0, 40))
    def add(self, days: int) -> None:
        self.add_story(self.now - timedelta(days=days))
        self.build()

    @rule(days=st.integers(1, 60))
    def add_under_embargo(self, days: int) -> None:
        story = self.add_story(self.now)
        story.hidden_until = self.now + timedelta(days=days)
        self.write(story)
        self.build()

    @rule(data=st.data())
    def edit(self, data: Any) -> None:
        if story := self.pick(data, whole=True):
            self.change(story, "reword")
        self.build()

    @rule(data=st.data(), folder=st.sampled_from(["", "a/", "b/c/"]))
    def rename(self, data: Any, folder: str) -> None:
        if story := self.pick(data, whole=True):
            self.change(story, "rename", folder)
        self.build()

    @rule(data=st.data())
    def retitle(self, data: Any) -> None:
        if story := self.pick(data, whole=True):
            self.change(story, "retitle")
        self.build()

    @rule(data=st.data(), days=st.integers(1, 300))
    def redate(self, data: Any, days: int) -> None:
        if (story := self.pick(data, whole=True)) and story.hidden_until is None:
            story.date = self.now - timedelta(days=days, minutes=self.builds)
            self.write(story)
        self.build()

    @rule(data=st.data())
    def correct(self, data: Any) -> None:
        if story := self.pick(data, whole=True):
            story.extra = f"correction: {{date: {self.now.isoformat()}, note: Put right {self.builds}.}}\n"
            self.write(story)
        self.build()

    @rule(data=st.data())
    def break_a_story(self, data: Any) -> None:
        if story := self.pick(data, whole=True):
            story.is_broken = True
            self.write(story)
        self.build()

    @rule()
    def mend_all(self) -> None:
        for story in self.stories:
            if story.is_broken and not story.is_gone:
                story.is_broken = False
                self.write(story)
        self.build()

    @rule(data=st.data())
    def delete(self, data: Any) -> None:
        # A site without any story is refused, which has a test of its own.
        if sum(not story.is_gone for story in self.stories) > 1 and (story := self.pick(data, whole=False)):
            story.is_gone = True
            (self.wire.directory / "content" / story.path).unlink()
        self.build()

    @precondition(lambda self: any(story.was_told for story in self.stories))
    @rule(data=st.data(), by_verb=st.booleans())
    def withdraw(self, data: Any, by_verb: bool) -> None:
        told = [story for story in self.stories if story.was_told and not story.is_withdrawn]
        story = data.draw(st.sampled_from(told)) if told else None
        if story is not None:
            story.is_withdrawn = True
            if by_verb or story.is_broken or story.is_gone:
                command = ["withdraw", self.ids[story.number], "--reason", "No.", "--now", self.now.isoformat()]
                assert self.wire.run(*command) == 0
            else:
                story.extra = f"withdrawn: {{date: {self.now.isoformat()}, reason: No.}}\n"
                self.write(story)
        self.build()

    @rule(domain=st.sampled_from(DOMAINS))
    def move_the_domain(self, domain: str) -> None:
        self.domain = domain
        self.configure()
        self.build()

    @rule(days=st.integers(1, 100))
    def let_time_pass(self, days: int) -> None:
        self.now += timedelta(days=days)
        self.build()

    @rule()
    def lose_the_cache(self) -> None:
        (self.wire.directory / ".feedmill/cache.sqlite3").unlink(missing_ok=True)
        self.build()

    @rule()
    def lose_the_ledger(self) -> None:
        (self.wire.directory / ".feedmill/ledger.sqlite3").unlink()
        self.build()

    @rule(after=st.integers(0, 14))
    def crash_between_writes(self, after: int) -> None:
        self.add_story(self.now)
        self.crash(after)

    @rule(
        data=st.data(),
        after=st.integers(0, 14),
        more=st.integers(0, LIMIT + 1),
        changes=st.permutations(["rename", "retitle", "reword"]),
    )
    def crash_while_a_story_changes(self, data: Any, after: int, more: int, changes: list[str]) -> None:
        """Change two of the three by which a story is known, and the third when the build that died told of both."""
        story = self.pick(data, whole=True)
        if story is None or not self.is_told(story):
            return
        *first, last = changes
        for change in first:
            self.change(story, change)
        for _ in range(more):
            self.add_story(self.now)
        self.crash(after)
        if self.is_told(story):
            self.change(story, last)
        self.build()

    def is_told(self, story: Story) -> bool:
        """Whether a document tells a story under the title and in the words that it has now."""
        return any(
            entry.findtext(f"{ATOM}title") == story.title
            and f"{story.marker} {story.words}," in (entry.findtext(f"{ATOM}content") or "")
            for path in self.wire.feeds.rglob("*.atom")
            for entry in etree.parse(path).getroot().findall(f"{ATOM}entry")
        )

    def crash(self, after: int) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "replace", DyingAfter(after))
            with pytest.raises(KeyboardInterrupt):
                for _ in range(2):
                    self.wire.build(self.now)
                raise KeyboardInterrupt  # the build wrote less than it was allowed to
        for name in ("all", "china", "ai"):
            self.remember(name)

    # What the reader sees

    def build(self) -> None:
        self.now += timedelta(hours=7)
        self.builds += 1
        built = self.wire.build(self.now)
        assert {p.code for p in built.contents.problems} <= {
            "yaml-syntax", "story-kept", "story-missing", "withdrawn-before", "content-empty",
        }  # fmt: skip
        for name in ("all", "china", "ai"):
            shown_everywhere(self.wire.feeds, name)
            self.remember(name)
        found = set(walk(self.wire.feeds, f"{self.domain}feeds/"))
        everything = all_bytes(self.wire.directory)
        for story in self.stories:
            is_hidden = story.hidden_until is not None and story.hidden_until > self.now
            if story.is_withdrawn:
                assert self.ids[story.number] not in found
                assert story.marker.encode() not in everything, "withdrawn text is nowhere"
                assert f"Headline{story.number}q".encode() not in everything
            elif is_hidden and not story.was_told:
                told = all_bytes(self.wire.directory, but="cache.sqlite3")
                assert story.marker.encode() not in told, "what is under embargo is told nowhere"
            elif story.was_told or not (story.is_broken or story.is_gone):
                assert story.number in self.ids, "a story that may be shown is shown"
                assert self.ids[story.number] in found, "no story is lost"
        if self.builds % 5 == 0:
            assert set(self.wire.build(self.now).published.changes.values()) == {Change.UNTOUCHED}

    def remember(self, name: str) -> None:
        """Read a feed as a reader does: what it has not seen by its id is new."""
        path = self.wire.feeds / f"{name}.atom"
        if not path.exists():
            return
        for entry in etree.parse(path).getroot().findall(f"{ATOM}entry"):
            id_, content = entry.findtext(f"{ATOM}id") or "", entry.findtext(f"{ATOM}content") or ""
            if entry.findtext(f"{ATOM}title") == "Withdrawn":
                assert id_ in self.ids.values()
                continue
            [story] = [story for story in self.stories if story.marker in content]
            assert self.ids.setdefault(story.number, id_) == id_, "a story is new twice"
            story.was_told = True
        assert len(set(self.ids.values())) == len(self.ids), "two stories have one id"
        # What an archive alone tells was told, too.
        for archive in self.wire.feeds.glob("archive/all/*.atom"):
            for entry in etree.parse(archive).getroot().findall(f"{ATOM}entry"):
                content = entry.findtext(f"{ATOM}content") or ""
                for story in self.stories:
                    if story.marker in content:
                        assert self.ids.setdefault(story.number, entry.findtext(f"{ATOM}id") or "") == entry.findtext(
                            f"{ATOM}id"
                        )
                        story.was_told = True

    # How the content directory is kept

    def configure(self) -> None:
        text = CONFIGURATION.replace("https://wire.example/", self.domain)
        self.wire.configure(text + f"feeds: {{archive: true, limit: {LIMIT}}}\nbrake: {{lost: 60}}\n")

    def add_story(self, date: datetime) -> Story:
        story = Story(len(self.stories), date - timedelta(minutes=len(self.stories)))
        self.stories.append(story)
        self.write(story)
        return story

    def write(self, story: Story) -> None:
        self.wire.write(story.path, story.text)

    def change(self, story: Story, what: str, folder: str = "") -> None:
        if what == "rename":
            (self.wire.directory / "content" / story.path).unlink()
            story.path = f"{folder}r{self.builds}.md"
        elif what == "retitle":
            story.title = f"Headline{story.number}q, once more {self.builds}"
        else:
            story.words = f"in its version {self.builds}"
        self.write(story)

    def pick(self, data: Any, *, whole: bool) -> Story | None:
        found = [s for s in self.stories if not (s.is_gone or s.is_withdrawn or (whole and s.is_broken))]
        return data.draw(st.sampled_from(found)) if found else None


def test_fifty_builds_of_a_changing_site_keep_every_promise(tmp_path: Path) -> None:
    class Here(Scenario):
        def __init__(self) -> None:
            super().__init__(tmp_path / "site")

    run_state_machine_as_test(
        Here,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=50,
            deadline=None,
            # The few of every run are always the same; whoever looks for more gets others each time.
            derandomize="FEEDMILL_SCENARIOS" not in os.environ,
            # A failure of fifty builds is told as it is: to shrink one takes longer than to read it.
            phases=[Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )
