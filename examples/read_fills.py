"""Read fills and positions with SQL, read-only, while the engine runs or after it ended.

    .venv/bin/tporder demo --bars 300 --out out/demo            # makes a database to look at
    .venv/bin/python examples/read_fills.py out/demo/demo.db

By hand, the same without a line of code:

    .venv/bin/tporder store sql "SELECT * FROM v_positions" --db out/demo/demo.db

It needs `apsw` and nothing of ours; copy it as it is. (Python's own `sqlite3` may be linked with an
SQLite that is not sound; docs/decisions/0025 says why.) What it relies on are the views of
docs/STORAGE.md: a contract, unlike the tables behind them. Three things make it safe and right:
read-only, so that this process can neither lock nor checkpoint a running engine's journal; amounts
are text and are read into Decimal; `seq` grows, so that a reader that keeps it reads only what is
new.
"""

import argparse
from collections import defaultdict
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import apsw


class Fill(NamedTuple):
    """A row of ``v_fills``, the columns that are read here in this order."""

    seq: int
    trade_id: str
    strategy: str
    leg: str
    side: str
    quantity: str
    price: str
    fee: str
    fee_asset: str
    at: str


NEW_FILLS = """
    SELECT seq, trade_id, strategy, leg, side, quantity, price, fee, fee_asset, at
    FROM v_fills WHERE account = ? AND seq > ? ORDER BY seq
"""
POSITIONS = """
    SELECT strategy, symbol, spot_base, short_base FROM v_positions
    WHERE account = ? ORDER BY strategy, symbol
"""


def open_to_read(path: Path) -> apsw.Connection:
    """The database, for reading alone."""
    connection = apsw.Connection(str(path.resolve()), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(10_000)
    return connection


def new_fills(store: apsw.Connection, account: str, after_seq: int) -> list[Fill]:
    """What was filled since the journal row that the caller saw last; 0 for all."""
    return [Fill(*row) for row in store.execute(NEW_FILLS, (account, after_seq))]


def main() -> None:
    """Tell the fills since a row, their value by leg, and what is held now."""
    options = argparse.ArgumentParser(description="Read fills and positions with SQL.")
    options.add_argument("db", type=Path, help="database of the engine")
    options.add_argument("--account", default="main")
    options.add_argument("--after-seq", type=int, default=0, help="only fills after this row")
    asked = options.parse_args()
    with closing(open_to_read(asked.db)) as store:
        fills = new_fills(store, asked.account, asked.after_seq)
        positions = list(store.execute(POSITIONS, (asked.account,)))

    traded: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for fill in fills:
        traded[fill.leg, fill.side] += Decimal(fill.quantity) * Decimal(fill.price)
    print(f"{len(fills)} fills after row {asked.after_seq}")
    for (leg, side), value in sorted(traded.items()):
        print(f"  {leg} {side}: {value:,.2f} {'KRW' if leg == 'spot' else 'USDT'}")
    for strategy, symbol, coins, short in positions:
        print(f"{strategy} {symbol}: {coins} coins, {short} short")
    print(f"next time: --after-seq {fills[-1].seq if fills else asked.after_seq}")


if __name__ == "__main__":
    main()
