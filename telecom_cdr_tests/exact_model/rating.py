"""Rating: each event of a month with its charge and what explains it, or with the reason why it has none.

Here: the order of the steps. Not here: what each of them does.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction

from telecom_cdr_tests.exact_model.allowances import Allowances, Asking, Gift
from telecom_cdr_tests.exact_model.bands import Calendar
from telecom_cdr_tests.exact_model.breakdown import Entry
from telecom_cdr_tests.exact_model.lookups import Found, look_up
from telecom_cdr_tests.exact_model.numbers import round_half_up
from telecom_cdr_tests.exact_model.pieces import Piece, Run, billed_until, runs, split
from telecom_cdr_tests.exact_model.sessions import Row, Session, sessions, usage
from telecom_cdr_tests.exact_model.tariff import Cells, Reference, Tariff, amount, rate_key
from telecom_cdr_tests.exact_model.tiers import Scope, is_monthly, price_piece

_PLACES = 6
HOME_OPERATOR = "Maroc Telecom"
TIMEZONE = "Africa/Casablanca"


@dataclass
class Case:
    """One event while it is rated. `governing` is the rate that counts its units; None when the event is unrated."""

    event: Row
    session: Session
    found: Found
    units_before: int
    reason: str | None
    governing: Cells | None = None
    cut: Sequence[Run] = ()
    pieces: list[Piece] = field(default_factory=list)
    billed: int = 0
    gifts: list[Gift] = field(default_factory=list)
    of_event: Decimal = Decimal(0)
    of_month: Decimal = Decimal(0)
    connect_fee: Decimal = Decimal(0)
    limited: Decimal = Decimal(0)
    money_gifts: list[Gift] = field(default_factory=list)

    @property
    def units(self) -> int:
        """Units used."""
        return usage(self.event)

    @property
    def charge(self) -> Decimal:
        """What is to be paid."""
        return self.before_money - sum((gift.given for gift in self.money_gifts), Decimal(0))

    @property
    def before_money(self) -> Decimal:
        """What is to be paid before money allowances."""
        return self.connect_fee + self.of_event + self.of_month + self.limited

    def asking(self) -> Asking:
        """What the event asks of allowances: its own day and month, the rest as its session was looked up."""
        found, day = self.found, self.event["usage_date"]
        assert found.subscription
        assert found.product
        assert isinstance(day, date)
        month = str(self.event["usage_month"])
        product = found.product["product_code"]
        return Asking(found.subscription, product, found.zone, month, day.isoformat(), self.session.key)

    def entries(self) -> list[Entry]:
        """What the charge is made of."""
        entries = [Entry("connect_fee", self.connect_fee)] if self.connect_fee else []
        entries += [entry for piece in self.pieces for entry in piece.entries]
        if self.limited:
            entries.append(Entry("minimum" if self.limited > 0 else "maximum", self.limited))
        return entries + [Entry("money_allowance", -gift.given, (("code", gift.code),)) for gift in self.money_gifts]


def rate_cases(
    events: Iterable[Row], reference: Reference, home_operator: str = HOME_OPERATOR, timezone: str = TIMEZONE
) -> list[Case]:
    """Every event rated, in the order in which events use up allowances and tiers of the month."""
    tariff, calendar = Tariff(reference), Calendar(reference, timezone)
    in_sessions = [_looked_up(session, tariff, calendar, home_operator) for session in sessions(events)]
    cases = sorted((case for parts in in_sessions for case in parts), key=_order)
    rated = [case for case in cases if not case.reason]
    allowances = Allowances(tariff)
    for case in rated:
        _take_units(case, allowances)
    _price_months(rated, tariff)
    for parts in in_sessions:
        _price_session([case for case in parts if not case.reason], tariff)
    for case in rated:
        case.money_gifts = allowances.take("money", case.asking(), case.before_money)
    return cases


def _order(case: Case) -> tuple[str, datetime, str]:
    start = case.event["event_start_utc"]
    assert isinstance(start, datetime)
    return (str(case.event["billing_month"]), start, str(case.event["cdr_id"]))


def _looked_up(session: Session, tariff: Tariff, calendar: Calendar, home_operator: str) -> list[Case]:
    """The events of a session with their rates; the day and the first rate are those of the first of them."""
    found = look_up(session.events[0], tariff, home_operator)
    governing = None if found.reason else _cut(session.events[0], found, calendar)[0].rate
    cases = []
    for event, before in zip(session.events, session.units_before(), strict=True):
        case = Case(event, session, found, before, found.reason)
        if not case.reason:
            is_call = event["record_type"] == "voice"
            case.cut = _cut(event, found, calendar) if is_call else [Run(governing, 0, case.units)]
            if governing is None or any(run.rate is None for run in case.cut):
                case.reason = "NO_RATE"
            else:
                case.governing = governing
        cases.append(case)
    return cases


def _cut(event: Row, found: Found, calendar: Calendar) -> list[Run]:
    """The units of an event by rate; only a call is cut, anything else has the rate of its start."""
    start = event["event_start_utc"]
    assert isinstance(start, datetime)
    if event["record_type"] == "voice":
        return runs(found, calendar, start, usage(event))
    return [Run(found.rate(calendar.active(start)), 0, usage(event))]


def _take_units(case: Case, allowances: Allowances) -> None:
    rate = case.governing
    assert rate
    case.billed = billed_until(case.units_before + case.units, rate) - billed_until(case.units_before, rate)
    case.gifts = allowances.take("units", case.asking(), Decimal(case.billed))
    free = sum(int(gift.given) for gift in case.gifts)
    case.pieces = split(case.cut, case.units_before, case.units, rate, free)


def _price_months(cases: Iterable[Case], tariff: Tariff) -> None:
    """The pieces of rates whose tiers count over the month, in order of time."""
    scopes: dict[tuple[object, ...], Scope] = defaultdict(Scope)
    for case in cases:
        subscription = case.found.subscription
        assert subscription
        owner = (subscription["customer_id"], subscription["msisdn"], case.event["usage_month"])
        for piece in (piece for piece in case.pieces if is_monthly(piece.rate)):
            scope = scopes[*owner, *rate_key(piece.rate)]
            before = scope.exact
            _price(piece, scope, tariff)
            scope.add(piece.free, piece.charged)
            case.of_month += round_half_up(scope.exact, _PLACES) - round_half_up(before, _PLACES)


def _price_session(cases: Iterable[Case], tariff: Tariff) -> None:
    """The other pieces of a session, connect fee, minimum and maximum: each event pays what it adds to them."""
    scope = Scope()
    due = Decimal(0)
    for case in cases:
        assert case.governing
        before, is_first = scope.exact, scope.charged == 0
        for piece in case.pieces:
            if not is_monthly(piece.rate):
                _price(piece, scope, tariff)
            scope.add(piece.free, piece.charged)
        case.of_event = round_half_up(scope.exact, _PLACES) - round_half_up(before, _PLACES)
        if is_first and scope.charged:
            case.connect_fee = Decimal(case.governing["connect_fee"] or 0)
        due_now = _due(scope, case.governing)
        case.limited = due_now - due - case.connect_fee - case.of_event
        due = due_now


def _due(scope: Scope, rate: Cells) -> Decimal:
    """What a session has come to, within the limits of the rate."""
    if scope.charged == 0:
        return Decimal(0)
    due = Fraction(round_half_up(scope.exact, _PLACES)) + amount(rate["connect_fee"])
    due = max(due, amount(rate["minimum_charge"])) if rate["minimum_charge"] else due
    due = min(due, amount(rate["maximum_charge"])) if rate["maximum_charge"] else due
    return round_half_up(due, _PLACES)


def _price(piece: Piece, scope: Scope, tariff: Tariff) -> None:
    piece.entries = price_piece(piece.rate, tariff.tiers(piece.rate), scope, piece.free, piece.charged)
    scope.exact += sum((Fraction(entry.amount) for entry in piece.entries), Fraction(0))
