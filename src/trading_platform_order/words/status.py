"""Words of ``status`` and ``top``."""

from trading_platform_order.words.text import Text

# -- labels: at most 10 columns ---------------------------------------------------------------

ACCOUNT_LABEL = Text("account", "계정")
STATE_LABEL = Text("state", "상태")
NAKED_LABEL = Text("naked", "미헤지")
EXIT_LABEL = Text("exit now", "즉시청산")
MARGIN_LABEL = Text("margin", "증거금")
TODAY_LABEL = Text("today", "오늘")
OPEN_LABEL = Text("open", "미결")
STORE_LABEL = Text("store", "저장소")
ENGINE_LABEL = Text("engine", "엔진")
HELD_LABEL = Text("held by", "계정주체")
STOP_LABEL = Text("stop", "긴급정지")
LATCH_LABEL = Text("latch", "잠금")
MONEY_LABEL = Text("money", "자산")
PROFIT_LABEL = Text("profit", "손익")
JOURNAL_LABEL = Text("journal", "저널")
WAITING_LABEL = Text("waiting", "대기")
TRADE_LABEL = Text("trade", "거래")
CLOSE_LABEL = Text("close", "청산대기")

# -- the first ten seconds ----------------------------------------------------------------------

ARMED = Text("ARMED", "진입 가능")
STOPPED = Text("STOPPED", "정지")
WAITING = Text("WAITING", "대기")
NOT_RUNNING = Text("NOT RUNNING", "실행 중 아님")
STATES = {
    "armed": ARMED,
    "stopped": STOPPED,
    "waiting": WAITING,
    "not running": NOT_RUNNING,
}

MODE = Text("{account}, {mode} mode", "{account}, {mode} 모드")
NEVER_STARTED = Text("{account}, never started", "{account}, 시작된 적 없음")
SINCE = Text("{state} since {at}", "{state} ({at}부터)")
BECAUSE = Text("{state}: {why}", "{state}: {why}")
OPEN_ENDS = Text(
    "{closes} waiting closes, {orders} unknown orders, {alarms} unacknowledged alarms",
    "대기 중인 청산 {closes}건, 결과 불명 주문 {orders}건, 미확인 긴급 알림 {alarms}건",
)
NO_ENGINE_TOLD = Text(
    "not known: no running engine has told figures", "알 수 없음: 실행 중인 엔진이 알린 수치가 없음"
)
FIGURES_ARE_OLD = Text(
    "not known: the engine's last figures are {age} old",
    "알 수 없음: 엔진의 마지막 수치가 {age} 전 것임",
)

NAKED_UNDER_WAY = Text("{amount} under way", "{amount} 처리 중")
NAKED_LASTING = Text("{amount} for {lasting} under way", "{amount}, {lasting}째 처리 중")
NAKED_AND_COINS = Text("{naked}, {coins}", "{naked}, {coins}")
COINS_BY_LEDGER = Text("{coins} by the ledger", "원장 기준 {coins}")
KRW_NOT_KNOWN = Text("{coins}; KRW {missing}", "{coins}; KRW 금액은 {missing}")
NOTHING_BY_LEDGER = Text("nothing by the ledger", "원장 기준 없음")

NOTHING_HELD = Text("nothing is held", "보유 없음")
NO_FRESH_PRICE = Text(
    "not known: a held coin has no fresh price", "알 수 없음: 보유 코인의 최신 시세가 없음"
)
EXIT_COSTS = Text(
    "costs {amount} (spreads, depth and fees of both legs)",
    "비용 {amount} (양쪽의 호가 차이·호가 깊이·수수료)",
)
NO_SHORT = Text("no short", "숏 없음")
MARGIN = Text("liquidation after a rise of {rise}; {move}", "{rise} 상승 시 강제 청산; {move}")
MOVE_USDT = Text("move {amount} to Binance", "바이낸스로 {amount} 이체 필요")
NO_MOVE = Text("no USDT need be moved", "USDT 이체 불필요")
TODAY = Text(
    "{amount} trading profit since 00:00 KST; {bound}", "00:00 KST 이후 거래 손익 {amount}; {bound}"
)
LIMIT = Text("limit {amount}", "한도 {amount}")
LIMIT_NOT_KNOWN = Text("limit not known", "한도 알 수 없음")

# -- the rest of the page -------------------------------------------------------------------------

HELD_BY_NOBODY = Text("nobody yet", "아직 없음")
HELD_BY = Text(
    "process {process}, since {at}, epoch {epoch}; taken because {why}",
    "프로세스 {process}, {at}부터, epoch {epoch}; 넘겨받은 이유: {why}",
)
HELD_LET_GO = Text(
    "nobody: let go by process {process} (had it since {at}, epoch {epoch}, taken because {why})",
    "없음: 프로세스 {process}이(가) 반납 ({at}부터 점유, epoch {epoch}, 넘겨받은 이유: {why})",
)
NO_UNRESOLVED_TRADES = Text("no unresolved trades", "미완결 거래 없음")
NO_STOP = Text("NO STOP stands on Binance", "바이낸스에 보호 주문 없음!")
STOP_COLUMNS = (
    Text("symbol", "종목"),
    Text("stop", "보호 주문"),
    Text("quantity", "수량"),
    Text("fires", "발동 가격"),
    Text("state", "상태"),
)
STOP_AT = Text("at {price} USDT", "{price} USDT")
STOP_TRAILS = Text("{bps} bps above the lowest", "저점 대비 +{bps} bps")
STOP_ABOVE = Text(
    "The protective stop closes the short before Binance would liquidate it; it stands at part of "
    "the way to there, so far above the price where margin is ample (settings protect.stop_…).",
    "강제 청산 방지 주문은 바이낸스가 강제 청산하기 전에 숏을 닫습니다. 청산 가격까지의 일정 "
    "지점에 두므로 증거금이 넉넉하면 현재가보다 훨씬 높습니다(설정 protect.stop_…).",
)
STOP_KINDS = {
    "protective": Text("protective", "강제 청산 방지"),
    "trailing": Text("trailing", "추적 손절"),
}
STOP_STATES = {
    "pending": Text("pending", "접수 중"),
    "unknown": Text("unknown", "결과 불명"),
    "waiting": Text("waiting", "대기 중"),
    "triggered": Text("triggered", "발동됨"),
    "cancelled": Text("cancelled", "취소됨"),
    "refused": Text("refused", "거절됨"),
    "absent": Text("absent", "없음 확인"),
    "rejected": Text("rejected", "거래소가 거부"),
    "expired": Text("expired", "만료됨"),
    "finished": Text("finished", "종료됨"),
}

LIMITS_LABEL = Text("limits", "한도")
PROFILE = Text("profile {profile}", "프로필 {profile}")
AS_SPECIFIED = Text("as the specification has them", "기획서의 한도를 모두 따름")
RUNNING = Text("running", "실행 중")
NO_ANSWER = Text("no running engine answered", "응답하는 엔진 없음")
NEVER_ON_ACCOUNT = Text("{now}; never started on this account", "{now}; 이 계정에서 시작된 적 없음")
LAST_START = Text(
    "{now}; last start {at}, mode {mode}, build {build}",
    "{now}; 마지막 시작 {at}, 모드 {mode}, 빌드 {build}",
)
ON_MARKET = Text("{mode} on {market}", "{mode} ({market})")
NOT_CLOSED = Text(
    "{start}; the one before it had not closed properly", "{start}; 그 전 엔진은 비정상 종료됨"
)
STOP_NOT_SET = Text("not set: entries are admitted", "해제 상태: 신규 진입 허용")
STOP_SET = Text(
    "SET since {at}: {reason} (tporder resume --reason …)",
    "{at}부터 설정됨: {reason} (해제: tporder resume --reason …)",
)
LATCH = Text("{kind}: {reason} ({at})", "{kind}: {reason} ({at})")
NO_VALUATION = Text("no valuation yet", "평가 기록 없음")
EQUITY = Text(
    "equity {equity} at {rate} KRW per USDT ({at})",
    "평가 자산 {equity}, 환율 {rate} KRW/USDT ({at})",
)
PROFIT = Text("{total} since the account was opened: {parts}", "계정 개설 이후 {total}: {parts}")
JOURNAL = Text("last row {seq}, hash chain: {chain}", "마지막 행 {seq}, 해시 체인: {chain}")
VERIFIED = Text("verified", "검증됨")
NOT_CHECKED = Text("not checked", "검사 안 함")
CHAINS = {"verified": VERIFIED, "not checked": NOT_CHECKED}
INBOX = Text(
    "{signals} signals, {commands} commands, {alerts} alerts to be sent ({urgent} urgent)",
    "신호 {signals}건, 명령 {commands}건, 보낼 알림 {alerts}건 (긴급 {urgent}건)",
)
HALTED = Text("halted", "중단됨")
EXECUTING = Text("executing", "진행 중")
SETTLED = Text("settled", "완료")
TRADE_STATES = {"halted": HALTED, "executing": EXECUTING, "settled": SETTLED}
TRADE = Text(
    "{state}: {action} {symbol}, signal {signal}, opened {at}",
    "{state}: {symbol} {action}, 신호 {signal}, 시작 {at}",
)
TRADE_DETAIL = Text("{trade}: {detail}", "{trade}: {detail}")
TRADE_ID = Text("trade id {id}", "거래 ID {id}")
CLOSE = Text(
    "{symbol} of {strategy}, {part}, signal {signal}, since {at}; waits for: {waits}",
    "{strategy}의 {symbol}, {part}, 신호 {signal}, {at}부터; 대기 사유: {waits}",
)
CLOSE_ALL = Text("all", "전량")
CLOSE_REST = Text("rest", "잔량")
CLOSE_PARTS = {"all": CLOSE_ALL, "rest": CLOSE_REST}

# -- top ---------------------------------------------------------------------------------------

TOP_HEAD = Text("tporder    {at}    q: quit", "tporder    {at}    q: 종료")
TOP_CLOSE = Text(
    "{symbol} of {strategy}, {part}; waits for: {waits}",
    "{strategy}의 {symbol}, {part}; 대기 사유: {waits}",
)
TOP_TRADE = Text(
    "{state}: {action} {symbol}, signal {signal}", "{state}: {symbol} {action}, 신호 {signal}"
)
TOP_NEEDS_TERMINAL = Text("top needs a terminal", "top은 터미널에서만 실행됩니다")
TOP_INSTEAD = Text(
    "tporder status, or tporder top --json", "tporder status 또는 tporder top --json을 쓰십시오"
)
