"""Words of the demo's report and of the drills."""

from trading_platform_order.words.text import Text

MARKET = Text("market", "시세")
GENERATED = Text(
    "{market} (prices made up from a seed, not real)", "{market} (시드로 만든 가상 시세)"
)
SYMBOL = Text("symbol", "종목")
NOT_CHECKED = Text("not checked", "확인 안 함")
NOT_CHECKED_WHAT = Text(
    "which coin it is, and its premium beside the large coins'",
    "어떤 코인인지, 대형 코인 대비 김프가 맞는지",
)
SIGNALS = Text("signals", "신호")
PAIR_TRADES = Text("pair trades", "페어 거래")
OUTCOMES = {
    "refused": Text("refused", "거절"),
    "open": Text("open", "미청산"),
}
REFUSED_FOR = Text("refused for", "거절 사유")
ORDERS_FILLS = Text("orders / fills", "주문 / 체결")
ROUND_TRIPS = Text("round trips", "왕복")
ROUND_TRIPS_FORCED = Text(
    "{count} and {forced} forced at the end", "{count}회, 종료 시 강제 {forced}회"
)
PNL_TOTAL = Text("PnL total", "총손익")
ON_IDLE = Text("{fx} (on idle USDT {idle})", "{fx} (유휴 USDT {idle})")
EQUITY_CHANGE = Text("equity change", "자산 변동")
EQUITY_ASKED = Text("{krw} KRW, asked of the exchanges", "{krw} KRW (거래소 잔고 기준)")
NAKED = Text("naked", "미헤지")
WIRE = Text("signal to wire", "신호→전송")
SPREAD = Text(
    "p50 {p50} {unit}, p99 {p99} {unit}, max {max} {unit}",
    "p50 {p50} {unit}, p99 {p99} {unit}, 최대 {max} {unit}",
)
NOT_MEASURED = Text("not measured", "측정 없음")
LEDGER = Text("ledger", "원장")
EQUALS = Text("equals both exchanges", "양쪽 거래소와 일치")
DIFFERS = Text("DIFFERS: {what}", "불일치: {what}")
DIGEST = Text("trades digest", "거래 다이제스트")
JOURNAL = Text("journal", "저널")

# -- drills ---------------------------------------------------------------------------------------

BLOCKED = Text("entries blocked", "진입 차단")
CANCELLED = Text("cancelled what raises exposure", "노출 늘리는 주문 취소")
FLAT = Text("flat on both exchanges", "양쪽 거래소 청산")
TOOK = Text("{ms} ms  (budget {budget} ms)", "{ms} ms  (기준 {budget} ms)")
DRILL = Text("{drill}: {trigger}", "{drill}: {trigger}")
DRILLS = {
    "emergency": Text("emergency", "긴급 정지 훈련"),
    "watchdog": Text("watchdog", "감시 프로세스 훈련"),
}
LEDGER_EQUALS = Text("ledger equals exchanges", "원장과 거래소 일치")
YES = Text("yes", "예")
NO = Text("NO", "아니오")
WITHIN = Text("within budgets", "기준 이내")
OVER = Text("OVER BUDGET", "기준 초과")
