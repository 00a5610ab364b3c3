# ruff: noqa: E501 - a tag and what it becomes read best side by side
"""Shortcodes are found, paired and replaced, and nothing of them reaches a document."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalising.shortcodes import find_shortcodes, pair
from tests.conftest import Mill

CONFIGURATION = """\
site: {title: Post, url: https://post.example/, id_authority: 'post.example,2020'}
content:
  convention: %s
  shortcodes:
    photo: '<figure><img src="https://img.example/{src}" alt="{alt}"><figcaption>{caption}</figcaption></figure>'
    first: '<b>{0}</b>'
    aside: '<aside>{inner}</aside>'
    secret: drop
    plain: keep inner
"""


def rendered(wire: Mill, body: str, convention: str = "hugo", name: str = "news/a.md") -> str:
    wire.configure(CONFIGURATION % convention)
    wire.write(name, f"---\ntitle: A\ndate: 2024-03-01\n---\n{body}\n")
    [entry] = [entry for entry in wire.mill().entries if entry.path == name]
    return entry.content


@pytest.mark.parametrize(
    ("tag", "html"),
    [
        (
            '{{< figure src="a.png" alt="A > b" caption="See *this*" >}}',
            '<figure><img src="https://post.example/news/a/a.png" alt="A &gt; b"><figcaption>See <em>this</em>'
            "</figcaption></figure>",
        ),
        ("{{< img src='a.png' width=300 >}}", '<figure><img src="https://post.example/news/a/a.png" alt="" width="300"></figure>'),
        ('{{<responsive-image "a.png" alt=`A "b"` >}}', '<figure><img src="https://post.example/news/a/a.png" alt="A &quot;b&quot;"></figure>'),
        ('{{< figure src="a.png" alt="A" link="/big/" >}}', '<figure><a href="https://post.example/big/">'
         '<img src="https://post.example/news/a/a.png" alt="A"></a></figure>'),
        ("{{< youtube abc123 >}}", '<p><a href="https://www.youtube.com/watch?v=abc123">Watch on YouTube</a></p>'),
        ('{{< youtube id="abc" title="A talk" >}}', '<p><a href="https://www.youtube.com/watch?v=abc">A talk</a></p>'),
        ("{{< vimeo 123 >}}", '<p><a href="https://vimeo.com/123">Watch on Vimeo</a></p>'),
        ('{{< tweet user="desk" id="1234567" >}}', '<p><a href="https://x.com/desk/status/1234567">See the post on X</a></p>'),
        ("{{< tweet 1234567 >}}", '<p><a href="https://x.com/i/status/1234567">See the post on X</a></p>'),
        ("{{< gist desk 99 >}}", '<p><a href="https://gist.github.com/desk/99">See the code on GitHub</a></p>'),
        ('{{< audio src="a.mp3" >}}', '<p><audio src="https://post.example/news/a/a.mp3" controls="">'
         '<a href="https://post.example/news/a/a.mp3">a.mp3</a></audio></p>'),
        ('{{< photo src="p.jpg" alt="P & q" caption="By **Bo**" >}}', '<figure><img src="https://img.example/p.jpg" '
         'alt="P &amp; q"><figcaption>By <strong>Bo</strong></figcaption></figure>'),
        ("{{< first one two >}}", "<p><b>one</b></p>"),
        ("{{< secret x=1 />}}", ""),
        ("{{< note >}}Keep *this*{{< /note >}}", "<p>Keep <em>this</em></p>"),
        ("{{% note %}}\n## Head\n\n- one\n{{% /note %}}", "<h2>Head</h2>\n<ul>\n<li>one</li>\n</ul>"),
        ("{{< aside >}}\nIn *here*\n{{< /aside >}}", "<aside>\n<p>In <em>here</em></p>\n</aside>"),
        ("{{< outer >}}a {{< inner >}}b{{< /inner >}} c{{< /outer >}}", "<p>a b c</p>"),
        ('{{< highlight python "linenos=table" >}}\nx = {"a": {"b": 1}}\n{{< /highlight >}}',
         '<pre><code class="language-python">x = {"a": {"b": 1}}\n</code></pre>'),
        ("Said {{< unknown >}}nothing.", "<p>Said nothing.</p>"),
        ("Write `{{< figure >}}` so.", "<p>Write <code>{{&lt; figure &gt;}}</code> so.</p>"),
        ("```\n{{</* figure src=x */>}}\n```", "<pre><code>{{&lt; figure src=x &gt;}}\n</code></pre>"),
        ("Or {{</* figure */>}} so.", "<p>Or <code>{{&lt; figure &gt;}}</code> so.</p>"),
        (
            '1. One\n\n   {{< figure src="b.png" alt="B" >}}\n\n2. Two',
            '<ol>\n<li>\n<p>One</p>\n<figure><img src="https://post.example/news/a/b.png" alt="B"></figure>\n</li>\n'
            "<li>\n<p>Two</p>\n</li>\n</ol>",
        ),
        ("    {{< note >}}indented{{< /note >}}", "<p>indented</p>"),
    ],
)  # fmt: skip
def test_hugos_shortcodes_become_what_a_reader_shows(wire: Mill, tag: str, html: str) -> None:
    assert rendered(wire, tag) == html


@pytest.mark.parametrize(
    ("convention", "tag", "html"),
    [
        ("jekyll", "{% include figure.html src='/a.png' alt='A' %}", '<figure><img src="https://post.example/a.png" alt="A"></figure>'),
        ("jekyll", "{% youtube abc %}", '<p><a href="https://www.youtube.com/watch?v=abc">Watch on YouTube</a></p>'),
        ("jekyll", "{% highlight ruby %}\nputs 1\n{% endhighlight %}",
         '<pre><code class="language-ruby">puts 1\n</code></pre>'),
        ("jekyll", "{% comment %}hush{% endcomment %}Seen.", "<p>Seen.</p>"),
        ("jekyll", "[home]({{ '/about/' | relative_url }}) of {{ site.title }}",
         '<p><a href="https://post.example/about/">home</a> of Post</p>'),
        ("jekyll", "{%- if x -%}shown{%- endif -%}", "<p>shown</p>"),
        ("zola", '{{ youtube(id="abc") }}', '<p><a href="https://www.youtube.com/watch?v=abc">Watch on YouTube</a></p>'),
        ("zola", '{% quote(author="Bo") %}Words *so*.{% end %}', "<p>Words <em>so</em>.</p>"),
        ("zola", '{{ image(path="a.png", alt="A") }}', '<figure><img src="https://post.example/news/a/a.png" alt="A"></figure>'),
    ],
)  # fmt: skip
def test_liquid_and_zola_become_what_a_reader_shows(wire: Mill, convention: str, tag: str, html: str) -> None:
    if convention == "jekyll":
        html = html.replace("/news/a/", "/2024/03/01/")
    assert rendered(wire, tag, convention) == html


def test_references_become_the_addresses_of_stories(wire: Mill) -> None:
    wire.write("news/2024/b.md", "---\ntitle: B\ndate: 2024-03-01\n---\nWords.\n")
    wire.write("news/c/index.md", "---\ntitle: C\ndate: 2024-03-01\nurl: /own/\n---\nWords.\n")
    made = rendered(
        wire,
        '[1]({{< ref "b.md" >}}) [2]({{< relref "/news/2024/b" >}}) [3]({{< ref "2024/b.md#x" >}} "T") '
        '[4]({{% ref "c" %}}) [5]({{< ref "#here" >}}) [6]({{< ref "a.md" >}}) <a href="{{< ref "b.md" >}}">7</a> '
        "[8](@/news/2024/b.md)",
    )
    b = "https://post.example/news/2024/b/"
    assert [part.split('"')[0] for part in made.split('href="')[1:]] == [
        b, b, f"{b}#x", "https://post.example/own/", "https://post.example/news/a/#here",
        "https://post.example/news/a/", b, b,
    ]  # fmt: skip
    assert not wire.problems()


def test_references_of_jekyll(wire: Mill) -> None:
    wire.write("_posts/2024-02-01-b.md", "---\ntitle: B\n---\nWords.\n")
    body = "[1]({% post_url 2024-02-01-b %}) [2]({% link _posts/2024-02-01-b.md %})"
    made = rendered(wire, body, "jekyll", "_posts/2024-03-01-a.md")
    assert made.count('href="https://post.example/2024/02/01/b.html"') == 2


def test_a_reference_to_nothing_or_to_several_files_is_told_and_no_link(wire: Mill) -> None:
    wire.write("news/x/same.md", "---\ntitle: X\ndate: 2024-03-01\nslug: x\n---\nWords.\n")
    wire.write("news/y/same.md", "---\ntitle: Y\ndate: 2024-03-01\nslug: y\n---\nWords.\n")
    made = rendered(wire, 'One\n\n[gone]({{< ref "gone.md" >}}) and [two]({{< ref "same.md" >}})')
    assert made == "<p>One</p>\n<p><a>gone</a> and <a>two</a></p>"
    missing, ambiguous = wire.problems("ref-missing") + wire.problems("ref-ambiguous")
    assert str(missing.place) == "content/news/a.md:7:8"
    assert "means several files: news/x/same.md, news/y/same.md" in ambiguous.message


def test_an_unknown_shortcode_is_told_once_with_a_count(wire: Mill) -> None:
    wire.write("news/b.md", "---\ntitle: B\ndate: 2024-03-01\n---\nX {{< odd >}} y\n")
    rendered(wire, "One {{< odd 1 >}}\n\n{{< odd 2 >}} {{< other >}}")
    odd, other = wire.problems("shortcode-unknown")
    assert str(odd.place) == "content/news/a.md:5:5"
    assert "'odd' is not known and was dropped, 3 times in all" in odd.message
    assert "'other' is not known and was dropped, once in all" in other.message


def test_a_shortcode_that_never_closes_is_told(wire: Mill) -> None:
    made = rendered(wire, "{{< box >}}in{{< /box >}}\n\n{{< box >}}out\n\n{{< /stray >}}End.")
    assert made == "<p>in</p>\n<p>out</p>\n<p>End.</p>"
    [problem] = wire.problems("shortcode-unclosed")
    assert str(problem.place) == "content/news/a.md:7:1"


@pytest.mark.parametrize("body", ["A {{< broken", "A {{ page.unknown }} b", "A }} b", "A {% b", "{{< a {{< b >}} }}"])
def test_what_cannot_be_replaced_leaves_the_story_out(wire: Mill, body: str) -> None:
    wire.configure(CONFIGURATION % "hugo")
    wire.write("news/a.md", f"---\ntitle: A\ndate: 2024-03-01\n---\n{body}\n")
    contents = wire.mill()
    assert contents.entries == ()
    assert "template-token" in {problem.code for problem in contents.problems}


@given(st.lists(st.sampled_from(
    ["{{<", ">}}", "{{%", "%}}", "{%", "%}", "{{", "}}", " note ", " /note ", " end ", '"', "'", "`", " a=b ", "\n", "x",
     "@/a.md", "](", ")", "/*", "*/", "ref ", "figure src=a.png"]
), max_size=30))  # fmt: skip
def test_no_mark_of_a_shortcode_ever_reaches_a_body_outside_code(pieces: list[str]) -> None:
    import re

    from feedmill.config.loading import parse_site
    from feedmill.located import Mapping, Scalar
    from feedmill.model import BodyFormat, Story
    from feedmill.normalising import TopicIndex, draft_entry
    from feedmill.normalising.bodies import complete_entry

    metadata = Mapping({"title": Scalar("A"), "date": Scalar("2024-03-01")})
    story = Story("a.md", "a.md", metadata, "".join(pieces), BodyFormat.MARKDOWN, name_slug="a", convention="hugo")
    site = parse_site(CONFIGURATION % "hugo")
    draft = draft_entry(story, site, TopicIndex.of(site.topics)).entry
    assert draft is not None
    entry = complete_entry(draft, story, site, ()).entry
    if entry is not None:
        prose = re.sub(r"<(code|pre)[^>]*>.*?</\1>", "", entry.content, flags=re.DOTALL)
        assert not any(mark in prose for mark in ("{{", "}}", "{%"))


def test_a_body_of_nothing_but_openers_takes_little_time() -> None:
    for hostile in ("{{< a " * 100_000, "{{< 'a" * 50_000 + ">}}", "{% if %}" * 50_000, "{{< a >}}" * 50_000):
        pair(list(find_shortcodes(hostile)))


def test_shortcodes_that_nest_beyond_reason_are_no_crash(wire: Mill) -> None:
    made = rendered(wire, "{{< a >}}" * 900 + "core" + "{{< /a >}}" * 900)
    assert made == "<p>core</p>"
