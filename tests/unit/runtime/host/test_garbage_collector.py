"""The collector is kept off the hot path while an engine serves, and only then."""

import gc

import pytest

from trading_platform_order.runtime.host.garbage_collector import YOUNG_OBJECTS, quiet_memory


def test_what_exists_is_set_aside_and_put_back() -> None:
    before, frozen_before = gc.get_threshold(), gc.get_freeze_count()
    with quiet_memory():
        assert gc.get_freeze_count() > frozen_before + 10_000
        assert gc.get_threshold()[0] == YOUNG_OBJECTS
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_a_failure_inside_puts_it_back_too() -> None:
    before = gc.get_threshold()
    with pytest.raises(RuntimeError, match="inside"), quiet_memory():
        raise RuntimeError("inside")
    assert gc.get_threshold() == before
