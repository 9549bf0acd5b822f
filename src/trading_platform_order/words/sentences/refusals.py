"""Why the limits refused an entry, and what stops trading."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("Upbit", "업비트"),
    Text("Binance", "바이낸스"),
    Text("spot", "현물"),
    Text("hedge", "선물"),
    Text("announced maintenance: {window}", "예고된 점검: {window}"),
    Text("total capital is not known or not positive", "총자본을 모르거나 0 이하임"),
    Text(
        "open pairs after the trade would be over their part of capital",
        "거래 후 보유 페어가 자본 대비 한도를 넘음",
    ),
    Text(
        "pairs of this symbol after the trade would be over their part of capital",
        "거래 후 이 종목의 페어가 자본 대비 한도를 넘음",
    ),
    Text("the daily loss limit is reached", "일일 손실 한도 도달"),
    Text("the hourly loss cap is reached", "시간당 손실 한도 도달"),
    Text("the value traded today would be over its cap", "일일 거래 금액 한도를 넘음"),
    Text(
        "too much of this symbol lies unmatched already",
        "이 종목의 짝이 맞지 않는 잔량이 이미 많음",
    ),
    Text(
        "the {name} was asked for: its stream is silent",
        "{name}을(를) 다시 요청함: 스트림이 조용함",
    ),
    Text("{name} {age} s is over {limit} s", "{name} {age}초, 한도 {limit}초 초과"),
    Text("an asset we hold has no price", "보유 자산의 시세가 없음"),
    Text(
        "an asset we hold was last priced {age} s ago", "보유 자산의 마지막 시세가 {age}초 전 것임"
    ),
    Text("our clock is {off} s off an exchange's", "서버 시계가 거래소와 {off}초 다름"),
    Text(
        "the {name} is stamped {ahead} s ahead of its exchange's time",
        "{name}의 시각이 거래소 시각보다 {ahead}초 앞섬",
    ),
    Text("created_at is {ahead} s ahead of our clock", "created_at이 서버 시계보다 {ahead}초 앞섬"),
    Text("one book is {s} s older than the other", "한쪽 호가가 반대편보다 {s}초 오래됨"),
    Text("spot book", "현물 호가"),
    Text("hedge book", "선물 호가"),
    Text("KRW-USDT rate", "KRW-USDT 환율"),
    Text("{deadline}: nothing is entered any more", "{deadline}: 더 이상 진입하지 않음"),
    Text(
        "the book of {symbol} has not changed for {lasted} s while the other leg moved {bps} bp",
        "{symbol} 호가가 {lasted}초 동안 그대로인데 반대편은 {bps} bp 움직임",
    ),
    Text(
        "a short of {base} pays {payable} of its value in 24 h",
        "{base} 숏의 24시간 펀딩비가 평가금액의 {payable}",
    ),
    Text(
        "{code}: {doubt}; compare with `tporder pairs`, then `tporder pairs confirm {again}`",
        "{code}: {doubt}. `tporder pairs`로 비교한 뒤 `tporder pairs confirm {again}`을 "
        "실행하십시오",
    ),
    Text("what {where} lists is not read yet", "{where}의 상장 정보를 아직 읽지 못함"),
    Text("it is not in the reviewed table", "검토된 표에 없음"),
    Text(
        "its contract began on {began}, reviewed was {reviewed}",
        "계약 시작일은 {began}, 검토된 것은 {reviewed}",
    ),
    Text(
        "the first day of its contract, {day}, was not reviewed",
        "계약 시작일 {day}은(는) 검토되지 않음",
    ),
    Text("its trading may end", "거래지원이 종료될 수 있음"),
    Text("it will be delisted on {day}", "{day} 상장폐지 예정"),
    Text("a figure cannot be reckoned with: {kind}", "계산할 수 없는 수치: {kind}"),
    Text(
        "{where} lists {told}, reviewed was {code} ({names})",
        "{where} 상장명은 {told}, 검토된 것은 {code} ({names})",
    ),
    Text("not enough free KRW on Upbit, fee included", "업비트의 주문 가능 KRW 부족 (수수료 포함)"),
    Text("no margin balance on Binance", "바이낸스 증거금 잔고 없음"),
    Text(
        "hedge notional over margin balance would be too high",
        "증거금 대비 선물 명목금액이 너무 커짐",
    ),
    Text(
        "maintenance margin over margin balance would be too high",
        "증거금 대비 유지 증거금이 너무 커짐",
    ),
    Text(
        "a rise of {rise} would not be survived; move {usdt} USDT to Binance futures first",
        "{rise} 상승을 견디지 못함. 먼저 바이낸스 선물로 {usdt} USDT를 이체하십시오",
    ),
    Text(
        "not enough free margin on Binance, fee included",
        "바이낸스의 주문 가능 증거금 부족 (수수료 포함)",
    ),
    Text(
        "{base} short: {theirs} on Binance, ours is {ours}",
        "{base} 숏: 바이낸스 {theirs}, 원장 {ours}",
    ),
    Text("{base}: {theirs} on Upbit, but {ours} are ours", "{base}: 업비트 {theirs}, 원장 {ours}"),
    Text(
        "Upbit stands {apart} beside Binance: another coin, unit or rate? Look at both prices; "
        "nothing is entered here until they agree",
        "업비트가 바이낸스와 {apart} 차이: 다른 코인, 단위, 환율입니까? 양쪽 시세를 확인하십시오. "
        "맞을 때까지 진입하지 않습니다",
    ),
    Text(
        "{known} of {coins} have prices, {least} are needed to compare the premium; see whether "
        "streams are up",
        "{coins} 중 {known}개만 시세가 있음. 김프 비교에는 {least}개가 필요합니다. 스트림을 "
        "확인하십시오",
    ),
    Text(
        "KRW-USDT is {rate}, the large coins imply {implied}; compare with another source, "
        "entries wait",
        "KRW-USDT는 {rate}, 대형 코인 기준은 {implied}. 다른 출처와 비교하십시오. 진입은 "
        "대기합니다",
    ),
    Text(
        "the premium of {code} is {premium}, of the large coins {median}; once that has lasted "
        "{lasting} s with trades on both sides it counts as real ({waited} s so far)",
        "{code} 김프 {premium}, 대형 코인 {median}. 양쪽에서 체결되며 {lasting}초 지속되면 실제로 "
        "봅니다 (현재 {waited}초)",
    ),
    Text("both legs together over the absolute cap", "양쪽 합계가 절대 한도를 넘음"),
    Text("{leg} leg under the minimum of {venue}", "{leg}이 {venue} 최소 주문보다 작음"),
    Text("{leg} leg over the maximum of {venue}", "{leg}이 {venue} 최대 주문보다 큼"),
    Text("{leg} order over the absolute cap", "{leg} 주문이 절대 한도를 넘음"),
    Text("the {leg} book shows less than the order needs", "{leg} 호가 잔량이 주문보다 적음"),
    Text(
        "{name} of the {leg} leg is {away} bps from the mid",
        "{leg}의 {name}이(가) 중간가에서 {away} bps",
    ),
    Text(
        "expected {leg} price is {worse} bps worse than the {name}, beyond the tick",
        "{leg} 예상 체결가가 {name}보다 {worse} bps 불리함",
    ),
    Text("emergency stop: {reason}", "긴급 정지: {reason}"),
    Text("{symbol} is not one of: {listed}", "{symbol}은(는) 다음에 없음: {listed}"),
    Text(
        "a halted trade in {symbol} waits for an operator",
        "{symbol}의 중단된 거래가 운영자를 기다림",
    ),
    Text("a private stream is not connected", "개인 스트림이 끊겨 있음"),
    Text(
        "{count} private calls of an exchange failed in a row",
        "거래소 API 호출이 연속 {count}회 실패함",
    ),
    Text("only {room} of an exchange's request budget is free", "거래소 요청 한도가 {room}만 남음"),
    Text("{venue} does not trade {symbol}", "{venue}에서 {symbol} 거래 불가"),
    Text("{venue} warns of {symbol}: {warning}", "{venue}의 {symbol} 경고: {warning}"),
    Text("too many entries within a minute", "1분 안에 진입이 너무 많음"),
    Text("the same entry was executed too often", "같은 진입이 너무 자주 실행됨"),
    Text(
        "the last {count} entries of {base} were taken back; paused for {left} s more",
        "{base}의 최근 진입 {count}건이 원복됨. {left}초 더 중지",
    ),
    # -- before the limits
    Text(
        "total capital is not known; send notional_krw or quantity_base, or wait",
        "총자본을 모릅니다. notional_krw나 quantity_base를 보내거나 기다리십시오",
    ),
    Text("{strategy} already holds {symbol}", "{strategy}이(가) 이미 {symbol}을(를) 보유함"),
    Text("the size is below one step of the hedge", "수량이 선물의 한 단위보다 작음"),
    Text(
        "{strategy} holds nothing tradable in {symbol}",
        "{strategy}의 {symbol} 중 거래 가능한 보유 없음",
    ),
    Text(
        "the part to close is below one step of the hedge",
        "청산할 수량이 선물의 한 단위보다 작음",
    ),
    Text(
        "{strategy} holds too little of {symbol} on {leg} to close",
        "{strategy}의 {symbol} {leg} 보유가 청산하기에 너무 적음",
    ),
    Text("under the exchange's minimum: {missing}", "거래소 최소 주문 미만: {missing}"),
    Text("the signal is {age} s old", "신호가 {age}초 지남"),
    Text(
        "it was made before a start at which rows of the journal may have been lost: it may have "
        "been traded already",
        "저널 기록을 잃었을 수 있는 시작 이전의 신호입니다. 이미 거래되었을 수 있습니다",
    ),
    Text(
        "an entry of {strategy} in {symbol} is not finished yet",
        "{strategy}의 {symbol} 진입이 아직 끝나지 않음",
    ),
    Text("a close of {strategy} waits in {symbol}", "{strategy}의 {symbol} 청산이 대기 중"),
    Text("{strategy} holds nothing in {symbol}", "{strategy}은(는) {symbol}을(를) 보유하지 않음"),
    Text(
        "the pair was entered {later} s after this EXIT was made",
        "이 EXIT보다 {later}초 뒤에 진입한 페어임",
    ),
    Text(
        "no books, filters or KRW-USDT rate for {symbol} yet",
        "{symbol}의 호가, 거래 규칙 또는 KRW-USDT 환율이 아직 없음",
    ),
    Text(
        "{symbol} is neither on the allow-list nor held",
        "{symbol}은(는) 허용 목록에도 보유에도 없음",
    ),
    # -- the emergency stop
    Text(
        "{krw} KRW lost since 00:00 KST, over {fraction} of {equity} KRW",
        "00:00 KST 이후 손실 {krw} KRW, {equity} KRW의 {fraction} 초과",
    ),
    Text(
        "private calls failed in a row: {told} (more than {most})",
        "API 호출 연속 실패: {told} ({most}회 초과)",
    ),
    Text(
        "an order has no known end since {age} s (more than {most})",
        "결과를 모르는 주문이 {age}초째 있음 ({most}초 초과)",
    ),
    Text("something is held that has no price", "보유 중인데 시세가 없음"),
    Text(
        "prices of what is held are {age} s old (more than {most})",
        "보유 자산의 시세가 {age}초 전 것임 ({most}초 초과)",
    ),
    Text(
        "the last {count} entries were taken back, over {bases}",
        "최근 진입 {count}건이 원복됨 ({bases})",
    ),
    Text(
        "entries taken back cost {krw} KRW within an hour (more than {most})",
        "원복된 진입의 비용이 한 시간에 {krw} KRW ({most} 초과)",
    ),
)
