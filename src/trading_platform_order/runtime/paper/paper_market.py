"""Which market the simulated exchanges show, in words; a live engine loads no simulator for it."""

from trading_platform_order.runtime.settings.settings import Mode, PaperMarket, Settings


def market_words(settings: Settings) -> str:
    """Whose prices the simulated exchanges show, for operators; empty in live mode."""
    paper = settings.paper
    if settings.engine.mode is Mode.LIVE:
        return ""
    if paper.ready_file:
        return f"the market of the simulator behind {paper.ready_file}"
    if paper.market is PaperMarket.LIVE:
        return "live prices of both exchanges"
    if paper.market is PaperMarket.FILE:
        return f"the candles of {paper.data}"
    return f"a generated market (seed {paper.seed})"


def mode_words(settings: Settings) -> str:
    """The mode, and whose prices simulated exchanges show: ``paper on a generated market``."""
    market = market_words(settings)
    return f"{settings.engine.mode} mode on {market}" if market else f"{settings.engine.mode} mode"
