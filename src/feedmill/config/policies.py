"""What a site decides once: what becomes of missing stories, when a change counts, and where a brake holds."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct, field

from feedmill.model import Place


class OnMissing(StrEnum):
    """What becomes of a published story whose file has vanished."""

    KEEP = "keep"
    DROP = "drop"
    WITHDRAW = "withdraw"
    REFUSE = "refuse"


class UpdatedBy(StrEnum):
    """What moves an entry's `updated`: the story's own word, or a change of its words."""

    DECLARED = "declared"
    CONTENT = "content"


class Brake(Struct, frozen=True):
    """The most that one build may do to subscribers; beyond it the build refuses.

    `changed_ids` are published entries whose id changes, `shown_again` old ones that a feed shows again, `emptied`
    feeds that lose their last entry, and `lost` the percentage of a feed's entries that go other than by age.
    """

    changed_ids: int = 0
    shown_again: int = 5
    emptied: int = 0
    lost: int = 20


class Accepted(Struct, frozen=True):
    """A pattern of paths below content/, at which problems of a code count for nothing, and where it is written."""

    pattern: str
    place: Place


class Policies(Struct, frozen=True):
    """All of it. `withdrawn_days` is how long a stub stands in the feeds for a story that was withdrawn.

    `on_missing` is None until somebody has decided it: stories are kept then, and each that is missing is an error.
    """

    on_missing: OnMissing | None = None
    updated: UpdatedBy = UpdatedBy.DECLARED
    withdrawn_days: int = 30
    brake: Brake = field(default_factory=Brake)
    accepted: Mapping[str, tuple[Accepted, ...]] = field(default_factory=dict)
