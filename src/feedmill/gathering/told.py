"""What one story file tells, as a value that can be kept: what the cache holds of it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from feedmill.model import Entry, Problem, Site, Story
from feedmill.normalising import TopicIndex, draft_entry, page_address
from feedmill.reading import Listing, StoryFile, read_story


class Told(Struct, frozen=True):
    """What a file tells: an entry without its body, or why there is none; and the address of the story or page.

    `digest` is that of the bytes it was told by. A file that was deleted meanwhile tells nothing: it `is_gone`.
    """

    digest: str
    entry: Entry | None = None
    problems: tuple[Problem, ...] = ()
    address: str = ""
    is_page: bool = False
    is_left_out: bool = False
    is_gone: bool = False


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(Told)


def tell(file: StoryFile, listing: Listing, site: Site, topics: TopicIndex) -> Told:
    """Read a file and say what it tells. Raises Unreadable when the machine, not the file, is at fault."""
    read = read_story(file, listing.convention_of(file), site.content, shown_root=site.content_path)
    if read.is_gone:
        return Told("", is_gone=True)
    if read.story is None:
        return Told(read.digest, None, () if read.is_page else read.problems, "", read.is_page, not read.is_page)
    if read.is_page:
        return Told(read.digest, address=page_address(read.story, site), is_page=True)
    draft = draft_entry(read.story, site, topics)
    return Told(read.digest, draft.entry, (*read.problems, *draft.problems), draft.address, False, draft.is_left_out)


def read_again(file: StoryFile, listing: Listing, site: Site) -> Story | None:
    """Return a file's story for the sake of its body, None when it can no longer be read."""
    return read_story(file, listing.convention_of(file), site.content, shown_root=site.content_path).story
