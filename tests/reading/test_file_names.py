"""What names and folders say."""

import pytest

from feedmill.reading.file_names import NameParts, parse_name


@pytest.mark.parametrize(
    ("path", "date", "slug"),
    [
        ("2024-05-01-chips.md", "2024-05-01", "chips"),
        ("2024-05-01_chips.md", "2024-05-01", "chips"),
        ("china/2024-05-01-chips.md", "2024-05-01", "chips"),
        ("2024/05/01/chips.md", "2024-05-01", "chips"),
        ("news/2024/05/01/chips.txt", "2024-05-01", "chips"),
        ("2024-05-01/chips.html", "2024-05-01", "chips"),
        ("2024-05-01-chips/index.md", "2024-05-01", "chips"),
        ("2024/05/01/chips/index.md", "2024-05-01", "chips"),
        ("2024/05/chips.md", "", "chips"),
        ("chips.md", "", "chips"),
        ("index.md", "", "index"),
        ("2024/05/01/2023-01-02-chips.md", "2023-01-02", "chips"),
        ("2024-05-01.md", "2024-05-01", "2024-05-01"),
        ("v1.2.md", "", "v1.2"),
    ],
)
def test_the_date_and_slug_of_a_name(path: str, date: str, slug: str) -> None:
    assert parse_name(path) == NameParts(date, slug)
