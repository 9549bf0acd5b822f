"""Words of `tporder report`: the page and the picture."""

from trading_platform_order.words.text import Text

TITLE = Text("Report: {account}", "보고서: {account}")
SUBTITLE = Text("{begin} to {end}", "{begin} ~ {end}")
PLAY_MONEY = Text(
    "Play money on simulated exchanges ({market}).", "모의 거래소의 가상 자금입니다({market})."
)
REAL_MONEY = Text("Real money, mode {mode}.", "실제 자금, {mode} 모드.")
NO_VALUATION = Text(
    "The account was not valued in this period: profit is not known.",
    "이 기간에 계정 평가가 없어 손익을 알 수 없습니다.",
)
UNREADABLE = Text(
    "{rows} journal rows were written by a newer program and are not counted.",
    "더 새로운 버전이 쓴 저널 {rows}행은 집계하지 못했습니다.",
)
NO_CHARTS = Text("No plots: {why}", "그래프 없음: {why}")

TRADING = Text("trading profit", "거래 손익")
IDLE = Text("FX on idle USDT", "유휴 USDT 환차손익")
TOTAL = Text("change of equity", "자산 변동")
TRADES = Text("trades", "거래")
NAKED = Text("longest naked", "최장 미헤지")
NAKED_KRW = Text("largest naked", "최대 미헤지 금액")
REFUSED = Text("refused signals", "거절된 신호")

PROFIT_SPLIT = Text("Where the profit came from", "손익 구성")
PART = Text("part", "항목")
KRW = Text("KRW", "KRW")
NOT_TRADING = Text(
    "FX on idle USDT is not the strategies' doing and is not in the trading profit.",
    "유휴 USDT의 환차손익은 전략의 성과가 아니므로 거래 손익에 넣지 않습니다.",
)
EQUITY_PLOT = Text("Profit since the beginning of the period", "기간 초부터의 손익")
TRADING_LINE = Text("trading", "거래 손익")
TOTAL_LINE = Text("with FX on idle USDT", "유휴 USDT 환차 포함")
PREMIUM_PLOT = Text("Premium", "김프")
PREMIUM_LINE = Text("premium", "김프")
PERCENT = Text("%", "%")
ENTRIES = Text("entries", "진입")
EXITS = Text("exits", "청산")

EXECUTION = Text("Execution", "체결 품질")
EXECUTION_ABOUT = Text(
    "Cost against the middle of the book at the decision, and against the price that the signal "
    "named; positive is worse.",
    "판단 시점의 중간 호가와 신호에 적힌 가격에 비해 더 든 비용입니다. 양수는 불리한 체결입니다.",
)
LEG = Text("leg", "레그")
AGAINST_MID = Text("against the mid, KRW", "중간 호가 대비 KRW")
AGAINST_SIGNAL = Text("against the signal, KRW", "신호 가격 대비 KRW")
BPS = Text("bps", "bps")
FEES_KRW = Text("fees, KRW", "수수료 KRW")

TIMES = Text("Times", "시간")
MEASURE = Text("measure", "항목")
MEDIAN = Text("median", "중앙값")
P99 = Text("99 %", "99 %")
MOST = Text("maximum", "최대")
SIGNAL_AGE = Text("signal's time to decision, ms", "신호 시각부터 판단까지, ms")
TO_WIRE = Text("signal to last byte of both orders, µs", "신호부터 두 주문의 전송 완료까지, µs")
SKEW = Text("between the first fills of the legs, ms", "두 레그의 첫 체결 간격, ms")
TO_SETTLED = Text("decision to settled, ms", "판단부터 완료까지, ms")
NAKED_MS = Text("naked, ms", "미헤지 시간, ms")

OUTCOMES = Text("How trades ended", "거래 결과")
OUTCOME = Text("outcome", "결과")
COUNT = Text("count", "건수")
FUNDING = Text("Funding", "펀딩비")
SYMBOL = Text("symbol", "종목")
USDT = Text("USDT", "USDT")
PAYMENTS = Text("{count} payments", "{count}건")
REFUSALS = Text("Refusals by cause", "사유별 거절")
CODE = Text("code", "코드")
LAST_SAID = Text("what the last one was told", "마지막 거절 내용")
LAST_TRADES = Text("Trades, the newest first", "최근 거래")
ALL_TRADES = Text("The newest {count} of {all}.", "전체 {all}건 중 최근 {count}건.")
AT = Text("at", "시각")
WHAT = Text("what", "구분")
PREMIUM = Text("premium", "김프")
REALISED = Text("made final, KRW", "실현 손익 KRW")
SPOT_BPS = Text("spot, bps", "현물 bps")
HEDGE_BPS = Text("hedge, bps", "선물 bps")
SKEW_MS = Text("skew, ms", "간격 ms")
NONE = Text("none", "없음")
KEPT = Text("report: {path}", "보고서: {path}")
NOTHING_YET = Text(
    "there is nothing to report: no engine ever opened this account",
    "보고할 내용이 없습니다: 이 계정에서 엔진이 실행된 적이 없습니다",
)
RUN_FIRST = Text(
    "run an engine, or name another store with --db",
    "엔진을 실행하거나 --db로 다른 저장소를 지정하십시오",
)
NO_PICTURE = Text("no picture: {why}", "그림을 만들 수 없습니다: {why}")
INSTALL = Text("install it: make analysis", "설치: make analysis")
