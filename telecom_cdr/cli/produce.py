"""`telecom-cdr produce`: send records to the Kafka topic."""

import signal
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from telecom_cdr.cli.arguments import Form, billing_month
from telecom_cdr.cli.console import ERR, Format, complain, print_rows, say
from telecom_cdr.errors import InputError
from telecom_cdr.settings import Settings
from telecom_cdr.sources import Records
from telecom_cdr.sources.files import FileSource

if TYPE_CHECKING:
    from telecom_cdr.sources.kafka.producer import Sent

# As a shell reports a program that a signal ended.
_SIGNALLED: Final = 128
_MEGABYTE: Final = 1_000_000
_BLOCK_BYTES: Final = 8 * 2**20


@dataclass
class _Stop:
    """How often the user, or the system, asked the program to end, and by which signal first."""

    signals: list[int] = field(default_factory=list)

    def __call__(self, number: int, _: FrameType | None) -> None:
        self.signals.append(number)
        if len(self.signals) == 1:
            say("stopping: waiting for the records on their way; again: give them up")


@dataclass
class _Feed:
    """Records to send, how many or of how many files if that is known, and the files that were not sent whole."""

    batches: Iterable[Sequence[Records]]
    unit: str
    total: int
    files: FileSource | None = None
    finished: int = 0

    def counted(self) -> Iterator[Sequence[Records]]:
        """The batches; files are counted once they were handed over whole."""
        for batch in self.batches:
            yield batch
            self.finished += sum(records.completed is not None for records in batch)


def produce(
    source: Annotated[
        str | None, typer.Option("--from", metavar="DIR", help="Send the lines of .jsonl and .jsonl.gz files.")
    ] = None,
    count: Annotated[
        int | None, typer.Option("--generate", min=0, metavar="N", help="Send N generated records of --month.")
    ] = None,
    month: Annotated[str | None, typer.Option("--month", metavar="YYYY-MM", help="Month to generate.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, metavar="S", help="As of `generate`: the same records.")] = 1,
    rate: Annotated[float, typer.Option("--rate", min=0, metavar="R", help="Most records a second; 0: no limit.")] = 0,
    form: Form = Format.TABLE,
) -> None:
    """Send records to the Kafka topic, in order, and wait until the brokers have acknowledged each.

    Files in name order, with their subfolders, each content once. Exit code 1 when a record was not acknowledged.
    """
    settings = Settings()
    feed = _feed(settings, source, count, month, seed)
    if not _send(settings, feed, rate, form):
        raise typer.Exit(1)


def send_directory(settings: Settings, directory: Path) -> bool:
    """Send every file of a directory to the topic and tell how it went; False when something was not sent."""
    return _send(settings, _files(directory), 0, Format.TABLE)


def _send(settings: Settings, feed: _Feed, rate: float, form: Format) -> bool:
    from telecom_cdr.sources.kafka.producer import Sender, Watch

    with _stop_signals() as stop, _progress(feed) as show:
        watch = Watch(show, _tell_trouble, lambda: len(stop.signals))
        sent = Sender(settings, watch, rate).send(feed.counted())
    print_rows(["acknowledged", "failed", "bytes"], [(sent.acknowledged, sent.failed, sent.byte_count)], form)
    _tell(sent, feed, settings.kafka_topic)
    if stop.signals:
        raise typer.Exit(_SIGNALLED + stop.signals[0])
    return not (sent.failed or (feed.files and feed.files.problems))


def _files(directory: Path) -> _Feed:
    files = FileSource(directory, is_taken=lambda _: False)
    return _Feed(files.batches(), "files", len(files.names), files)


def _feed(settings: Settings, source: str | None, count: int | None, month: str | None, seed: int) -> _Feed:
    if (source is None) == (count is None):
        raise InputError("what is to be sent? give --from DIR, or --generate N --month YYYY-MM")
    if source is not None:
        files = FileSource(Path(source), is_taken=lambda _: False, block_bytes=_BLOCK_BYTES)
        return _Feed(files.batches(), "files", len(files.names), files)
    if month is None:
        raise InputError("which month? give --month YYYY-MM with --generate")
    return _Feed(_generated(settings, billing_month(month, settings), count or 0, seed), "records", count or 0)


def _generated(settings: Settings, month: str, count: int, seed: int) -> Iterable[Sequence[Records]]:
    from telecom_cdr.reference.database import read_snapshot
    from telecom_cdr.sources.generator import stream

    patience = settings.database_wait_seconds
    tables = read_snapshot(settings.database_url, patience_seconds=patience, say=say).tables
    return stream(
        subscriptions=tables["subscriptions"],
        products=tables["products"],
        rates=tables["rates"],
        month=month,
        count=count,
        seed=seed,
        timezone=settings.timezone,
        first_month=settings.first_month,
        home_operator=settings.home_operator,
    )


@contextmanager
def _stop_signals() -> Iterator[_Stop]:
    """Ctrl-C and the system's request to end are noted; the sender looks at them."""
    stop = _Stop()
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _progress(feed: _Feed) -> Iterator[Callable[["Sent"], None]]:
    """A bar on a terminal. In a file or pipe it would be an empty line."""
    columns = (TextColumn("sending"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[words]}"))
    with Progress(*columns, console=ERR, transient=True, disable=not ERR.is_terminal) as progress:
        task = progress.add_task("", total=feed.total, words=feed.unit)

        def show(sent: "Sent") -> None:
            done = feed.finished if feed.files else sent.acknowledged
            speed = progress.tasks[0].finished_speed or progress.tasks[0].speed or 0.0
            words = f"{feed.unit}, {sent.acknowledged:,} acknowledged, {sent.failed:,} failed"
            progress.update(task, completed=done, words=words if feed.files else f"{words}, {speed:,.0f}/s")

        yield show


def _tell_trouble(reason: str) -> None:
    say(f"warning: Kafka: {reason}: records wait until enough brokers answer")


def _tell(sent: "Sent", feed: _Feed, topic: str) -> None:
    seconds = max(sent.seconds, 1e-9)
    say(
        f"{sent.acknowledged:,} records acknowledged in the topic {topic} in {sent.seconds:.1f} s: "
        f"{sent.acknowledged / seconds:,.0f} records/s, {sent.byte_count / _MEGABYTE / seconds:.1f} MB/s"
    )
    for name in feed.files.known if feed.files else ():
        say(f"{name}: has the content of another file, and was not sent again")
    for problem in feed.files.problems if feed.files else ():
        complain(f"{problem.name}: {problem.reason}")
    for reason, count in sent.failures.most_common():
        complain(f"{count:,} records were not acknowledged: {reason}")
    if sent.is_given_up:
        complain(
            "sending ended there: send the same files again once the brokers accept records; repeats are set aside"
        )
