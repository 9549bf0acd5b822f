"""Words of the commands that change something: stop, resume, close, protect, signal, alerts."""

from trading_platform_order.words.text import Text

# -- stop and resume ----------------------------------------------------------------------------

STOPPED = Text(
    "STOPPED account {account}: entries are refused, exits pass.",
    "계정 {account} 정지: 신규 진입은 거절되고 청산은 그대로 처리됩니다.",
)
STOPPED_ALREADY = Text(
    "account {account} was stopped already since {at}", "계정 {account}은(는) {at}부터 이미 정지됨"
)
REASON_STAYS = Text("its reason stays: {reason}", "처음 사유가 유지됩니다: {reason}")
WILL_BE_CLOSED = Text("Everything that is held will be closed.", "보유 포지션을 모두 청산합니다.")
NOT_RESUMED = Text(
    "not resumed, because what stopped trading still holds: {why}",
    "정지 원인이 아직 남아 있어 재개하지 않았습니다: {why}",
)
MEND_THE_CAUSE = Text(
    "mend the cause; the engine (which runs while stopped) sees within a second that it is gone. "
    "There is no way around this.",
    "원인을 해결하십시오. 엔진은 정지 중에도 실행되며, 원인이 사라지면 1초 안에 알아차립니다. "
    "우회할 방법은 없습니다.",
)
REASON_REQUIRED = Text(
    "a reason is required: say why, for whoever reads it later",
    "사유가 필요합니다. 나중에 읽을 사람을 위해 적어 주십시오",
)
CHARS_AT_MOST = Text("at most {chars} characters", "최대 {chars}자")
WAS_NOT_STOPPED = Text(
    "account {account} was not stopped; nothing changed",
    "계정 {account}은(는) 정지 상태가 아닙니다. 바뀐 것이 없습니다",
)
RESUMED = Text(
    "RESUMED account {account}: entries are admitted again.",
    "계정 {account} 재개: 신규 진입을 다시 허용합니다.",
)
HAD_BEEN_STOPPED = Text("it had been stopped since {at}:", "{at}부터 정지되어 있었습니다:")
ENGINE_TOLD = Text("The running engine was told.", "실행 중인 엔진에 전달했습니다.")
ENGINE_SEES_SOON = Text(
    "No engine answered; one that runs sees it within a second, else at its start.",
    "응답한 엔진이 없습니다. 실행 중이면 1초 안에, 아니면 시작할 때 반영됩니다.",
)
READ_AT_NEXT_LOOK = Text("An engine reads it at its next look.", "엔진이 다음 점검 때 읽습니다.")

# -- close --------------------------------------------------------------------------------------

OTHER_LEGS = {
    "spot": Text("the short on Binance", "바이낸스 숏"),
    "hedge": Text("the coins on Upbit", "업비트 현물"),
}
NUMBER_OF_KRW = Text("a number of KRW, e.g. 500000", "KRW 금액(숫자)을 쓰십시오. 예: 500000")
NOT_BELOW_ZERO = Text("a number of KRW, not below 0", "0 이상의 KRW 금액을 쓰십시오")
KRW_ABOVE_ZERO = Text("--krw must be above 0", "--krw는 0보다 커야 합니다")
CONFIRM_NEEDS_LEG = Text(
    "--confirm belongs to --leg: a pair leaves nothing naked",
    "--confirm은 --leg와 함께 씁니다. 페어 청산은 미헤지를 남기지 않습니다",
)
JSON_NEEDS_CONFIRM = Text(
    "--json with --leg needs --confirm KRW",
    "--json과 --leg를 함께 쓰려면 --confirm KRW가 필요합니다",
)
NOBODY_CAN_TELL = Text(
    "no engine answered, so nobody can tell what would stand naked; nothing was ordered",
    "응답한 엔진이 없어 미헤지 금액을 알 수 없습니다. 주문하지 않았습니다",
)
START_ENGINE = Text("start the engine (tporder run)", "엔진을 시작하십시오 (tporder run)")
OF_SYMBOL = Text("{symbol}: {text}", "{symbol}: {text}")
WILL_STAND_NAKED = Text(
    "{after} of {symbol} will stand WITHOUT A HEDGE: {other}. Now it is {before}.",
    "{symbol} {after}이(가) 헤지 없이 남습니다: {other}. 현재 미헤지는 {before}입니다.",
)
ANOTHER_NUMBER = Text(
    "another number was typed; nothing was ordered", "다른 숫자를 입력했습니다. 주문하지 않았습니다"
)
TYPE_THE_NUMBER = Text("Type that number of KRW to go on", "계속하려면 위 KRW 금액을 입력하십시오")

CLOSE_ENDED = Text("  {signal}: {text}", "  {signal}: {text}")
NOT_ENDED_YET = Text(
    "still under way; the same command tells how it ends",
    "아직 진행 중입니다. 위의 명령으로 결과를 볼 수 있습니다",
)

# -- protect ------------------------------------------------------------------------------------

BPS_EXPECTED = Text(
    "a number of basis points, e.g. 150 for 1.5 %", "bps 단위 숫자를 쓰십시오. 예: 1.5 %는 150"
)
NOT_FINITE = Text("not a finite number", "유한한 숫자가 아닙니다")
TRAILING_OR_OFF = Text(
    "give either --trailing BPS or --off", "--trailing BPS와 --off 중 하나를 쓰십시오"
)

# -- signals ------------------------------------------------------------------------------------

FILE_FAULT = Text("{file}: {code}: {fault}", "{file}: {code}: {fault}")
READING_TERMINAL = Text(
    "Reading signals from the terminal; end with Ctrl-D.",
    "터미널에서 신호를 읽습니다. Ctrl-D로 끝내십시오.",
)
OF_LINE = Text("{file}, line {line}", "{file}, {line}행")
OF_COLUMN = Text("{where}, column {column}", "{where}, {column} 열")
OF_FILE = Text("{where}: {problem}", "{where}: {problem}")
CANNOT_READ = Text("cannot read {file}: {reason}", "{file}을(를) 읽을 수 없습니다: {reason}")
NAME_A_FILE = Text(
    "name a file of signals, or - for standard input",
    "신호 파일을 지정하거나, 표준 입력은 -를 쓰십시오",
)
SENT = Text("line {line}: {result}: {detail}", "{line}행: {result}: {detail}")
SENT_NAMED = Text(
    "line {line}: {signal}: {result}: {detail}", "{line}행: {signal}: {result}: {detail}"
)
START_FOR_QUEUED = Text(
    "start the engine (tporder run); what expires until then is refused",
    "엔진을 시작하십시오 (tporder run). 그 전에 만료된 신호는 거절됩니다",
)
SENT_BEFORE = Text("  Before: {result}: {detail}", "  이전 결과: {result}: {detail}")
SENT_EXPLAIN = Text("  Every step: tporder explain {signal}", "  전 과정: tporder explain {signal}")
EXPLAIN_OR_JSON = Text(
    "--explain is for operators: with --json use --outcome, then tporder explain ID --json",
    "--explain은 운영자를 위한 출력입니다. --json에는 --outcome을 쓰고, 그 뒤 tporder explain ID "
    "--json을 쓰십시오",
)
SENT_CODE = Text("{result} {code}", "{result} {code}")
SENT_REMEDY = Text("  Cure: {text}", "  조치: {text}")
RESULTS = {
    "claimed": Text("claimed", "접수"),
    "duplicate": Text("duplicate", "중복"),
    "conflict": Text("conflict", "충돌"),
    "refused": Text("refused", "거절"),
    "queued": Text("queued", "대기"),
    "broken": Text("broken", "형식 오류"),
    "hold": Text("hold", "관망(HOLD)"),
}
BROKEN_LINE = Text("line {line}: {code}: {detail}", "{line}행: {code}: {detail}")
BROKEN_FIELD = Text(
    "line {line}, field {field}: {code}: {detail}", "{line}행, 필드 {field}: {code}: {detail}"
)
BROKEN_SIGNAL = Text("{fault} (signal {signal})", "{fault} (신호 {signal})")

# -- alerts -------------------------------------------------------------------------------------

NO_ALERTS = Text("no alerts", "알림 없음")
ALERT_HEAD = Text("{id}  {at}  {title}", "{id}  {at}  {title}")
URGENT = Text("{result}, URGENT", "{result}, 긴급")
ACKNOWLEDGED = Text("{result}, acknowledged", "{result}, 확인됨")
ALERT_RESULTS = {
    "waiting": Text("waiting", "전송 대기"),
    "sent": Text("sent", "전송됨"),
    "dropped": Text("dropped", "전송 포기"),
    "silenced": Text("silenced", "확인되어 생략"),
    "skipped": Text("not for the channels in use", "보낼 채널 없음"),
    "noted": Text("told by its sender's own channels", "보낸 프로세스의 자체 채널로 전송"),
}
ALERT_FIELD = Text("{name}: {text}", "{name}: {text}")
ALERT_FIELDS = {
    "outcome": Text("outcome", "결과"),
    "spot_base": Text("spot held", "보유 현물"),
    "short_base": Text("short held", "보유 숏"),
    "naked_ms": Text("naked", "미헤지"),
    "spot_filled_base": Text("spot filled", "현물 체결"),
    "spot_average_price": Text("spot price, average", "현물 평균가"),
    "hedge_filled_base": Text("hedge filled", "선물 체결"),
    "hedge_average_price": Text("hedge price, average", "선물 평균가"),
    "fees_estimated": Text("fees estimated", "추정한 수수료"),
    "trades_not_listed": Text("fills not listed", "내역 없는 체결"),
    "signal_id": Text("signal", "신호 ID"),
    "client_order_id": Text("order", "주문 ID"),
    "code": Text("code", "코드"),
    "build": Text("build", "빌드"),
    "symbols": Text("symbols", "종목"),
    "held": Text("held", "보유"),
    "trades_under_way": Text("trades under way", "진행 중인 거래"),
    "setting": Text("setting", "설정"),
    "found": Text("found", "발견"),
    "was": Text("was", "이전"),
    "lasted": Text("lasted", "지속 시간"),
    "effect": Text("effect", "영향"),
    "cure": Text("cure", "조치"),
    "clock": Text("clock", "시계"),
    "wallet": Text("wallet", "지갑"),
    "watchdog": Text("watchdog", "감시 프로세스"),
}
OF_UNIT = Text("{figure} {unit}", "{figure} {unit}")
NO_CHANNEL = Text("no channel is set", "설정된 알림 채널이 없습니다")
NO_SUCH_CHANNEL = Text("no channel is named {name}", "알림 채널 {name}이(가) 없습니다")
SET_A_CHANNEL = Text(
    "set TPORDER_DISCORD_WEBHOOK_URL or TPORDER_NOTIFY_URLS (docs/OPERATIONS.md)",
    "TPORDER_DISCORD_WEBHOOK_URL 또는 TPORDER_NOTIFY_URLS를 설정하십시오 (docs/OPERATIONS.md)",
)
NO_ALERT = Text("no alert {id} of account {account}", "계정 {account}에 알림 {id}이(가) 없습니다")
LIST_SHOWS_IDS = Text(
    "tporder alerts list shows the ids", "tporder alerts list로 ID를 확인하십시오"
)
IS_ACKNOWLEDGED = Text("alert {id} is acknowledged", "알림 {id}을(를) 확인했습니다")

# -- doctor and demo ----------------------------------------------------------------------------

LEVELS = {
    "ok": Text("ok", "정상"),
    "warning": Text("warning", "경고"),
    "fault": Text("FAULT", "불가"),
}
FINDING = Text("{subject}: {text}", "{subject}: {text}")
FINDING_REMEDY = Text("cure: {text}", "조치: {text}")
REPLAYING = Text("replaying the market", "시세 재생 중")
DEMO_STOPPED = Text("the demo stopped: {why}", "데모가 중단되었습니다: {why}")

# -- faults of the machine ----------------------------------------------------------------------

INTERRUPTED = Text("interrupted", "중단되었습니다")
NO_THREAD = Text("the machine refused a new thread", "운영체제가 새 스레드를 거부했습니다")
RAISE_LIMIT = Text(
    "raise the limit on processes (ulimit -u), or free memory",
    "프로세스 한도를 늘리거나(ulimit -u) 메모리를 확보하십시오",
)
STOPPED_BECAUSE = Text("{who} stopped: {why}", "{who} 중단: {why}")
THE_ENGINE = Text("the engine", "엔진")
THE_WATCHDOG = Text("the watchdog", "감시 프로세스")
THE_EXPORTER = Text("the exporter", "내보내기 프로세스")
THE_API = Text("the HTTP API", "HTTP API 서버")
NO_DATABASE = Text("no database at {db}", "{db}에 데이터베이스가 없습니다")
NAME_THE_DATABASE = Text(
    "name it with --db FILE, or start the engine once (tporder run makes it)",
    "--db FILE로 지정하거나 엔진을 한 번 시작하십시오 (tporder run이 만듭니다)",
)
NO_ACCOUNT = Text(
    "no account {account} in {db}{nearest}", "{db}에 계정 {account}이(가) 없습니다{nearest}"
)
NAME_ONE_OF = Text("name one of: {known}", "다음 중에서 고르십시오: {known}")
