"""How a request to `tporder web` is signed: pure functions, the same on both sides.

Five lines are signed with HMAC-SHA256: method, path with its query, milliseconds since 1970, a
nonce, and the SHA-256 of the body. Nothing of a request can be altered, moved to another address or
sent a second time.
"""

import hashlib
import hmac

KEY = "X-Tporder-Key"
TIME = "X-Tporder-Time"
NONCE = "X-Tporder-Nonce"
SIGNATURE = "X-Tporder-Signature"


def signature(secret: str, *, method: str, target: str, at_ms: str, nonce: str, body: bytes) -> str:
    """Lower-case hexadecimal.

    Args:
        secret: the key's.
        method: upper case.
        target: path and query, as they stand in the request line.
        at_ms: as it stands in its header.
        nonce: as it stands in its header; never used twice.
        body: empty where there is none.
    """
    digest = hashlib.sha256(body).hexdigest()
    text = f"{method}\n{target}\n{at_ms}\n{nonce}\n{digest}"
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


def signed(
    key: str, secret: str, *, method: str, target: str, at_ms: int, nonce: str, body: bytes
) -> dict[str, str]:
    """The headers of a request."""
    named = signature(
        secret, method=method, target=target, at_ms=str(at_ms), nonce=nonce, body=body
    )
    return {KEY: key, TIME: str(at_ms), NONCE: nonce, SIGNATURE: named}
