"""Every setting, as a file of environment variables and as tables, in both languages. Pure."""

from tools.docs.tables import table
from trading_platform_order.runtime.settings.shown.described import (
    DescribedSetting,
    described_sections,
)
from trading_platform_order.words.text import Language, Text

_HEAD = Text(
    """\
Every setting with its safe default. Written by `make generated` from
src/trading_platform_order/runtime/settings/settings.py: do not edit it by hand.

Copy it to a place that only you can read and that is in no repository, uncomment what
you change, and load it before `tporder` (a shell: `set -a; . FILE; set +a`; systemd:
`EnvironmentFile=FILE`). Quote values with spaces. Unknown TPORDER_ names are refused.
The same names work in a TOML file (`--config FILE`): [section] and key in lower case.""",
    """\
모든 설정과 안전한 기본값. `make generated`가 코드(runtime/settings/, words/meanings/)에서 만듭니다.
직접 고치지 마십시오.

본인만 읽을 수 있고 저장소에 올라가지 않는 곳에 복사해, 바꿀 줄의 주석을 풀고 `tporder` 전에
불러오십시오(셸: `set -a; . FILE; set +a`, systemd: `EnvironmentFile=FILE`). 빈칸이 있는 값은
따옴표로 감쌉니다. 모르는 TPORDER_ 이름은 거절합니다. 같은 이름을 TOML 파일(`--config FILE`)에서도
쓸 수 있습니다: [section]과 소문자 이름.""",
)
_SECRET = Text("SECRET", "비밀 값")
_COLUMNS = (
    Text("setting", "설정"),
    Text("meaning", "뜻"),
    Text("default", "기본값"),
    Text("bounds", "범위"),
)
_EMPTY = Text("empty", "없음")


def env_example(language: Language = Language.EN) -> str:
    """Every setting with its meaning, its bounds, its default; secrets empty."""
    lines = [f"# {line}".rstrip() for line in _HEAD.within(language).splitlines()]
    for section in described_sections(language=language):
        lines += ["", f"# === [{section.name}] {section.about}"]
        for setting in section.settings:
            lines += ["", f"# {_told(setting, language)}"]
            lines.append(f"#{setting.variable}={setting.default_text}")
    return "\n".join(lines) + "\n"


def _told(setting: DescribedSetting, language: Language) -> str:
    secret = _SECRET.within(language) if setting.is_secret else ""
    return "; ".join(filter(None, (setting.meaning, setting.bounds, secret)))


def settings_table(section_name: str, language: Language = Language.EN) -> str:
    """One section as a table."""
    sections = described_sections(language=language)
    section = next(each for each in sections if each.name == section_name)
    rows = [
        (
            f"`{each.variable}`",
            each.meaning,
            f"`{each.default_text}`" if each.default_text else _EMPTY.within(language),
            each.bounds or "-",
        )
        for each in section.settings
    ]
    return table([column.within(language) for column in _COLUMNS], rows)
