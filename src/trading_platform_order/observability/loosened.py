"""A limit of the specification that the engine's settings loosen, as it tells it to others."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Loosened:
    """One limit.

    Attributes:
        name: the setting of ``[risk]`` that holds it.
        specified: the specification's value with its unit; ``here``: the one in force.
        text: both in a sentence.
    """

    name: str
    specified: str
    here: str
    text: str
