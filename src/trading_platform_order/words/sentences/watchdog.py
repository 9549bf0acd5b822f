"""What the watchdog and a standby say: what is held, why it acts, who holds the account."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("no engine looks at {bases}, and {why}", "{bases}을(를) 보는 엔진이 없고, {why}"),
    Text("it has no keys", "키가 없음"),
    Text("legs have differed for {s} s: {which}", "{s}초째 두 다리가 다름: {which}"),
    Text("{count} engines that close failed, and {why}", "청산 엔진 {count}개가 실패했고, {why}"),
    Text(
        "{why}; the last resort cannot be started by it: {problem}",
        "{why}; 최후의 수단을 시작할 수 없음: {problem}",
    ),
    Text("the last resort is at work: {words}", "최후의 수단이 작업 중: {words}"),
    Text("nothing of ours", "남은 것이 없음"),
    Text("the engine is starting and does not get ready", "엔진이 시작은 했지만 준비되지 않음"),
    Text("{how} since {s} s", "{s}초 전부터 {how}"),
    Text("{how} since {s} s and {why}", "{s}초 전부터 {how}, {why}"),
    Text(
        "{strategy} holds {spot} {base} against {short} short",
        "{strategy}: {base} 현물 {spot}, 숏 {short}",
    ),
    Text("{spot} {base} against {short} short", "{base} 현물 {spot}, 숏 {short}"),
    Text("{count} orders have no known end", "주문 {count}건의 결과를 알 수 없음"),
    Text("{order} has no known end", "{order}의 결과를 알 수 없음"),
    Text("{count} orders rest", "주문 {count}건이 미체결로 남아 있음"),
    Text("{order} rests", "{order} 미체결"),
    Text("{order} rests, and is cancelled", "{order} 미체결, 취소함"),
    Text("Upbit holds {held} {base} of our {ours}", "업비트 잔고는 {base} {held}, 저널은 {ours}"),
    Text(
        "Binance holds {held} {base} short, ours is {ours}",
        "바이낸스 숏은 {base} {held}, 저널은 {ours}",
    ),
    Text(
        "the margin runway is short: liquidation is {distance} away",
        "증거금 여유가 부족함: {distance} 오르면 강제 청산",
    ),
    Text("held for {s} s", "{s}초 동안 유지함"),
    Text("in {s} s, or {exit} s after an EXIT", "{s}초 뒤, 또는 EXIT 후 {exit}초 뒤"),
    Text("{exit} s after an EXIT", "EXIT 후 {exit}초 뒤"),
    Text("no EXIT", "EXIT 없음"),
    Text("EXIT {id} waits", "EXIT {id} 대기"),
    Text("a flatten waits", "전체 청산 요청 대기"),
    Text("{what} since {s} s without an engine", "엔진 없이 {s}초째 {what}"),
    Text("nothing is open", "열린 것이 없음"),
    Text("it gives signs of life again", "다시 생존 신호를 보냄"),
    Text("before it ran", "실행 전부터"),
    Text("orders out exceed intents in: {orders}", "의도보다 많은 주문이 나감: {orders}"),
    Text(
        "{venue} has order {id}, which no journal knows",
        "{venue}에 저널이 모르는 주문 {id}이(가) 있음",
    ),
    Text(
        "{venue} executed {side} {amount} {symbol} of {id}, which was to {intent} {wanted} {pair}",
        "{venue}에서 {id}이(가) {symbol} {side} {amount} 체결됨. 의도는 {pair} {intent} {wanted}",
    ),
    Text(
        "the day's loss by the watchdog's own count is {lost} KRW of {capital} by the balances "
        "and {traded} by the trades, limit {limit}",
        "감시 프로세스가 센 당일 손실: 자본 {capital} KRW 중 잔고 기준 {lost}, 거래 기준 "
        "{traded}. 한도 {limit}",
    ),
    Text("{venue}: open orders of {symbol}: {why}", "{venue}: {symbol} 미체결 주문: {why}"),
    Text("the watchdog closes: {why}", "감시 프로세스가 청산함: {why}"),
    Text("the watchdog acts: {why}", "감시 프로세스가 개입함: {why}"),
    Text("all that is held", "보유 전체"),
    Text("not known yet", "아직 알 수 없음"),
    Text("still asking", "조회 중"),
    Text("watchdog: the store cannot be used: {why}", "감시 프로세스: 저장소를 쓸 수 없음: {why}"),
    Text(
        "{amount} {base} more short on Binance than the journal explains; close by hand",
        "바이낸스의 {base} 숏이 저널보다 {amount} 많음; 직접 청산하십시오",
    ),
    Text("the account cannot be taken: {why}", "계좌를 넘겨받을 수 없음: {why}"),
    Text("the engine that closes ended: {why}", "청산 엔진이 종료됨: {why}"),
    Text("the engine that closes starts", "청산 엔진을 시작하는 중"),
    Text("something is being booked, or waits", "반영 중이거나 대기 중인 것이 있음"),
    Text("trade {id} is under way", "거래 {id} 진행 중"),
    Text("trade {id} gave up: {why}", "거래 {id} 포기: {why}"),
    Text(
        "{venue} API key: ends within {days} days; make a new one",
        "{venue} API 키: {days}일 안에 만료됨; 새 키를 만드십시오",
    ),
    Text("{venue} API key", "{venue} API 키"),
    Text("process {pid} (epoch {epoch})", "프로세스 {pid} (epoch {epoch})"),
    Text(
        "{holder} has not renewed its lease for {s} s",
        "{holder}의 임차권이 {s}초째 갱신되지 않음",
    ),
    Text("{lapsed}, and was killed", "{lapsed}, 강제 종료함"),
    Text("{lapsed}, and could not be ended", "{lapsed}, 종료하지 못함"),
    Text(
        "{lapsed}, and cannot be ended from here ({why})",
        "{lapsed}, 여기서 종료할 수 없음 ({why})",
    ),
    Text(
        "{lapsed}, holds the database's write lock and cannot be ended from here ({why}); NOBODY "
        "TRADES UNTIL THEN",
        "{lapsed}, 데이터베이스 쓰기 잠금을 쥐고 있는데 여기서 종료할 수 없음 ({why}). 그때까지 "
        "아무도 거래하지 않음",
    ),
    Text(
        "it runs in another PID namespace: end that container by hand",
        "다른 PID 네임스페이스에서 실행 중: 그 컨테이너를 직접 종료하십시오",
    ),
    Text(
        "it is another user's process: end it by hand",
        "다른 사용자의 프로세스: 직접 종료하십시오",
    ),
    Text(
        "it was killed and does not go: its disk hangs",
        "강제 종료했지만 끝나지 않음: 디스크가 응답하지 않음",
    ),
    Text("nobody held it", "점유 중인 프로세스가 없었음"),
    # -- drills
    Text("manual stop with flattening", "수동 정지와 전량 청산"),
    Text(
        "engine killed (watchdog.engine_gone_s = {s})",
        "엔진 강제 종료 (watchdog.engine_gone_s = {s})",
    ),
    Text("{holder} is gone", "{holder} 종료됨"),
    Text("standing by: the account is held by {holder}", "대기 중: {holder}이(가) 계좌를 점유함"),
    Text("the account's lease is not held", "계좌 임차권이 없음"),
)
