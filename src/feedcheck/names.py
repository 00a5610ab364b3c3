"""Names of elements, as people write them: a namespace's usual prefix, and the local name."""

from __future__ import annotations

import re
from functools import lru_cache

ATOM_NAMESPACE = "http://www.w3.org/2005/Atom"
XHTML_NAMESPACE = "http://www.w3.org/1999/xhtml"
SVG_NAMESPACE = "http://www.w3.org/2000/svg"
MATHML_NAMESPACE = "http://www.w3.org/1998/Math/MathML"
XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
OLD_ATOM_NAMESPACE = "http://purl.org/atom/ns#"
MEDIA_NAMESPACE = "http://search.yahoo.com/mrss/"

PREFIXES = {
    "http://www.bloglines.com/about/specs/fac-1.0": "access",
    "http://webns.net/mvcb/": "admin",
    "http://purl.org/rss/1.0/modules/aggregation/": "ag",
    "http://purl.org/rss/1.0/modules/annotate/": "annotate",
    "http://www.w3.org/2007/app": "app",
    "http://purl.org/atompub/tombstones/1.0": "at",
    ATOM_NAMESPACE: "atom",
    "http://media.tangent.org/rss/1.0/": "audio",
    "http://backend.userland.com/blogChannelModule": "blogChannel",
    "http://web.resource.org/cc/": "cc",
    "http://www.microsoft.com/schemas/rss/core/2005": "cf",
    "http://purl.org/rss/1.0/modules/company": "company",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://conversationsnetwork.org/rssNamespace-1.0/": "conversationsNetwork",
    "http://my.theinfo.org/changed/1.0/rss/": "cp",
    "http://backend.userland.com/creativeCommonsRssModule": "creativeCommons",
    "http://cyber.law.harvard.edu/rss/creativeCommonsRssModule.html": "creativeCommons",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/email/": "email",
    "http://purl.org/rss/1.0/modules/event/": "ev",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://purl.org/syndication/history/1.0": "fh",
    "http://xmlns.com/foaf/0.1/": "foaf",
    "http://base.google.com/ns/1.0": "g",
    "http://www.w3.org/2003/01/geo/wgs84_pos#": "geo",
    "http://www.georss.org/georss": "georss",
    "http://geourl.org/rss/module/": "geourl",
    "http://www.opengis.net/gml": "gml",
    "http://postneo.com/icbm": "icbm",
    "http://purl.org/rss/1.0/modules/image/": "image",
    "urn:atom-extension:indexing": "indexing",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://purl.org/rss/1.0/modules/link/": "l",
    MATHML_NAMESPACE: "mathml",
    MEDIA_NAMESPACE: "media",
    "http://openid.net/xmlns/1.0": "openid",
    "http://a9.com/-/spec/opensearch/1.1/": "opensearch",
    "http://a9.com/-/spec/opensearchrss/1.0/": "opensearch10",
    "http://www.opml.org/spec2": "opml",
    "https://podcastindex.org/namespace/1.0": "podcast",
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://www.w3.org/2000/01/rdf-schema#": "rdfs",
    "http://purl.org/rss/1.0/modules/reference/": "ref",
    "http://purl.org/rss/1.0/modules/richequiv/": "reqv",
    "http://purl.org/rss/1.0/": "rss1",
    "http://my.netscape.com/rdf/simple/0.9/": "rss090",
    "http://purl.org/rss/1.0/modules/rss091#": "rss091",
    "http://purl.org/net/rss1.1#": "rss11",
    "http://purl.org/rss/1.0/modules/search/": "search",
    "http://purl.org/rss/1.0/modules/slash/": "slash",
    "http://schemas.xmlsoap.org/soap/envelope/": "soap",
    "http://source.scripting.com/": "source",
    "http://purl.org/rss/1.0/modules/servicestatus/": "ss",
    "http://hacks.benhammersley.com/rss/streaming/": "str",
    "http://purl.org/rss/1.0/modules/subscription/": "sub",
    SVG_NAMESPACE: "svg",
    "http://feedsync.org/2007/feedsync": "sx",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://purl.org/rss/1.0/modules/taxonomy/": "taxo",
    "http://purl.org/syndication/thread/1.0": "thr",
    "http://purl.org/rss/1.0/modules/threading/": "thr",
    "http://madskills.com/public/xml/rss/module/trackback/": "trackback",
    "http://wellformedweb.org/CommentAPI/": "wfw",
    "http://purl.org/rss/1.0/modules/wiki/": "wiki",
    "http://www.usemod.com/cgi-bin/mb.pl?ModWiki": "wiki",
    XHTML_NAMESPACE: "xhtml",
    "http://www.w3.org/1999/xlink": "xlink",
    XML_NAMESPACE: "xml",
}
"""The namespaces that feeds use, and the prefix that everybody gives each."""

NAMESPACES = {prefix: namespace for namespace, prefix in reversed(PREFIXES.items())}
"""The first namespace of every usual prefix."""


def near(namespace: str) -> str:
    """Return a namespace without what people mistype in it: case, and marks at its end."""
    found = re.match(r".*\w", namespace, re.DOTALL)
    return found.group().lower() if found else namespace


_NEAR = {near(namespace): prefix for namespace, prefix in PREFIXES.items()}


@lru_cache(maxsize=512)
def prefix_of(namespace: str) -> str | None:
    """Return the usual prefix of a namespace, or of the one that it is nearly; None for one that nobody knows."""
    return PREFIXES.get(namespace) or _NEAR.get(near(namespace))


@lru_cache(maxsize=512)
def clark(namespace: str, local: str) -> str:
    """Return the tag, in Clark notation, of a local name in a namespace, "" for none."""
    return f"{{{namespace}}}{local}" if namespace else local


@lru_cache(maxsize=4096)
def split(tag: str) -> tuple[str, str]:
    """Return the namespace, "" for none, and the local name of a tag in Clark notation."""
    if tag[:1] == "{":
        namespace, _, local = tag[1:].partition("}")
        return namespace, local
    return "", tag
