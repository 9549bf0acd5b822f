"""The pairs that were reviewed for this release.

Reviewed on 2026-11-29, and how:

* *Names*: what Upbit's GET /v1/market/all tells, as public clients and their recordings show it.
  A name that differs by a letter is refused until an operator confirms it, so that an error in this
  table keeps an entry back and never lets one through.
* *Contract and factor*: Binance's exchangeInfo lists ``1000SHIBUSDT`` and its like under that base
  asset; price and quantity are of so many coins.
* *Begin of the contract*: ``onboardDate`` of exchangeInfo, only where recordings of unrelated
  projects agree. The others carry none: ``tporder pairs confirm CODE`` once, and from then on a
  change of it counts. (For BTCUSDT Binance's documentation shows another date than it answers.)

TON is left out on purpose: on Upbit the code once meant Tokamak Network (now TOKAMAK), on Binance
it means Toncoin. A coin that is not here is added by the setting ``pairs.extra`` or confirmed.
"""

from decimal import Decimal

from trading_platform_order.domain.money import ONE
from trading_platform_order.domain.pairs.pair import Pair, Pairs

_THOUSAND = Decimal(1_000)

_ROWS: tuple[tuple[str, str, str, str, Decimal, int | None], ...] = (
    # code, Korean name, English name, contract, coins in one unit, begin of the contract
    ("BTC", "비트코인", "Bitcoin", "BTCUSDT", ONE, 1_567_965_300_000),
    ("ETH", "이더리움", "Ethereum", "ETHUSDT", ONE, 1_574_840_700_000),
    ("XRP", "엑스알피(리플)", "XRP", "XRPUSDT", ONE, None),
    ("SOL", "솔라나", "Solana", "SOLUSDT", ONE, None),
    ("DOGE", "도지코인", "Dogecoin", "DOGEUSDT", ONE, None),
    ("ADA", "에이다", "Cardano", "ADAUSDT", ONE, None),
    ("TRX", "트론", "TRON", "TRXUSDT", ONE, None),
    ("BCH", "비트코인캐시", "Bitcoin Cash", "BCHUSDT", ONE, None),
    ("LINK", "체인링크", "Chainlink", "LINKUSDT", ONE, None),
    ("AVAX", "아발란체", "Avalanche", "AVAXUSDT", ONE, None),
    ("DOT", "폴카닷", "Polkadot", "DOTUSDT", ONE, None),
    ("ETC", "이더리움클래식", "Ethereum Classic", "ETCUSDT", ONE, None),
    ("SUI", "수이", "Sui", "SUIUSDT", ONE, None),
    ("SHIB", "시바이누", "Shiba Inu", "1000SHIBUSDT", _THOUSAND, None),
    ("PEPE", "페페", "PEPE", "1000PEPEUSDT", _THOUSAND, None),
    ("BONK", "봉크", "BONK", "1000BONKUSDT", _THOUSAND, None),
    ("XEC", "이캐시", "eCash", "1000XECUSDT", _THOUSAND, None),
)

REVIEWED: Pairs = {
    code: Pair(
        code=code,
        korean_name=korean,
        english_name=english,
        contract=contract,
        factor=factor,
        onboard_ms=onboard_ms,
    )
    for code, korean, english, contract, factor, onboard_ms in _ROWS
}
