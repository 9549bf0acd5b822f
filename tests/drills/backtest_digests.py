"""Every file of candles as a replay over real sockets and as a backtest: the same trades.

    python -m tests.drills.backtest_digests [FILE ...]

Without files it takes every one of the folder of shared market data, slices too. Prints a line for
each; exit code 1 if one traded differently, or brought another profit.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.drills.disturbed_replays import SHARED, TPORDER

SAME = ("trades_digest", "pair_trades", "refusals", "pnl_krw", "equity_change_krw")


def result_of(*arguments: str | Path) -> Any:  # noqa: ANN401 - any JSON
    """What a command says as JSON."""
    done = subprocess.run(  # noqa: S603 - our own command
        [TPORDER, *arguments, "--json"], check=True, capture_output=True
    )
    return json.loads(done.stdout)


def main() -> int:
    """Play all; 0 if each file traded the same."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("files", nargs="*", type=Path)
    asked = options.parse_args()
    found = sorted(path for path in SHARED.rglob("*.csv*") if path.is_file())
    different = 0
    for path in asked.files or found:
        demo = result_of("demo", "--data", path)
        (backtest,) = result_of("backtest", "--data", path)
        differs = [name for name in SAME if demo[name] != backtest[name]]
        different += bool(differs)
        told = f"differs in {', '.join(differs)}" if differs else "same"
        sys.stdout.write(
            f"{path.name}  {demo['trades_digest'][:16]}  {demo['pair_trades']['flat']}  {told}\n"
        )
        sys.stdout.flush()
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
