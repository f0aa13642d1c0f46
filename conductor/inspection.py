"""What `doctor`, `verify` and the checklist find when they inspect something."""

from __future__ import annotations

import msgspec


class Inspection(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing that was inspected.

    `ok`: True, it holds; False, it does not; None, a warning, or it could not be determined or does not apply.
    `detail` says what was found, or what is wrong and where; `hint` what to do about it.
    """

    name: str
    ok: bool | None
    detail: str
    hint: str = ""
