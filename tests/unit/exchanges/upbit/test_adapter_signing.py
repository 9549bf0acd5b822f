"""Signing of Upbit requests."""

import base64
import hashlib
import hmac
import json
import uuid

from trading_platform_order.exchanges.config import Credentials
from trading_platform_order.exchanges.upbit.requests.signing import (
    Signer,
    encoded_query,
    new_nonce,
    plain_query,
)


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def signer() -> Signer:
    numbers = iter(range(1, 100))
    return Signer(Credentials(key="access", secret="secret"), lambda: f"n{next(numbers)}")


def test_the_token_is_an_hs512_jwt() -> None:
    header, payload, signature = signer().authorization("a=1").removeprefix("Bearer ").split(".")
    assert json.loads(decode(header)) == {"alg": "HS512", "typ": "JWT"}
    assert json.loads(decode(payload)) == {
        "access_key": "access",
        "nonce": "n1",
        "query_hash": hashlib.sha512(b"a=1").hexdigest(),
        "query_hash_alg": "SHA512",
    }
    expected = hmac.new(b"secret", f"{header}.{payload}".encode(), hashlib.sha512).digest()
    assert decode(signature) == expected
    assert "=" not in signature


def test_no_parameters_no_hash_and_always_a_new_nonce() -> None:
    one = signer()
    payloads = [
        json.loads(decode(one.authorization().split(".")[1])),
        json.loads(decode(one.authorization().split(".")[1])),
    ]
    assert payloads == [
        {"access_key": "access", "nonce": "n1"},
        {"access_key": "access", "nonce": "n2"},
    ]


def test_the_documented_body_hashes_as_documented() -> None:
    body = {
        "market": "KRW-BTC",
        "side": "bid",
        "volume": "0.001",
        "price": "50000000",
        "ord_type": "limit",
    }
    text = plain_query(body.items())
    assert text == "market=KRW-BTC&side=bid&volume=0.001&price=50000000&ord_type=limit"
    payload = json.loads(decode(signer().authorization(text).split(".")[1]))
    assert payload["query_hash"].startswith("7a1eb1d7da6191e65ee8ae0fcb65c83f")


def test_values_are_hashed_plain_and_sent_encoded() -> None:
    pairs = [("start_time", "2025-06-24T13:56:53+09:00"), ("states[]", "done")]
    assert plain_query(pairs) == "start_time=2025-06-24T13:56:53+09:00&states[]=done"
    assert encoded_query(pairs) == "start_time=2025-06-24T13%3A56%3A53%2B09%3A00&states[]=done"


def test_a_key_is_told_as_it_is() -> None:
    odd = Signer(Credentials(key='a"b\\c', secret="secret"), lambda: "n")
    assert json.loads(decode(odd.authorization().split(".")[1]))["access_key"] == 'a"b\\c'


def test_a_nonce_is_a_new_random_uuid() -> None:
    texts = {new_nonce() for _ in range(1_000)}
    assert len(texts) == 1_000
    for text in texts:
        made = uuid.UUID(text)
        assert (str(made), made.version, made.variant) == (text, 4, uuid.RFC_4122)
