"""The names of the two exchanges: text, as they stand in faults, ready files and orders to control.

Text and no enumeration, so that any client's own names for the two fit as they are.
"""

from typing import Annotated

import msgspec

UPBIT = "upbit"
BINANCE = "binance"

VenueName = Annotated[str, msgspec.Meta(pattern=f"^({UPBIT}|{BINANCE})$")]
"""Held to these two where it is read from JSON."""
