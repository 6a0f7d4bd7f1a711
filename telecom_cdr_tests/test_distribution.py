"""Modules that share a dear fixture share a worker, and long tests come first."""

import re
from pathlib import Path

import pytest

from telecom_cdr_tests.distribution import group_of

pytest_plugins = ["pytester"]

MODULE = "telecom_cdr_tests/faults/test_kill.py"
_FIXTURES = "import pytest\n@pytest.fixture(scope='session')\ndef spark(): pass"
_MODULES = {
    "test_a_quick": "def test_one(): pass\ndef test_two(): pass",
    "test_b_shares": "def test_one(spark): pass\ndef test_two(): pass",
    "test_c_slow": "import pytest\n@pytest.mark.slow\ndef test_one(): pass\ndef test_two(): pass",
    # A parameter names the fixture; its long test takes the whole group to the front.
    "test_d_shares": (
        "import pytest\n"
        "@pytest.mark.timeout(60)\n"
        "@pytest.mark.parametrize('which', ['spark'])\n"
        "def test_one(request, which): request.getfixturevalue(which)"
    ),
}


@pytest.mark.parametrize(
    ("fixtures", "group"),
    [
        ({"tmp_path", "engine"}, None),
        ({"each_engine"}, "spark"),
        ({"spark", "kafka_broker"}, "spark"),
        ({"kafka", "kafka_broker", "ingested"}, "telecom_cdr_tests-faults"),
        ({"postgres_server", "kafka_broker"}, "kafka"),
        ({"postgres_url", "postgres_server"}, "postgresql"),
    ],
)
def test_a_module_goes_with_the_first_dear_fixture_that_it_uses(fixtures: set[str], group: str | None) -> None:
    assert group_of(MODULE, fixtures) == group


def test_groups_and_modules_are_dealt_out_whole_and_the_longest_first(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    pytester.makeconftest(_FIXTURES)
    pytester.makepyfile(**_MODULES)
    pytester.makeini("[pytest]\nmarkers = slow\naddopts = -v --dist=loadgroup --no-loadscope-reorder")
    ran = pytester.runpytest_subprocess("-p", "telecom_cdr_tests.distribution", "-n", "1")
    ran.assert_outcomes(passed=7)
    modules = re.findall(r"PASSED \S*?test_(.)_", ran.stdout.str())
    assert modules == [*"bbd", *"cc", *"aa"]
