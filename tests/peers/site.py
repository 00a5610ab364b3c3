"""A small site that uses everything a story can say, so that readers have all of it to misread."""

from __future__ import annotations

from feedmill.model import Feed, Format
from tests.conftest import Finished, Mill

FEEDS_URL = "https://wire.example/feeds/"
HUB = "https://hub.wire.example/"
RIGHTS = "© 2024 Test Wire & friends"
HOSTILE = "<script>document.title = `hijacked`</script><img src=x onerror=alert(1)>"

_CONFIGURATION = f"""\
site:
  title: Test Wire & <Partners>
  description: 'News "as it is" — 新闻 & more'
  url: https://wire.example/
  id_authority: wire.example,2024
  language: en
  timezone: America/New_York
  author: {{name: Test Wire, email: desk@wire.example, url: https://wire.example/about/}}
  rights: {RIGHTS}
feeds: {{authors: true, hub: '{HUB}'}}
topics:
  china:
    title: China
    description: '{HOSTILE}Politics & "technology" in <China>'
    aliases: [prc]
  ai: {{title: 'Artificial intelligence & <models>', match: [AI]}}
  brief: {{title: In brief, body: summary}}
  quiet: {{title: Nothing yet}}
collections:
  trending: {{title: Trending now, stories: [plain, 芯片, chips]}}
  both: {{title: China and AI, topics: {{all: [china, ai]}}}}
"""

_CHIPS = """\
---
title: '"Chips" & <models>: O’Brien’s if (a < b && c > d) 🚀'
date: 2024-06-03T09:30:15-04:00
updated: 2024-06-04T10:11:12+08:00
authors:
- {name: Zoë Müller & Søn, email: zoe@wire.example, url: /people/zoe/}
- Ada "the Count" O’Neil
topics: [china, ai]
tags: [semiconductors, 'R&D, C++ <T>']
summary: 'What 5 < 7 & "seven" mean: vector<int>, 芯片 — and why'
image: /pictures/wafer.jpg?w=1200&q=80
image_alt: 'A wafer, 300 mm "across" & <shiny>'
language: en-GB
rights: © 2024 Zoë Müller & Søn
related:
- {title: 'Before & after', url: /2023/before/?a=1&b=2}
- {title: A piece without an address}
series: Silicon & Sand
---
First *paragraph* with `vector<int>` & "quotes" — ‘curly’, 100 % sure.

```python
if a < b and c > d: print("芯片 & 🚀 ]]>")
```

| a | b |
|---|---|
| 1 | &lt;2&gt; |

[Relative](../next/?x=1&y=2), [mail](mailto:desk@wire.example) and a footnote.[^1]

[^1]: The note.
"""

_HTML = """\
---
title: 芯片出口管制：「新规」解读 & 影响
slug: 芯片
date: 2024-06-02T23:59:59+08:00
authors: 王小明
topics: prc
tags: [出口, 半导体]
language: zh-Hans
---
<p>北京——<b>新规</b>今天生效，见<a href="rules/?a=1&amp;b=2#第一条">全文</a>。AI &amp; 芯片。</p>
<figure><img src="map.png" srcset="map.png 1x, /big/map%402x.png 2x"
 alt="地图 &quot;2024&quot;"><figcaption>地图</figcaption></figure>
<pre>a &lt; b
  &amp;amp; 𠮷 👩‍👩‍👧‍👦</pre>
<blockquote cite="//other.example/q"><p>引文 <q>内</q></p></blockquote>
<script>document.title = "hijacked"</script>
"""

_MEDIA = """\
---
title: Listen & watch
date: 2024-06-01
authors: [Zoë Müller & Søn]
topics: [ai]
media:
- {url: /media/film.mp4?x=1&y=2, type: video/mp4, length: 123456789, duration: '1:02:03', title: 'The film & "more"'}
- {url: /media/talk.mp3, length: 2345678, duration: '754', title: 谈话}
---
An hour of film, and a talk about AI.
"""

_REPUBLISHED = """\
---
title: Republished from the Gazette
date: 2024-05-30T12:00:00Z
authors: [{name: Guest Writer, email: guest@gazette.example}]
topics: [china]
source: {title: 'The Gazette & Herald', url: 'https://gazette.example/story?id=7&ref=w'}
summary: A summary of its own.
---
It first stood *elsewhere*.
"""

_CORRECTED = """\
---
title: Eleven, not twelve
date: 2024-05-29T08:00:00Z
updated: 2024-05-29T09:00:00Z
topics: [brief]
correction: {date: 2024-06-05T07:08:09Z, note: 'It was 11 & not <12>, x<y>.'}
series: Counting
image: https://cdn.wire.example/eleven.png
image_alt: Eleven
---
There were eleven of them.
"""

_TEXT = """\
---
title: Plain
date: 2024-05-28T00:00:00Z
topics: []
---
Only text: 1 < 2 & 3 > 2.
Second line.

Second paragraph with emoji 🎉 and <b>no</b> markup.
"""

_BARE = """\
---
title: A title and no more…
date: 1999-12-31T23:59:59.75-05:00
topics: brief
tags: [short]
---
"""

_SUMMARISED = """\
---
title: The same second
date: 2024-05-28T00:00:00Z
topics: [brief, Unheard Of]
authors: [Ada "the Count" O’Neil, 王小明]
---
Ein Satz mit ä, ö, ü und ß. Ünïcödé in NFD: e\u0301.

Another paragraph.
"""


def write_site(wire: Mill) -> None:
    """Write the configuration and eight stories."""
    wire.configure(_CONFIGURATION)
    wire.write("2024-06-03-chips.md", _CHIPS)
    wire.write("export.html", _HTML)
    wire.write("listen/index.md", _MEDIA)
    wire.write("republished.md", _REPUBLISHED)
    wire.write("corrected.md", _CORRECTED)
    wire.write("plain.txt", _TEXT)
    wire.write("bare.md", _BARE)
    wire.write("same-second.md", _SUMMARISED)


def build_site(wire: Mill) -> Finished:
    """Write and build the site, and make sure that no story is missing from it."""
    write_site(wire)
    built = wire.build()
    assert built.contents.left_out == 0, built.contents.problems
    assert len(feed_called(built, "all").entries) == 8
    return built


def feed_called(built: Finished, name: str) -> Feed:
    """Return one feed of a build."""
    return next(feed for feed in built.whole_feeds() if feed.name == name)


def document_bytes(built: Finished, feed: Feed, format_: Format) -> bytes:
    """Return what the build wrote of a feed in a format."""
    return next(built.content_of(item) for item in built.documents if (item.feed, item.format) == (feed.name, format_))
