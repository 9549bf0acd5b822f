"""How the account stands, as ``status`` tells programs too."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("the emergency stop is set: {reason}", "긴급 정지 설정됨: {reason}"),
    Text("it listens and has told no figures yet", "응답은 하지만 아직 수치를 알리지 않음"),
    Text("for {what}", "{what} 대기 중"),
    Text(
        "its turn, or prices: operators are told after 10 s",
        "차례 또는 시세 (10초가 지나면 알림이 나감)",
    ),
    Text(
        "emergency_flag: set in the storage database: {cause}",
        "emergency_flag: 스토리지 데이터베이스의 공용 긴급정지 플래그가 켜져 있음: {cause}",
    ),
    Text("no reason given", "사유 없음"),
    Text("it cannot be read", "값을 읽을 수 없음"),
    Text("active is {value}, neither true nor false", "active 값이 {value}로, true도 false도 아님"),
    Text("announced by the exchange", "거래소 공지"),
    Text("taken back by an operator", "운영자가 취소"),
    Text("no time zone", "시간대가 없음"),
    Text("live prices of both exchanges", "두 거래소의 실시간 시세"),
    Text("the candles of {file}", "{file}의 캔들"),
    Text("replayed candles of {symbol}", "{symbol} 캔들 재생"),
    Text("the market of the simulator behind {file}", "{file}에 적힌 모의 거래소의 시세"),
    Text(
        "the package {name} is missing: make analysis, or pip install "
        "'trading-platform-order[analysis]'",
        "패키지 {name}이(가) 없습니다: make analysis, 또는 pip install "
        "'trading-platform-order[analysis]'",
    ),
)
