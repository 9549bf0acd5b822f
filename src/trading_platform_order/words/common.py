"""Words of more than one command."""

from trading_platform_order.words.text import Text

NOT_KNOWN = Text("not known", "알 수 없음")
NOTHING = Text("nothing", "없음")

SECONDS = Text("{s} s", "{s}초")
MINUTES = Text("{min} min", "{min}분")
HOURS = Text("{h} h {min} min", "{h}시간 {min}분")
DAYS = Text("{d} d {h} h", "{d}일 {h}시간")

PAIR = Text("{spot} / {hedge}", "{spot} / {hedge}")

PREMIUM = Text("premium", "김프")
FUNDING = Text("funding", "펀딩비")
FEES = Text("fees", "수수료")
FX = Text("fx", "환차익")
SLIPPAGE = Text("slippage", "슬리피지")
PARTS = {
    "premium": PREMIUM,
    "funding": FUNDING,
    "fees": FEES,
    "fx": FX,
    "slippage": SLIPPAGE,
}
"""The parts of profit, by the names that programs know."""

ENTER = Text("ENTER", "진입")
EXIT = Text("EXIT", "청산")
ACTIONS = {"ENTER": ENTER, "EXIT": EXIT}

SPOT = Text("spot", "현물")
HEDGE = Text("hedge", "선물")
LEGS = {"spot": SPOT, "hedge": HEDGE}

BUY = Text("buy", "매수")
SELL = Text("sell", "매도")
SIDES = {"BUY": BUY, "SELL": SELL}

NO_OPEN_POSITIONS = Text("no open positions", "보유 포지션 없음")

ERROR = Text("Error: {text}", "오류: {text}")
HELP_USAGE = Text("Usage", "사용법")
HELP_OPTIONS = Text("Options", "옵션")
HELP_COMMANDS = Text("Commands", "명령")
HELP_REQUIRED = Text("required", "필수")
HELP_DEFAULT = Text("default", "기본값")
REMEDY = Text("Cure: {text}", "조치: {text}")
NEVER_RAN = Text(
    "Note: no engine ever ran on account {account} here (known: {known}).",
    "참고: 계정 {account}에서 엔진이 실행된 적이 없습니다 (등록된 계정: {known}).",
)
NONE_YET = Text("none yet", "아직 없음")
BEHIND = Text(
    "Note: {rows} journal rows are not in these tables yet; a running engine adds them twice a "
    "second.",
    "참고: 저널 {rows}행이 아직 이 표에 반영되지 않았습니다. 실행 중인 엔진이 1초에 두 번 "
    "반영합니다.",
)

LISTED_SINCE = Text("since {day}", "상장 {day}")
"""Of a contract on Binance."""

UPBIT = Text("Upbit", "업비트")
BINANCE = Text("Binance", "바이낸스")
VENUES = {"upbit": UPBIT, "binance": BINANCE}
