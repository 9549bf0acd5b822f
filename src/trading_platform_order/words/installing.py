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
