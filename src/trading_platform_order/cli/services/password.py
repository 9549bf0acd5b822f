"""``password``: the hash of a password for the page, as the settings hold it."""

import click

from trading_platform_order.cli.console.errors import CliFault, TellingCommand
from trading_platform_order.cli.console.exit_codes import ExitCode
from trading_platform_order.words import notices as words


@click.command(cls=TellingCommand)
@click.option("--reader", is_flag=True, help="Of whoever may only look.")
def password(*, reader: bool) -> None:
    """Hash a password for the page of `tporder web`; nothing is stored.

    It is asked for twice, and the line for the settings is printed. Whoever reads the hash does not
    know the password.
    """
    try:
        from trading_platform_order.web.page.passwords import (  # noqa: PLC0415 - absent where only an engine runs
            PASSWORD_CHARS_MAX,
            PASSWORD_CHARS_MIN,
            hashed,
        )
    except ModuleNotFoundError as missing:
        raise CliFault(
            ExitCode.MACHINE_REFUSED,
            words.PACKAGE_MISSING(name=missing.name),
            remedy=words.INSTALL_WEB(),
        ) from None
    chars = {"least": PASSWORD_CHARS_MIN, "most": PASSWORD_CHARS_MAX}

    def checked(text: str) -> str:
        """Before it is asked for again."""
        if not PASSWORD_CHARS_MIN <= len(text) <= PASSWORD_CHARS_MAX:
            raise CliFault(ExitCode.BAD_INPUT, words.PASSWORD_CHARS(**chars))
        return text

    text = click.prompt(
        words.PASSWORD(**chars),
        hide_input=True,
        confirmation_prompt=words.PASSWORD_AGAIN(),
        value_proc=checked,
        err=True,
    )
    whose = "READER" if reader else "OPERATOR"
    click.echo(f"TPORDER_WEB_{whose}_PASSWORD='{hashed(text)}'")
