"""Bytes to lines: every byte of every record, in its place."""

import random

import pytest

from telecom_cdr.sources.lines import split_lines


@pytest.mark.parametrize(
    ("text", "payloads", "numbers", "count"),
    [
        (b"", [], [], 0),
        (b"a\nb\n", [b"a", b"b"], [0, 1], 2),
        (b"a\nb", [b"a", b"b"], [0, 1], 2),
        (b"a\r\nb\r\n", [b"a\r", b"b\r"], [0, 1], 2),
        (b"\n\na\n \t\r\nb\n", [b"a", b"b"], [2, 4], 5),
        (b"\n", [], [], 1),
        (b"   ", [], [], 1),
        (b" a \n", [b" a "], [0], 1),
        (b"\xff\xfe\n\x00\n", [b"\xff\xfe", b"\x00"], [0, 1], 2),
        (b"\xef\xbb\xbf{}\n", [b"\xef\xbb\xbf{}"], [0], 1),
    ],
)
def test_lines_are_split_at_newlines_only_and_blank_ones_are_no_records(
    text: bytes, payloads: list[bytes], numbers: list[int], count: int
) -> None:
    lines = split_lines(text)
    assert lines.payloads.to_pylist() == payloads
    assert lines.line_numbers.tolist() == numbers
    assert lines.line_count == count


def test_random_bytes_are_split_as_python_does() -> None:
    chance = random.Random(7)
    for _ in range(50):
        text = bytes(chance.choice(b"\n\n\r\t {}a\x00\xff") for _ in range(chance.randrange(400)))
        expected = [(i, line) for i, line in enumerate(text.split(b"\n")) if line and not line.isspace()]
        lines = split_lines(text)
        assert list(zip(lines.line_numbers.tolist(), lines.payloads.to_pylist(), strict=True)) == expected
