"""Help of options that several commands have."""

from trading_platform_order.words.text import Text

HELP = (
    Text("Show this message and exit.", "이 도움말을 표시하고 끝냅니다."),
    Text(
        "Kimchi-premium pair trades: buy on Upbit, short the same quantity on Binance.",
        "김치 프리미엄 페어 거래: 업비트에서 사고 바이낸스에서 같은 수량을 공매도합니다.",
    ),
    Text(
        "Hedged or flat after every signal, whatever fails in between. Settings: TPORDER_… in "
        "the environment or a TOML file by --config (see config/.env.example). Exit codes: "
        "docs/CLI.md.",
        "도중에 무엇이 고장 나도 신호 하나가 끝나면 헤지되었거나 청산된 상태입니다. 설정은 "
        "환경 변수 TPORDER_… 또는 --config로 지정한 TOML 파일에 둡니다(config/.env.example "
        "참고). 종료 코드: docs/CLI.md.",
    ),
    Text(
        "Show the version and exit.",
        "버전을 표시하고 끝냅니다.",
    ),
    Text(
        "JSON for programs.",
        "프로그램용 JSON.",
    ),
    Text(
        "Candles to replay, CSV or CSV.gz.",
        "재생할 캔들 파일. CSV 또는 CSV.gz.",
    ),
    Text(
        "Base asset; else told by the file's column or name; generated: BTC.",
        "코인. 생략하면 파일의 열이나 이름에서 읽고, 만들어 낸 시장이면 BTC.",
    ),
    Text(
        "Of the generated market.",
        "만들어 낼 시장의 시드.",
    ),
    Text(
        "Settings, a TOML file (else TPORDER_CONFIG).",
        "설정 TOML 파일(생략하면 TPORDER_CONFIG).",
    ),
    Text(
        "Database file (setting store.path).",
        "데이터베이스 파일(설정 store.path).",
    ),
    Text(
        "Account (setting engine.account).",
        "계정(설정 engine.account).",
    ),
    Text(
        "How long the prices of one bar stand.",
        "봉 하나의 가격이 유지되는 시간(초).",
    ),
)
