"""Korean particles follow the word before them, and times within sentences the operator's zone."""

import pytest

from trading_platform_order.words.forms.moments import with_times
from trading_platform_order.words.forms.particles import with_particles
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import KST, Language, Locale, Text, using


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("잔고을(를) 읽음", "잔고를 읽음"),
        ("설정을(를) 읽음", "설정을 읽음"),
        ("프로세스 9761이(가) 점유", "프로세스 9761이 점유"),
        ("프로세스 9762이(가) 점유", "프로세스 9762가 점유"),
        ("10은(는) 0", "10은 0"),
        ("7(으)로 바꿈", "7로 바꿈"),
        ("서울(으)로", "서울로"),
        ("3(으)로", "3으로"),
        ("BTC을(를) 보유", "BTC를 보유"),
        ("BTC (spot_base 0.003)을(를) 보유", "BTC (spot_base 0.003)를 보유"),
        ("'XLM'은(는) 없음", "'XLM'은 없음"),
        ("kimp이(가) BTC을(를) 보유", "kimp이(가) BTC를 보유"),
        ("TPORDER_RISK_MAX을(를)", "TPORDER_RISK_MAX을(를)"),
        ("이(가)", "이(가)"),
    ],
)
def test_the_word_before_decides_where_its_sound_is_certain(text: str, shown: str) -> None:
    assert with_particles(text) == shown


def test_a_text_is_filled_in_with_its_particles() -> None:
    text = Text("{name} is missing", "{name}이(가) 없음")

    assert text.within(Language.KO, name="파일") == "파일이 없음"
    assert text.within(Language.EN, name="파일") == "파일 is missing"


def test_times_are_told_in_the_operator_s_zone() -> None:
    told = "of 2026-11-30 19:06:45 UTC, row 20 of 20: BTC owned"
    with using(Locale(language=Language.KO, zone=KST)):
        assert localised(told) == ("2026-12-01 04:06:45 KST 기준, 저널 20행 중 20행까지: 보유: BTC")
    assert localised(told) == told


def test_a_contract_s_first_day_is_a_day() -> None:
    listed = "BTCUSDT (BTC, PERPETUAL) since 1567965300000"

    assert with_times(listed) == "BTCUSDT (BTC, PERPETUAL) since 2019-09-08"
    with using(Locale(language=Language.KO, zone=KST)):
        assert with_times(listed) == "BTCUSDT (BTC, PERPETUAL) 상장 2019-09-09"
