"""Coverage-guided fuzzing of the validator: `make fuzz`. No bytes may make it raise, hang, or take without bound.

libFuzzer's options follow the script's name; its -timeout and -rss_limit_mb are what "hang" and "without bound" mean.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime

import atheris

with atheris.instrument_imports(include=["feedmill"]):
    from feedcheck import compare, entries_of, validate

NOW = datetime(2024, 7, 1, tzinfo=UTC)
SEEDS = (
    b'<feed xmlns="http://www.w3.org/2005/Atom"><title>t</title><entry><content type="xhtml">'
    b'<div xmlns="http://www.w3.org/1999/xhtml"/></content></entry></feed>',
    b'<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/"><channel><item><guid/>'
    b"<description>&lt;p&gt;</description><media:group/></item></channel></rss>",
    b'{"version":"https://jsonfeed.org/version/1.1","items":[{"id":"1","content_html":"<p>","_x":{}}]}',
    b'<opml version="2.0"><head/><body><outline text="" type="rss"/></body></opml>',
)


def one_input(data: bytes) -> None:
    """Judge the bytes themselves, and each seed with the bytes in the middle of it."""
    for content in (data, *(seed[: len(seed) // 2] + data + seed[len(seed) // 2 :] for seed in SEEDS)):
        for finding in validate(content, name="fuzz", now=NOW, address="http://example.org/feed").findings:
            assert finding.code
            assert str(finding)
        entries_of(content)
    compare(data, [SEEDS[0], data], name="fuzz")


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
