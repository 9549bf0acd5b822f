"""How far a start has come: what may be begun by now. Whoever starts the engine sets it."""

import asyncio


class StartProgress:
    """Of one engine.

    Attributes:
        may_close: trades of before go on, and closes may be begun.
        swept: both exchanges told every order under our prefix; nothing late is acted on before.
        may_enter: entries may be begun.
    """

    def __init__(self) -> None:
        self.may_close = False
        self.swept = asyncio.Event()
        self.may_enter = False
