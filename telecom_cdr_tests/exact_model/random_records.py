"""Random records of a tenant in and around a month: every spelling, every fault, boundary values, duplicates.

A record is a list of (field, JSON text), so that numbers are spelt as drawn and never pass through a float.
"""

import json
from datetime import UTC, datetime, timedelta
from random import Random

from telecom_cdr_tests.exact_model.clock import first_day, last_day
from telecom_cdr_tests.exact_model.random_faults import spoil
from telecom_cdr_tests.exact_model.random_parts import random_parts
from telecom_cdr_tests.exact_model.random_tenants import Tenant

Fields = dict[str, str]

_NETWORKS = ("60401", "60400", "20801", "20810", "310260", "310410", "21407", "40445", "26201", "99901")
_CALLED = (
    *(
        "212661999999",
        "0612345678",
        "+212 666-123.456",
        "00212522123456",
        "750123456",
        "\uff12\uff11\uff12661999998",
        "0801234567",
    ),
    *(
        "33612345678",
        "+33 1 42 68 53 00",
        "0033712345678",
        "14035550123",
        "442079460000",
        "4930123456",
        "+1 (212) 5550123",
    ),
    *("150", "1500", "15-00", "199", "212655000111"),
)
_TECHNOLOGIES = ("2G", "3G", "4G", "5G", "lte", " NR ", "Umts", "HSPA", "gsm", "EDGE", "6G", "wifi")
_NO_JSON = (
    b"{",
    b"not json",
    b'{"record_ID": "x"',
    b"[1, 2]",
    b'"text"',
    b"17",
    b"null",
    b'{"record_ID": "\xff"}',
    b"}{",
)
# Spellings of counts around the limits of increments and allowances; and of volumes down to half a byte.
_SECONDS = (
    "1",
    "59",
    "60",
    "61",
    "60.0",
    "6e1",
    '"61"',
    '"0061"',
    "6.1E1",
    "100",
    "600",
    "3599",
    "7200",
    "86400",
    "0",
    "43201",
)
_VOLUMES = (
    *(
        "0",
        "0.1",
        "0.0000005",
        "0.0000004",
        "1e-06",
        "1.5",
        '"1.5"',
        "1.500",
        "52.43",
        "15E-1",
        "1048.576",
        "0.0000015",
    ),
    *("0.000001499999999", "999999.9999995", "1e3"),
)


def random_records(random: Random, tenant: Tenant, month: str, count: int) -> list[bytes]:
    """`count` records of a tenant in the order sent; about one in four is faulty or sent before."""
    sent: list[Fields] = []
    lines: list[bytes] = []
    while len(lines) < count:
        chance = random.random()
        name = f"{tenant.name}-{len(lines)}"
        if chance < 0.03:
            lines.append(random.choice(_NO_JSON))
            continue
        if chance < 0.15 and sent:
            records = [_copy(random, random.choice(sent))]
        elif chance < 0.22:
            records = random_parts(random, _record(random, tenant, month, name), month)
        else:
            records = [_record(random, tenant, month, name)]
            if chance > 0.87:
                spoil(random, records[0])
        sent += records
        lines += [_line(random, record) for record in records]
    return lines


def _line(random: Random, record: Fields) -> bytes:
    items = [f"{json.dumps(name)}: {value}" for name, value in record.items()]
    if random.random() < 0.1:
        # The first of two fields of one name counts, unknown fields do not.
        items += ['"timestamp": "nonsense"', '"unknown": {"a": [1]}']
    if random.random() < 0.2:
        items = [item.replace('": ', '":', 1) for item in items]
    return ("{" + ", ".join(items) + "}" + random.choice(("", "", " ", "\r"))).encode()


def _record(random: Random, tenant: Tenant, month: str, record_id: str) -> Fields:
    kind = random.choice(("voice", "voice", "sms", "data"))
    record = {
        "record_ID": json.dumps(record_id),
        "record_type": json.dumps(kind),
        "timestamp": json.dumps(_timestamp(random, month)),
    }
    served = json.dumps(_spelt(random, random.choice((*tenant.msisdns * 12, "212650000001"))))
    called = json.dumps(random.choice(_CALLED), ensure_ascii=False)
    if kind == "voice":
        seconds = (
            random.choice(_SECONDS)
            if random.random() < 0.6
            else str(random.randint(1, random.choice((600, 5000, 40_000))))
        )
        record |= {"caller_id": served, "callee_id": called, "duration_sec": seconds}
    elif kind == "sms":
        record |= {"sender_id": served, "receiver_id": called}
    else:
        volume = (
            random.choice(_VOLUMES) if random.random() < 0.5 else f"{random.randint(0, 60_000_000) / 1_000_000:.6f}"
        )
        record |= {"user_id": served, "data_volume_mb": volume, "session_duration_sec": random.choice(_SECONDS)}
        product = random.choice((*tenant.data_products * 3, "UNHEARD_OF", ""))
        if product or random.random() < 0.5:
            record["product_code"] = json.dumps(product)
    return record | _context(random, kind)


def _context(random: Random, kind: str) -> Fields:
    """Fields that every record may have."""
    fields: Fields = {}
    if random.random() < 0.95:
        fields["cell_id"] = json.dumps(random.choice(("RABAT_01", "FES_12", "AGADIR_07", "")))
    if random.random() < 0.95:
        fields["technology"] = json.dumps(random.choice(_TECHNOLOGIES))
    if random.random() < 0.15:
        fields |= {
            "session_id": '"S1"',
            "sequence_number": random.choice(("1", '"2"', "3.0", '""')),
            "is_final": "true",
        }
    if random.random() < 0.1:
        fields |= {"imsi": '"604010000000001"', "imei": "490154203237518", "cause": "16"}
    if random.random() < 0.1:
        fields["source_node"] = random.choice(('"MSC1"', '"MSC2"', '" "', "null"))
    if random.random() < 0.2:
        network = random.choice(_NETWORKS)
        fields["serving_plmn"] = random.choice((network, json.dumps(network)))
        if kind != "data":
            fields["direction"] = random.choice(('"mo"', '"MO"', '"mt"', "null"))
    return fields


def _spelt(random: Random, msisdn: str) -> str:
    national = msisdn[3:]
    wide = "".join(chr(0xFF10 + int(digit)) for digit in msisdn)
    return random.choice(
        (
            msisdn,
            msisdn,
            f"+{msisdn}",
            f"00{msisdn}",
            f"0{national}",
            national,
            f"+212 {national[:3]}-{national[3:]}",
            wide,
        )
    )


def _timestamp(random: Random, month: str) -> str:
    """A time in the month, often shared, at an edge or at a change of the clock, in one of the spellings."""
    start, end = first_day(month), last_day(month)
    day = start + timedelta(days=random.randint(0, (end - start).days))
    edges = (
        *(f"{start}T00:00:00", f"{start}T00:30:00Z", f"{end}T23:59:59.999999", f"{end}T23:30:00Z", f"{end}T22:59:59Z"),
        *(f"{start - timedelta(days=1)}T23:30:00Z", f"{end + timedelta(days=1)}T00:00:00+01:00", f"{end}T24:00:00"),
        *(f"{month}-15T02:30:00", f"{month}-22T02:30:00", f"{month}-20T01:30:00", f"{month}-20T01:00:00Z"),
    )
    if random.random() < 0.15:
        return random.choice(edges)
    hour, minute = random.choice((0, 5, 8, 8, 12, 17, 18, 21, 23)), random.choice((0, 0, 30, 59))
    moment = datetime(day.year, day.month, day.day, hour, minute, random.choice((0, 0, 59)), tzinfo=UTC)
    text = moment.strftime("%Y-%m-%dT%H:%M:%S")
    spellings = (
        text,
        text,
        text + "Z",
        text + "+01:00",
        text + "-0330",
        text + "+00",
        text.replace("T", " "),
        text[:-3],
    )
    return random.choice((*spellings, text.lower() + ".5z", text + ".123456789", text + ".1234567+00:00"))


def _copy(random: Random, record: Fields) -> Fields:
    """A record sent again: as it was, spelt differently, or with something changed."""
    copied = dict(record)
    chance = random.random()
    if chance < 0.4:
        return copied
    if chance < 0.6:
        copied["technology"] = '"4G"' if copied.get("technology") == '"lte"' else copied.get("technology", "null")
        copied["ignored"] = '"yes"'
        return copied
    field = random.choice(
        sorted({"duration_sec", "data_volume_mb", "cell_id", "technology", "cause"} & {*copied, "cause"})
    )
    copied[field] = {"duration_sec": "77", "data_volume_mb": "7.7", "cause": '"31"'}.get(field, '"OTHER_99"')
    return copied
