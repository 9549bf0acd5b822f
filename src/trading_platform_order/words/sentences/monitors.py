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
    Text("{what}: its leg goes first", "{what}: 그쪽을 먼저 청산함"),
    Text("margin, the hedge alone: {why}; {gate}", "증거금, 선물만 줄임: {why}; {gate}"),
    Text("the attempt before did not end it", "앞선 시도로 끝나지 않음"),
    Text("no answer in time", "제때 응답 없음"),
    Text("flattening after the stop: {why}", "정지 후 전체 청산: {why}"),
    Text("only if you say so", "지시할 때만"),
    Text("stop-loss: {loss} lost, limit {limit}", "손절: 손실 {loss}, 한도 {limit}"),
    Text("{why}; an order test passed", "{why}; 주문 테스트 통과"),
    Text("an order test passed", "주문 테스트 통과"),
    Text("its time is over", "예정 시각이 지남"),
    Text("order tests are not answered", "주문 테스트에 응답이 없음"),
    Text(
        "not answered in {limit} s",
        "{limit}초 동안 응답이 없었음",
    ),
    Text("an order test was not answered", "주문 테스트에 응답이 없었음"),
    Text("an order was not answered: {why}", "주문에 응답이 없었음: {why}"),
    Text("it has not answered since the start", "시작한 뒤로 응답이 없음"),
    Text(
        "no order of this coin was taken yet since the account was taken over",
        "계좌를 넘겨받은 뒤 이 코인의 주문이 아직 접수된 적 없음",
    ),
    Text(
        "not explained by any trade, fee or funding of ours",
        "우리 거래, 수수료, 펀딩비로 설명되지 않음",
    ),
    Text("still set at the start: {why}", "시작할 때 이미 설정되어 있음: {why}"),
    Text("the last rate that was seen", "마지막으로 확인한 환율"),
    Text("{base}: one leg is gone: {cause}", "{base}: 한쪽이 사라짐: {cause}"),
    Text("{base} is not ready: {why}", "{base} 준비되지 않음: {why}"),
    Text("position mismatch: {what}", "포지션 불일치: {what}"),
    Text("{symbol} is set aside: {why}", "{symbol} 거래에서 제외됨: {why}"),
    Text("ended two engines, and is set aside: {what}", "엔진을 두 번 끝나게 해 제외됨: {what}"),
    Text("no coin is traded: {why}", "모든 코인의 거래 중지: {why}"),
    Text("all that the last resort closed", "최후의 수단이 청산한 모든 것"),
    Text(
        "compare both accounts with the journal, then delete {file}",
        "두 계좌를 저널과 비교한 뒤 {file} 파일을 지우십시오",
    ),
    Text(
        "EXIT {id} of the strategy came before it could begin",
        "시작하기 전에 그 전략의 EXIT {id}이(가) 들어옴",
    ),
    Text("{count} signals wait for {symbol} already", "{symbol} 신호 {count}건이 이미 대기 중"),
    Text(
        "signal id {id} was used before with another content",
        "신호 ID {id}은(는) 이미 다른 내용으로 쓰임",
    ),
    Text(
        "no size can be reckoned from these prices: {why}",
        "이 시세로는 수량을 계산할 수 없음: {why}",
    ),
    Text("fresh books of {symbol} are asked for", "{symbol}의 새 호가를 기다림"),
    Text("its turn", "차례"),
    Text(
        "the engine's sign of life is too old: the watchdog may act now",
        "엔진의 생존 신호가 너무 오래됨: 감시 프로세스가 개입할 수 있음",
    ),
    Text(
        "this engine only closes; the order would open",
        "청산만 하는 엔진임. 이 주문은 포지션을 엶",
    ),
    Text(
        "what is held of this coin is not known: a part of the journal is set aside",
        "이 코인의 보유를 알 수 없음: 저널 일부가 제외되어 있음",
    ),
    Text(
        "the account is in hedge mode: Binance refuses every order (-4061)",
        "계정이 헤지 모드임: 바이낸스가 모든 주문을 거부함 (-4061)",
    ),
    Text(
        "choose one-way mode in the futures preferences; Binance asks for no open position or "
        "order, so close what is open by hand first",
        "선물 설정에서 단방향(One-way) 모드를 고르십시오. 열린 포지션이나 주문이 없어야 하니 먼저 "
        "직접 정리하십시오",
    ),
    Text(
        "choose one-way mode in the futures preferences",
        "선물 설정에서 단방향(One-way) 모드를 고르십시오",
    ),
    Text(
        "Binance asks for no open position or order, so close what is open by hand first",
        "바이낸스는 열린 포지션이나 주문이 없어야 바꿔 주므로 먼저 직접 정리하십시오",
    ),
    Text("ask the exchange's support why", "거래소 고객센터에 사유를 문의하십시오"),
    Text(
        "the account is in multi-assets mode: the margin figures do not hold",
        "계정이 다중 자산 모드임: 증거금 수치가 맞지 않음",
    ),
    Text(
        "choose single-asset mode in the futures preferences",
        "선물 설정에서 단일 자산(Single-Asset) 모드를 고르십시오",
    ),
    Text(
        "switch 'pay fees with BNB' off in the futures preferences",
        "선물 설정에서 BNB 수수료 결제를 끄십시오",
    ),
    Text(
        "{symbol} is on isolated margin: the limits are for crossed margin",
        "{symbol}이(가) 격리 마진임: 한도는 교차 마진 기준임",
    ),
    Text("choose crossed margin for {symbol}", "{symbol}을(를) 교차 마진으로 바꾸십시오"),
    Text("close its orders and position first", "먼저 그 종목의 주문과 포지션을 정리하십시오"),
    Text(
        "leverage of {symbol} is {found}x, the engine set {wanted}x",
        "{symbol} 레버리지가 {found}배임, 엔진이 설정한 값은 {wanted}배",
    ),
    Text(
        "set it to {wanted}x in the app, or restart the engine, which sets it",
        "앱에서 {wanted}배로 바꾸거나 엔진을 다시 시작하십시오. 엔진이 다시 설정합니다",
    ),
    Text(
        "the day's figures are no numbers: {loss} of {equity}",
        "당일 수치가 숫자가 아님: {equity} 중 {loss}",
    ),
)
