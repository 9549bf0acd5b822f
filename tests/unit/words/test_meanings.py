"""Every setting says in Korean too what it is for, wherever it is shown."""

from collections import Counter

from trading_platform_order.runtime.settings.settings import SettingsRefused, load_settings
from trading_platform_order.runtime.settings.shown.described import described_sections
from trading_platform_order.words.meanings import MEANINGS
from trading_platform_order.words.sentences import localised
from trading_platform_order.words.text import Language


def test_every_setting_and_section_has_its_korean_and_none_is_left_over() -> None:
    written = {section.about for section in described_sections()}
    written |= {each.meaning for section in described_sections() for each in section.settings}
    translated = {text.en for text in MEANINGS}

    assert written - translated == set(), "write their Korean in words/meanings"
    assert translated - written == set(), "no setting says this of itself any more"


def test_none_is_there_twice() -> None:
    assert [
        text for text, times in Counter(text.en for text in MEANINGS).items() if times > 1
    ] == []


def test_they_are_told_in_the_language_that_is_asked_for() -> None:
    english, korean = (
        {
            each.variable: each
            for section in described_sections(language=language)
            for each in section.settings
        }
        for language in (Language.EN, Language.KO)
    )
    name = "TPORDER_ENGINE_SIGNAL_TTL_S"

    assert english[name].meaning == "seconds a signal without expires_at lives"
    assert korean[name].meaning == "expires_at이 없는 신호의 유효 시간(초)"
    assert (english[name].bounds, korean[name].bounds) == (
        "above 0, up to 3600",
        "0 초과, 3600 이하",
    )
    assert [each.default for each in english.values()] == [each.default for each in korean.values()]
    assert all(each.meaning != korean[key].meaning for key, each in english.items())


def test_a_refused_value_is_explained_in_korean_whatever_its_setting_says() -> None:
    """Also where that has several sentences of its own."""
    refused = {}
    for section in described_sections():
        for each in section.settings:
            if isinstance(each.default, bool) or not isinstance(each.default, int | float):
                continue
            try:
                load_settings(None, {each.variable: "no number"})
            except SettingsRefused as fault:
                refused[each.meaning] = localised(str(fault), Language.KO)

    assert len(refused) > 80
    assert all("설정의 뜻: " in text for text in refused.values()), refused
    assert [text for meaning, text in refused.items() if meaning in text] == []
