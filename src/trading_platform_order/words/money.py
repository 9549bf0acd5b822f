"""Words of ``positions``, ``trades`` and ``pnl``."""

from trading_platform_order.words.text import Text

# -- positions ----------------------------------------------------------------------------------

OF_STRATEGY = Text("{pair} of {strategy}", "{pair} (전략 {strategy})")
OF_AGE = Text("{pair} of {strategy}, {age} old", "{pair} (전략 {strategy}), {age} 경과")
HELD_LABEL = Text("held", "보유")
HELD = Text(
    "{spot} coins on Upbit, {short} short on Binance", "업비트 현물 {spot}개, 바이낸스 숏 {short}개"
)
PREMIUM_LABEL = Text("premium", "김프")
PREMIUM = Text("entry {entry}, now {now} against USDT", "진입 {entry}, 현재 {now} (USDT 기준)")
PREMIUM_USD = Text(
    "entry {entry}, now {now} against USD/KRW", "진입 {entry}, 현재 {now} (USD/KRW 기준)"
)
NO_USD_RATE = Text(
    "against USD/KRW: no such rate is known here", "USD/KRW 기준: 여기서는 그 환율을 알 수 없음"
)
VALUE_LABEL = Text("value", "평가금액")
VALUE = Text("{value}, margin {margin}", "{value}, 증거금 {margin}")
PROFIT_LABEL = Text("profit", "평가손익")
PROFIT_NOT_KNOWN = Text("not known: {why}", "알 수 없음: {why}")
FIGURES_OLD = Text("(its last figures are {age} old)", "(엔진의 마지막 수치는 {age} 전 것)")
PART = Text("{part} {amount}", "{part} {amount}")

# -- trades -------------------------------------------------------------------------------------

NO_TRADES = Text("no trades", "거래 없음")
TRADE = Text(
    "{pair} {action} of {strategy}: {ended}, {at}",
    "{pair} {action} (전략 {strategy}): {ended}, {at}",
)
HEDGED = Text("hedged", "헤지 완료")
FLAT = Text("flat", "청산 완료")
UNWOUND = Text("unwound", "진입 취소(원복)")
ONE_LEG = Text("one_leg", "한쪽만 체결")
OUTCOMES = {"hedged": HEDGED, "flat": FLAT, "unwound": UNWOUND, "one_leg": ONE_LEG}
SIGNAL_LABEL = Text("signal", "신호")
SIGNAL_REASON = Text("{signal}, reason: {reason}", "{signal}, 사유: {reason}")
DETAIL_LABEL = Text("detail", "내용")
FILLED_LABEL = Text("filled", "체결가")
FILLED = Text(
    "spot at {spot}, hedge at {hedge}, {rate} KRW per USDT",
    "현물 {spot}, 선물 {hedge}, 환율 {rate} KRW/USDT",
)
PREMIUM_IN = Text("in {premium}; naked {ms} ms", "진입 {premium}; 미헤지 {ms} ms")
PREMIUM_OUT = Text("out {premium}; naked {ms} ms", "청산 {premium}; 미헤지 {ms} ms")
ENTRIES_NOT_KNOWN = Text(
    "not known: the entries before it are not all known",
    "알 수 없음: 이전 진입 내역을 모두 알 수 없음",
)
PROFIT = Text("{total}: {parts}", "{total}: {parts}")
REALISED_LABEL = Text("realised", "실현손익")

# -- pnl ------------------------------------------------------------------------------------------

PERIOD_LABEL = Text("period", "기간")
PERIOD = Text("{begin} to {end}", "{begin} ~ {end}")
VALUED_LABEL = Text("valued", "평가")
VALUED = Text("from {begin} to {end}", "{begin} ~ {end}")
OPENING = Text("its opening", "계정 개설")
NOT_VALUED = Text(
    "not known: the account was not valued in it", "알 수 없음: 이 기간의 계정 평가 기록이 없음"
)
TRADING_LABEL = Text("trading", "거래손익")
IDLE_LABEL = Text("idle FX", "유휴환차")
IDLE = Text(
    "{amount} on the USDT wallet; no limit counts it",
    "{amount} (USDT 지갑의 환차익, 손실 한도에 포함되지 않음)",
)
TOTAL_LABEL = Text("total", "합계")
NOT_A_TIME = Text("not a date or a time: {fault}", "날짜나 시각이 아닙니다: {fault}")
A_TIME_IS = Text(
    "--day 2026-11-22, or --from and --to as 2026-11-22T09:00:00+09:00",
    "--day 2026-11-22, 또는 --from과 --to를 2026-11-22T09:00:00+09:00처럼 쓰십시오",
)
ENDS_FIRST = Text("the period ends before it begins", "기간의 끝이 시작보다 빠릅니다")
SWAP = Text("swap them", "두 시각을 바꾸십시오")
WHICH_PERIOD = Text("which period?", "어느 기간입니까?")
GIVE_PERIOD = Text(
    "give --day, or --from with or without --to", "--day, 또는 --from(필요하면 --to도)을 쓰십시오"
)
