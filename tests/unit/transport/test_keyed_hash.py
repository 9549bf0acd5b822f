"""The prepared key signs what the standard library signs, whatever the key's length."""

import hmac
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trading_platform_order.transport.keyed_hash import KeyedHash


@pytest.mark.parametrize("name", ["sha256", "sha512"])
@given(secret=st.binary(max_size=300), texts=st.lists(st.binary(max_size=300), min_size=2))
def test_it_is_the_standard_hmac(
    name: Literal["sha256", "sha512"], secret: bytes, texts: list[bytes]
) -> None:
    keyed = KeyedHash(secret, name)
    assert [keyed.digest(text) for text in texts] == [
        hmac.digest(secret, text, name) for text in texts
    ]


@given(secret=st.binary(max_size=300), begins=st.binary(max_size=300), text=st.binary(max_size=300))
def test_a_prepared_beginning_is_part_of_the_text(
    secret: bytes, begins: bytes, text: bytes
) -> None:
    keyed = KeyedHash(secret, "sha512", begins=begins)
    assert keyed.digest(text) == hmac.digest(secret, begins + text, "sha512")
