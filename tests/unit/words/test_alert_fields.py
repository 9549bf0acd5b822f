"""An alert's fields are shown by names for operators, and figures with their units."""

from trading_platform_order.words.forms.alert_fields import told_fields
from trading_platform_order.words.text import Language, Locale, using

FIELDS = {
    "symbol": "BTC",
    "outcome": "hedged",
    "spot_base": "0.003",
    "spot_average_price": "153152000",
    "hedge_average_price": "107894.4",
    "naked_ms": "1200",
    "order_krw": "2000000",
    "signal_id": "20261130",
    "held": "nothing",
    "missing_krw": "not known",
}


def test_names_and_units_are_for_operators() -> None:
    assert told_fields(FIELDS) == [
        ("symbol", "BTC"),
        ("outcome", "hedged"),
        ("spot held", "0.003 BTC"),
        ("spot price, average", "153,152,000 KRW"),
        ("hedge price, average", "107,894.4 USDT"),
        ("naked", "1,200 ms"),
        ("order", "2,000,000 KRW"),
        ("signal", "20261130"),
        ("held", "nothing"),
        ("missing", "not known"),
    ]


def test_in_korean_too() -> None:
    with using(Locale(language=Language.KO)):
        told = dict(told_fields(FIELDS))

    assert told["보유 현물"] == "0.003 BTC"
    assert told["현물 평균가"] == "153,152,000 KRW"
    assert told["보유"] == "없음"
