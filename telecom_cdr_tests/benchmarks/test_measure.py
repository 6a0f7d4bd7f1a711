"""Wall, CPU and memory are those of a process and of everything that it starts."""

import sys
from pathlib import Path

from benchmarks.measure import Measured, measure, together

MEGABYTES = 300
_HOLD = f"held = b'x' * ({MEGABYTES} << 20); print('held', flush=True); input()"
# However slowly they start, all of them hold their memory for a second.
_HOLDING = f"""
import subprocess, sys, time
hold = [sys.executable, "-c", {_HOLD!r}]
children = [subprocess.Popen(hold, stdin=-1, stdout=-1) for _ in range(int(sys.argv[1]))]
for child in children:
    child.stdout.readline()
time.sleep(1)
for child in children:
    child.communicate(b"\\n")
"""
_SPIN = "import time\nuntil = time.process_time() + 0.6\nwhile time.process_time() < until: pass"


def _python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_memory_of_a_child_counts(tmp_path: Path) -> None:
    measured = measure([*_python(_HOLDING), "1"], cwd=tmp_path)
    assert measured.is_done
    assert MEGABYTES <= measured.peak_bytes >> 20 < 3 * MEGABYTES


def test_memory_of_two_children_at_once_adds_up(tmp_path: Path) -> None:
    assert measure([*_python(_HOLDING), "2"], cwd=tmp_path).peak_bytes >> 20 >= 2 * MEGABYTES


def test_cpu_of_a_child_counts_and_waiting_does_not(tmp_path: Path) -> None:
    spinning = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {_SPIN!r}], check=True)"
    assert measure(_python(spinning), cwd=tmp_path).cpu_seconds >= 0.6
    waiting = measure(_python("import time; time.sleep(0.8)"), cwd=tmp_path)
    assert waiting.wall_seconds >= 0.8
    assert waiting.cpu_seconds < waiting.wall_seconds


def test_a_failed_command_keeps_its_exit_code_and_last_words(tmp_path: Path) -> None:
    failed = measure(_python("import sys; print('no such month'); sys.exit(3)"), cwd=tmp_path)
    assert (failed.exit_code, failed.last_words) == (3, "no such month")
    assert not failed.is_done


def test_commands_in_a_row_add_seconds_and_keep_the_highest_memory() -> None:
    whole = together([Measured(0, 1.0, 2.0, 300), Measured(0, 3.0, 4.0, 200)])
    assert whole == Measured(0, 4.0, 6.0, 300)
    assert together([Measured(0, 1.0, 1.0, 1), Measured(9, 1.0, 1.0, 1, "killed")]).last_words == "killed"
