"""What tests do where a program or service that they need is missing."""

import os
from typing import NoReturn

import pytest


def miss(message: str) -> NoReturn:
    """Skip with what is missing and how to get it; with CI=true, where everything must be there, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
