"""What the settings of limits, hindrances and pairs mean."""

from trading_platform_order.words.text import Text

MEANINGS = (
    # -- risk
    Text("Limits for entries; exits are never held back", "진입 한도. 청산은 막지 않음"),
    Text("open pairs over total capital", "총자본 대비 열린 페어의 비율"),
    Text("open pairs of one symbol over total capital", "총자본 대비 한 종목의 열린 페어의 비율"),
    Text("hedge notional over margin balance", "증거금 잔고 대비 헤지의 명목 금액"),
    Text("trading loss since 00:00 KST over capital", "00:00 KST부터의 거래 손실, 자본 대비 비율"),
    Text("maintenance over margin balance", "증거금 잔고 대비 유지 증거금"),
    Text(
        "rise of the coin that the margin must survive without a transfer",
        "이체 없이 증거금이 견뎌야 하는 코인의 상승률",
    ),
    Text("absolute cap of one order, KRW", "주문 한 건의 절대 한도, KRW"),
    Text("absolute cap of both legs together, KRW", "양쪽을 합한 절대 한도, KRW"),
    Text(
        "absolute cap of the value traded in a day, both legs, KRW",
        "하루 거래 대금의 절대 한도, 양쪽 합, KRW",
    ),
    Text("absolute cap of the loss of one hour, KRW", "한 시간 손실의 절대 한도, KRW"),
    Text("entries begun in any 60 s", "어느 60초 동안에든 시작할 수 있는 진입 수"),
    Text(
        "same strategy, symbol, action and size within the window",
        "기준 시간 안에 전략, 종목, 동작, 크기가 같은 신호의 수",
    ),
    Text("that window", "같은 신호를 세는 기준 시간"),
    Text(
        "unmatched remains of a symbol above which no entry is begun, KRW",
        "종목의 짝 없는 잔량이 이를 넘으면 진입하지 않음, KRW",
    ),
    Text(
        "how old a book may be; a close asks for another one then",
        "호가의 최대 나이. 넘으면 청산은 새 호가를 요청",
    ),
    Text("how old a book may be for an entry", "진입에 쓰는 호가의 최대 나이"),
    Text(
        "how much older one book may be than the other for an entry",
        "진입에 쓰는 두 호가의 최대 나이 차이",
    ),
    Text("how old the KRW-USDT rate may be", "KRW-USDT 환율의 최대 나이"),
    Text("how old the prices of held assets may be", "보유 자산 시세의 최대 나이"),
    Text(
        "how far a stamp may be ahead of its exchange's time, a signal of our clock",
        "호가 시각이 거래소 시계보다, 신호 시각이 서버 시계보다 앞설 수 있는 한도",
    ),
    Text(
        "how far our clock may be off an exchange's, as last measured",
        "마지막 측정에서 서버 시계가 거래소 시계와 다를 수 있는 한도",
    ),
    Text("expected price against the mid, per leg", "중간 가격 대비 예상 체결가, 한쪽마다"),
    Text(
        "how far a reference or touched price may be from the mid",
        "기준가나 닿는 가격이 중간 가격에서 벗어날 수 있는 폭",
    ),
    Text(
        "loss of a pair over its entry notional at which it is closed",
        "진입 금액 대비 손실이 이 비율이면 페어를 청산",
    ),
    Text("other fractions, e.g. BTC=0.04,XRP=0.08", "종목별로 다른 비율, 예: BTC=0.04,XRP=0.08"),
    Text("how long that loss must last", "그 손실이 계속되어야 하는 시간"),
    Text(
        "close the pair then, or alert: tell operators again and again",
        "close: 그때 페어를 청산, alert: 운영자에게 거듭 알림",
    ),
    Text(
        "rise of the coin to liquidation below which you are told",
        "강제 청산까지 코인 상승률이 이보다 작으면 알림",
    ),
    Text(
        "the same, below which both legs are reduced",
        "강제 청산까지 코인 상승률이 이보다 작으면 양쪽을 줄임",
    ),
    Text(
        "maintenance over margin balance from which you are told",
        "증거금 잔고 대비 유지 증거금이 이 값이면 알림",
    ),
    Text(
        "the same, from which both legs are reduced",
        "증거금 잔고 대비 유지 증거금이 이 값이면 양쪽을 줄임",
    ),
    Text(
        "while Upbit takes no orders and no stop stands on Binance: reduce the hedge alone "
        "before it is liquidated",
        "업비트가 주문을 받지 않고 바이낸스에 스톱이 없을 때, 강제 청산되기 전에 헤지만 줄일지",
    ),
    Text(
        "rise of the coin to liquidation below which that is done",
        "강제 청산까지 코인 상승률이 이보다 작으면 헤지만 줄임",
    ),
    Text("the distance that it restores", "헤지만 줄여서 회복하는 거리"),
    Text(
        "private calls of one exchange that may fail in a row",
        "한 거래소의 개인 호출이 연속으로 실패해도 되는 횟수",
    ),
    Text("so many failed in a row: no entry is begun", "연속 실패가 이 횟수이면 진입하지 않음"),
    Text(
        "part of each exchange's request budget that must be free",
        "거래소마다 비어 있어야 하는 요청 한도의 비율",
    ),
    Text(
        "Upbit's cautions that do not hold an entry back",
        "진입을 막지 않는 업비트의 주의 종목 사유",
    ),
    Text("how long an order may have no known end", "주문의 결과를 모르는 채로 둘 수 있는 시간"),
    Text("how old the prices of what is held may be", "보유분 시세의 최대 나이"),
    Text(
        "our process stood still for longer: that time counts for nothing",
        "프로세스가 이보다 오래 멈추었으면 그 시간은 세지 않음",
    ),
    Text(
        "so long after such a gap prices are not called stale",
        "그렇게 멈춘 뒤 시세를 오래된 것으로 보지 않는 시간",
    ),
    Text(
        "how long a position must differ from ours",
        "포지션이 우리 장부와 다른 상태가 계속되어야 하는 시간",
    ),
    Text("every emergency stop also closes what is held", "긴급 정지할 때마다 보유분도 청산"),
    Text(
        "a file that stops trading while it exists; empty: <database>.<account>.stop",
        "있는 동안 거래를 정지하는 파일. 비우면 <database>.<account>.stop",
    ),
    # -- hindrances
    Text(
        "Reasons that keep entries back beside the limits; exits are never held back",
        "한도 외에 진입을 막는 사유. 청산은 막지 않음",
    ),
    Text(
        "entries of a coin taken back in a row that pause it",
        "한 코인의 진입이 연속으로 이만큼 원복되면 그 코인을 중지",
    ),
    Text("how long the coin is then paused", "그 코인을 중지하는 시간"),
    Text(
        "entries taken back in a row within an hour, over two coins: stop",
        "한 시간 안에 두 코인 이상에서 진입이 연속으로 이만큼 원복되면 긴급 정지",
    ),
    Text(
        "cost of taking entries back within an hour above which to stop, KRW",
        "한 시간 동안 진입을 원복한 비용이 이를 넘으면 긴급 정지, KRW",
    ),
    Text(
        "entries end so long before announced maintenance",
        "공지된 점검보다 이만큼 앞서 진입을 멈춤",
    ),
    Text(
        "rise of the coin that the margin must survive through the maintenance",
        "점검 내내 증거금이 견뎌야 하는 코인의 상승률",
    ),
    Text("how long before it that is asked for", "점검보다 얼마나 앞서 그 증거금을 요구할지"),
    Text(
        "a pair is closed so long before its coin ends on an exchange",
        "코인의 거래가 한 거래소에서 끝나기 전에 이만큼 앞서 페어를 청산",
    ),
    Text(
        "entries are begun though the coin's wallet on Upbit is suspended",
        "업비트에서 지갑이 중단된 코인도 진입할지",
    ),
    Text(
        "funding payable in 24 h over the short's value: alert, and no entry",
        "24시간 펀딩비 지불액이 숏 가치 대비 이 비율이면 알리고 진입하지 않음",
    ),
    Text(
        "a book unchanged for so long counts as stale",
        "이 시간 동안 그대로인 호가는 오래된 것으로 봄",
    ),
    Text(
        "if the other leg's mid moved so far meanwhile",
        "단, 그사이 다른 쪽의 중간 가격이 이만큼 움직였을 때",
    ),
    Text("how often the account's settings are read", "계정 설정을 읽는 간격"),
    Text(
        "how often both keys are proved to read the account",
        "양쪽 키로 계정을 읽을 수 있는지 확인하는 간격",
    ),
    Text("how often the wallets' states are read", "지갑 상태를 읽는 간격"),
    Text("how often the funding rates are read", "펀딩비율을 읽는 간격"),
    # -- pairs
    Text(
        "Entries only: which coin is meant, and whether both prices can be of one coin",
        "진입에만 적용: 어떤 코인인지, 양쪽 가격이 같은 코인의 것일 수 있는지",
    ),
    Text(
        "reviewed pairs beside the package's or instead of them, each CODE|Korean name|English "
        "name|CONTRACT|coins in one contract|onboardDate in ms (empty: to be confirmed)",
        "패키지의 표에 더하거나 대신하는 검토된 페어. 각각 CODE|한글 이름|영문 "
        "이름|CONTRACT|계약 하나의 코인 수|onboardDate(ms, 비우면 확인 필요)",
    ),
    Text(
        "|ln(Upbit / (Binance x rate))| of an entry; 0.5 is -39 % to +65 %",
        "진입할 때의 |ln(업비트 / (바이낸스 x 환율))|. 0.5는 -39 %에서 +65 %",
    ),
    Text(
        "premium minus the large coins' median, a fraction (0.10: 10 points)",
        "대형 코인 김프의 중앙값과의 차이, 비율(0.10: 10 %p)",
    ),
    Text(
        "a larger gap that lasted so long, with trades on both sides, counts as real",
        "더 큰 차이라도 양쪽에서 거래되며 이 시간 계속되면 실제로 봄",
    ),
    Text(
        "how old the last trade on each side may be for that", "그때 양쪽 마지막 체결의 최대 나이"
    ),
    Text(
        "coins whose median premium is the market's; watched in live mode",
        "김프의 중앙값을 시장의 김프로 보는 코인. live 모드에서 시세를 받음",
    ),
    Text(
        "so many of them must have prices; live refuses entries otherwise",
        "이 수만큼 시세가 있어야 함. 모자라면 live에서 진입 거절",
    ),
)
