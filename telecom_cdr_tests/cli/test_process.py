"""How the process of a command loads and ends: what stays is not looked through, garbage goes, nothing is lost."""

import gc
import subprocess
import sys
import weakref
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from telecom_cdr.cli.process import loading
from telecom_cdr_tests.product import Product


class Thing:
    """Something that a collection finds."""

    itself: "Thing"


@pytest.fixture(autouse=True)
def _thawed() -> Iterator[None]:
    frozen = gc.get_freeze_count()
    yield
    if not frozen:
        gc.unfreeze()


def _garbage() -> weakref.ref[Thing]:
    thing = Thing()
    thing.itself = thing
    return weakref.ref(thing)


def test_nothing_is_collected_while_modules_are_loaded() -> None:
    with loading():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_an_error_in_a_module_leaves_the_collector_at_work() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError
    assert gc.isenabled()


def test_what_was_loaded_is_not_looked_at_again(monkeypatch: pytest.MonkeyPatch) -> None:
    frozen = gc.get_freeze_count()
    with loading():
        monkeypatch.setitem(sys.modules, "loaded_by_a_test", ModuleType("loaded_by_a_test"))
    assert gc.get_freeze_count() > frozen


def test_garbage_is_not_kept_where_nothing_was_loaded() -> None:
    seen = _garbage()
    with loading():
        pass
    gc.collect()
    assert seen() is None


def ended(code: str) -> subprocess.CompletedProcess[str]:
    """A process that runs some code and then `end(3)`."""
    ending = f"from telecom_cdr.cli.process import end\n{code}\nend(3)"
    return subprocess.run([sys.executable, "-c", ending], capture_output=True, text=True, timeout=60)


def test_the_end_runs_what_was_asked_for_and_hands_over_what_was_printed() -> None:
    done = ended(
        "import atexit, weakref\nclass Thing: pass\nthing = Thing()\nprint('said')\n"
        "atexit.register(print, 'handler')\nweakref.finalize(thing, print, 'finalised')"
    )
    assert done.stdout.split() == ["said", "finalised", "handler"]
    assert (done.returncode, done.stderr) == (3, "")


def test_the_end_waits_for_a_thread_that_is_still_at_work() -> None:
    work = "import threading, time\ndef work():\n    time.sleep(0.5)\n    print('worked')"
    assert ended(f"{work}\nthreading.Thread(target=work).start()").stdout.split() == ["worked"]


def test_a_process_takes_nothing_apart_at_its_end() -> None:
    assert ended("class Thing:\n    def __del__(self): print('taken apart')\nthing = Thing()").stdout == ""


def test_a_command_ends_with_its_exit_code(tmp_path: Path) -> None:
    with Product.at(tmp_path).start("show", "raw/cdrs") as refused:
        output, errors = refused.communicate()
    assert (refused.returncode, output) == (1, "")
    assert errors.startswith("error: there is no lake at ")
