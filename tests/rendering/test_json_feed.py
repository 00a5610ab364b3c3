"""JSON Feed 1.1."""

import json

from tests.conftest import CONFIGURATION, Mill
from tests.rendering.test_atom_rss import RICH


def test_an_item_says_everything(wire: Mill) -> None:
    wire.configure(CONFIGURATION + "feeds: {hub: https://hub.example/}\n")
    wire.story(body="Words.\n", **RICH)
    wire.build()
    feed = json.loads((wire.feeds / "china.json").read_text("utf-8"))
    [item] = feed.pop("items")
    assert feed == {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Test Wire: China",
        "home_page_url": "https://wire.example/feeds/china.html",
        "feed_url": "https://wire.example/feeds/china.json",
        "description": "China",
        "language": "en",
        "authors": [{"name": "Test Wire"}],
        "hubs": [{"type": "WebSub", "url": "https://hub.example/"}],
        "_feedmill": {"id": "tag:wire.example,2024:feeds/china", "updated": "2024-05-03T10:00:00+00:00"},
    }
    assert item == {
        "id": "tag:wire.example,2024:2024-05-01:story",
        "url": "https://wire.example/2024/05/01/story/",
        "external_url": "https://else.example/1",
        "title": 'AI & <chips>: "quoted"',
        "summary": "Short & plain",
        "image": "https://wire.example/map.png",
        "date_published": "2024-05-01T04:00:00+00:00",
        "date_modified": "2024-05-03T10:00:00+00:00",
        "authors": [{"name": "Ada"}, {"name": "Bo", "url": "https://wire.example/bo/"}],
        "tags": ["Artificial intelligence", "China", "export controls"],
        "language": "de",
        "attachments": [
            {"url": "https://wire.example/talk.pdf", "mime_type": "application/pdf"},
            {
                "url": "https://wire.example/talk.mp3",
                "mime_type": "audio/mpeg",
                "title": "Talk",
                "size_in_bytes": 1000,
                "duration_in_seconds": 65,
            },
            {"url": "https://wire.example/talk.mp4", "mime_type": "video/mp4"},
        ],
        "_feedmill": {
            "topics": ["ai", "china"],
            "related": [{"title": "Before", "url": "https://wire.example/before/"}, {"title": "Nowhere"}],
            "source": {"title": "Elsewhere", "url": "https://else.example/1"},
            "series": "Silk road",
            "rights": "© Ada",
            "image_alt": "A map",
        },
        "content_html": '<p><img src="https://wire.example/map.png" alt="A map"></p>\n<p>Words.</p>'
        "\n<p>Related:</p>\n<ul><li>Nowhere</li></ul>",
    }
