"""Extensions that may stand wherever an extension may: Dublin Core, geography, the metadata of OPML."""

from __future__ import annotations

from collections.abc import Iterator

from feedcheck.elements import ANYTHING, Attribute, ElementRule, Inside, Vocabulary, text
from feedcheck.findings import Complaint, Spot
from feedcheck.markup_rules import html_with_whole_links
from feedcheck.names import prefix_of, split
from feedcheck.values.codes import language
from feedcheck.values.contacts import contact
from feedcheck.values.date_formats import rfc822, w3cdtf
from feedcheck.values.numbers import decimal, integer, latitude, longitude, number, position, positions
from feedcheck.values.numbers import positive as positive_number
from feedcheck.values.plain_text import not_blank, plain_text
from feedcheck.values.uris import reference, web_address

_RESOURCE = {"rdf:resource": Attribute((reference,)), "dc:title": Attribute()}
_TERMS_REFERRING = (
    "isVersionOf hasVersion isReplacedBy replaces isRequiredBy requires isPartOf hasPart isReferencedBy references "
    "isFormatOf hasFormat conformsTo"
).split()
_TERMS_OPEN = (
    "valid available spatial temporal accessRights accrualMethod accrualPeriodicity accrualPolicy "
    "bibliographicCitation educationLevel instructionalMethod license provenance rightsHolder"
).split()

DUBLIN_CORE: Vocabulary = {
    **{f"dc:{name}": text(clause=f"Dublin Core 1.1, {name}") for name in ("title", "description", "type", "format")},
    **{
        f"dc:{name}": text(many=True, clause=f"Dublin Core 1.1, {name}")
        for name in ("publisher", "contributor", "identifier", "relation", "coverage")
    },
    "dc:source": text(clause="Dublin Core 1.1, source"),
    "dc:language": text(language, clause="Dublin Core 1.1, language"),
    "dc:rights": text(plain_text, clause="Dublin Core 1.1, rights"),
    **{f"dcterms:{name}": ElementRule("DCMI Terms", attributes=_RESOURCE, once=False) for name in _TERMS_REFERRING},
    **{f"dcterms:{name}": ANYTHING for name in _TERMS_OPEN},
    "dcterms:tableOfContents": ElementRule("DCMI Terms, tableOfContents", attributes=_RESOURCE),
    **{f"dcterms:{name}": text(w3cdtf, clause=f"DCMI Terms, {name}") for name in ("created", "issued", "modified")},
    **{
        f"dcterms:{name}": text()
        for name in ("abstract", "dateAccepted", "dateCopyrighted", "dateSubmitted", "mediator")
    },
    "dcterms:alternative": text(many=True),
    "dcterms:audience": text(many=True),
    "dcterms:extent": text(positive_number, not_blank, clause="DCMI Terms, extent"),
}
AUTHORSHIP: Vocabulary = {
    "dc:creator": text(many=True, clause="Dublin Core 1.1, creator"),
    "dc:subject": text(many=True, clause="Dublin Core 1.1, subject"),
    "dc:date": text(w3cdtf, clause="Dublin Core 1.1, date"),
}


def _point(spot: Spot) -> Iterator[Complaint]:
    """W3C Basic Geo: a point has both coordinates."""
    there = {(prefix_of(split(child.tag)[0]), split(child.tag)[1]) for child in spot.element.iterchildren("*")}
    for name in ("lat", "long"):
        if ("geo", name) not in there:
            yield Complaint("MissingElement", f"<geo:Point> has no <geo:{name}>")


_SYSTEM = {"srsName": Attribute(), "srsDimension": Attribute()}
_POS = ElementRule("GML 3.1, pos", checks=(position,), attributes=_SYSTEM)
_POS_LIST = ElementRule("GML 3.1, posList", checks=(positions,), attributes=_SYSTEM)


def _gml(**children: ElementRule) -> ElementRule:
    named = {f"gml:{name}": rule for name, rule in children.items()}
    return ElementRule("GeoRSS GML", Inside.CHILDREN, attributes=_SYSTEM, children=named, once=False)


_SHAPES = {
    "gml:Point": _gml(pos=_POS),
    "gml:LineString": _gml(posList=_POS_LIST),
    "gml:Polygon": _gml(exterior=_gml(LinearRing=_gml(posList=_POS_LIST))),
    "gml:Envelope": _gml(lowerCorner=_POS, upperCorner=_POS),
}
_GEORSS = {
    name: Attribute() for name in ("featuretypetag", "relationshiptag", "featurename", "elev", "floor", "radius")
}
GEOGRAPHY: Vocabulary = {
    "geo:Point": ElementRule(
        "W3C Basic Geo",
        Inside.CHILDREN,
        rules=(_point,),
        children={"geo:lat": text(latitude), "geo:long": text(longitude), "geo:alt": text(decimal)},
        once=False,
    ),
    "geo:lat": text(latitude, many=True, clause="W3C Basic Geo"),
    "geo:long": text(longitude, many=True, clause="W3C Basic Geo"),
    "geo:alt": text(decimal, many=True, clause="W3C Basic Geo"),
    "geourl:latitude": text(latitude, many=True),
    "geourl:longitude": text(longitude, many=True),
    "icbm:latitude": text(latitude, many=True),
    "icbm:longitude": text(longitude, many=True),
    "georss:where": ElementRule("GeoRSS GML, where", Inside.CHILDREN, attributes=_GEORSS, children=_SHAPES, once=False),
    "georss:point": ElementRule("GeoRSS Simple, point", checks=(position,), attributes=_GEORSS, once=False),
    "georss:line": ElementRule("GeoRSS Simple, line", checks=(positions,), attributes=_GEORSS, once=False),
    "georss:polygon": ElementRule("GeoRSS Simple, polygon", checks=(positions,), attributes=_GEORSS, once=False),
    "georss:box": ElementRule("GeoRSS Simple, box", checks=(positions,), attributes=_GEORSS, once=False),
    "georss:featureTypeTag": text(many=True),
    "georss:relationshipTag": text(many=True),
    "georss:featureName": text(many=True),
    "georss:elev": text(decimal, many=True, clause="GeoRSS, elev"),
    "georss:floor": text(integer, many=True, clause="GeoRSS, floor"),
    "georss:radius": text(number, many=True, clause="GeoRSS, radius"),
}
EVERYWHERE: Vocabulary = {
    **DUBLIN_CORE,
    **GEOGRAPHY,
    "rdf:RDF": ANYTHING,
    "rdf:type": ANYTHING,
    "rdf:Description": ANYTHING,
    "rdfs:seeAlso": ElementRule(attributes=_RESOURCE, once=False),
    "opml:dateCreated": text(rfc822),
    "opml:dateModified": text(rfc822),
    "opml:ownerName": text(html_with_whole_links),
    "opml:ownerEmail": text(contact),
    "opml:ownerId": text(web_address),
}
