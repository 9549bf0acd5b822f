"""Rows that nobody expects stand beside the right ones, and are somebody else's."""

import json

from exchange_simulator.faults.odd_rows import odd_messages, with_odd_rows


def test_a_list_gets_three_rows_more_and_keeps_its_own() -> None:
    own = {"currency": "BTC", "balance": "1.5", "locked": "0", "unit_currency": "KRW"}
    rows = json.loads(with_odd_rows(json.dumps([own]).encode()))
    assert rows[0] == own
    nulls, types, words = rows[1:]
    assert nulls == {"currency": "ODD", "balance": None, "locked": None, "unit_currency": None}
    assert types["balance"] == {"odd": "1.5"}
    assert words["balance"] == "ODD_WORD"
    assert {row["currency"] for row in rows[1:]} == {"ODD"}


def test_an_object_gets_a_word_more_and_its_lists_rows() -> None:
    answer = {"positions": [{"symbol": "BTCUSDT", "positionAmt": "-1"}], "ids": [1], "feeTier": 0}
    odd = json.loads(with_odd_rows(json.dumps(answer).encode()))
    assert odd["feeTier"] == 0
    assert odd["ids"] == [1]
    assert odd["oddWord"] == "ODD_WORD"
    assert [row["symbol"] for row in odd["positions"]] == ["BTCUSDT", *["ODDUSDT"] * 3]


def test_an_empty_list_gets_a_row_that_says_almost_nothing() -> None:
    assert json.loads(with_odd_rows(b"[]")) == [{"market": "KRW-ODD", "symbol": "ODDUSDT"}]


def test_what_is_no_json_or_no_object_stays() -> None:
    assert with_odd_rows(b"<html>") == b"<html>"
    assert json.loads(with_odd_rows(b"[1]")) == [1]
    assert with_odd_rows(b"3") == b"3"


def test_messages_of_others_keep_their_kind() -> None:
    text = json.dumps({"type": "ticker", "code": "KRW-USDT", "trade_price": 1390.0})
    odd = [json.loads(message) for message in odd_messages(text)]
    assert [message["type"] for message in odd] == ["ticker"] * 3
    assert [message["code"] for message in odd] == ["KRW-ODD"] * 3
    assert odd[0]["trade_price"] is None
    assert odd_messages("ping") == []
    assert odd_messages("[]") == []
