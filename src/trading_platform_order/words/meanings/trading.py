"""What the settings of engine, store, exchanges and trades mean."""

from trading_platform_order.words.text import Text

MEANINGS = (
    # -- engine
    Text("The engine itself", "엔진"),
    Text("paper, testnet or live", "paper, testnet, live 중 하나"),
    Text("name of the account; one engine per account", "계정 이름. 계정 하나에 엔진 하나"),
    Text("base assets that may be traded", "거래를 허용하는 코인"),
    Text(
        "a named set of settings below what you set yourself: strategy-3.0; empty: none, the "
        "specification's limits hold",
        "직접 정한 값 아래에 깔리는 설정 묶음의 이름: strategy-3.0. 비우면 없음, "
        "명세의 한도가 적용됨",
    ),
    Text(
        'live mode needs exactly: "I understand that this trades real money"',
        'live 모드에는 정확히 이 문장이 필요: "I understand that this trades real money"',
    ),
    Text("seconds a signal without expires_at lives", "expires_at이 없는 신호의 유효 시간(초)"),
    Text(
        "how often the way of a signal is gone without effects while nothing is under way, so "
        "that caches are warm when one comes; 20 takes 3 % of a core; 0: never",
        "진행 중인 일이 없을 때 신호의 처리 경로를 아무 효과 없이 예행하는 간격. 신호가 올 때 "
        "캐시를 데워 두려는 것이며, 20이면 코어의 3 %를 사용. 0: 하지 않음",
    ),
    Text(
        "how often our clock is held against the exchanges'",
        "서버 시계를 거래소 시계와 비교하는 간격",
    ),
    # -- store
    Text("Where the journal is kept", "저널을 보관하는 곳"),
    Text("SQLite file", "SQLite 파일"),
    Text(
        "auto, normal or full; full survives power loss; auto: full in live, normal otherwise",
        "auto, normal, full 중 하나. full은 정전에도 남음. auto: live에서는 full, 그 밖에는 normal",
    ),
    Text(
        "seconds a lock that another process holds is waited for",
        "다른 프로세스가 쥔 잠금을 기다리는 시간(초)",
    ),
    # -- upbit
    Text("Upbit", "업비트"),
    Text("address without /v1", "/v1을 뺀 주소"),
    Text("address of the public stream", "공개 스트림의 주소"),
    Text("API access key", "API 액세스 키"),
    Text("API secret key", "API 시크릿 키"),
    Text(
        "you looked, and the key cannot withdraw; live needs it, Upbit does not tell",
        "키에 출금 권한이 없음을 직접 확인했는지. 업비트가 알려 주지 않으므로 live에 필요",
    ),
    Text("wait for the answer to an order", "주문의 응답을 기다리는 시간"),
    Text("wait for the answer to a read", "조회의 응답을 기다리는 시간"),
    Text("order budget (exchange: 12 a second)", "주문 요청 한도(거래소: 초당 12건)"),
    Text("read budget (exchange: 30 a second)", "조회 요청 한도(거래소: 초당 30건)"),
    # -- binance
    Text("Binance USDS-M futures", "바이낸스 USDS-M 선물"),
    Text("address without /fapi", "/fapi를 뺀 주소"),
    Text("address of the streams", "스트림의 주소"),
    Text(
        "spot host, which tells the key's rights; empty: they are not checked",
        "키의 권한을 알려 주는 현물 주소. 비우면 권한을 확인하지 않음",
    ),
    Text("API key", "API 키"),
    Text(
        "how late the exchange may accept a request", "거래소가 늦게 도착한 요청을 받아 주는 한도"
    ),
    Text(
        "added before an order may be called absent", "주문이 없다고 판정하기 전에 더 기다리는 시간"
    ),
    Text("order budget (exchange: 300)", "주문 요청 한도(거래소: 300건)"),
    Text("weight budget (exchange: 2400)", "요청 가중치 한도(거래소: 2400)"),
    Text("leverage setting per symbol (spec: at most 2)", "종목별 레버리지 설정(명세: 최대 2배)"),
    # -- trade
    Text("How a pair trade is executed", "페어 거래의 실행 방식"),
    Text(
        "market, or limit_ioc at the price collar", "market, 또는 가격 범위의 끝에 내는 limit_ioc"
    ),
    Text(
        "how far beyond the mid limit_ioc may reach",
        "limit_ioc 주문이 중간 가격에서 벗어날 수 있는 폭",
    ),
    Text(
        "entry size where the signal names none, as part of total capital",
        "신호에 크기가 없을 때의 진입 크기, 총자본 대비 비율",
    ),
    Text("whether a second ENTER adds to an open pair", "열린 페어에 두 번째 ENTER를 더할지"),
    Text(
        "how long legs may differ while completion is tried",
        "모자란 쪽을 마저 체결하는 동안 양쪽 수량이 달라도 되는 시간",
    ),
    Text(
        "unmatched KRW up to which completion is tried; above it, unwind; from 0; empty: twice "
        "risk.order_krw_max",
        "짝 없는 금액(KRW)이 이 값 이하이면 마저 체결하고, 넘으면 원복. 0 이상. 비우면 "
        "risk.order_krw_max의 두 배",
    ),
    Text(
        "how much worse than the decision a completion may be",
        "마저 체결할 때 판단 시점보다 불리해도 되는 폭",
    ),
    Text(
        "a market order still open after this is cancelled",
        "이 시간이 지나도 남은 시장가 주문은 취소",
    ),
    Text("an unanswered order is looked up after this", "응답이 없는 주문은 이 시간 뒤에 조회"),
    Text("corrective orders in quick succession", "빠르게 이어 내는 보정 주문의 수"),
    Text(
        "further corrective orders after an operator was called",
        "운영자를 호출한 뒤 더 내는 보정 주문의 수",
    ),
    Text("pause between those", "호출한 뒤의 보정 주문 사이의 간격"),
    Text(
        "ages of an unresolved order at which an operator is called; the last one repeats",
        "미해결 주문이 이만큼 지나면 운영자를 호출. 마지막 값은 반복",
    ),
    Text(
        "back-off while the legs agree: this, then x2, then x4",
        "양쪽 수량이 같을 때의 재시도 간격: 처음에 이 값, 그다음 x2, x4",
    ),
    Text("the same while the legs differ", "양쪽 수량이 다를 때의 재시도 간격"),
    Text(
        "how far from the mid a closing order may reach into the book at first; doubles every "
        "10 s, but not for a stop-loss while the legs agree; from 10, up to 2000",
        "청산 주문이 처음에 중간 가격에서 호가 안쪽으로 들어갈 수 있는 폭. 10초마다 두 배가 "
        "되며 양쪽 수량이 같을 때의 손절은 제외. 10 이상 2000 이하",
    ),
    Text(
        "how long both books must be fresh after an exchange takes orders again, before an even "
        "pair is closed",
        "거래소가 주문을 다시 받은 뒤, 수량이 맞는 페어를 청산하기 전에 양쪽 호가가 새로워야 "
        "하는 시간",
    ),
    # -- reconcile
    Text("Comparing with the exchanges while running", "실행 중 거래소와의 대조"),
    Text(
        "how often the ledger is compared with both exchanges", "장부를 양쪽 거래소와 비교하는 간격"
    ),
    Text(
        "how often all orders of the last 24 h are asked for",
        "최근 24시간의 주문을 모두 조회하는 간격",
    ),
    # -- protect
    Text("Conditional orders on the hedge", "헤지의 조건부 주문"),
    Text(
        "whether a stop stands between entry and liquidation",
        "진입가와 강제 청산 가격 사이에 스톱을 둘지",
    ),
    Text(
        "where: part of the way from the entry to the liquidation price, below 1",
        "스톱의 위치: 진입가에서 강제 청산 가격까지 거리의 비율, 1 미만",
    ),
    Text(
        "never farther above the entry than this part of it",
        "진입가 위로 이 비율보다 멀리 두지 않음",
    ),
    Text(
        "it is moved when it should stand elsewhere by more than this",
        "있어야 할 곳과 이보다 더 다르면 옮김",
    ),
    Text(
        "how often position and liquidation price are read", "포지션과 강제 청산 가격을 읽는 간격"
    ),
    Text(
        "Binance ends our resting orders after this, unless told again",
        "다시 알리지 않으면 바이낸스가 우리 대기 주문을 취소하는 시간",
    ),
)
