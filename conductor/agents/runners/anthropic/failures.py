"""Every way in which a request to a model can fail, and the rule for each. Pure: it never waits."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from conductor.agents.contract.figures import Figures
from conductor.text import one_line

TEXT = 300  # characters of the service's message

# https://platform.claude.com/docs/en/api/errors: an error's type, and its status outside a stream.
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_OTHER_MODEL = "choose another one under `models` in conductor.toml and start a new task: a task keeps its settings"
# Status: kind, and what a person can do about it. These fail at once.
_REJECTED = {
    400: (
        "invalid_request",
        "a bug in Conductor, or a model that needs other parameters: see `models`",
    ),
    401: ("key", "ANTHROPIC_API_KEY is wrong or has expired: set a valid key, then answer `retry`"),
    402: ("billing", "check the account's billing, then answer `retry`"),
    403: ("permission", f"the key has no access to this model or feature: {_OTHER_MODEL}"),
    404: ("model", f"the model does not exist for this key: {_OTHER_MODEL}"),
    413: ("too_long", "the briefing itself is too long for the model: split the phase"),
}


class BrokenStream(Exception):
    """A stream that ended before its message did, or that made no sense."""


class FailureRule(msgspec.Struct, frozen=True):
    """What a failure is and what to do about it.

    `wait` until the service has capacity again, `after` seconds if it said so: nothing has failed. `retry` a limited
    number of times. `fail` at once. `shorten`: the context is too long. `forget`: earlier thinking is not accepted.
    """

    kind: str
    action: Literal["wait", "retry", "fail", "shorten", "forget"]
    what: str  # one line
    hint: str = ""
    after: float | None = None


def classify(error: Exception) -> FailureRule | None:
    """The rule for an exception; None if it did not come from the request."""
    import anthropic
    import httpx2

    match error:
        case anthropic.APIStatusError():
            return of_status(error.status_code, error.body, error.response.headers)
        case anthropic.APITimeoutError() | httpx2.TimeoutException() | TimeoutError():
            return FailureRule("timeout", "retry", "the service did not answer in time")
        case BrokenStream():
            return FailureRule("stream", "retry", str(error))
        case anthropic.APIConnectionError():
            cause = one_line(str(error.__cause__ or error), TEXT)
            return FailureRule("connection", "retry", f"the service cannot be reached: {cause}")
        case httpx2.HTTPError() | httpx2.StreamError() | anthropic.APIError() | ValueError():
            return FailureRule(
                "stream", "retry", f"the answer broke off: {one_line(str(error), TEXT) or type(error).__name__}"
            )
    return None


def of_status(status: int, body: object, headers: Mapping[str, str]) -> FailureRule:
    """The rule for an error sent by the service. In a stream the status is 200, so the error's type decides."""
    error = _error(body)
    status = _STATUS.get(str(error.get("type")), 500) if status < 400 else status
    message = one_line(str(error.get("message") or body or ""), TEXT)
    what = f"{status} {error.get('type', '')}: {message}".replace(" :", ":")
    code = str(_dict(error.get("details")).get("error_code", ""))
    if "spend_limit" in code:  # sent as 429, but lasts for the rest of the month
        return FailureRule(
            "billing", "fail", what, "the account's spend limit is reached: raise it, then answer `retry`"
        )
    if status == 429:
        return _later("rate_limit", "wait", what, headers)
    if status == 529:
        return _later("overloaded", "wait", what, headers)
    if status == 413 or (status == 400 and "too long" in message):
        return FailureRule("too_long", "shorten", what, _REJECTED[413][1])
    if status == 400 and "thinking" in message:
        return FailureRule("thinking", "forget", what, _REJECTED[400][1])
    if status in _REJECTED:
        kind, hint = _REJECTED[status]
        return FailureRule(kind, "fail", what, hint)
    if status in (408, 409) or status >= 500:
        return _later("server", "retry", what, headers)
    return FailureRule("invalid_request", "fail", what, _REJECTED[400][1])


def _error(body: object) -> dict[str, Any]:
    return _dict(_dict(body).get("error"))


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _later(kind: str, action: Literal["wait", "retry"], what: str, headers: Mapping[str, str]) -> FailureRule:
    """The service says when to ask again; a nonsensical value is noted with the failure."""
    figures = Figures()
    after = figures.wait("retry-after", headers.get("retry-after", ""), time.time())
    return FailureRule(kind, action, "; ".join((what, *figures.odd)), after=after)
