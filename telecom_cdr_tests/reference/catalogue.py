"""A small valid catalogue on disk, and ways to spoil one row of it."""

from pathlib import Path
from typing import Final

FILES: Final[dict[str, str]] = {
    "customers": """
        customer_id,name,region,segment,email,address,tax_exempt
        C1,Amina Alaoui,Oriental,consumer,amina@example.com,"1, Rue X",false
        C2,Atlas SARL,,business,,,true
        """,
    "subscriptions": """
        msisdn,customer_id,plan_code,status,valid_from,valid_to
        212661000001,C1,BASIC,active,2023-01-01,2024-03-01
        212661000001,C1,PLUS,active,2024-03-01,
        212661000002,C2,PLUS,active,,
        """,
    "rate_plans": """
        plan_code,name,currency,prices_include_tax,monthly_fee,fee_timing,prorate,payment_type
        BASIC,Basic,MAD,true,0.00,arrears,false,prepaid
        PLUS,Plus,MAD,false,99.99,advance,true,postpaid
        EURO,Euro,EUR,false,10,arrears,false,postpaid
        """,
    "products": """
        product_code,service_type,traffic_class,unit,description
        CALL,voice,,second,Calls
        CALL_ABROAD,voice,international,second,
        SMS,sms,,message,
        DATA,data,,byte,
        DATA_2,data,,byte,
        """,
    "rates": """
        plan_code,product_code,zone,time_band,valid_from,valid_to,model,unit_size,price,connect_fee,first_increment,next_increment,minimum_charge,maximum_charge,tier_scope,tier_basis
        BASIC,CALL,,,,2024-02-01,flat,60,1.800000001,0.15,60,20,0.1,5,,
        BASIC,CALL,,,2024-02-01,,flat,,0.03,,,,,,,
        BASIC,CALL_ABROAD,FRANCE,PEAK,2023-01-01,,flat,1,0.09,,,,,,,
        BASIC,SMS,,,,,package,10,1,,,,,,,
        PLUS,CALL,,,,,graduated,,,0.4,,,,,month,all
        PLUS,DATA,,,,,volume,,,,,,,,event,charged
        """,
    "rate_tiers": """
        plan_code,product_code,zone,time_band,valid_from,up_to,unit_size,price,flat_fee
        PLUS,CALL,,,,60,,,0.2
        PLUS,CALL,,,,,60,0.1,
        PLUS,DATA,,,,,1000000,0.01,3
        """,
    "allowances": """
        plan_code,allowance_code,product_code,zone,kind,quantity,period,scope,priority
        PLUS,FREE_CALLS,CALL,,units,3600,month,customer,10
        PLUS,FREE_CALLS,CALL_ABROAD,FRANCE,units,3600.0,month,customer,10
        BASIC,BUDGET,,,money,12.5,day,subscription,20
        """,
    "discounts": """
        discount_code,plan_code,customer_id,segment,applies_to,product_code,percent,amount,minimum_spend,valid_from,valid_to
        LOYAL,PLUS,C1,consumer,usage,CALL,10,,5.00,2024-01-01,2024-02-01
        LOYAL,,,,invoice,,,20.00,,2024-02-01,
        """,
    "fees": """
        fee_code,plan_code,amount,per,only_with_usage,taxable
        PAPER,PLUS,10.00,invoice,true,false
        CARD,,1,subscription,false,true
        """,
    "tax_rates": """
        tax_category,rate,valid_from,valid_to
        standard,0.2,,2030-01-01
        standard,0.1999,2030-01-01,
        """,
    "destinations": """
        prefix,zone,country_code,description,valid_from,valid_to
        212,MOROCCO,212,Morocco,,
        33,FRANCE,33,France,,
        336,FRANCE,33,"France, mobile",2023-01-01,
        141,HELP,SHORT,,,
        141,MOROCCO,,,,
        """,
    "time_bands": """
        time_band,weekdays,start_time,end_time,on_holidays,priority
        PEAK,12345,08:00,19:00,false,10
        NIGHT,,22:00,06:00,,20
        NIGHT,67,00:00,24:00,true,20
        """,
    "holidays": """
        date,name
        2024-05-01,Labour Day
        """,
    "number_portability": """
        msisdn,operator,valid_from,valid_to
        212661000009,Inwi,2023-01-01,
        """,
}


class Catalogue:
    """The files of a catalogue in a directory."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        directory.mkdir()
        for name, text in FILES.items():
            self.write(name, "".join(f"{line.strip()}\n" for line in text.strip().splitlines()))

    def path(self, name: str) -> Path:
        """Path of a file."""
        return self.directory / f"{name}.csv"

    def lines(self, name: str) -> list[str]:
        """Lines of a file; the header is the first."""
        return self.path(name).read_text(encoding="utf-8").splitlines()

    def write(self, name: str, text: str) -> None:
        """Write a whole file."""
        self.path(name).write_text(text, encoding="utf-8")

    def add(self, name: str, *rows: str) -> None:
        """Add rows at the end of a file."""
        self.write(name, "\n".join([*self.lines(name), *rows]) + "\n")

    def replace(self, name: str, line: int, row: str) -> None:
        """Write one line anew; line 1 is the header."""
        lines = self.lines(name)
        lines[line - 1] = row
        self.write(name, "\n".join(lines) + "\n")
