"""The simulated exchanges of paper mode."""

from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from trading_platform_order.runtime.settings.base import Section, SettingsRefused
from trading_platform_order.runtime.settings.base import about as _about


class PaperMarket(StrEnum):
    """Whose prices the simulated exchanges show."""

    LIVE = "live"
    GENERATED = "generated"
    FILE = "file"


class PaperSection(Section, frozen=True, kw_only=True):
    """The simulated exchanges of paper mode (and Upbit's leg in testnet mode)."""

    ready_file: Annotated[
        str, _about("ready file of a running `tporder simulator serve`; empty: start one inside")
    ] = ""
    market: Annotated[
        PaperMarket,
        _about(
            "`live`: public streams of both exchanges, without a key; `generated`: made from "
            "`seed`, without a network; `file`: the candles of `data`"
        ),
    ] = PaperMarket.LIVE
    data: Annotated[
        str, _about("candle file to replay, named like candles_BTC.csv, with market `file`")
    ] = ""
    seed: Annotated[int, _about("seed of the generated market", ge=0)] = 1
    krw: Annotated[Decimal, _about("opening KRW on Upbit")] = Decimal(20_000_000)
    usdt: Annotated[Decimal, _about("opening USDT on Binance")] = Decimal(15_000)


def check_paper(paper: PaperSection) -> None:
    """Whether candles are named where they are replayed, and only there."""
    if paper.market is PaperMarket.FILE and not paper.data:
        raise SettingsRefused("paper.market is file, and paper.data names none")
    if paper.data and paper.market is not PaperMarket.FILE:
        raise SettingsRefused(
            f"paper.data names candles, but paper.market is {paper.market}: set "
            "TPORDER_PAPER_MARKET=file, or leave paper.data empty"
        )
