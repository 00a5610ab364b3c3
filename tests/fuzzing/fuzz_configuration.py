"""Coverage-guided fuzzing of feedmill.yaml: a site, or a ConfigurationError whose problems have lines."""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(include=["feedmill"]):
    from feedmill.config.loading import site_of
    from feedmill.errors import ConfigurationError

HEAD = b"site: {title: T, url: 'https://wire.example/', id_authority: 'wire.example,2024'}\n"


def one_input(data: bytes) -> None:
    """Read the bytes by themselves, and after a site that is right."""
    for content in (data, HEAD + data):
        try:
            site_of(content)
        except ConfigurationError as error:
            for problem in error.problems:
                assert problem.place.line or not problem.place.column
                assert "\n" not in str(problem)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
