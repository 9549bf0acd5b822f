"""``init``: the settings files that a new installation begins with."""

from pathlib import Path

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.cli.console.output import print_json
from trading_platform_order.cli.console.terminal import say
from trading_platform_order.cli.history.views import json_option
from trading_platform_order.runtime.host.files.new_files import write_new_files
from trading_platform_order.runtime.settings.names import check_account, check_symbols
from trading_platform_order.runtime.settings.settings import CONFIG_VARIABLE, Mode, PaperMarket
from trading_platform_order.runtime.settings.shown.starter import Starter, starter_files
from trading_platform_order.words import installing as words
from trading_platform_order.words.text import locale

STORE_NAME = "tporder.db"
KEYS = ("engine.env", "watchdog.env")
MARKETS = [market.value for market in PaperMarket if market is not PaperMarket.FILE]


@click.command(cls=TellingCommand)
@click.option(
    "--mode",
    type=click.Choice([mode.value for mode in Mode]),
    default=Mode.PAPER.value,
    show_default=True,
    help="What the engine shall trade on.",
)
@click.option(
    "--directory",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    show_default=True,
    help="Where the files are written; made if it is missing.",
)
@click.option(
    "--store",
    type=click.Path(path_type=Path, dir_okay=False),
    help=f"Database, on a local disk; {STORE_NAME} beside the settings by default.",
)
@click.option("--account", metavar="NAME", default="main", show_default=True, help="Account.")
@click.option(
    "--symbol",
    "symbols",
    multiple=True,
    default=("BTC",),
    show_default=True,
    help="Base asset that may be traded; several times for several.",
)
@click.option(
    "--market",
    type=click.Choice(MARKETS),
    default=PaperMarket.LIVE.value,
    show_default=True,
    help="Whose prices paper mode shows; generated needs no network.",
)
@json_option
def init(
    *,
    mode: str,
    directory: Path,
    store: Path | None,
    account: str,
    symbols: tuple[str, ...],
    market: str,
    as_json: bool,
) -> None:
    """Write a settings file for a mode, with every setting explained.

    What the mode needs is set, everything else stands as a comment with its default. Beside it one
    file of secrets for each process that the mode knows, to be filled in. Only you can read them;
    nothing that is there is ever overwritten.
    """
    check_account(account)
    check_symbols(symbols)
    folder = directory.absolute()
    starter = Starter(
        mode=Mode(mode),
        account=account,
        symbols=symbols,
        store=(store or folder / STORE_NAME).absolute(),
        market=PaperMarket(market),
        language=locale().language,
    )
    files = starter_files(starter)
    try:
        paths = write_new_files(folder, {file.name: file.text for file in files})
    except FileExistsError as error:
        raise CliFault(
            ExitCode.BAD_INPUT,
            words.IS_THERE(file=error.filename),
            remedy=words.ANOTHER_DIRECTORY(),
        ) from None
    if as_json:
        print_json({"written": [str(path) for path in paths]})
        return
    for path in paths:
        say(words.WRITTEN(file=path))
    say(words.STORE(file=starter.store))
    _say_what_follows(starter.mode, paths)


def _say_what_follows(mode: Mode, paths: tuple[Path, ...]) -> None:
    files = {path.name: path for path in paths}
    keys = {name: path for name, path in files.items() if name in KEYS}
    say("")
    if keys:
        say(words.FILL_IN(files=", ".join(keys), first=files["engine.env"]))
    then = words.THEN_RUN if mode is Mode.PAPER else words.THEN_LOOK_AND_RUN
    say(then(variable=CONFIG_VARIABLE, file=paths[0]))
    say(words.PAGE(file=files["web.env"], variable=CONFIG_VARIABLE, settings=paths[0]))
    if mode is Mode.LIVE:
        say(words.BEFORE_LIVE())
