"""What a trade noted of itself: why it corrects, waits or halts, and what proves an outcome."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("{leg} takes no orders", "{leg} 주문 불가"),
    Text(
        "both books must be fresh for {s} s after a hindrance",
        "장애가 끝난 뒤 양쪽 호가가 {s}초 동안 최신이어야 함",
    ),
    Text(
        "neither exchange is known to take orders: asking", "양쪽 거래소의 주문 가능 여부를 확인 중"
    ),
    Text(
        "the book of {symbol} holds nothing within {bps} bps of its mid",
        "{symbol} 호가에 중간가 {bps} bps 이내 잔량이 없음",
    ),
    Text(
        "{excess} {base} to close on {leg} alone: {why}",
        "{leg}에서만 {excess} {base} 청산 필요: {why}",
    ),
    Text("legs differ by {gap} {base}", "양쪽 수량 차이 {gap} {base}"),
    Text("legs differ by {gap} {base}: {why}", "양쪽 수량 차이 {gap} {base}: {why}"),
    Text("complete {amount} on {leg}", "{leg} {amount} 추가 체결"),
    Text("take back {amount} on {leg}", "{leg} {amount} 원복"),
    Text("{leg} was closed by {amount} {base} too much", "{leg}이(가) {amount} {base} 더 청산됨"),
    Text(
        "{leg} still holds {amount} {base} or more beyond what is to be left",
        "{leg}에 남길 수량보다 {amount} {base} 이상 더 있음",
    ),
    Text("no prices of {base}", "{base} 시세 없음"),
    Text("the book of {symbol} is empty near its mid", "{symbol} 중간가 부근의 호가가 비어 있음"),
    Text("still working after {s} s", "{s}초가 지나도 미체결"),
    Text("it would still add exposure", "노출이 더 늘어남"),
    Text("{count} orders in a row brought nothing", "주문 {count}건이 연속으로 체결되지 않음"),
    Text(
        "{count} orders in a row brought nothing; going on slowly",
        "주문 {count}건이 연속으로 체결되지 않음. 천천히 계속함",
    ),
    Text("an order did not leave", "주문이 전송되지 않음"),
    Text("asked again to cancel it: {why}", "다시 취소 요청: {why}"),
    Text("not answered yet", "아직 응답 없음"),
    Text("no answer in {s} s", "{s}초 동안 응답 없음"),
    Text(
        "the engine restarted before an answer was journalled",
        "응답을 기록하기 전에 엔진이 재시작됨",
    ),
    Text("another hand took a part of what it had entered", "진입한 수량의 일부를 외부에서 가져감"),
    Text(
        "found on the exchange; its row in the journal was lost",
        "거래소에서 발견됨. 저널 기록은 유실됨",
    ),
    Text("its trades are not all told", "체결 내역이 아직 모두 오지 않음"),
    Text("lost rows", "유실된 기록"),
    Text("the ordinary trigger was passed", "원래 발동 가격을 이미 지남"),
    Text("the short has none", "숏에 보호 주문이 없음"),
    Text("not placed: {code}: {message}", "접수되지 않음: {code}: {message}"),
    Text("the stop was lifted", "정지가 해제됨"),
    Text("stop: {reason}", "정지: {reason}"),
    Text("no price: the engine has told none", "시세 없음: 엔진이 알린 시세가 없음"),
    Text(
        "another hand changed the pair, or a trade is under way",
        "외부에서 페어가 바뀌었거나 거래가 진행 중임",
    ),
    Text("the private stream of {venues}", "{venues} 개인 스트림"),
    Text("both exchanges to be set up", "양쪽 거래소 준비"),
    Text("{waited} s", "{waited}초"),
)
