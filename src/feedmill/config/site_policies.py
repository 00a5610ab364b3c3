"""Reading the policies of feedmill.yaml: on_missing, updated, withdrawn_days, brake, and problems."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

from feedmill.config.policies import Accepted, Brake, OnMissing, Policies
from feedmill.config.site_keys import Section
from feedmill.model import Place

_Choice = TypeVar("_Choice", bound=StrEnum)


def read_policies(top: Section, content: Section, feeds: Section) -> Policies:
    """Read what stands in `content:`, `feeds:`, `brake:` and `problems:`; what is absent is as Policies has it."""
    usual = Policies()
    brake, problems = top.section("brake"), top.section("problems")
    accepted = {
        code: tuple(Accepted(each.text, Place(problems.path, each.line, each.column)) for each in patterns)
        for code, patterns in problems.mapping_of_lists("accept").items()
    }
    return Policies(
        on_missing=_choice(content, "on_missing", OnMissing.KEEP) if content.has("on_missing") else None,
        updated=_choice(content, "updated", usual.updated),
        withdrawn_days=feeds.whole_number("withdrawn_days", usual.withdrawn_days),
        brake=Brake(
            changed_ids=brake.whole_number("changed_ids", usual.brake.changed_ids),
            shown_again=brake.whole_number("shown_again", usual.brake.shown_again),
            emptied=brake.whole_number("emptied", usual.brake.emptied),
            lost=brake.whole_number("lost", usual.brake.lost),
        ),
        accepted=accepted,
    )


def _choice(section: Section, key: str, usual: _Choice) -> _Choice:
    return type(usual)(section.text(key, usual.value))
