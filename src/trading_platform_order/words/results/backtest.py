"""Words of `tporder backtest`."""

from trading_platform_order.words.text import Text

PLAYING = Text("backtest", "백테스트")
FROM_TO = Text("{begin} to {end}, {bars} bars", "{begin} ~ {end}, 봉 {bars}개")
PERIOD = Text("period", "기간")
PARAMETERS = Text("parameters", "매개변수")
DEFAULTS = Text("the strategy's own defaults", "전략의 기본값")
STRATEGY = Text("strategy PnL", "전략 손익")
WITHOUT_IDLE = Text("{krw} KRW, without FX on idle USDT", "{krw} KRW (유휴 USDT 환차손익 제외)")
STRATEGY_KRW = Text("strategy KRW", "전략 손익(KRW)")
IDLE_KRW = Text("idle FX KRW", "유휴 환차(KRW)")
TRADES = Text("trades", "왕복")
FILE = Text("data", "데이터")
DIGEST = Text("digest", "요약값")
GRID_KEPT = Text("table and heat map: {path}", "표와 히트맵: {path}")
GRID_TITLE = Text("Backtest: {strategy}", "백테스트: {strategy}")
NOT_ADVICE = Text(
    "Past prices, with invented order books: no promise of future profit.",
    "과거 시세와 가상의 호가로 계산한 값이며, 미래 수익을 보장하지 않습니다.",
)
HEAT = Text(
    "Strategy PnL, KRW: {across} across, {down} down", "전략 손익(KRW): 가로 {across}, 세로 {down}"
)
HEAT_BEST = Text(
    "Of the other parameters the best value in each cell.",
    "나머지 매개변수는 칸마다 가장 좋은 값입니다.",
)
