"""What users of other systems reported, numbered: the raw material of the scenarios.

Each is a public issue thread (repository and number) with its essence, read in November 2026.
:data:`NOT_OURS` says why some cannot happen here; every other one has a scenario, and a test holds
that.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldFailure:
    """One reported failure: repository and number, and its essence."""

    thread: str
    essence: str


FIELD_FAILURES: Mapping[int, FieldFailure] = {
    1: FieldFailure("scrtlabs/catalyst #317", "read time-out, then the same order sent again"),
    2: FieldFailure("ccxt/ccxt #2599", "the order goes through after the time-out"),
    3: FieldFailure("ccxt/ccxt #2698", "time-out and instant close leave no id to look for"),
    4: FieldFailure("ccxt/ccxt #7411", "cable pulled while the order is created"),
    5: FieldFailure("hummingbot/hummingbot #493", "time-outs treated as failures: duplicates"),
    6: FieldFailure("hummingbot/hummingbot #720", "duplicates after a stop"),
    7: FieldFailure("shobhit727/trade #43", "every exception is retried"),
    8: FieldFailure("yubing744/trading-gpt #94", "orders carry no client id"),
    9: FieldFailure("Kalshi starter #135", "a new uuid for every retry"),
    10: FieldFailure("gruelbox/orko #80", "most exchanges are not idempotent"),
    11: FieldFailure("Haehnchen/crypto-trading-bot #53", "instant fill, not open: ordered again"),
    12: FieldFailure("Reya SDK PR #55", "a retry on 504 places up to five orders"),
    13: FieldFailure("vnpy/vnpy #901", "the same order reference twice"),
    14: FieldFailure("nautechsystems/nautilus_trader #4152", "time-out called REJECTED"),
    15: FieldFailure("nautechsystems/nautilus_trader #4958", "rejected locally, orphan position"),
    16: FieldFailure("hummingbot/hummingbot #8457", "DNS outage: six accepted orders dropped"),
    17: FieldFailure("sonvister/Binance #77", "504 is not a failure"),
    18: FieldFailure("sieblyio/binance #580", "-1007"),
    19: FieldFailure("freqtrade/freqtrade #4403", "'order not found' just after creation"),
    20: FieldFailure("xLydianSoftware/Qubx PR #434", "14,000 rejected cancels of a filled order"),
    21: FieldFailure("nautechsystems/nautilus_trader #3869", "fills are missing now and then"),
    22: FieldFailure("nautechsystems/nautilus_trader #3861", "not resubscribed after key expiry"),
    23: FieldFailure("QuantConnect/Lean.Brokerages.InteractiveBrokers #249", "fills in a gap lost"),
    24: FieldFailure("QuantConnect/Lean.Brokerages.TradeStation #101", "one fill frame missing"),
    25: FieldFailure("QuantConnect/Lean.Brokerages.TradeStation PR #95", "4 of 18 fills told"),
    26: FieldFailure("sammchardy/python-binance #167", "the user data stream is silent"),
    27: FieldFailure("binance/binance-connector-rust #74", "the stream ends silently"),
    28: FieldFailure("hummingbot/hummingbot #2480", "fills are not tracked"),
    29: FieldFailure("hummingbot/hummingbot #3831", "perpetual filled, spot limit stuck"),
    30: FieldFailure("hummingbot/hummingbot #4785", "one side has no assets"),
    31: FieldFailure("hummingbot/hummingbot #5299", "minimum not checked on both legs first"),
    32: FieldFailure("hummingbot/hummingbot #7388", "two trades here, none there"),
    33: FieldFailure("hummingbot/hummingbot #855", "the hedge was skipped"),
    34: FieldFailure("hummingbot/hummingbot #6960", "close failed: opened repeatedly"),
    35: FieldFailure("hummingbot/hummingbot #184", "a failed leg sold the owner's stock"),
    36: FieldFailure("hummingbot/hummingbot #2338", "asks for retry or cancel of pairs"),
    37: FieldFailure("nautechsystems/nautilus_trader #4736", "restart believes it is flat"),
    38: FieldFailure("nautechsystems/nautilus_trader #3046", "fills replayed after a restart"),
    39: FieldFailure("nautechsystems/nautilus_trader #3104", "75 here, -65 at the exchange"),
    40: FieldFailure("nautechsystems/nautilus_trader #3176", "duplicates at each restart"),
    41: FieldFailure("Drakkar-Software/OctoBot #3190", "stop orders gone after a restart"),
    42: FieldFailure("OpenByteInc/QuantDinger PR #232", "a fill booked twice"),
    43: FieldFailure("hummingbot/hummingbot #3915", "out of step with the exchange"),
    44: FieldFailure("freqtrade/freqtrade #3622", "a partial fill that cannot be sold"),
    45: FieldFailure("freqtrade/freqtrade #8374", "a stop that filled in part"),
    46: FieldFailure("freqtrade/freqtrade #3647", "cancelled, but live"),
    47: FieldFailure("yubing744/trading-gpt #89", "dust eats the margin"),
    48: FieldFailure("freqtrade/freqtrade #13523", "reprocessing zeroes funding"),
    49: FieldFailure("freqtrade/freqtrade #13102", "funding counted twice"),
    50: FieldFailure("freqtrade/freqtrade #13263", "funding in a dry run"),
    51: FieldFailure("Bruce188/FundingRateArb #299", "legs accrue on two clocks, wrong sign"),
    52: FieldFailure("ccxt/binance-trade-bot #283", "IP ban"),
    53: FieldFailure("GuntharDeNiro/BTCT #427", "429 is ignored"),
    54: FieldFailure("CryptoMF/frostybot-js #67", "a storm of rollbacks ends in a ban"),
    55: FieldFailure("shieldnet/gobit #3", "Upbit's orders per second and key"),
    56: FieldFailure("ccxt/ccxt #2281", "-1021: the clock"),
    57: FieldFailure("ccxt/binance-trade-bot #215", "-1021: the clock, again"),
    58: FieldFailure("hummingbot/hummingbot #2534", "the kill switch fired, orders went on"),
    59: FieldFailure("hummingbot/hummingbot #1145", "a false trigger of the kill switch"),
    60: FieldFailure("hummingbot/hummingbot #1866", "another false trigger"),
    61: FieldFailure("hummingbot/hummingbot #620, #2697", "no way to resume after a stop"),
    62: FieldFailure("nautechsystems/nautilus_trader #1081", "no kill switch"),
    63: FieldFailure("richkuo/go-trader #1462", "resting orders refill after a flatten"),
    64: FieldFailure("richkuo/go-trader #1454", "a manual position the kill does not see"),
    65: FieldFailure("freqtrade/freqtrade #12610", "stops moved to the algo API (-4120)"),
    66: FieldFailure("freqtrade/freqtrade #12984", "a stop-limit triggered and never filled"),
    67: FieldFailure("freqtrade/freqtrade #4999", "an emergency sell too violent for the book"),
    68: FieldFailure("freqtrade/freqtrade #1841, #2968", "asked for stops on losses"),
    69: FieldFailure("sharebook-kr/pyupbit #131", "a market buy ends in state 'cancel'"),
    70: FieldFailure("ccxt/ccxt PR #25776", "Upbit's client order id missing from answers"),
    71: FieldFailure("knowm/XChange #4964", "the amount of a KRW market buy"),
    72: FieldFailure("hummingbot/hummingbot #7347", "webhooks"),
    73: FieldFailure("Abilityai/trinity #1422", "dedup by content swallowed real signals"),
    74: FieldFailure("Sentello/TradeX #1", "138 webhooks a week, some mended by hand"),
    75: FieldFailure("freqtrade/freqtrade #7141, hummingbot/hummingbot #4055", "Prometheus"),
}

NOT_OURS: Mapping[int, str] = {
    10: "an observation about exchanges, not a failure; scenarios 1 to 9 are what follows from it",
    75: "a wish for metrics, not a failure; metrics are off the path of a trade",
}
