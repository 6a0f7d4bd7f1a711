"""What assets get from outside: the lake on an engine, the settings, the clock."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from dagster import InitResourceContext
from dagster_pyspark import PySparkResource
from pydantic import Field, PrivateAttr

from telecom_cdr.lakehouse.catalog import Catalog
from telecom_cdr.lakehouse.engine import open_session
from telecom_cdr.lakehouse.lake import Lake
from telecom_cdr.lakehouse.locks import month_lock
from telecom_cdr.lakehouse.month_checks import MonthChecker, TotalsByContent
from telecom_cdr.settings import Settings

PARTITION_TAG = "dagster/partition"


class LakeResource(PySparkResource):
    """The lake, with one session on the configured engine for each run.

    The parent would hand out whatever session the process already has; this one makes its own and tears it down.
    While it is open it holds the run's billing month, so that two runs of a month come one after the other.
    """

    spark_config: dict[str, Any] = {}  # noqa: RUF012 - the parent's pydantic field, not a shared mutable
    directory: str = Field(
        default="", description="A lake of its own, such as a scratch lake; TELECOM_CDR_LAKE when empty."
    )
    engine: str = Field(default="", description="The engine of this run; TELECOM_CDR_ENGINE when empty.")
    _lake: Lake | None = PrivateAttr(default=None)
    _known: TotalsByContent = PrivateAttr(default_factory=dict)

    @contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator["LakeResource"]:
        """Open the session and hold the month for as long as the run lasts."""
        settings = self.settings
        catalog = Catalog(settings.lake)
        catalog.create_tables()
        month = context.run.tags.get(PARTITION_TAG) if context.run else None
        with ExitStack() as stack:
            say = context.log.info if context.log else None
            if month:
                stack.enter_context(month_lock(settings.lake, month, say))
            session = stack.enter_context(open_session(settings.engine, say))
            self._spark_session = session
            self._lake = Lake(catalog, session)
            self._known = {}
            yield self

    @property
    def settings(self) -> Settings:
        """The installation's settings, less what a run asks for otherwise."""
        settings = Settings(lake=Path(self.directory)) if self.directory else Settings()
        return settings.model_copy(update={"engine": self.engine}) if self.engine else settings

    @property
    def lake(self) -> Lake:
        """The lake of this run."""
        if self._lake is None:
            raise RuntimeError("the lake is open only while a run executes")
        return self._lake

    def checker(self, month: str, *, has_raw_as_read: bool = True) -> MonthChecker:
        """The checks of a month; what one checker of the run added up, the others know."""
        return MonthChecker(self.lake, month, has_raw_as_read, self._known)

    def now(self) -> datetime:
        """The clock, at the edge: no rule ever reads it."""
        return datetime.now(UTC)
