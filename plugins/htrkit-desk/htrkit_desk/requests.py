"""What a request says."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request

from htrkit import InputError


async def body(request: Request) -> dict[str, Any]:
    """The JSON object that a request has for a body. Raises InputError if it has none."""
    try:
        value = json.loads(await request.body() or b"{}")
    except (ValueError, RecursionError):
        raise InputError("the request is no JSON") from None
    if not isinstance(value, dict):
        raise InputError("the request is no object")
    return value
