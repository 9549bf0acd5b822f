"""Channels as set: which are opened, what the doctor says of the others, and no address in it."""

import pytest

from trading_platform_order.exchanges.base import Finding, Level
from trading_platform_order.runtime.alerting.alert_channels import OpenChannels, open_channels
from trading_platform_order.runtime.settings.settings import load_settings
from trading_platform_order.transport.http import HttpRequest, HttpResponse

GOOD = "team=json://127.0.0.1:9/x"
BAD = "typo=bogus://very-secret"


class NoNetwork:
    async def send(self, request: HttpRequest) -> HttpResponse:
        raise AssertionError(request)

    async def close(self) -> None:
        """Nothing to close."""


def opened(mode: str = "live", **more: str) -> OpenChannels:
    environment = {f"TPORDER_{name.upper()}": text for name, text in more.items()}
    settings = load_settings(None, {"TPORDER_ENGINE_MODE": mode, **environment})
    return open_channels(settings, NoNetwork())


def only(found: OpenChannels) -> Finding:
    (finding,) = found.findings
    return finding


def test_every_channel_is_opened_beside_the_others() -> None:
    found = opened(notify_urls=GOOD, notify_paging_urls="pager=json://127.0.0.1:9/y",
                   discord_webhook_url="http://127.0.0.1:9/z")  # fmt: skip
    assert [(one.name, one.is_paging) for one in found.channels] == [
        ("discord", False),
        ("team", False),
        ("pager", True),
    ]
    assert found.others(found.channels[1]) == ("discord", "pager")
    assert only(found).level is Level.OK
    assert "pager (paging)" in only(found).text


def test_a_bad_address_is_named_and_keeps_no_other_from_being_used() -> None:
    found = opened(notify_urls=f"{BAD} {GOOD}")
    assert [one.name for one in found.channels] == ["team"]
    bad, good = found.findings
    assert (bad.level, good.level) == (Level.WARNING, Level.OK)
    assert "channel typo" in bad.text
    assert "very-secret" not in f"{found!r}"


@pytest.mark.parametrize(
    "more", [{}, {"notify_urls": BAD}, {"notify_paging_urls": "pager=json://127.0.0.1:9/y"}]
)
def test_live_without_anybody_who_is_told_at_once_is_a_warning(more: dict[str, str]) -> None:
    last = opened(**more).findings[-1]
    assert last.level is Level.WARNING
    assert "nobody is told" in last.text


def test_paper_needs_nobody() -> None:
    assert opened("paper").findings == ()
