"""Words of `tporder export`."""

from trading_platform_order.words.text import Text

ABOUT = Text(
    "# Ledger of {account}\n\n"
    "{period}. Holdings at {at}.\n\n"
    "From this system's own journal: what it traded, paid and received, and what changed the "
    "account besides. KRW values are from the prices that the journal holds; each row names its "
    "source and when it was told. The cost of a disposal is the moving average of what this system "
    "bought, fees left out. Amounts have 18 decimals, times are UTC.\n\n"
    "This is no tax advice, and no statement of an exchange: hold it against their statements.",
    "# {account} 계정 원장\n\n"
    "{period}. 보유 현황 기준 시각 {at}.\n\n"
    "이 시스템의 저널에서 만든 자료입니다. 시스템이 거래하고 내고 받은 것과 "
    "그 밖에 계정 잔고를 바꾼 것을 담았습니다. 원화 환산에는 저널에 남은 가격만 쓰며, "
    "행마다 출처와 시각을 적었습니다. 처분 원가는 이 시스템이 취득한 가격의 이동평균이고 "
    "수수료는 넣지 않았습니다. 금액은 소수점 아래 18자리, 시각은 UTC입니다.\n\n"
    "세무 자문이 아니며 거래소가 발급한 명세도 아닙니다. 거래소 명세와 대조하십시오.",
)
PERIOD = Text("From {begin} until {end}", "{begin}부터 {end}까지")
BEGINNING = Text("the beginning", "처음")
NOW = Text("now", "지금")
WRITTEN = Text("{path}: {rows} rows", "{path}: {rows}행")
NO_ADVICE = Text("No tax advice.", "세무 자문이 아닙니다.")
NO_PARQUET = Text("no Parquet: {why}", "Parquet을 쓸 수 없습니다: {why}")
UNREADABLE = Text(
    "the journal holds rows of a newer program: {why}",
    "더 새로운 버전이 쓴 저널 행이 있습니다: {why}",
)
NEWER = Text("export with the newer program", "그 새 버전으로 내보내십시오")
EXISTS = Text("{folder} is not empty", "{folder}이(가) 비어 있지 않습니다")
NAME_ANOTHER = Text("name a new or empty folder", "새 폴더나 빈 폴더를 지정하십시오")
