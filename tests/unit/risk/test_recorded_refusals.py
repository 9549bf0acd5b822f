"""What a refusal says is as recorded: words, names of figures, and the figures themselves."""

from tests.data.recorded_refusals import RECORDED, text


def test_every_refusal_reads_as_recorded() -> None:
    """If the new words are better: ``python -m tests.data.recorded_refusals``."""
    assert text() == RECORDED.read_text(encoding="utf-8")
