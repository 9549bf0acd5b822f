"""An engine's answers to commands, and the doors' to signals."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("krw must be above 0: {krw}", "KRW는 0보다 커야 합니다: {krw}"),
    Text(
        "refused: no command {kind}; known: {known}",
        "거절: 명령 {kind}이(가) 없습니다. 가능한 명령: {known}",
    ),
    Text("refused: {why}", "거절: {why}"),
    Text("refused: a pair leaves nothing naked", "거절: 페어 청산은 미헤지를 남기지 않습니다"),
    Text(
        "a callback is {least} to {most} bps in steps of {step}, not {given}",
        "콜백은 {least}~{most} bps, {step} bps 단위입니다. 입력값: {given}",
    ),
    Text(
        "no engine answered; it is carried out at its start",
        "응답한 엔진이 없습니다. 엔진이 시작할 때 실행됩니다",
    ),
    Text(
        "{condition}: the file {file} exists: remove it",
        "{condition}: 파일 {file}이(가) 있습니다. 삭제하십시오",
    ),
    # -- signals
    Text(
        "line {line} and all after it were not stored: {why}",
        "{line}행부터는 저장하지 않았습니다: {why}",
    ),
    Text(
        "{faults} faults: is this a file of signals? Nothing after line {line} was read or stored",
        "오류 {faults}건: 신호 파일이 맞습니까? {line}행 뒤는 읽거나 저장하지 않았습니다",
    ),
    Text("acknowledged; nothing is traded", "확인했습니다. 거래하지 않습니다"),
    Text(
        "durable in the inbox; no engine answered yet",
        "수신함에 저장됨. 아직 응답한 엔진이 없습니다",
    ),
    Text(
        "claimed before with the same content; not traded again",
        "같은 내용으로 이미 접수됨. 다시 거래하지 않습니다",
    ),
    Text(
        "this id was used before with other content; not traded, an operator is told",
        "같은 ID가 다른 내용으로 이미 쓰였습니다. 거래하지 않고 운영자에게 알립니다",
    ),
    Text("durably; it waits for its turn", "저장됨. 차례를 기다립니다"),
    Text("pair trade {key} opened", "페어 거래 {key} 시작"),
    Text("pair trade {key} halted: {why}", "페어 거래 {key} 중단: {why}"),
    Text(
        "pair trade {key} is {outcome}: {krw} KRW traded on Upbit, now {spot} coins and {short} "
        "short",
        "페어 거래 {key} {outcome}: 업비트 체결 {krw} KRW, 현재 현물 {spot}, 숏 {short}",
    ),
    Text(
        "{asked} KRW were asked, {krw} fit: {base} is what both exchanges' quantity steps allow",
        "요청 {asked} KRW 중 {krw} KRW: 양쪽 거래소의 수량 단위로는 {base}",
    ),
    Text("hedged", "헤지 완료"),
    Text("flat", "청산 완료"),
    Text("unwound", "진입 취소(원복)"),
    # -- closing by hand
    Text("no price of {base} is known yet", "{base}의 시세를 아직 모릅니다"),
    Text(
        "{strategy} holds nothing on {leg} of {base}",
        "{strategy}은(는) {base} {leg}을(를) 보유하지 않음",
    ),
    Text("closed by hand", "수동 청산"),
    Text("ordered: {what}", "주문함: {what}"),
    Text("{signal} was ordered before", "{signal}은(는) 이미 주문됨"),
    Text("{signal} waits: tporder status", "{signal} 대기 중: tporder status"),
    Text("{signal} has begun: tporder explain {id}", "{signal} 시작됨: tporder explain {id}"),
    Text("nothing of {base} is held", "{base} 보유 없음"),
    Text(
        "several strategies hold {base}: name one of {names}",
        "여러 전략이 {base}을(를) 보유합니다. 다음 중 하나를 지정하십시오: {names}",
    ),
    Text(
        "{krw} KRW would stand without a hedge: confirm that number",
        "{krw} KRW이(가) 헤지 없이 남게 됩니다. 그 금액을 확인해 주십시오",
    ),
    Text(
        "{krw} KRW would stand without a hedge, and {confirmed} KRW were confirmed",
        "{krw} KRW이(가) 헤지 없이 남게 되는데, 확인한 금액은 {confirmed} KRW입니다",
    ),
    # -- withdrawing
    Text("withdrawn by an operator", "운영자가 철회"),
    Text("withdrawn by an operator{reason}", "운영자가 철회{reason}"),
    Text("withdrawn: {signal}", "철회됨: {signal}"),
    Text(
        "withdrawn: the rest of {signal}; what was closed before stays closed",
        "철회됨: {signal}의 잔량. 이미 청산된 것은 그대로입니다",
    ),
    Text(
        "refused: {signal} has begun, its orders are under way: tporder explain",
        "거절: {signal}은(는) 이미 시작되어 주문이 진행 중입니다: tporder explain",
    ),
    Text("refused: {signal} is done already: {how}", "거절: {signal}은(는) 이미 끝났습니다: {how}"),
    Text(
        "refused: {signal} was not traded ({code}): nothing waits",
        "거절: {signal}은(는) 거래되지 않았습니다({code}). 대기 중인 것이 없습니다",
    ),
    Text(
        "refused: {signal} begins just now: look at tporder status",
        "거절: {signal}이(가) 지금 막 시작됩니다. tporder status를 보십시오",
    ),
    Text(
        "refused: no signal {signal} is known; tporder status shows what waits",
        "거절: 신호 {signal}을(를) 모릅니다. tporder status에서 대기 목록을 보십시오",
    ),
    # -- trailing stops
    Text("refused: nothing is short in {base}", "거절: {base} 숏이 없습니다"),
    Text("asked for: {bps} bps", "요청함: {bps} bps"),
    Text("taken back", "철회함"),
    Text("the position is closed", "포지션이 청산됨"),
    # -- remedies of refusals
    Text(
        "send it at once, with created_at of now, or give it an expires_at",
        "created_at을 현재로 하여 즉시 보내거나 expires_at을 지정하십시오",
    ),
    Text(
        "read `tporder status`, mend the reason, then `tporder resume --reason …`",
        "`tporder status`로 원인을 보고 해결한 뒤 `tporder resume --reason …`을 실행하십시오",
    ),
    Text(
        "put it into TPORDER_ENGINE_SYMBOLS and start the engine again",
        "TPORDER_ENGINE_SYMBOLS에 넣고 엔진을 다시 시작하십시오",
    ),
    Text("EXIT the open pair first", "열려 있는 페어를 먼저 EXIT 하십시오"),
    Text(
        "nothing is to be done; `tporder positions --all` shows what is held",
        "할 일이 없습니다. `tporder positions --all`로 보유를 볼 수 있습니다",
    ),
    Text(
        "ask for more: both exchanges' minimums are in the figures",
        "더 크게 요청하십시오. 양쪽 거래소의 최소 주문이 수치에 있습니다",
    ),
    Text("ask for less, or pay KRW into Upbit", "더 작게 요청하거나 업비트에 KRW를 입금하십시오"),
    Text(
        "ask for less, or move USDT into the futures wallet",
        "더 작게 요청하거나 선물 지갑으로 USDT를 이체하십시오",
    ),
    Text(
        "ask for less, or raise TPORDER_RISK_ORDER_KRW_MAX",
        "더 작게 요청하거나 TPORDER_RISK_ORDER_KRW_MAX를 올리십시오",
    ),
    Text(
        "ask for less, or raise TPORDER_RISK_TRADE_KRW_MAX",
        "더 작게 요청하거나 TPORDER_RISK_TRADE_KRW_MAX를 올리십시오",
    ),
    Text(
        "wait for 00:00 KST, or raise TPORDER_RISK_DAILY_TURNOVER_KRW_MAX",
        "00:00 KST까지 기다리거나 TPORDER_RISK_DAILY_TURNOVER_KRW_MAX를 올리십시오",
    ),
    Text(
        "wait for the close, or take it back: `tporder signal withdraw ID`",
        "청산을 기다리거나 철회하십시오: `tporder signal withdraw ID`",
    ),
    Text(
        "see what is held (`tporder positions`), then send a new ENTER",
        "보유를 확인한 뒤(`tporder positions`) 새 ENTER를 보내십시오",
    ),
    Text("use an id of its own for every signal", "신호마다 고유한 ID를 쓰십시오"),
    Text("see docs/RISK_MANAGEMENT.md, Refusals", "docs/RISK_MANAGEMENT.md의 Refusals를 보십시오"),
    # -- channels
    Text("taken", "전달됨"),
    Text("NOT taken: {why}", "전달 안 됨: {why}"),
    Text("cannot be used: {why}", "쓸 수 없음: {why}"),
    Text("it cannot be reached", "연결할 수 없음"),
    Text("it did not take the alert", "알림을 받지 않음"),
)
