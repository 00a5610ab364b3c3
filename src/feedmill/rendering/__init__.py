"""Feeds → documents: written anew where what they show has changed, left as they lie where it has not."""

from feedmill.rendering.documents import Rendered, judge_and_stage, nothing_known, render

__all__ = ["Rendered", "judge_and_stage", "nothing_known", "render"]
