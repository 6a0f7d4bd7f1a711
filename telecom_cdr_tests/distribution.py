"""Which tests share a worker, and which come first, when pytest-xdist runs them on several (`pytest -n 2`).

A worker has servers and session fixtures of its own. Modules that use the same dear one form a group, and a group stays
on one worker, so that each server is started once; every other module is a group by itself. Groups with the longest
tests come first, then those with slow ones: what is left for the end is short. Without `-n` nothing here acts.

Not here: the fixtures themselves (`conftest`).
"""

from collections.abc import Iterator
from typing import Final

import pytest
from xdist.scheduler import LoadGroupScheduling

# What is dear to make twice, and the group of who uses it: a module that uses several goes with the first.
_SPARK: Final = {"spark": "spark", "each_engine": "spark"}
# Made in the conftest of a folder, for the modules of that folder.
_LAKES: Final = frozenset({"billed", "ingested", "referenced", "taken"})
_SERVERS: Final = {"kafka_broker": "kafka", "postgres_server": "postgresql"}


class ModulesTogether(LoadGroupScheduling):
    """Deals out the tests of one group, or else of one module, as a whole."""

    def _split_scope(self, nodeid: str) -> str:
        group: str = super()._split_scope(nodeid)
        return group.split("::", 1)[0]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> ModulesTogether:
    """What deals out tests to workers."""
    return ModulesTogether(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name the groups, and put the longest first; each worker comes to the same order."""
    if not hasattr(config, "workerinput"):
        return
    modules: dict[str, list[pytest.Item]] = {}
    for item in items:
        modules.setdefault(item.nodeid.split("::", 1)[0], []).append(item)
    units: dict[str, list[pytest.Item]] = {}
    for module, tests in modules.items():
        group = group_of(module, {name for test in tests for name in fixtures_of(test)})
        if group:
            for test in tests:
                test.add_marker(pytest.mark.xdist_group(group))
        units.setdefault(group or module, []).extend(tests)
    items[:] = [test for tests in sorted(units.values(), key=_rank) for test in tests]


def group_of(module: str, fixtures: set[str]) -> str | None:
    """The group of a module whose tests use these fixtures; None when it shares nothing dear."""
    folder = module.rpartition("/")[0].replace("/", "-")
    of_fixture = {**_SPARK, **dict.fromkeys(_LAKES, folder), **_SERVERS}
    return next((group for name, group in of_fixture.items() if name in fixtures), None)


def fixtures_of(item: pytest.Item) -> Iterator[str]:
    """Names of the fixtures that a test uses; also of one that is chosen by a parameter."""
    yield from getattr(item, "fixturenames", ())
    call = getattr(item, "callspec", None)
    if call:
        yield from (value for value in call.params.values() if isinstance(value, str))


def _rank(tests: list[pytest.Item]) -> int:
    """0 for tests that need a longer timeout than others, 1 for slow ones, 2 for the rest."""
    if any(test.get_closest_marker("timeout") for test in tests):
        return 0
    return 1 if any(test.get_closest_marker("slow") for test in tests) else 2
