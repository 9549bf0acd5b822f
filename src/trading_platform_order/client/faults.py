"""What a client raises, by what its caller does next.

    ClientFault
      NoStore            name the right file, or start the engine once
      NoAccount          name the right account
      NotAuthorised      the server refused the signature: key, clock, or a proxy that alters
      Unanswered         it may have arrived: send the same again, it is traded once
      Unavailable        the door is there and could not take it: later again

What an engine does with a signal is no fault: it is told in the answer.
"""


class ClientFault(Exception):  # noqa: N818 - named as the docs do
    """Told with what helps."""

    def __init__(self, message: str, *, remedy: str) -> None:
        super().__init__(f"{message}; {remedy}")


class NoStore(ClientFault):
    """There is no store at that path."""


class NoAccount(ClientFault):
    """No engine ever ran on that account in that store."""


class NotAuthorised(ClientFault):
    """The server did not take the signature."""


class Unanswered(ClientFault):
    """No answer came; whether it arrived is not known."""


class Unavailable(ClientFault):
    """Nothing was taken."""
