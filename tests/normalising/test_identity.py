"""Slugs and ids."""

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedmill.normalising import slugs
from feedmill.normalising.slugs import check_slug, entry_id, slug_from
from tests.conftest import CONFIGURATION, Mill

# RFC 4151 §2.1: tag:authority,date:specific, the specific part of pchar, / and ?
TAG_URI = re.compile(r"tag:[a-z.]+,\d{4}:(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-F]{2})*")


def test_an_id_is_a_tag_uri_of_day_and_slug() -> None:
    assert entry_id("example.org,2024", date(2024, 5, 1), "chips", "")[0] == "tag:example.org,2024:2024-05-01:chips"


@pytest.mark.parametrize("declared", ["tag:old.example,2009:77", "urn:uuid:0-1", "https://old.example/?p=7"])
def test_an_id_that_another_tool_gave_is_kept(declared: str) -> None:
    assert entry_id("example.org,2024", date(2024, 5, 1), "chips", declared)[0] == declared


@given(st.text(min_size=1))
def test_any_declared_id_makes_a_valid_tag_uri(declared: str) -> None:
    made, _ = entry_id("example.org,2024", date(2024, 5, 1), "chips", declared.replace(":", ""))
    assert TAG_URI.fullmatch(made)


def test_an_id_depends_on_neither_domain_nor_address_nor_time_zone(wire: Mill) -> None:
    wire.story(url="/one/")
    [before] = wire.mill().entries
    wire.configure(
        CONFIGURATION.replace("https://wire.example/", "http://other.example/").replace("New_York", "Anchorage")
    )
    wire.story(url="/two/")
    [after] = wire.mill().entries
    assert before.url != after.url
    assert before.id == after.id == "tag:wire.example,2024:2024-05-01:story"


@pytest.mark.parametrize(("text", "slug"), [("China’s chips!", "chinas-chips"), ("北京 AI", "北京-ai"), ("…", "")])
def test_a_slug_is_made_of_a_name(text: str, slug: str) -> None:
    assert slug_from(text) == slug


@given(st.text())
def test_a_slug_that_is_made_is_a_slug_that_is_accepted(text: str) -> None:
    slug = slug_from(text)
    assert not slug or check_slug(slug) is not None


@given(st.text(alphabet=st.one_of(st.sampled_from("ab09-_.~'A é%"), st.characters()), max_size=12))
def test_what_is_a_slug_already_is_found_to_be_what_would_be_made_of_it(text: str) -> None:
    found = slug_from.__wrapped__(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(slugs, "_SLUG_ALREADY", re.compile(r"(?!)"))
        assert found == slug_from.__wrapped__(text)
    assert slug_from.__wrapped__("chips-2-us") == "chips-2-us"
