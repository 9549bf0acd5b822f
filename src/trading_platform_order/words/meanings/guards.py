"""What the settings of watchdog, heartbeat and alerts mean."""

from trading_platform_order.words.text import Text

MEANINGS = (
    # -- watchdog
    Text(
        "The second pair of eyes (`tporder watchdog`), and how the engine lives with it",
        "감시 프로세스(`tporder watchdog`), 그리고 엔진이 거기에 맞추는 기준",
    ),
    Text(
        "its own Upbit access key; live needs it",
        "감시 프로세스 전용 업비트 액세스 키. live에 필요",
    ),
    Text("its own Upbit secret key", "감시 프로세스 전용 업비트 시크릿 키"),
    Text(
        "its own Binance API key; live needs it", "감시 프로세스 전용 바이낸스 API 키. live에 필요"
    ),
    Text("its own Binance secret key", "감시 프로세스 전용 바이낸스 시크릿 키"),
    Text(
        "its Discord webhook; empty: discord.webhook_url",
        "감시 프로세스의 디스코드 웹훅. 비우면 discord.webhook_url",
    ),
    Text(
        "the engine alerts when no watchdog gives a sign of life",
        "감시 프로세스의 생존 신호가 없으면 엔진이 알릴지",
    ),
    Text("pause between signs of life", "생존 신호의 간격"),
    Text(
        "the engine sends nothing once its last sign of life is older",
        "마지막 생존 신호가 이보다 오래되면 엔진은 아무것도 보내지 않음",
    ),
    Text(
        "a standby takes the account over once its holder has not renewed its lease for so "
        "long, and kills it; at least watchdog.lease_s + 1",
        "계정을 가진 엔진이 이 시간 동안 임차권을 갱신하지 않으면 대기 엔진이 그 엔진을 "
        "종료시키고 넘겨받음. watchdog.lease_s + 1 이상",
    ),
    Text(
        "exposed and the engine's process gone for so long: act",
        "노출이 있고 엔진 프로세스가 이만큼 없으면 개입",
    ),
    Text(
        "exposed and the engine's process there but silent for so long: act; at least "
        "watchdog.lease_s + binance.recv_window_ms + binance.horizon_margin_s",
        "노출이 있고 엔진 프로세스가 이만큼 응답이 없으면 개입. watchdog.lease_s + "
        "binance.recv_window_ms + binance.horizon_margin_s 이상",
    ),
    Text(
        "the same after the engine was stopped on purpose, no trade under way",
        "진행 중인 거래 없이 의도적으로 정지한 엔진일 때 개입하기까지의 시간",
    ),
    Text(
        "what is even, under its stop on Binance and with margin to spare is held for so long "
        "beside a dead engine, and paged; 0: closed like anything else",
        "죽은 엔진의 페어 가운데 수량이 맞고 바이낸스에 스톱이 있으며 증거금이 넉넉한 것을 "
        "유지하며 호출하는 시간. 0: 다른 것처럼 청산",
    ),
    Text(
        "an EXIT or a flatten waits so long for a living engine; then its pair is closed",
        "EXIT이나 전량 청산이 살아 있는 엔진을 기다리는 시간. 지나면 그 페어를 청산",
    ),
    Text(
        "a starting engine may take so long to its first sign of life, and so long to get ready "
        "while legs are uneven or orders unknown",
        "시작하는 엔진이 첫 생존 신호를 보내기까지, 양쪽 수량이 다르거나 결과 불명 주문이 "
        "있으면 준비되기까지의 한도",
    ),
    Text(
        "a starting engine that gives signs of life may take so long to get ready; then it is "
        "paged, and an EXIT counts as waiting without an engine",
        "생존 신호를 보내며 시작하는 엔진이 준비되기까지의 한도. 넘으면 호출하고, EXIT은 엔진 "
        "없이 기다리는 것으로 봄",
    ),
    Text(
        "act when the day's loss, as the watchdog itself computes it from the balances and from "
        "the trades, exceeds this part of capital",
        "감시 프로세스가 잔고와 거래에서 직접 계산한 하루 손실이 자본의 이 비율을 넘으면 개입",
    ),
    Text(
        "and does so for this long; above 60 s the engine has explained transfers",
        "그 손실이 계속되어야 하는 시간. 60초가 넘으면 엔진이 입출금을 설명한 뒤임",
    ),
    Text(
        "act when an order under our prefix is in no journal for so long",
        "우리 접두사의 주문이 이만큼 어느 저널에도 없으면 개입",
    ),
    Text("pause between looks at both exchanges", "양쪽 거래소를 보는 간격"),
    Text(
        "close what is held; false: only stop, cancel and alert",
        "보유분을 청산. false: 정지, 취소, 알림만",
    ),
    Text(
        "how long closing may take before operators are called again",
        "청산이 이보다 오래 걸리면 운영자를 다시 호출",
    ),
    Text(
        "the last resort's own Upbit access key; without all four of its keys the watchdog "
        "never starts deploy/last_resort.py, a person does",
        "최후의 수단 전용 업비트 액세스 키. 네 키가 모두 없으면 deploy/last_resort.py는 감시 "
        "프로세스가 아니라 사람이 시작",
    ),
    Text("the last resort's own Upbit secret key", "최후의 수단 전용 업비트 시크릿 키"),
    Text("the last resort's own Binance API key", "최후의 수단 전용 바이낸스 API 키"),
    Text("the last resort's own Binance secret key", "최후의 수단 전용 바이낸스 시크릿 키"),
    Text(
        "the last resort's file; empty: deploy/last_resort.py beside the virtual environment",
        "최후의 수단 파일. 비우면 가상 환경 옆의 deploy/last_resort.py",
    ),
    Text(
        "two engines that close have failed and legs have differed for so long: start it",
        "청산용 엔진이 두 번 실패하고 양쪽 수량이 이만큼 오래 다르면 최후의 수단을 시작",
    ),
    Text(
        "the same without waiting, when a rise of the coin by less than this part liquidates "
        "the short; 0: never for that",
        "코인이 이 비율보다 적게 올라도 숏이 강제 청산되면 기다리지 않고 최후의 수단을 시작. 0: "
        "그 때문에 시작하지 않음",
    ),
    Text(
        "how long a starting engine lets a watchdog at work finish",
        "시작하는 엔진이 작업 중인 감시 프로세스를 기다리는 시간",
    ),
    # -- heartbeat
    Text(
        "Signs of life to the outside: whoever receives them calls operators when they stop",
        "외부로 보내는 생존 신호. 끊기면 받는 쪽이 운영자를 호출함",
    ),
    Text(
        "asked with GET by a healthy engine; empty for none",
        "정상인 엔진이 GET으로 요청하는 주소. 비우면 없음",
    ),
    Text("the same for the watchdog; another address", "감시 프로세스가 요청하는 다른 주소"),
    Text("pause between them", "그 요청의 간격"),
    # -- discord
    Text("Where operators are told", "운영자에게 알리는 곳"),
    Text("Discord webhook; empty for none", "디스코드 웹훅. 비우면 없음"),
    # -- notify
    Text(
        "Channels through apprise (`make notify`), beside the Discord webhook",
        "디스코드 웹훅 외의 알림 채널, apprise 사용(`make notify`)",
    ),
    Text(
        "NAME=ADDRESS, several with blanks between: Telegram, Slack, mail, webhooks … as "
        "apprise writes them, e.g. team=tgram://TOKEN/CHAT ops=json://localhost:8080/alerts",
        "NAME=ADDRESS, 여럿이면 빈칸으로 구분: 텔레그램, 슬랙, 메일, 웹훅 등을 apprise 표기로, "
        "예: team=tgram://TOKEN/CHAT ops=json://localhost:8080/alerts",
    ),
    Text(
        "the same for services that call somebody: PagerDuty, Opsgenie, Pushover …; they get "
        "what is urgent and not acknowledged after notify.page_after_s",
        "사람을 부르는 서비스를 같은 형식으로: PagerDuty, Opsgenie, Pushover …. 긴급하고 "
        "notify.page_after_s 뒤까지 확인되지 않은 알림을 받음",
    ),
    Text(
        "an urgent alert that nobody acknowledged is repeated and paged",
        "확인되지 않은 긴급 알림을 다시 알리고 호출하기까지의 시간",
    ),
    Text(
        "the next repeat after the first; doubled each time, up to an hour",
        "첫 반복에서 다음 반복까지의 시간. 매번 두 배, 최대 한 시간",
    ),
    Text(
        "refused entries of so long are told in one message; 0: each",
        "이 시간 동안 거절한 진입을 한 메시지로 알림. 0: 하나씩",
    ),
    Text(
        "hour of the daily report, 0 to 23; -1: none",
        "일일 보고를 보내는 시각, 0에서 23. -1: 보내지 않음",
    ),
    Text("time zone of that hour and of its day", "그 시각과 하루의 시간대"),
    Text(
        "the daily report goes with a picture, where `make analysis` was run",
        "`make analysis`를 실행한 곳에서는 일일 보고에 그림을 붙임",
    ),
)
