"""Words of `tporder record`."""

from trading_platform_order.words.text import Text

BEGUN = Text(
    "recording {symbols} into {folder}; no key is used",
    "{symbols} 기록 시작: {folder} (키 사용 안 함)",
)
TORN = Text(
    "{path}: its end was not written whole; {bytes} bytes are left out",
    "{path}: 끝부분이 온전히 쓰이지 않아 {bytes}바이트를 버립니다",
)
WROTE = Text("{lines} lines, {bytes} bytes: {counts}", "{lines}줄, {bytes}바이트: {counts}")
THERE = Text("{files} files, {lines} lines: {counts}", "파일 {files}개, {lines}줄: {counts}")
SPAN = Text("{begin} to {end}", "{begin} ~ {end}")
EMPTY = Text("nothing is recorded in {folder}", "{folder}에 기록이 없습니다")
RECORD_FIRST = Text(
    "run `tporder record --out {folder}`", "`tporder record --out {folder}`를 실행하십시오"
)
REFUSED = Text("nothing can be recorded: {why}", "기록할 수 없습니다: {why}")
LOOK_AT_NETWORK = Text(
    "look at the network and the addresses of both exchanges",
    "네트워크와 두 거래소의 주소를 확인하십시오",
)
DISK = Text("the recorder stopped: {why}", "기록이 멈췄습니다: {why}")
FREE_SPACE = Text("make room, and start it again", "공간을 확보한 뒤 다시 시작하십시오")
