"""What was written is what readers get, as a browser's parser reads it, and what they do not get is reported."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import html5lib
import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.model import BodyFormat
from feedmill.normalising.markup import clean_body
from feedmill.normalising.summaries import summary_of
from feedmill.normalising.text import plain_text, shorten
from tests.conftest import Mill

URL = "https://wire.example/2024/05/01/story/"
VOID_WORDS = {"script", "style", "template", "annotation"}


class Read:
    """What a browser's parser finds in a piece of HTML."""

    def __init__(self, content: str) -> None:
        self.root = html5lib.parseFragment(content, treebuilder="lxml", namespaceHTMLElements=False)
        self.links: list[tuple[str, str]] = []
        self.pictures: list[str] = []
        self.words = ""
        for item in self.root:
            self._take(item)
        self.words = " ".join(self.words.split())

    def _take(self, item: Any) -> None:
        if isinstance(item, str):
            self.words += item
            return
        name = str(item.tag).rpartition("}")[2] if isinstance(item.tag, str) else ""
        if name == "a":
            self.links.append((item.get("href") or "", " ".join("".join(item.itertext()).split())))
        if name == "img":
            self.pictures.append(item.get("src") or "")
        if name not in VOID_WORDS:
            self.words += item.text or ""
            for inner in item:
                self._take(inner)
        self.words += " " if name in ("p", "div", "li", "td", "th", "br", "dd", "dt", "blockquote") else ""
        self.words += item.tail or ""


def read(body: str, body_format: BodyFormat = BodyFormat.HTML) -> Read:
    content = clean_body(body, body_format, URL).content
    # A second reading must find the same: markup that changes when it is read again is how scripts come back.
    assert clean_body(content, BodyFormat.HTML, URL).content == content
    return Read(content)


def losses(body: str, body_format: BodyFormat = BodyFormat.HTML) -> list[str]:
    return [loss.what for loss in clean_body(body, body_format, URL).losses if not loss.harmless]


@pytest.mark.parametrize(
    ("body", "pictures"),
    [
        ('<noscript><img src="a.jpg" alt=""></noscript>', ["a.jpg"]),
        ('<img data-src="a.jpg" src="data:image/gif;base64,R0lGOD"><noscript><img src="a.jpg"></noscript>', ["a.jpg"]),
        ('<img data-lazy-src="a.jpg" src="blank.gif">', ["a.jpg"]),
        ('<img data-original="a.jpg">', ["a.jpg"]),
        ('<img data-srcset="a.jpg 1x, b.jpg 2x">', ["a.jpg"]),
        ('<picture><source srcset="a.webp"><img src="a.jpg"></picture>', ["a.jpg"]),
        ('<picture><source srcset="a.webp 1x, b.webp 2x" type="image/webp"></picture>', ["a.webp"]),
        ('<object data="a.png" type="image/png" title="A chart"></object>', ["a.png"]),
        ('<object data="a.swf"><img src="a.jpg"></object>', ["a.jpg"]),
        ('<center><img src="a.jpg"></center>', ["a.jpg"]),
    ],
)  # fmt: skip
def test_pictures_are_shown_in_whatever_way_they_were_written(body: str, pictures: list[str]) -> None:
    assert read(f"<p>Before</p>{body}<p>After</p>").pictures == [URL + name for name in pictures]
    assert losses(body) == []


@pytest.mark.parametrize(
    ("body", "link"),
    [
        ('<iframe src="https://www.youtube.com/embed/dQw4w9WgXcQ?start=3" title="A song"></iframe>',
         ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "A song")),
        ('<iframe data-src="https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ"></iframe>',
         ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "Watch on YouTube")),
        ('<iframe src="//player.vimeo.com/video/76979871"></iframe>', ("https://vimeo.com/76979871", "Watch on Vimeo")),
        ('<iframe src="https://maps.example/?q=1"></iframe>', ("https://maps.example/?q=1", "See it on maps.example")),
        ('<script src="https://gist.github.com/ann/0123abcd.js"></script>',
         ("https://gist.github.com/ann/0123abcd", "See the code on GitHub")),
        ('<embed src="/a.pdf" type="application/pdf">', ("https://wire.example/a.pdf", "See it on wire.example")),
        ('<object data="a.pdf" type="application/pdf" title="The report"></object>', (URL + "a.pdf", "The report")),
        ('<object data="x.swf"><a href="y/">Fallback</a></object>', (URL + "y/", "Fallback")),
        ('<video src="a.mp4" title="The film"></video>', (URL + "a.mp4", "The film")),
        ('<audio><source src="a.ogg"></audio>', (URL + "a.ogg", "a.ogg")),
        ('<video src="a.mp4"><a href="b/">Words of its own</a></video>', (URL + "b/", "Words of its own")),
    ],
)  # fmt: skip
def test_what_is_embedded_becomes_a_link(body: str, link: tuple[str, str]) -> None:
    assert read(f"<p>Before</p>{body}<p>After</p>").links == [link]
    assert losses(body) == []


def test_a_video_shows_the_picture_that_its_address_tells() -> None:
    assert read('<iframe src="https://youtu.be/dQw4w9WgXcQ"></iframe>').pictures == [
        "https://i.ytimg.com/vi/dQw4w9WgXcQ/hqdefault.jpg"
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("<noscript>Words <b>here</b></noscript>", "Words here"),
        ("<center>One</center>two", "One two"),
        ("<fieldset><legend>One</legend>two</fieldset>", "One two"),
        ("<nav>One</nav><main>two</main>", "One two"),
        ("<menu><li>One<li>two</menu>", "One two"),
        ("<label>One</label> <button>two</button>", "One two"),
        ("<svg viewBox='0 0 1 1'><title>Sales by year</title><path d='M0 0'/></svg>", "Sales by year"),
        ("<svg><text>2023</text><text>2024</text></svg>", "2023 2024"),
        ("<map><area href='/x'></map>One", "One"),
        ("<ruby>漢<rp>(</rp><rt>kan</rt><rp>)</rp></ruby>", "漢(kan)"),
        ("a &lsqb;b&rsqb; &apos;c&apos; &amp;lt; &hellip;", "a [b] 'c' &lt; …"),
        ("<math><mi>x</mi><mo>=</mo><mn>2</mn></math>", "x=2"),
        ("<custom-element>One</custom-element> two", "One two"),
        ("<marquee>One</marquee>two", "One two"),
        ("<!-- not this -->One", "One"),
    ],
)
def test_words_are_shown_whatever_stands_around_them(body: str, words: str) -> None:
    assert read(body).words == words
    assert losses(body) == []


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("<script>write('x')</script>", "script"),
        ("<select><option>One</select>", "form field"),
        ("<textarea>One</textarea>", "form field"),
        ('<input value="One">', "form field"),
        ("<svg><path d='M0 0'/></svg>", "drawing"),
        ("<canvas></canvas>", "canvas"),
        ('<p onclick="x()">One</p>', "event handler"),
        ('<iframe srcdoc="One"></iframe>', "frame"),
        ('<embed src="javascript:x()">', "frame"),
        ('<object data="data:text/html,x"></object>', "plug-in"),
        ('<a href="javascript:x()">One</a>', "address"),
        ('<a href="weird:thing">One</a>', "address"),
        ('<img src="data:image/png;base64,AAAA">', "address"),
        ('<a href="https://user:pw@host.example/">One</a>', "address"),
        ('<td background="x.png">One</td>', "background attribute"),
        ("<template>One</template>", "template"),
    ],
)
def test_what_readers_do_not_get_is_reported(body: str, what: str) -> None:
    assert losses(body) == [what]


@pytest.mark.parametrize(
    "body",
    [
        '<p style="color: red" class="x" id="y" data-z="1" aria-label="q">One</p>', "<style>p { color: red }</style>",
        '<script type="application/ld+json">{}</script>', '<input type="hidden" value="x">',
        "<font color=red>One</font>",
        '<svg aria-hidden="true"><path/></svg>', "<link rel=stylesheet href=x.css>", "<meta name=x content=y>",
    ],
)  # fmt: skip
def test_what_says_nothing_is_not_reported(body: str) -> None:
    assert losses(body) == []


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ('<a href="https://x.example/" rel="sponsored nofollow">x</a>', 'rel="sponsored nofollow"'),
        ('<p lang="fr" dir="rtl">x</p>', 'lang="fr" dir="rtl"'),
        ('<blockquote cite="https://x.example/">x</blockquote>', 'cite="https://x.example/"'),
        ('<time datetime="2024-05-01">May</time>', 'datetime="2024-05-01"'),
        ('<ol start="3"><li value="7">x</li></ol>', 'value="7"'),
        ("<table><tr><td colspan=2 style='text-align: right'>x</td></tr></table>", 'align="right"'),
        ("<table><tr><td rowspan=2 style='color:red;text-align:CENTER'>x</td></tr></table>", 'align="center"'),
        ("<details open><summary>x</summary>y</details>", "<details open"),
        ('<data value="12">a dozen</data>', 'value="12"'),
        ('<math display="block"><mi>x</mi></math>', 'display="block"'),
    ],
)
def test_attributes_that_say_something_are_kept(written: str, kept: str) -> None:
    content = clean_body(written, BodyFormat.HTML, URL).content
    assert set(kept.split()) <= set(re.split(r"[\s>]+", content)) or kept in content


@pytest.mark.parametrize(
    ("written", "address"),
    [
        ("https://münchen.example/straße", "https://xn--mnchen-3ya.example/stra%C3%9Fe"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
        ("mailto:desk@wire.example", "mailto:desk@wire.example"),
        ("tel:+15551234", "tel:+15551234"),
        ("sms:+15551234", "sms:+15551234"),
        ("geo:48.2,16.4", "geo:48.2,16.4"),
        ("xmpp:desk@wire.example", "xmpp:desk@wire.example"),
        ("magnet:?xt=urn:btih:abc", "magnet:?xt=urn:btih:abc"),
        ("ftp://ftp.example/a", "ftp://ftp.example/a"),
        ("gemini://wire.example/", "gemini://wire.example/"),
        ("../other/", "https://wire.example/2024/05/01/other/"),
        ("#part", URL + "#part"),
    ],
)
@pytest.mark.parametrize("body_format", [BodyFormat.HTML, BodyFormat.MARKDOWN])
def test_links_lead_where_they_were_to_lead(written: str, address: str, body_format: BodyFormat) -> None:
    body = f'<a href="{written}">x</a>' if body_format is BodyFormat.HTML else f"[x](<{written}>)"
    assert read(body, body_format).links == [(address, "x")]
    assert losses(body, body_format) == []


def test_a_base_element_counts() -> None:
    made = read('<base href="/elsewhere/"><p><a href="a/">x</a><img src="b.png"></p>')
    assert made.links == [("https://wire.example/elsewhere/a/", "x")]
    assert made.pictures == ["https://wire.example/elsewhere/b.png"]


MARKDOWN = [
    ("> [!WARNING]\n> Hot *water*\n", "Warning Hot water"),
    ("- [ ] to do\n- [x] done\n", "☐ to do ☑ done"),
    ("Term\n: What it means\n", "Term What it means"),
    ("# Head {#top .wide}\n\nText\n", "Head Text"),
    ("Text{: .lead}\n\n{: .note}\nMore *words*{: #x}\n", "Text{: .lead} More words"),
    ("|a|b|\n|:-|-:|\n|1|2|\n", "a b 1 2"),
    ("Note[^1].\n\n[^1]: Said below.\n", "Note[1]. 1 Said below."),
    ("~~old~~ new\n", "old new"),
    ("Cost is $5 and $6.\n", "Cost is $5 and $6."),
    (r"$a_b_c + \frac{{x}}{y}$ and $$\sum_{i}^{n} x_i$$" + "\n", r"$a_b_c + \frac{{x}}{y}$ and $$\sum_{i}^{n} x_i$$"),
    (r"Then \(a_1*b*c < 2\) holds." + "\n", r"Then \(a_1*b*c < 2\) holds."),
    ("\\[\nE = mc^2\n\\]\n", r"\[ E = mc^2 \]"),
    (r"Not a link: \[words\] and \(more words\)." + "\n", "Not a link: [words] and (more words)."),
    ("`$x$ {{ y }} [ ] {: .z}`\n", "$x$ {{ y }} [ ] {: .z}"),
    ("```\n- [ ] $x$ https://x.example/ {: .z}\n```\n", "- [ ] $x$ https://x.example/ {: .z}"),
]


@pytest.mark.parametrize(("body", "words"), MARKDOWN)
def test_no_extension_of_markdown_is_printed_raw(body: str, words: str) -> None:
    assert read(body, BodyFormat.MARKDOWN).words == words


@pytest.mark.parametrize(
    ("body", "links"),
    [
        ("See https://x.example/a_b_c.", [("https://x.example/a_b_c", "https://x.example/a_b_c")]),
        ("(www.x.example/a_(b))", [("http://www.x.example/a_(b)", "www.x.example/a_(b)")]),
        ("[https://x.example/](https://y.example/)", [("https://y.example/", "https://x.example/")]),
        ("`https://x.example/`", []),
        ("<code>https://x.example/</code>", []),
        ("https://x.example/?a=1&b=2 &c", [("https://x.example/?a=1&b=2", "https://x.example/?a=1&b=2")]),
        ("xhttps://x.example/ me@www.x.example", []),
    ],
)
def test_bare_addresses_become_links(body: str, links: list[tuple[str, str]]) -> None:
    assert read(body, BodyFormat.MARKDOWN).links == links


def test_extensions_are_those_that_the_site_names(wire: Mill) -> None:
    wire.configure((wire.directory / "feedmill.yaml").read_text() + "content: {markdown: [tables]}\n")
    wire.story(body="- [ ] see https://x.example/ and $a$\n")
    [entry] = wire.build().whole_feeds()[0].entries
    assert entry.content == "<ul>\n<li>[ ] see https://x.example/ and $a$</li>\n</ul>"


def test_a_formula_is_no_template_token(wire: Mill) -> None:
    wire.story(body="So $\\frac{{a}}{b}$ it is.\n")
    built = wire.build()
    assert not built.contents.problems
    assert built.whole_feeds()[0].entries[0].content == "<p>So $\\frac{{a}}{b}$ it is.</p>"


def test_the_text_of_a_formula_stands_with_it() -> None:
    content = clean_body('<math alttext="x^2"><msup><mi>x</mi><mn>2</mn></msup></math>', BodyFormat.HTML, URL).content
    assert '<annotation encoding="application/x-tex">x^2</annotation>' in content
    assert "<msup><mi>x</mi><mn>2</mn></msup>" in content


@pytest.mark.parametrize(
    "vector",
    [
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
        "<math><annotation-xml encoding=text/html><script>alert(1)</script></annotation-xml></math>",
        "<svg></p><style><a id='</style><img src=1 onerror=alert(1)>'>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
        "<math><mi><malignmark><script>alert(1)</script></mi></math>",
        '<svg><title><style><img src="</style><img src=x onerror=alert(1)>">',
        "<math href='javascript:alert(1)'><mi xlink:href='javascript:alert(1)'>x</mi></math>",
        "<math><mtext><svg><foreignObject><script>alert(1)</script>",
    ],
)
@pytest.mark.parametrize("body_format", [BodyFormat.HTML, BodyFormat.MARKDOWN])
def test_what_changes_when_it_is_read_again_stays_dead(vector: str, body_format: BodyFormat) -> None:
    content = clean_body(vector, body_format, URL).content
    for _ in range(2):
        root = html5lib.parseFragment(content, treebuilder="lxml", container="div", namespaceHTMLElements=False)
        for item in root:
            for element in item.iter() if not isinstance(item, str) else ():
                assert element.tag not in {"script", "style", "svg", "iframe", "mglyph", "malignmark"}
                assert not [name for name in element.attrib if name.lower().startswith("on") or "href" in name]
        content = html5lib.serialize(
            html5lib.parseFragment(content, treebuilder="etree"), tree="etree", quote_attr_values="always"
        )


WORDS = st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), min_size=1, max_size=3).map(" ".join)
WRAPS = st.sampled_from(
    "b center div details fieldset figure form h2 header label li main marquee nav noscript object p section span "
    "strike td tt unknown-one".split()
)
TREES = st.recursive(
    WORDS,
    lambda inner: st.tuples(WRAPS, st.lists(inner, min_size=1, max_size=3)).map(
        lambda made: f"<{made[0]}>{' '.join(made[1])}</{made[0]}>"
    ),
    max_leaves=8,
)


@given(TREES)
def test_every_visible_word_is_in_the_document_or_in_a_problem(body: str) -> None:
    wanted = re.sub(r"<[^<>]*>", " ", body).split()
    assert sorted(read(body).words.split()) == sorted(wanted) or losses(body)


@pytest.mark.parametrize(
    ("body", "summary"),
    [
        ("<figure><img src='a'><figcaption><p>A caption</p></figcaption></figure><p>Prose.</p>", "Prose."),
        ("<h1>Head</h1><p>Prose.</p>", "Prose."),
        ("<p>Photo: Ann Lee</p><p>Prose.</p>", "Prose."),
        ("<p>© Ann Lee</p><p>Prose.</p>", "Prose."),
        ("<p><em>This story was updated.</em></p><p>Prose.</p>", "Prose."),
        ("<pre><code>x = 1</code></pre><p>Prose.</p>", "Prose."),
        ("<aside><p>Notice</p></aside><p>Prose.</p>", "Prose."),
        ("<p><a href='/a'>One</a> | <a href='/b'>Two</a></p><p>Prose.</p>", "Prose."),
        ("<blockquote><p>Quoted.</p></blockquote><p>Prose.</p>", "Prose."),
        ("<p>See <a href='/a'>this</a>.</p><p>More.</p>", "See this."),
        ("<p><em>All that there is.</em></p>", "All that there is."),
        ("<ul><li>One</li></ul>", "One"),
        ("", ""),
    ],
)
def test_a_summary_is_the_first_prose(body: str, summary: str) -> None:
    assert summary_of(clean_body(body, BodyFormat.HTML, URL).content) == summary


@pytest.mark.parametrize(
    "text",
    [
        "AI 模型" + "正在改变世界各地的新闻编辑室" * 40,
        "ภาษาไทยไม่มีการเว้นวรรคระหว่างคำ" * 20,
        "日本語の文章には空白がありません。" * 30,
        "👩‍👩‍👧‍👦" * 100,
        "e\u0301" * 400,
        "हिन्दी" * 100,
        "한국어문장" * 100,
    ],
)
def test_a_text_without_spaces_keeps_most_of_itself(text: str) -> None:
    made = shorten(text, 300)
    assert 285 <= len(made) <= 300
    assert made.endswith("…")
    assert text.startswith(made[:-1])
    # No grapheme is cut: what follows is neither a mark nor joined to what stands before.
    after = text[len(made) - 1]
    assert unicodedata.category(after)[0] != "M"
    assert "\u200d" not in (after, made[-2])


def test_a_text_with_spaces_ends_with_a_word() -> None:
    assert shorten("word " * 100, 50).split("…")[0].split()[-1] == "word"
    assert plain_text("x") == "x"


@pytest.mark.parametrize("title", ["How the <details> element works", "Why < and > matter", "Vector<int> & friends"])
def test_a_title_loses_no_word_in_any_format(wire: Mill, title: str) -> None:
    import feedparser

    wire.story(title=f"'{title}'")
    wire.build()
    assert feedparser.parse((wire.feeds / "all.atom").read_bytes()).entries[0].title_detail.value == title
    assert f'"title": "{title}"' in (wire.feeds / "all.json").read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "text", "found"),
    [
        ("中国", "这是中国的消息", True),
        ("芯片*", "国产芯片产业", True),
        ("中国", "这是消息", False),
        ("ไทย", "ประเทศไทยวันนี้", True),
        ("한국", "한국은 오늘", True),
        ("AI", "这是AI模型", False),
        ("China", "Chinatown", False),
    ],
)
def test_words_match_inside_text_in_scripts_that_part_none(wire: Mill, words: str, text: str, *, found: bool) -> None:
    wire.configure(
        (wire.directory / "feedmill.yaml").read_text().replace("match: [China, Chinese]", f"match: ['{words}']")
    )
    wire.story(body=f"{text}\n")
    [entry] = wire.mill().entries
    assert entry.topics == (("china",) if found else ())
    if found:
        assert entry.because.topics == {"china": f"the text '{words}' stands in it"}


@pytest.mark.parametrize(
    ("authors", "people", "is_warned"),
    [
        ("Ann Lee, Bob Ray and Cy Fox", ["Ann Lee", "Bob Ray", "Cy Fox"], True),
        ("Ann Lee & Bob Ray", ["Ann Lee", "Bob Ray"], True),
        ("[Ann Lee, Bob Ray]", ["Ann Lee", "Bob Ray"], False),
        ("Lee, Ann", ["Lee, Ann"], False),
        ("Johnson and Johnson", ["Johnson and Johnson"], False),
        ("Martin Luther King, Jr.", ["Martin Luther King, Jr."], False),
        ("[Ada Lovelace, ada lovelace, null, ~]", ["Ada Lovelace"], False),
        ("Office of Science and Technology", ["Office of Science and Technology"], False),
    ],
)
def test_several_people_in_one_text_are_several_authors(
    wire: Mill, authors: str, people: list[str], *, is_warned: bool
) -> None:
    wire.story(authors=authors)
    built = wire.mill()
    assert [person.name for person in built.entries[0].authors] == people
    assert [problem.code for problem in built.problems] == ["author-list"] * is_warned


def test_yaml_says_what_it_says_and_surprises_nobody(wire: Mill) -> None:
    tags = "[null, ~, 'null', yes, no, on, 2024, 1e3, 12:30, 0x1F, 1.50]"
    for number, title in enumerate(("yes", "no", "2024", "12:30", "1e3", "'null'")):
        wire.story(f"2024-05-0{number + 1}-t{number}.md", title=title, tags=tags)
    entries = wire.mill().entries
    assert [entry.title for entry in entries] == ["yes", "no", "2024", "12:30", "1e3", "null"]
    assert {entry.tags for entry in entries} == {("null", "yes", "no", "on", "2024", "1e3", "12:30", "0x1F", "1.50")}
