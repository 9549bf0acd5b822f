"""Words of setting up: the files that a new installation begins with."""

from trading_platform_order.words.text import Text

WRITTEN = Text("written: {file}", "작성함: {file}")
IS_THERE = Text(
    "{file} is there already, nothing was written",
    "{file} 파일이 이미 있어 아무것도 쓰지 않았습니다",
)
ANOTHER_DIRECTORY = Text(
    "name another folder by --directory, or move the old file away",
    "--directory로 다른 폴더를 지정하거나, 기존 파일을 옮기십시오",
)
FILL_IN = Text(
    "Fill in {files} (keys without the right to withdraw), and for the engine:\n"
    "  set -a; . {first}; set +a",
    "{files}에 키를 채우고(출금 권한 없는 키), 엔진을 띄울 셸에서:\n  set -a; . {first}; set +a",
)
THEN_RUN = Text(
    "Then:\n  export {variable}={file}\n  tporder run",
    "그다음:\n  export {variable}={file}\n  tporder run",
)
THEN_LOOK_AND_RUN = Text(
    "Then:\n  export {variable}={file}\n  tporder doctor\n  tporder run",
    "그다음:\n  export {variable}={file}\n  tporder doctor\n  tporder run",
)
STORE = Text(
    "Its database: {file}, of its own: what was traded with another one is not in it.",
    "데이터베이스: {file}. 이 설정 전용이라, 다른 데이터베이스로 거래한 내용은 들어 있지 않습니다.",
)
PAGE = Text(
    "The page, in another terminal (the password is asked for twice):\n"
    "  tporder password >> {file}\n  export {variable}={settings}\n"
    "  set -a; . {file}; set +a\n  tporder web",
    "화면은 다른 터미널에서(비밀번호를 두 번 묻습니다):\n"
    "  tporder password >> {file}\n  export {variable}={settings}\n"
    "  set -a; . {file}; set +a\n  tporder web",
)
BEFORE_LIVE = Text(
    "Live does not start before engine.live_confirmation is set. Read 'Going live' in "
    "docs/OPERATIONS.md first, and give watchdog.env to `tporder watchdog` alone.",
    "engine.live_confirmation을 설정해야 실거래가 시작됩니다. 먼저 운영 문서(docs/OPERATIONS)의 "
    "실거래 절차를 읽고, watchdog.env는 `tporder watchdog`에만 주십시오.",
)

SETTINGS_HEAD = Text(
    "Settings of tporder, mode {mode}. A line that begins with # is a default;\n"
    'take the # away to change it. Prices and amounts are text ("0.5"), so that no digit is\n'
    "lost. A name that does not exist, a wrong type or a value out of bounds is refused.\n"
    "Name this file by --config, or in the environment by {variable}. A variable\n"
    "TPORDER_SECTION_KEY outranks what is set here. Secrets do not belong here, but into\n"
    "the environment, or into files that one process alone reads.",
    "tporder의 설정, {mode} 모드. #으로 시작하는 줄은 기본값이며, 바꾸려면 #을 지우십시오.\n"
    '가격과 금액은 자릿수를 잃지 않도록 따옴표 안에 씁니다("0.5"). 없는 이름, 잘못된 형식,\n'
    "범위를 벗어난 값은 거절합니다. 이 파일은 --config나 환경 변수 {variable}로\n"
    "지정합니다. 환경 변수 TPORDER_SECTION_KEY가 이 파일보다 우선합니다. 비밀 값은 여기에\n"
    "쓰지 말고 환경 변수나, 한 프로세스만 읽는 파일에 두십시오.",
)
SECRETS_HEAD = Text(
    "Secrets of {process} alone. Nobody else may read this file, and it\n"
    "belongs into no repository. One NAME=VALUE a line; a value with blanks needs quotes.\n"
    "What stays empty is not used.",
    "{process} 전용 비밀 값. 다른 사람이 읽을 수 없게 하고 저장소에 올리지 마십시오.\n"
    "한 줄에 NAME=VALUE 하나이며, 빈칸이 있는 값은 따옴표로 감쌉니다.\n"
    "비워 둔 것은 쓰지 않습니다.",
)
SECRET_SETTING = Text(
    "{key}: {meaning}. SECRET: {variable}", "{key}: {meaning}. 비밀 값: {variable}"
)
NOT_SET = Text("{key} is not set", "{key}: 설정하지 않음")
