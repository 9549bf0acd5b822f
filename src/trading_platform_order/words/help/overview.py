"""Help of what shows the present."""

from trading_platform_order.words.text import Text

HELP = (
    Text(
        "Engine, emergency stop, trades, positions and money of one account.",
        "한 계정의 엔진, 긴급 정지, 거래, 포지션, 돈.",
    ),
    Text(
        "Skip the journal's hash chain (a long journal).",
        "저널의 해시 사슬 검증을 건너뜁니다(저널이 길 때).",
    ),
    Text(
        "State and money on a full screen, every second; q ends it. --json: one look.",
        "상태와 돈을 전체 화면에 1초마다 표시합니다. q로 끝냅니다. --json: 한 번만.",
    ),
    Text(
        "It reads the store and the running engine's figures, and asks no exchange.",
        "저장소와 실행 중인 엔진의 수치를 읽으며, 거래소에는 묻지 않습니다.",
    ),
    Text(
        "What each strategy holds by the ledger, its premium, value and profit.",
        "원장 기준으로 전략별 보유량과 프리미엄, 평가액, 손익.",
    ),
    Text(
        "Quantities as of its last settled trade; prices as the running engine told them last. "
        "Without a price nothing is valued.",
        "수량은 마지막으로 끝난 거래 기준이고, 가격은 실행 중인 엔진이 마지막으로 알린 "
        "값입니다. 가격이 없으면 평가하지 않습니다.",
    ),
    Text(
        "Also those that hold nothing now.",
        "지금 보유량이 없는 것도 표시.",
    ),
)
