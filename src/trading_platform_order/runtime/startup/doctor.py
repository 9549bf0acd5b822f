"""``tporder doctor``: is everything set up so that trading can begin? It changes nothing.

A live engine asks the same questions before its first order and does not start on a fault.
"""

from collections.abc import Sequence

from trading_platform_order.domain.account.evidence.reconciliation import compare
from trading_platform_order.domain.account.ledger import Ledger
from trading_platform_order.domain.order import leg_symbol
from trading_platform_order.domain.outcome import ReadFailed
from trading_platform_order.domain.pairs.pair import Pairs
from trading_platform_order.domain.venue import Venue
from trading_platform_order.exchanges.account_snapshot import read_in_full
from trading_platform_order.exchanges.base import BaseExchange, Finding, Level
from trading_platform_order.exchanges.measured_clock import clock_off_s
from trading_platform_order.exchanges.pair import PairExchanges
from trading_platform_order.runtime.host.holder import why_not_ended
from trading_platform_order.runtime.settings.settings import Mode, Settings, StopLossAction
from trading_platform_order.runtime.settings.specification import loosened_limits
from trading_platform_order.runtime.startup.pair_findings import pair_findings
from trading_platform_order.storage.lease import NOBODY, Holder, Lease
from trading_platform_order.storage.sqlite.database import fault_of_version, sqlite_version
from trading_platform_order.transport.clock import Clock

CLOCK_FAULT_S = 1.0
CLOCK_WARNING_S = 0.5


class NotReady(Exception):  # noqa: N818 - the text is for the operator
    """The account is not set up so that live trading can begin; every fault names its cure."""


async def examine(
    *,
    settings: Settings,
    exchanges: PairExchanges,
    clock: Clock,
    ledger: Ledger | None,
    prefix: str,
    pairs: Pairs | None = None,
    confirmed: frozenset[str] = frozenset(),
) -> list[Finding]:
    """Every finding, good ones included.

    Args:
        settings: mode, symbols, leverage and confirmations.
        exchanges: both adapters; only reads are sent.
        clock: this machine's.
        ledger: from the journal; ``None`` if the account was never used.
        prefix: of our client order ids in this mode.
        pairs: reviewed pairs; ``None``: nobody asks which coin is meant.
        confirmed: kinds of the latches by which operators confirmed pairs.
    """
    findings = findings_of_settings(settings)
    bases = tuple(sorted(settings.engine.symbols))
    for venue, exchange in exchanges.items():
        symbols = tuple(leg_symbol(exchanges.leg(venue), base) for base in bases)
        findings.append(await _clock(venue, exchange, clock))
        findings += await exchange.inspect(symbols, leverage=settings.binance.leverage)
    if pairs is not None:
        findings += await pair_findings(exchanges, bases, pairs, confirmed)
    findings += await _ownership(exchanges, bases, ledger or Ledger(), prefix=prefix)
    return findings


def sqlite_finding(version: str) -> Finding:
    """Whether this SQLite keeps what it was told to keep."""
    fault = fault_of_version(version)
    if fault is None:
        return Finding(level=Level.OK, subject="sqlite", text=version)
    return Finding(
        level=Level.FAULT,
        subject="sqlite",
        text=fault,
        remedy="install this program again from its lock file (make, or scripts/setup)",
    )


def holder_finding(lease: Lease | None, here: Holder) -> Finding:
    """Who holds the account, and whether a standby that runs where this does could end it."""
    if lease is None or lease.is_released or lease.holder == NOBODY:
        return Finding(level=Level.OK, subject="account", text="held by nobody")
    if lease.holder.is_of_another_boot(here):
        text = f"held by process {lease.holder.pid} of before this machine's start: gone"
        return Finding(level=Level.OK, subject="account", text=text)
    text = f"held by process {lease.holder.pid}, epoch {lease.epoch}"
    why_not = why_not_ended(lease.holder, here)
    if not why_not:
        return Finding(level=Level.OK, subject="account", text=text)
    return Finding(
        level=Level.WARNING,
        subject="account",
        text=f"{text}; a standby that runs here could not end it if it hung: {why_not}",
        remedy="run engine and standby in one PID namespace (share it between their containers) "
        "and as one user",
    )


def faults_of(findings: Sequence[Finding]) -> list[Finding]:
    """Those that forbid trading."""
    return [finding for finding in findings if finding.level is Level.FAULT]


def findings_of_settings(settings: Settings) -> list[Finding]:
    """What can be told without asking an exchange."""
    return [sqlite_finding(sqlite_version()), *_settings(settings)]


def _settings(settings: Settings) -> list[Finding]:
    findings = [
        Finding(
            level=Level.OK,
            subject="mode",
            text=f"{settings.engine.mode}, {', '.join(settings.engine.symbols)}",
        ),
        _in_force(settings),
        specification_finding(settings),
    ]
    if settings.engine.mode is not Mode.LIVE:
        return findings
    if not settings.upbit.no_withdrawals_confirmed:
        findings.append(
            Finding(
                level=Level.FAULT,
                subject="upbit withdrawal permission",
                text="Upbit does not tell whether a key may withdraw",
                remedy="look at the key's permissions on upbit.com, make sure that withdrawal is "
                "off, then set TPORDER_UPBIT_NO_WITHDRAWALS_CONFIRMED=true",
            )
        )
    return findings


def specification_finding(settings: Settings) -> Finding:
    """Whether the specification's limits hold, or which are loosened."""
    told = [one.text for one in loosened_limits(settings)]
    profile = settings.engine.profile
    named = [f"profile {profile}"] if profile else []
    if not told:
        text = "; ".join((*named, "its limits hold"))
        return Finding(level=Level.OK, subject="specification", text=text)
    return Finding(
        level=Level.WARNING,
        subject="specification",
        text="; ".join((*named, *told)),
        remedy="nothing, if you mean it; else take engine.profile or the setting back",
    )


def _in_force(settings: Settings) -> Finding:
    """Numbers that follow from others, as they are in force."""
    exposure = f"legs may differ by {settings.exposure_krw:,.0f} KRW while an entry completes"
    if settings.trade.exposure_krw is None:
        exposure += f" (twice the order cap of {settings.risk.order_krw_max:,.0f} KRW)"
    fraction = f"{settings.risk.stop_loss_fraction:.2%}"
    action = (
        "closes the pair"
        if settings.risk.stop_loss_action == StopLossAction.CLOSE
        else ("only tells you")
    )
    text = f"{exposure}; the stop-loss at {fraction} {action}"
    return Finding(level=Level.OK, subject="limits", text=text)


async def _clock(venue: Venue, exchange: BaseExchange, clock: Clock) -> Finding:
    subject = f"clock against {venue}"
    before = clock.now()
    theirs = await exchange.server_time()
    after = clock.now()
    if isinstance(theirs, ReadFailed):
        return Finding(
            level=Level.FAULT,
            subject=subject,
            text=theirs.reason,
            remedy="check the network, and whether the exchange is under maintenance",
        )
    off_s = clock_off_s(before, theirs, after)
    if abs(off_s) < CLOCK_WARNING_S:
        return Finding(level=Level.OK, subject=subject, text=f"within {CLOCK_WARNING_S} s")
    ahead = "ahead" if off_s > 0 else "behind"
    return Finding(
        level=Level.FAULT if abs(off_s) >= CLOCK_FAULT_S else Level.WARNING,
        subject=subject,
        text=f"this machine is {abs(off_s):.1f} s {ahead}",
        remedy="switch on time synchronisation (systemd-timesyncd or chrony) and wait until it is",
    )


async def _ownership(
    exchanges: PairExchanges, bases: Sequence[str], ledger: Ledger, *, prefix: str
) -> list[Finding]:
    found = await read_in_full(exchanges, sorted({*bases, *ledger.shorts}))
    if isinstance(found, ReadFailed):
        return [
            Finding(
                level=Level.FAULT,
                subject="balances and positions",
                text=found.reason,
                remedy="the lines above say why; keys, permissions and addresses must be right",
            )
        ]
    verdict = compare(ledger, found, prefix=prefix)
    gone = [
        Finding(
            level=Level.WARNING,
            subject="positions",
            text=line,
            remedy="nothing: the engine books it at its start and closes the other leg",
        )
        for _, line in verdict.gone
    ]
    mismatches = verdict.mismatches
    if not mismatches and not gone:
        text = "nothing is held that the journal does not know"
        return [Finding(level=Level.OK, subject="positions", text=text)]
    return gone + [
        Finding(
            level=Level.FAULT,
            subject="positions",
            text=text,
            remedy="close by hand what is not ours, or use the journal that belongs to this "
            "account",
        )
        for text in mismatches
    ]
