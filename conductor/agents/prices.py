"""What models cost in US dollars per million tokens, from cited sources. A user's own prices take precedence.

Sources: platform.claude.com/docs/en/models/<model>/overview, as of November 2026 (five-minute cache writes). Models
whose prices depend on a request's length are left out: their prices count as unknown.
"""

from __future__ import annotations

from collections.abc import Mapping

from conductor.config.settings import Price

PUBLISHED: dict[str, Price] = {
    "claude-opus-5-5": Price(input=4, output=20, cache_read=0.20, cache_write=5),
    "claude-opus-5": Price(input=5, output=25, cache_read=0.50, cache_write=6.25),
    "claude-sonnet-5": Price(input=2, output=10, cache_read=0.20, cache_write=2.50),
    "claude-haiku-4-5": Price(input=1, output=5, cache_read=0.10, cache_write=1.25),
}


def price_of(model: str, own: Mapping[str, Price]) -> Price | None:
    """The prices of a model id, ignoring the date that some ids end in; None if not known."""
    undated = model[:-9] if model[-9:-8] == "-" and model[-8:].isdigit() else model
    return own.get(model) or own.get(undated) or PUBLISHED.get(undated)
