"""What the list of commands says of each."""

from trading_platform_order.words.text import Text

LINES = {
    "init": Text("Settings files for a new installation.", "새 설치를 위한 설정 파일."),
    "demo": Text(
        "The whole job on a replayed market, play money.",
        "재생한 시장에서 모의 돈으로 전 과정 시연.",
    ),
    "backtest": Text(
        "A strategy over history, a grid of parameters.", "과거 시세로 전략 백테스트."
    ),
    "record": Text("Keep live markets in files, no key.", "실시간 시세를 파일에 기록. 키 불필요."),
    "run": Text(
        "The engine as a service: paper, testnet, live.", "엔진 실행: paper, testnet, live."
    ),
    "watchdog": Text("A second pair of eyes on the engine.", "엔진을 지켜보는 감시 프로세스."),
    "exporter": Text(
        "Orders, fills, positions to PostgreSQL.", "주문, 체결, 포지션을 PostgreSQL로."
    ),
    "web": Text("The page and the HTTP API.", "화면과 HTTP API 서버."),
    "password": Text("A password for the page.", "화면의 비밀번호."),
    "doctor": Text("Is everything set up to trade?", "거래 준비가 되었는지 사전 점검."),
    "shadow": Text(
        "Look at the real exchanges, place nothing.", "실제 거래소를 보기만 하고 주문하지 않음."
    ),
    "live-check": Text("One smallest real round trip.", "최소 금액의 실거래 왕복 점검."),
    "signal": Text("Hand in signals, print their schema.", "신호 전달, 스키마 출력."),
    "status": Text("Engine, stop, trades, positions, money.", "엔진, 정지, 거래, 포지션, 돈."),
    "top": Text("State and money, live; q ends it.", "상태와 돈을 실시간으로. q로 종료."),
    "positions": Text("What is held, its premium and profit.", "보유 포지션과 프리미엄, 손익."),
    "trades": Text("How trades ended and what they brought.", "거래의 결과와 손익."),
    "pnl": Text("Profit of a day or a period by part.", "하루 또는 기간의 항목별 손익."),
    "report": Text("One page on profit and execution.", "손익과 체결 품질을 한 장으로."),
    "export": Text("The ledger in CSV and Parquet.", "장부를 CSV와 Parquet로 내보내기."),
    "alerts": Text("What operators were told; acknowledge.", "보낸 알림 보기와 확인."),
    "notify": Text("Do alerts arrive? Send a test message.", "알림이 오는지 시험 메시지 보내기."),
    "orders": Text("Orders and what is known of them.", "주문과 그 상태."),
    "fills": Text("Fills as the exchanges reported them.", "거래소가 보고한 체결."),
    "explain": Text("Everything that happened to one signal.", "신호 하나에 일어난 모든 일."),
    "stop": Text("No entries from now on; exits pass.", "신규 진입 정지. 청산은 계속."),
    "resume": Text("Lift the stop, with a reason.", "사유를 남기고 정지 해제."),
    "close": Text("Close a pair, or one leg, by hand.", "페어 또는 한쪽을 수동 청산."),
    "protect": Text("A trailing stop on a pair's hedge.", "페어의 헤지에 추적 손절 주문."),
    "maintenance": Text("Maintenance that an exchange announced.", "거래소가 공지한 점검."),
    "store": Text("Ask the database, back it up.", "데이터베이스 조회와 백업."),
    "delisting": Text(
        "The end of a coin that an exchange announced.", "거래소가 공지한 거래지원 종료."
    ),
    "pairs": Text("Which coin each pair is; confirm one.", "각 페어의 코인 확인."),
    "simulate": Text("The engine against faults, judged.", "장애 속에서 엔진을 돌려 판정."),
    "drill": Text("Emergency stop and watchdog, measured.", "긴급 정지와 감시 프로세스 훈련."),
    "simulator": Text("Both exchanges on the loopback.", "루프백의 두 모의 거래소."),
    "completion": Text("Completion for a shell.", "셸 자동 완성."),
}
