"""What monitors and the watchdog say in their alerts: what hinders, what is done, what is over."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("the key orders again", "키로 다시 주문할 수 있음"),
    Text(
        "the wallet of {symbol} on Upbit is {state}: its premium may not return",
        "업비트의 {symbol} 지갑이 {state} 상태: 프리미엄이 돌아오지 않을 수 있음",
    ),
    Text(
        "a rise of {rise} would not be survived while it lasts",
        "그동안 {rise} 오르면 증거금이 버티지 못함",
    ),
    Text("refused until it is over", "끝날 때까지 거절"),
    Text(
        "refused until `tporder pairs confirm {base}`; exits go on",
        "`tporder pairs confirm {base}` 전까지 거절, 청산은 계속",
    ),
    Text("it can be served again", "다시 거래할 수 있음"),
    Text("it is as it must be again", "다시 올바른 설정임"),
    Text(
        "make a new key, put it into the settings, restart engine and watchdog",
        "새 키를 만들어 설정에 넣고 엔진과 감시 프로세스를 다시 시작하십시오",
    ),
    Text("it has ended", "이미 만료됨"),
    Text("it is over", "끝남"),
    Text("the exchange makes us wait", "거래소가 요청을 늦추라고 함"),
    Text("an order is not answered in time", "주문에 제때 답이 없음"),
    Text("an order test is not answered in time", "주문 테스트에 제때 답이 없음"),
    Text("the other leg is closed at once", "다른 쪽을 곧바로 청산함"),
    Text("every attempt is used: close it", "시도를 모두 썼음: 직접 청산하십시오"),
    Text("yes: it is closed {hours} hours before", "예: {hours}시간 전에 청산됨"),
    Text(
        "{reason}; both legs are kept until orders are taken",
        "{reason}, 주문을 받을 때까지 양쪽을 유지함",
    ),
    Text(
        "orders are taken again; both books must be fresh for some seconds first",
        "다시 주문을 받음, 먼저 양쪽 호가가 몇 초 동안 새로워야 함",
    ),
    Text(
        "check the time synchronisation of this machine (timedatectl, chronyc tracking)",
        "이 머신의 시각 동기화를 확인하십시오(timedatectl, chronyc tracking)",
    ),
    Text("this machine's clock, or one exchange's", "이 머신의 시계 또는 거래소 한 곳의 시계"),
    Text(
        "entries are refused; exits, stop-loss and the emergency stop go on",
        "진입은 거절되고 청산, 손절, 긴급 정지는 계속됨",
    ),
    Text("no sign of life", "생존 신호가 없음"),
    Text("it is back", "다시 돌아옴"),
    Text("start the engine, or close by hand", "엔진을 시작하거나 직접 청산하십시오"),
    Text("the engine's process is gone", "엔진 프로세스가 사라짐"),
    Text("the engine's process gives no sign of life", "엔진 프로세스에 생존 신호가 없음"),
    Text("the engine was stopped on purpose", "엔진이 의도적으로 종료됨"),
    Text("the engine is starting and not ready", "엔진이 시작 중이고 아직 준비되지 않음"),
    Text("the margin runway is not known", "증거금 여유를 알 수 없음"),
    Text("no protective stop stands for {base}", "{base}의 보호 주문이 없음"),
    Text("both exchanges are being asked", "두 거래소를 조회하는 중"),
)
