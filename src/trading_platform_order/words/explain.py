"""Words of ``explain``, ``orders`` and ``fills``."""

from trading_platform_order.words.text import Text

# -- orders -------------------------------------------------------------------------------------

AT_MARKET = Text("at market", "시장가")
AT_MARKET_FOR = Text("at market for {krw} KRW", "시장가 {krw} KRW어치")
AT_LIMIT = Text("limit {price}", "지정가 {price}")
AT_LIMIT_UNTIL = Text("limit {price} {time_in_force}", "지정가 {price} {time_in_force}")
REDUCE_ONLY = Text("{order}, reduce-only", "{order}, 감소 전용(reduce-only)")
ORDER = Text(
    "{leg} {side} {quantity} {base} on {exchange}, {how} ({purpose}) [{id}]",
    "{exchange} {leg} {side} {quantity} {base}, {how} ({purpose}) [{id}]",
)
ORDER_NAME = Text("{leg} {side} on {exchange} [{id}]", "{exchange} {leg} {side} [{id}]")
PURPOSE = Text("{purpose} {attempt}", "{purpose} {attempt}차")
PURPOSES = {
    "open": Text("open", "진입"),
    "close": Text("close", "청산"),
    "complete": Text("complete", "나머지 체결"),
    "unwind": Text("unwind", "진입 원복"),
    "true_up": Text("true_up", "수량 맞춤"),
    "watchdog": Text("watchdog", "감시 프로세스"),
    "protect": Text("protect", "강제 청산 방지"),
    "trail": Text("trail", "추적 손절"),
}
STATUSES = {
    "PENDING": Text("PENDING", "접수 중"),
    "UNKNOWN": Text("UNKNOWN", "결과 불명(확인 중)"),
    "WORKING": Text("WORKING", "미체결"),
    "FILLED": Text("FILLED", "체결 완료"),
    "CANCELLED": Text("CANCELLED", "취소(일부 체결 가능)"),
    "REFUSED": Text("REFUSED", "거부됨"),
    "ABSENT": Text("ABSENT", "접수 안 됨 확인"),
}
NO_ORDERS = Text("no orders", "주문 없음")
ORDER_HEAD = Text("{at}  {symbol} {side}: {status}", "{at}  {symbol} {side}: {status}")
ASKED_LABEL = Text("asked", "주문")
ASKED = Text("{quantity}, {how} ({purpose})", "{quantity}, {how} ({purpose})")
DONE_LABEL = Text("executed", "체결")
DETAIL_LABEL = Text("detail", "내용")
SIGNAL_LABEL = Text("signal", "신호")
SIGNAL_ORDER = Text("{signal}, order {id}", "{signal}, 주문 {id}")

NO_FILLS = Text("no fills", "체결 없음")
FILL_HEAD = Text("{at}  {symbol} {side}", "{at}  {symbol} {side}")
FILL_LABEL = Text("filled", "체결")
FILL_OF = Text(
    "{quantity} at {price} {quote}, fee {fee}", "{quantity} @ {price} {quote}, 수수료 {fee}"
)
FILL_SIGNAL = Text("{signal}, trade {id}", "{signal}, 체결 ID {id}")

# -- explain ------------------------------------------------------------------------------------

SIGNAL_REASON = Text("its reason: {reason}", "신호 사유: {reason}")
SIGNAL_CREATED = Text("signal created by {strategy}", "신호 생성 (전략 {strategy})")
CAME_AFTER = Text("the engine took it {age} after that", "엔진은 그로부터 {age} 뒤에 받았습니다")
CAME_LATE = Text(
    "the engine took it {age} after that; the times below count from there",
    "엔진은 그로부터 {age} 뒤에 받았습니다. 아래 시간은 그때부터입니다",
)
UNKNOWN_ROW = Text("{kind} (unknown here): {body}", "{kind} (이 버전이 모르는 기록): {body}")
NO_SIGNAL = Text(
    "no signal {signal} in the journal of account {account} ({db})",
    "계정 {account}의 저널에 신호 {signal}이(가) 없습니다 ({db})",
)
CHECK_THE_ID = Text(
    "check the id; {waiting} signals still wait in the inbox for an engine",
    "ID를 확인하십시오. 수신함에서 엔진을 기다리는 신호가 {waiting}건 있습니다",
)

CLAIMED = Text(
    "claimed: the engine will execute it once; it waits for its turn",
    "접수됨: 엔진이 한 번만 실행하며, 차례를 기다립니다",
)
SIGNAL_REFUSED = Text("refused: {code}: {message}", "거절됨: {code}: {message}")
FIGURE = Text("{name} {text}", "{name} {text}")
OPENED = Text(
    "pair trade {id} opened: {action} {pair}, from {start} to {target}",
    "페어 거래 {id} 시작: {pair} {action}, {start} → {target}",
)
DECIDED = Text(
    "decided at Upbit {spot} KRW, Binance {hedge} USDT, {rate} KRW per USDT ({source})",
    "판단 시세: 업비트 {spot} KRW, 바이낸스 {hedge} USDT, 환율 {rate} KRW/USDT ({source})",
)
HOLDING = Text("spot {spot} / short {short} {base}", "현물 {spot} / 숏 {short} {base}")
HOLDING_ALONE = Text("spot {spot} / short {short}", "현물 {spot} / 숏 {short}")
PLANNED = Text("order planned: {order}", "주문 계획: {order}")
CORRECTION = Text("correction decided: {reason}", "보정 결정: {reason}")
COMPLETION_STOPPED = Text("completion stopped: {reason}", "나머지 체결 중단: {reason}")
CLOSE_STOPPED = Text("the rest of the close stopped: {reason}", "청산 잔량 중단: {reason}")
COINS_AS_LEDGER = Text(
    "balance read: {now} coins are ours, as in the ledger",
    "잔고 조회: 우리 코인 {now}개, 원장과 일치",
)
COINS_GONE = Text(
    "balance read: {now} coins are ours, the ledger held {before}: sold or moved by somebody else",
    "잔고 조회: 우리 코인 {now}개, 원장은 {before}개: 외부에서 매도 또는 이동됨",
)
SHORT_AS_LEDGER = Text(
    "position read: the short is {now}, as in the ledger", "포지션 조회: 숏 {now}, 원장과 일치"
)
SHORT_GONE = Text(
    "position read: the short is {now}, the ledger held {before}: closed by somebody else",
    "포지션 조회: 숏 {now}, 원장은 {before}: 외부에서 청산됨",
)
OPERATOR_CALLED = Text("an operator was called: {reason}", "운영자 호출: {reason}")
STILL_UNRESOLVED = Text(
    "still unresolved after {minutes} min, call {number}: {name}",
    "{minutes}분째 결과 불명, {number}번째 호출: {name}",
)
SETTLED = Text(
    "settled {outcome}: {legs}; naked {naked}", "종료 ({outcome}): {legs}; 미헤지 {naked}"
)
SETTLED_WIRE = Text(
    "settled {outcome}: {legs}; naked {naked}, signal to wire {wire} µs",
    "종료 ({outcome}): {legs}; 미헤지 {naked}, 신호→전송 {wire} µs",
)
NAKED = Text("{ms} ms between the answers", "{ms} ms(응답 사이)")
NAKED_AT_MOST = Text(
    "{ms} ms between the answers (at most {krw})", "{ms} ms(응답 사이, 최대 {krw})"
)
HOLDING_FOLLOWED = Text(
    "while it waited, its holding became {spot} coins against {short} short",
    "대기하는 동안 보유가 현물 {spot}, 숏 {short}(으)로 바뀜",
)
HALTED = Text("HALTED, an operator decides: {reason}", "중단됨, 운영자 결정 필요: {reason}")
RESUMED = Text("tried again by an operator: {reason}", "운영자가 재시도: {reason}")
OF_ASKED = Text("{done} of {asked} {base}", "{asked} {base} 중 {done}")
ACCEPTED = Text(
    "accepted: {name} as {exchange_id}, {done} filled so far",
    "접수: {name}, 거래소 주문번호 {exchange_id}, 현재 체결 {done}",
)
ENDED = Text("ended: {name}: {done} filled", "주문 종료: {name}: 체결 {done}")
ENDED_BEFORE_FILLS = Text(
    "ended: {name}: {done} filled; its price comes with the fill",
    "주문 종료: {name}: 체결 {done}, 가격은 체결 통보에서 확인",
)
AGAIN = Text("may be tried again", "재시도 가능")
FINAL = Text("final", "최종")
REFUSED = Text(
    "refused: {name}: {code}: {message} ({again})", "거부: {name}: {code}: {message} ({again})"
)
UNANSWERED = Text(
    "unanswered: {name}: {reason}; outcome unknown, being looked up",
    "무응답: {name}: {reason}; 결과 불명, 확인 중",
)
ABSENT = Text("proven absent: {name}: {evidence}", "접수 안 됨 확인: {name}: {evidence}")
CANCEL_SENT = Text("cancel sent: {name}: {reason}", "취소 요청: {name}: {reason}")
FILL = Text("fill: {name}: {fill}", "체결: {name}: {fill}")
FILL_FIGURES = Text(
    "{quantity} {base} @ {price}, fee {fee} (trade {id}, by the exchange's clock {at})",
    "{quantity} {base} @ {price}, 수수료 {fee} (체결 ID {id}, 거래소 시각 {at})",
)
