"""The short field names of the SIMPLE stream format (Upbit docs websocket reference)."""

from typing import Any

import msgspec

_COMMON = {"type": "ty", "code": "cd", "timestamp": "tms", "stream_type": "st"}

_MY_ORDER = {
    "uuid": "uid",
    "ask_bid": "ab",
    "order_type": "ot",
    "state": "s",
    "trade_uuid": "tuid",
    "price": "p",
    "avg_price": "ap",
    "volume": "v",
    "remaining_volume": "rv",
    "executed_volume": "ev",
    "trades_count": "tc",
    "reserved_fee": "rsf",
    "remaining_fee": "rmf",
    "paid_fee": "pf",
    "locked": "l",
    "executed_funds": "ef",
    "time_in_force": "tif",
    "trade_fee": "tf",
    "is_maker": "im",
    "identifier": "id",
    "smp_type": "smpt",
    "prevented_volume": "pv",
    "prevented_locked": "pl",
    "trade_timestamp": "ttms",
    "order_timestamp": "otms",
}
_MY_ASSET = {
    "asset_uuid": "astuid",
    "assets": "ast",
    "asset_timestamp": "asttms",
    "currency": "cu",
    "balance": "b",
    "locked": "l",
}
_ORDERBOOK = {
    "total_ask_size": "tas",
    "total_bid_size": "tbs",
    "orderbook_units": "obu",
    "ask_price": "ap",
    "bid_price": "bp",
    "ask_size": "as",
    "bid_size": "bs",
    "level": "lv",
}
_TICKER = {
    "opening_price": "op",
    "high_price": "hp",
    "low_price": "lp",
    "trade_price": "tp",
    "prev_closing_price": "pcp",
    "change": "c",
    "change_price": "cp",
    "signed_change_price": "scp",
    "change_rate": "cr",
    "signed_change_rate": "scr",
    "trade_volume": "tv",
    "acc_trade_volume": "atv",
    "acc_trade_volume_24h": "atv24h",
    "acc_trade_price": "atp",
    "acc_trade_price_24h": "atp24h",
    "trade_date": "tdt",
    "trade_time": "ttm",
    "trade_timestamp": "ttms",
    "ask_bid": "ab",
    "acc_ask_volume": "aav",
    "acc_bid_volume": "abv",
    "highest_52_week_price": "h52wp",
    "highest_52_week_date": "h52wdt",
    "lowest_52_week_price": "l52wp",
    "lowest_52_week_date": "l52wdt",
    "market_state": "ms",
    "delisting_date": "dd",
    "is_trading_suspended": "its",
    "market_warning": "mw",
}
_TRADE = {
    "trade_price": "tp",
    "trade_volume": "tv",
    "ask_bid": "ab",
    "prev_closing_price": "pcp",
    "change": "c",
    "change_price": "cp",
    "trade_date": "td",
    "trade_time": "ttm",
    "trade_timestamp": "ttms",
    "sequential_id": "sid",
    "best_ask_price": "bap",
    "best_ask_size": "bas",
    "best_bid_price": "bbp",
    "best_bid_size": "bbs",
}
_CANDLE = {
    "candle_date_time_utc": "cdttmu",
    "candle_date_time_kst": "cdttmk",
    "opening_price": "op",
    "high_price": "hp",
    "low_price": "lp",
    "trade_price": "tp",
    "candle_acc_trade_volume": "catv",
    "candle_acc_trade_price": "catp",
}
_LISTING = {"method": "mthd", "result": "rslt", "ticket": "tckt", "codes": "cds"}
_BY_TYPE = {
    "myOrder": _MY_ORDER,
    "myAsset": _MY_ASSET,
    "orderbook": _ORDERBOOK,
    "ticker": _TICKER,
    "trade": _TRADE,
    "candle.1s": _CANDLE,
}

#: rows that were written before, their numbers as they stand there
_ROWS = msgspec.json.Decoder(list[dict[str, msgspec.Raw]])


def shortened(event: dict[str, Any]) -> dict[str, Any]:
    """The event with short names; a field without a short name is a mistake of ours."""
    return _renamed(event, _COMMON | _BY_TYPE.get(str(event.get("type")), _LISTING))


def _renamed(value: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {names[name]: _rows_renamed(inner, names) for name, inner in value.items()}


def _rows_renamed(value: object, names: dict[str, str]) -> object:
    if isinstance(value, msgspec.Raw) and bytes(value).startswith(b"["):
        value = _ROWS.decode(value)
    if isinstance(value, list):
        return [_renamed(row, names) if isinstance(row, dict) else row for row in value]
    return value
