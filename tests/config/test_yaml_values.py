"""YAML becomes values that know their place; everything that is not plain data is refused."""

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from feedmill.config.yaml_values import load_yaml
from feedmill.located import LocatedError, Mapping, Scalar, Sequence, Value
from tests.parts import count


def plain(value: Value) -> object:
    if isinstance(value, Scalar):
        return value.text
    if isinstance(value, Sequence):
        return [plain(item) for item in value.items]
    return {key: plain(inner) for key, inner in value.values.items()}


def test_scalars_stay_what_was_written() -> None:
    found = load_yaml("title: 2024\ncountry: no\ndate: 2024-05-01\nversion: 1.10\nrights: '~'\nnone: ~\n")
    assert plain(found) == {
        "title": "2024",
        "country": "no",
        "date": "2024-05-01",
        "version": "1.10",
        "rights": "~",
        "none": "~",
    }
    assert isinstance(found, Mapping)
    assert [key for key, value in found.values.items() if isinstance(value, Scalar) and value.is_null] == ["none"]


def test_values_and_keys_know_their_line_and_column() -> None:
    found = load_yaml("a: 1\nlist:\n  - x\n  - {b: y}\n", first_line=10)
    assert isinstance(found, Mapping)
    items = found.values["list"]
    assert isinstance(items, Sequence)
    inner = items.items[1]
    assert isinstance(inner, Mapping)
    assert (found.keys["list"].line, found.keys["list"].column) == (11, 1)
    assert (items.items[0].line, items.items[0].column) == (12, 5)
    assert (inner.values["b"].line, inner.values["b"].column) == (13, 9)


def test_of_a_key_given_twice_the_later_value_counts_and_the_place_is_kept() -> None:
    found = load_yaml("a: 1\nb: 2\na: 3\n")
    assert isinstance(found, Mapping)
    assert plain(found) == {"a": "3", "b": "2"}
    assert [(key.text, key.line, key.column) for key in found.repeated] == [("a", 3, 1)]


def test_nothing_is_an_empty_mapping() -> None:
    assert plain(load_yaml("")) == plain(load_yaml("# only a comment\n")) == plain(load_yaml("~")) == {}


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("a: 'open\n", "yaml-syntax", 2, 1),
        ("a: [1, 2\nb: 3\n", "yaml-syntax", 2, 2),
        ("a: !!int 3\n", "yaml-tag", 1, 4),
        ("a: &x 1\nb: *x\n", "yaml-alias", 1, 4),
        ("a: *nowhere\n", "yaml-alias", 1, 4),
        ("[1]: 2\n", "yaml-key", 1, 1),
        ("a: 1\n---\nb: 2\n", "yaml-documents", 3, 1),
        ("a: \x07\n", "yaml-characters", 1, 4),
        ("{a: " * 40 + "1" + "}" * 40, "yaml-too-large", 1, 130),
    ],
)
def test_what_is_refused_is_named_with_its_place(text: str, code: str, line: int, column: int) -> None:
    with pytest.raises(LocatedError) as caught:
        load_yaml(text)
    assert (caught.value.code, caught.value.line, caught.value.column) == (code, line, column)
    assert caught.value.message
    assert caught.value.remedy


texts = st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\ufffe\uffff"))
inner_data = st.recursive(
    texts, lambda inner: st.lists(inner) | st.dictionaries(texts, inner), max_leaves=count(20, 100)
)
data = st.dictionaries(texts, inner_data, max_size=count(5, 20))


@given(data)
def test_any_data_that_yaml_writes_is_read_back(value: object) -> None:
    written = yaml.safe_dump(value, allow_unicode=True, default_style='"')
    assert plain(load_yaml(written)) == value


@given(st.text())
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        load_yaml(text)
    except LocatedError as error:
        assert error.line >= 1
        assert error.column >= 1
