"""What domain code may not use, each with the reason and the safe form.

Here: the bans, as data. Not here: how source is searched for them (`lint`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Ban:
    """Why something is refused, and what to write instead."""

    reason: str
    instead: str


def _each(names: str, reason: str, instead: str) -> dict[str, Ban]:
    return dict.fromkeys(names.split(), Ban(reason, instead))


def _merged(*parts: Mapping[str, Ban]) -> dict[str, Ban]:
    return {name: ban for part in parts for name, ban in part.items()}


_EXACT: Final = "expressions.divide_half_up on whole decimals"
_ORDER: Final = "row_number over a window whose order ends in a unique key"
_AT_INGEST: Final = "the text columns that ingest decoded once"
_NO_CLOCK: Final = "the instant or month that the row or the caller gives"
_OF_ZONES: Final = "the offset stored with the row, from the pinned tzdata"

# Functions of pyspark.sql.functions.
FUNCTIONS: Final[dict[str, Ban]] = _merged(
    _each(
        "avg mean median percentile try_avg product",
        "works through doubles",
        "sum_money or sum_units, then divide_half_up",
    ),
    _each(
        "stddev stddev_pop stddev_samp variance var_pop var_samp corr covar_pop covar_samp skewness kurtosis "
        "sqrt cbrt exp ln log log2 log10 pow power months_between width_bucket",
        "gives doubles",
        "exact decimals",
    ),
    _each(
        "approx_percentile percentile_approx approx_count_distinct", "engines approximate differently", "count_distinct"
    ),
    _each("nvl nvl2 ifnull", "engines choose another type of result", "expressions.coalesce"),
    _each("round bround rint format_number", "engines round or type differently", "expressions.round_half_up"),
    _each("ceil ceiling floor", "goes through a division that engines cut off differently", "expressions.round_up_to"),
    _each("initcap", "engines split words differently", "upper or lower"),
    _each("weekday", "Sunday is -1 on one engine", "dayofweek"),
    _each("try_divide div", "engines cut decimal quotients off differently", _EXACT),
    _each("hash", "differs for decimals", "sha2 or xxhash64 of text"),
    _each("min_by max_by mode", "ties are decided differently", _ORDER),
    _each("rand randn random randstr uniform uuid shuffle monotonically_increasing_id", "is not repeatable", _ORDER),
    _each("spark_partition_id input_file_name", "depends on the engine", "a column of the row"),
    _each("any_value", "which value is anybody's guess", _ORDER),
    _each("from_json to_json get_json_object json_tuple schema_of_json", "engines read JSON differently", _AT_INGEST),
    _each("from_csv to_csv schema_of_csv", "engines read CSV differently", _AT_INGEST),
    _each(
        "zip_with transform_keys transform_values map_zip_with", "is missing on the embedded engine", "array functions"
    ),
    _each("current_timestamp current_date now localtimestamp curdate", "reads the clock", _NO_CLOCK),
    _each(
        "current_timezone convert_timezone from_utc_timestamp to_utc_timestamp",
        "uses the engine's zone rules",
        _OF_ZONES,
    ),
    _each("to_char to_varchar date_format", "engines write formats differently", "a cast to string"),
    _each("udf pandas_udf arrow_udf udtf reflect java_method", "runs outside the engine's plan", "DataFrame functions"),
    _each(
        "current_user user session_user current_catalog current_database current_schema version",
        "reads the environment",
        "a parameter",
    ),
    _each("to_timestamp to_timestamp_ltz to_timestamp_ntz", "raises or gives null, by engine", "try_to_timestamp"),
    _each(
        "unix_timestamp to_unix_timestamp from_unixtime timestamp_seconds unix_seconds",
        "differs in type and zone",
        "unix_micros",
    ),
    _each("expr call_function call_udf", "hides what it calls in a string", "the DataFrame functions"),
    _each("to_number try_to_number", "engines read formats differently", "a cast behind an ASCII regular expression"),
)

# Attributes of a DataFrame, a Column, a session; whatever they stand on.
ATTRIBUTES: Final[dict[str, Ban]] = _merged(
    _each("cache persist", "computes anew on the embedded engine", "a table, written once (staging)"),
    _each("checkpoint localCheckpoint observe", "is missing on the embedded engine", "a table, written once (staging)"),
    _each("sample sampleBy randomSplit", "is not repeatable", "a filter on a hash of the key"),
    _each("approxQuantile", "engines approximate differently", "exact aggregates"),
    _each("selectExpr", "hides what it calls in a string", "select with DataFrame functions"),
    _each(
        "collect toPandas toArrow toLocalIterator foreach foreachPartition",
        "runs the plan: domain code only describes it",
        "lakehouse",
    ),
    _each(
        "write writeTo createDataFrame createOrReplaceTempView", "reads or writes outside the one writer", "lakehouse"
    ),
    _each(
        "rdd sparkContext sparkSession _jvm _jdf _sc",
        "does not exist through Spark Connect, or holds a session",
        "DataFrames",
    ),
)

# Names of other modules, as `module.name` or as imported.
NAMES: Final[dict[str, Ban]] = _merged(
    _each(
        "datetime.datetime.now datetime.datetime.utcnow datetime.datetime.today datetime.date.today",
        "reads the clock",
        _NO_CLOCK,
    ),
    _each("builtins.float", "is not exact", "Decimal, from text"),
    _each("builtins.open builtins.input builtins.print", "does input or output", "lakehouse or cli"),
    _each("pyspark.sql.SparkSession", "is a session", "the DataFrames that the caller gives"),
    _each("pyspark.sql.types.DoubleType pyspark.sql.types.FloatType", "is not exact", "a decimal type of tables.model"),
)

# Modules of the standard library that reach outside.
MODULES: Final[dict[str, Ban]] = _merged(
    _each("time calendar", "reads the clock or the system's zone", _NO_CLOCK),
    _each("zoneinfo", "takes zone rules from the machine", _OF_ZONES),
    _each("os sys platform subprocess socket", "reads the environment", "a parameter"),
    _each("pathlib shutil tempfile glob io", "reaches files", "lakehouse"),
    _each("random secrets uuid", "is not repeatable", "a hash of the key"),
)
PACKAGES: Final = frozenset({"pyspark", "phonenumbers", "telecom_cdr"})
PACKAGE_BAN: Final = Ban("is not for domain code", "pyspark.sql, or a module outside the domain packages")

SESSIONS: Final[dict[str, Ban]] = _merged(
    _each("builder getOrCreate", "opens a session outside lakehouse", "lakehouse.engine.open_session"),
    _each("SparkConnectServer", "starts a server outside lakehouse", "lakehouse.engine.open_session"),
)

DIVISION: Final = Ban("engines cut decimal quotients off differently", _EXACT)
FLOAT_LITERAL: Final = Ban("is a double", 'expressions.money("0.5", …)')
DOUBLE_CAST: Final = Ban("is not exact", "a decimal type of tables.model")
BARE_SUM: Final = Ban(
    "whole numbers wrap silently on the embedded engine", "sum_units, sum_money, or a cast to decimal inside"
)
TEXT_CONDITION: Final = Ban("hides what it calls in a string", "a Column")
NEGATIVE_POSITION: Final = Ban("counts from the end differently", "a position from 1, by length")
EMPTY_PATTERN: Final = Ban("splits differently", "substring by position")
BARE_CONTAINS: Final = Ban("null is judged differently", "expressions.is_true around it")
UNORDERED_DISTINCT: Final = Ban("which of the rows stays is anybody's guess", _ORDER)
GROUP_REFERENCE: Final = Ban("engines read group references differently", "regexp_extract and concat")
PATTERNS: Final[tuple[tuple[str, Ban], ...]] = (
    (r"\\[dDwWsS]", Ban("engines disagree on Unicode", "[0-9], or the characters one by one")),
    (r"\(\?<?[=!]", Ban("look-around is missing on the embedded engine", "two conditions")),
    (r"\\[1-9]", Ban("back-references are missing on the embedded engine", "two conditions")),
    (r"\A\^|(?<!\\)\$\Z", Ban("a line end may hide behind it", r"\A and \z")),
)
