"""How long an order has been seen without a known end."""

from trading_platform_order.risk.monitors.unresolved import UnresolvedWatch


def test_the_oldest_counts_from_when_it_was_first_seen() -> None:
    watch, oldest_s = UnresolvedWatch().seen(["a"], 10.0)
    assert oldest_s == 0
    watch, oldest_s = watch.seen(["a", "b"], 12.0)
    assert oldest_s == 2
    watch, oldest_s = watch.seen(["b"], 15.0)
    assert oldest_s == 3
    watch, oldest_s = watch.seen([], 20.0)
    assert oldest_s == 0
    assert watch.seen(["a"], 21.0)[1] == 0
