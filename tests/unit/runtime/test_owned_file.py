"""What the last resort is told: each exchange's own units, and a checksum for anybody."""

import hashlib
import json
from decimal import Decimal

from trading_platform_order.domain.market import Instrument
from trading_platform_order.domain.pairs.pair import Pair
from trading_platform_order.domain.trade.trade_events import Holding
from trading_platform_order.domain.venue import Venue
from trading_platform_order.runtime.followers.owned_file import encoded, owned_coin


def instrument(venue: Venue, symbol: str, **figures: str) -> Instrument:
    told = {
        "price_tick": "1",
        "quantity_step": "1000",
        "min_quantity": "1000",
        "max_quantity": "0",
        "min_notional": "5000",
        "max_notional": "0",
        "taker_fee_rate": "0.0005",
    } | figures
    figures_of = {name: Decimal(value) for name, value in told.items()}
    return Instrument(venue=venue, symbol=symbol, **figures_of)  # type: ignore[arg-type]


def test_a_contract_of_a_thousand_is_told_in_contracts() -> None:
    pair = Pair(
        code="SHIB",
        korean_name="시바이누",
        english_name="Shiba Inu",
        contract="1000SHIBUSDT",
        factor=Decimal(1_000),
    )
    coin = owned_coin(
        "SHIB",
        Holding(spot=Decimal("250000.5"), short=Decimal(250_000)),
        instrument(Venue.UPBIT, "SHIB-KRW"),
        instrument(Venue.BINANCE, "SHIBUSDT"),
        pair,
    )
    assert (coin["symbol"], coin["factor"]) == ("1000SHIBUSDT", "1000")
    assert (coin["spot"], coin["short"]) == ("250000.5", "250")
    assert (coin["step"], coin["min_quantity"]) == ("1", "1")
    assert Decimal(coin["max_quantity"]) > 1_000_000


def test_the_checksum_is_of_the_sorted_text() -> None:
    told = json.loads(encoded({"b": "2", "a": [{"코인": "1"}]}))
    text = json.dumps(told["owned"], sort_keys=True, separators=(",", ":"))
    assert told["sha256"] == hashlib.sha256(text.encode()).hexdigest()
