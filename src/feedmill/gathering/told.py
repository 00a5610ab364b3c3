"""What one story file tells, as a value that can be kept: what the cache holds of it."""

from __future__ import annotations

import msgspec
from msgspec import Struct

from feedmill.model import Entry, Head, Problem, Site, Story
from feedmill.normalising import TopicIndex, draft_entry, page_address
from feedmill.reading import Listing, StoryFile, read_body, read_story


class Told(Struct, frozen=True, array_like=True):
    """What a file tells: an entry without its body, or why there is none; and the address of the story or page.

    The entry is packed (`entry_in` unpacks it): of most stories a build wants no more than the `head`. `digest` is that
    of the bytes it was told by. A file that was deleted meanwhile tells nothing: it `is_gone`.
    """

    digest: str
    head: Head | None = None
    problems: tuple[Problem, ...] = ()
    address: str = ""
    is_page: bool = False
    is_left_out: bool = False
    is_gone: bool = False
    entry: bytes = b""


ENCODER = msgspec.msgpack.Encoder()
DECODER = msgspec.msgpack.Decoder(Told)
_ENTRY = msgspec.msgpack.Decoder(Entry)


def entry_in(packed: bytes) -> Entry:
    """Return the entry that a file told. Raises msgspec.MsgspecError when it is damaged."""
    return _ENTRY.decode(packed)


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
    entry = draft.entry
    return Told(
        digest=read.digest,
        head=Head.of(entry) if entry is not None else None,
        problems=(*read.problems, *draft.problems),
        address=draft.address,
        is_left_out=draft.is_left_out,
        entry=ENCODER.encode(entry) if entry is not None else b"",
    )


def read_again(file: StoryFile, listing: Listing, site: Site, digest: str = "") -> Story | None:
    """Return a file's story for the sake of its body, None when it can no longer be read.

    Where the file is still that of `digest`, it may be without metadata.
    """
    convention, shown_root = listing.convention_of(file), site.content_path
    story = read_body(file, convention, site.content, digest, shown_root=shown_root) if digest else None
    return story or read_story(file, convention, site.content, shown_root=shown_root).story
