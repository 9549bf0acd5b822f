"""Words of the page of ``web``; the same things are called as in the commands."""

from trading_platform_order.words.text import Text

PAGE = {
    # -- frame ------------------------------------------------------------------------------------
    "home": Text("Home", "홈"),
    "trade": Text("Trade", "거래"),
    "market": Text("Market", "시장"),
    "risk": Text("Risk", "위험"),
    "reconcile": Text("Reconcile", "대조"),
    "records": Text("Records", "기록"),
    "alerts": Text("Alerts", "알림"),
    "settings": Text("Settings", "설정"),
    "menu": Text("Screens", "메뉴"),
    "skip": Text("Skip to content", "본문으로 이동"),
    "language": Text("한국어", "English"),
    "language_of": Text("Change the language to Korean", "언어를 영어로 변경"),
    "theme": Text("Light or dark", "밝게/어둡게"),
    "log_out": Text("Log out", "로그아웃"),
    "live": Text("live", "실시간"),
    "not_live": Text(
        "No connection. What you see is {age} old.", "연결 끊김. {age} 전 화면입니다."
    ),
    "loading": Text("Loading", "불러오는 중"),
    "close_dialog": Text("Cancel", "취소"),
    "none": Text("none", "없음"),
    "not_known": Text("not known", "알 수 없음"),
    "read_only": Text("You may only look.", "조회 전용 로그인입니다."),
    "failed": Text("It did not work: {why}", "처리하지 못했습니다: {why}"),
    "no_answer": Text("The page's server does not answer.", "화면 서버가 응답하지 않습니다."),
    # -- login ------------------------------------------------------------------------------------
    "log_in": Text("Log in", "로그인"),
    "password": Text("Password or key", "비밀번호 또는 키"),
    "name": Text(
        "Your name (optional; noted with every stop, resume and close)",
        "이름 (선택; 정지·재개·청산 기록에 남습니다)",
    ),
    "wrong_password": Text("The password is wrong.", "비밀번호가 틀렸습니다."),
    "too_many_logins": Text(
        "Too many wrong tries. Wait a few minutes.", "시도 횟수 초과. 몇 분 뒤에 다시 하십시오."
    ),
    # -- stop, resume, flatten, close -------------------------------------------------------------
    "stop": Text("STOP", "정지"),
    "stop_label": Text("Stop trading: asks once", "거래 정지 (한 번 확인)"),
    "stop_title": Text("Stop trading?", "거래를 정지할까요?"),
    "stop_about": Text(
        "No new entry from now on. Exits still pass, and open pairs stay hedged.",
        "지금부터 새 진입을 막습니다. 청산은 그대로 처리되고 열린 페어는 헤지된 채 유지됩니다.",
    ),
    "stop_now": Text("Stop entries now", "지금 진입 정지"),
    "reason": Text("Reason", "사유"),
    "reason_optional": Text("Reason (optional)", "사유 (선택)"),
    "stopped_here": Text("stopped at the page", "화면에서 정지"),
    "stopped_by_file": Text(
        "Stopped by the stop file. The store does not answer yet.",
        "정지 파일로 정지했습니다. 저장소가 아직 응답하지 않습니다.",
    ),
    "is_stopped": Text("Stopped. No entry is possible.", "정지했습니다. 진입할 수 없습니다."),
    "flatten": Text("Stop and close everything", "정지하고 모두 청산"),
    "flatten_about": Text(
        "Entries stop, and both legs of every pair are closed at market prices.",
        "진입을 정지하고 모든 페어의 양쪽을 시장가로 청산합니다.",
    ),
    "type_amount": Text("Type {amount} (KRW) to confirm", "확인하려면 {amount} (KRW)을 입력"),
    "type_zero": Text(
        "What is held has no price now. Type 0 to confirm",
        "보유분의 현재 시세가 없습니다. 확인하려면 0을 입력",
    ),
    "exactly_needs": Text(
        "The button opens once exactly this amount is typed.",
        "이 금액을 그대로 입력해야 버튼이 켜집니다.",
    ),
    "another_amount": Text(
        "The amount is another one now. Nothing was ordered.",
        "금액이 달라졌습니다. 지시하지 않았습니다.",
    ),
    "flatten_ordered": Text(
        "Stopped; everything is being closed.", "정지했고, 모두 청산 중입니다."
    ),
    "resume": Text("Resume", "재개"),
    "resume_title": Text("Resume trading?", "거래를 재개할까요?"),
    "resume_about": Text(
        "Entries are admitted again. It is refused while a cause of the stop lasts.",
        "새 진입을 다시 허용합니다. 정지 원인이 남아 있으면 거절됩니다.",
    ),
    "resume_needs": Text(
        "The button opens once a reason is typed.", "사유를 입력해야 버튼이 켜집니다."
    ),
    "resume_now": Text("Resume now", "지금 재개"),
    "resumed": Text("Entries are admitted again.", "새 진입을 다시 허용합니다."),
    "close": Text("Close", "청산"),
    "close_title": Text("Close {symbol}?", "{symbol}을(를) 청산할까요?"),
    "close_about": Text(
        "Both legs are closed together, like a strategy's exit. It is worth {amount} KRW now.",
        "전략의 청산처럼 양쪽을 함께 청산합니다. 현재 가치는 {amount} KRW입니다.",
    ),
    "close_amount": Text(
        "Amount to close, KRW (all: {amount})", "청산할 금액 KRW (전량: {amount})"
    ),
    "close_needs": Text(
        "To prevent a slip, the button opens once an amount from 1 to {amount} is typed.",
        "실수를 막기 위해 1부터 {amount}까지의 금액을 입력해야 버튼이 켜집니다.",
    ),
    "close_now": Text("Close now", "지금 청산"),
    "close_ordered": Text("The close is ordered.", "청산을 지시했습니다."),
    "close_waits": Text(
        "No engine answered; it is carried out when one starts.",
        "응답한 엔진이 없습니다. 엔진이 시작하면 실행합니다.",
    ),
    # -- home -------------------------------------------------------------------------------------
    "paper": Text("PAPER: no real money", "모의: 실제 돈 아님"),
    "testnet": Text("TESTNET: no real money", "테스트넷: 실제 돈 아님"),
    "real": Text("LIVE: real money", "실거래: 실제 돈"),
    "prices_of": Text("prices: {market}", "시세: {market}"),
    "never_started": Text("never started", "시작된 적 없음"),
    "since": Text("since {at}", "{at}부터"),
    "naked": Text("Naked", "미헤지"),
    "naked_for": Text("for {age}", "{age}째"),
    "exit_now": Text("Can I get out now?", "지금 나갈 수 있나?"),
    "exit_costs": Text("Yes, it costs {amount} KRW", "예, 비용 {amount} KRW"),
    "nothing_held": Text("Nothing is held", "보유 없음"),
    "liquidation": Text("Until liquidation", "강제 청산까지"),
    "rise": Text("coins rise by {rise}", "코인 {rise} 상승"),
    "no_short": Text("no short", "숏 없음"),
    "to_move": Text("Move {amount} USDT to Binance", "바이낸스로 {amount} USDT 이체 필요"),
    "no_move": Text("No USDT need be moved", "USDT 이체 불필요"),
    "today": Text("Profit today", "오늘 손익"),
    "of_limit": Text("{part} of the loss limit of {limit} KRW", "손실 한도 {limit} KRW의 {part}"),
    "open_ends": Text("Open ends", "미결"),
    "waiting_closes": Text("waiting closes", "대기 중인 청산"),
    "unknown_orders": Text("unknown orders", "결과 불명 주문"),
    "to_acknowledge": Text("alarms to acknowledge", "확인할 긴급 알림"),
    "positions": Text("Positions", "포지션"),
    "on_upbit": Text("Upbit, coins", "업비트 현물"),
    "on_binance": Text("Binance, short", "바이낸스 숏"),
    "value": Text("Value", "가치"),
    "profit": Text("Profit", "손익"),
    "entry_premium": Text("premium at entry", "진입 김프"),
    "premium_now": Text("premium now", "현재 김프"),
    "premium_usdt": Text("Premium against USDT, last hour", "USDT 기준 김프, 최근 1시간"),
    "entry_premium_usd": Text("at entry, USD/KRW", "진입 김프 (USD/KRW)"),
    "premium_now_usd": Text("now, USD/KRW", "현재 김프 (USD/KRW)"),
    "premium_usd": Text(
        "Against USD/KRW: not known, no service is set (web.usd_krw_url).",
        "USD/KRW 기준: 알 수 없음 (환율 조회 주소 web.usd_krw_url 미설정).",
    ),
    "premium_usd_stale": Text(
        "Against USD/KRW (grey): not known now, the service does not answer.",
        "USD/KRW 기준 (회색): 지금은 알 수 없음 (환율 서비스 응답 없음).",
    ),
    "premium_usd_now": Text("Against USD/KRW (grey): {premium}", "USD/KRW 기준 (회색): {premium}"),
    "no_prices": Text(
        "No prices yet: a running engine tells them.", "아직 시세 없음: 실행 중인 엔진이 알립니다."
    ),
    "health": Text("Health", "상태"),
    "rate": Text("KRW per USDT", "환율 (KRW/USDT)"),
    "store": Text("Store", "저장소"),
    "up": Text("connected", "연결됨"),
    "down": Text("NOT connected", "연결 끊김"),
    "answers_in": Text("answers in {ms} ms", "응답 {ms} ms"),
    "book_age": Text("prices {age} old", "시세 {age} 전"),
    "errors_hour": Text("{count} errors in the last hour", "최근 1시간 오류 {count}건"),
    "last_trades": Text("Last trades", "최근 거래"),
    "waits_for": Text("waits for: {what}", "대기 사유: {what}"),
    "profit_split": Text("Profit since the account was opened", "계정 개설 이후 손익"),
    # -- trade ------------------------------------------------------------------------------------
    "signal_id": Text("Signal id", "신호 ID"),
    "show": Text("Show", "보기"),
    "choose_trade": Text(
        "Choose a trade, or type a signal's id.", "거래를 고르거나 신호 ID를 입력하십시오."
    ),
    "no_such_signal": Text("The journal has nothing of this signal.", "저널에 이 신호가 없습니다."),
    "timeline": Text("What happened", "진행 과정"),
    "evidence": Text("Evidence", "근거"),
    "after_signal": Text("after the signal", "신호 이후"),
    "after_arrival": Text("after it came", "도착 이후"),
    "signal_reason": Text("its reason: {reason}", "신호 사유: {reason}"),
    "signal_created": Text("signal created by {strategy}", "신호 생성 (전략 {strategy})"),
    "came_late": Text(
        "It came {age} after that; the times below count from there.",
        "그로부터 {age} 뒤에 도착했습니다. 아래 시간은 도착부터입니다.",
    ),
    # -- market -----------------------------------------------------------------------------------
    "last_hour": Text("Last hour", "최근 1시간"),
    "last_day": Text("Last day", "최근 하루"),
    "premium": Text("Premium", "김프"),
    "began_empty": Text(
        "History begins with this server's start.", "기록은 이 서버가 시작된 때부터입니다."
    ),
    "times_in": Text("Times are {zone}.", "시각은 {zone} 기준입니다."),
    "funding": Text("Funding", "펀딩비"),
    "entries_exits": Text("Last entries and exits", "최근 진입과 청산"),
    # -- risk -------------------------------------------------------------------------------------
    "limits": Text("Limits", "한도"),
    "profile_in_force": Text(
        "The engine runs under the profile {profile}.",
        "엔진이 프로필 {profile}(으)로 실행 중입니다.",
    ),
    "specification_holds": Text(
        "The specification's limits hold.", "기획서의 한도를 모두 따릅니다."
    ),
    "specification_loosened": Text(
        "These limits of the specification are loosened:", "기획서보다 느슨하게 설정된 한도:"
    ),
    "left": Text("{left} left", "여유 {left}"),
    "used": Text("{now} of {limit}", "{limit} 중 {now}"),
    "over": Text("reached", "도달"),
    "surveillance": Text(
        "What the exchanges watch, last ten minutes", "거래소 감시 지표, 최근 10분"
    ),
    "surveillance_about": Text(
        "Of the market that is nearest to the limit. Protective stops are not counted.",
        "한도에 가장 가까운 마켓 기준. 보호 스톱 주문은 세지 않습니다.",
    ),
    "not_judged": Text(
        "counts from {from} orders on, {orders} now", "{from}건부터 적용, 현재 {orders}건"
    ),
    "pairs": Text("Pairs and which coin they are", "페어와 코인 확인"),
    "refusals": Text("Last refusals", "최근 거절"),
    # -- reconcile --------------------------------------------------------------------------------
    "ours_theirs": Text("Ours beside the exchanges'", "우리 기록과 거래소 비교"),
    "compared_at": Text("Asked {age} ago", "{age} 전에 조회"),
    "not_compared": Text(
        "Not compared: the engine asks while something is held.",
        "비교 없음: 보유가 있을 때 엔진이 조회합니다.",
    ),
    "same": Text("same", "일치"),
    "differs": Text("DIFFERS", "불일치"),
    "owners": Text("more than ours", "우리 몫보다 많음"),
    "under_way": Text("order under way", "주문 진행 중"),
    "by_ledger": Text("By strategy, from the ledger", "전략별 원장"),
    "transfers": Text("Transfers and movements not ours", "입출금과 외부 변동"),
    "latches": Text("What is set by hand or by the engine", "설정된 잠금"),
    # -- records, alerts, settings ----------------------------------------------------------------
    "search": Text("Search", "검색"),
    "record": Text("Records of", "기록 종류"),
    "filter_symbol": Text("Symbol", "종목"),
    "filter_exchange": Text("Exchange", "거래소"),
    "filter_status": Text("Status", "상태"),
    "any": Text("any", "전체"),
    "csv": Text("CSV", "CSV"),
    "limit_at": Text("limit {price}", "지정가 {price}"),
    "rows": Text("{count} rows", "{count}행"),
    "orders": Text("Orders", "주문"),
    "fills": Text("Fills", "체결"),
    "journal": Text("Journal", "저널"),
    "trades": Text("Trades", "거래"),
    "signals": Text("Signals", "신호"),
    "equity": Text("Equity", "평가 자산"),
    "acknowledge": Text("Acknowledge", "확인"),
    "acknowledged": Text("acknowledged", "확인됨"),
    "urgent": Text("URGENT", "확인 필요"),
    "engine_does": Text("Engine: {what}", "엔진: {what}"),
    "you_do": Text("You: {what}", "운영자: {what}"),
    "no_alerts": Text("No alerts", "알림 없음"),
    "on": Text("yes", "예"),
    "off": Text("no", "아니요"),
    "origin": Text("From", "출처"),
    "default": Text("default", "기본값"),
    "profile": Text("profile", "프로필"),
    "file": Text("file", "파일"),
    "environment": Text("environment", "환경 변수"),
    "engine": Text("The engine", "엔진"),
    "engine_mode": Text("mode", "모드"),
    "engine_market": Text("market", "시세"),
    "engine_state": Text("state", "상태"),
    "engine_started": Text("started", "시작"),
    "engine_build": Text("build", "빌드"),
    "real_markets": Text("the exchanges' own", "거래소 실제 시세"),
    "engine_about": Text(
        "As the engine wrote it into its journal when it started.",
        "엔진이 시작할 때 저널에 남긴 내용입니다.",
    ),
    "whose_settings": Text("Whose settings", "누구의 설정"),
    "engine_settings": Text("Settings of the engine", "엔진의 설정"),
    "engine_settings_about": Text(
        "As the engine had read them when it started at {at} ({build}). What is changed in a file "
        "or in the environment counts from its next start. Secrets are masked; read-only.",
        "엔진이 {at}에 시작하면서 읽어 둔 값입니다({build}). 파일이나 환경 변수를 바꾸면 엔진의 "
        "다음 시작부터 적용됩니다. 비밀 값은 가리며 조회만 할 수 있습니다.",
    ),
    "engine_settings_old": Text(
        "An engine has started since that has not told its settings: these are of the one before.",
        "그 뒤에 시작한 엔진이 설정을 알리지 않았습니다. 아래는 이전에 시작한 엔진의 값입니다.",
    ),
    "engine_settings_untold": Text(
        "No engine has told its settings yet; it does so when it starts.",
        "아직 설정을 알린 엔진이 없습니다. 엔진은 시작할 때 알립니다.",
    ),
    "server_settings": Text("Settings of this page's server", "화면 서버의 설정"),
    "settings_about": Text(
        "Not the engine's: these are the values that `tporder web` read when it started. An engine "
        "started with another file or environment runs with others. Secrets are masked; read-only.",
        "엔진의 값이 아닙니다. `tporder web`이 시작할 때 읽은 값이며, 다른 설정 파일이나 환경 "
        "변수로 시작한 엔진은 다른 값으로 실행됩니다. 비밀 값은 가리며 조회만 할 수 있습니다.",
    ),
    "seconds": Text("{n} s", "{n}초"),
    "minutes": Text("{n} min", "{n}분"),
    "hours": Text("{n} h", "{n}시간"),
    "days": Text("{n} d", "{n}일"),
}
"""By the key that the page's modules use."""

GAUGES = {
    "pairs_krw": Text("Value of all pairs, KRW", "전체 페어 가치, KRW"),
    "leverage": Text("Leverage on Binance", "바이낸스 레버리지"),
    "margin_ratio": Text("Maintenance over margin", "유지 증거금 비율"),
    "day_loss_krw": Text("Loss today, KRW", "오늘 손실, KRW"),
    "hour_loss_krw": Text("Loss of the last hour, KRW", "최근 1시간 손실, KRW"),
    "day_turnover_krw": Text("Traded today, KRW", "오늘 거래 대금, KRW"),
    "minute_entries": Text("Entries in a minute", "1분간 진입"),
    "api_errors": Text("Failed calls in a row", "연속 호출 실패"),
    "budget_used": Text("Request budget used", "요청 한도 사용"),
}

SURVEILLANCE = {
    "unfilled": Text("Unfilled part of all orders (UFR)", "미체결 비율 (UFR)"),
    "ioc_expired": Text("Expired IOC orders (IFER)", "IOC 만료 비율 (IFER)"),
    "quick_cancels": Text("Cancelled within 5 s (ICR)", "5초 내 취소 비율 (ICR)"),
    "dust": Text("Orders below 50 USDT (DR)", "50 USDT 미만 주문 비율 (DR)"),
    "volume_share": Text("Own share of all volume", "전체 거래량 중 우리 비중"),
    "minute_orders": Text("Orders in the busiest minute", "가장 바쁜 1분의 주문 수"),
    "cancels": Text("Cancelled orders", "취소 주문 비율"),
    "non_marketable": Text("Orders that cannot match at once", "즉시 체결되지 않는 주문 비율"),
    "proof_orders_day": Text(
        "Orders that prove another's absence, in a day", "부재 확인용 주문, 하루"
    ),
}

SURVEILLANCE_NOTES = {
    "exchange": Text("limit published by the exchange", "거래소가 공개한 한도"),
    "ours": Text("our own limit: the exchange tells none", "자체 한도 (거래소 미공개)"),
    "no_volume": Text("the market's volume is not known", "마켓 거래량을 알 수 없음"),
    "no_price": Text("no price to value an order by", "주문을 평가할 시세 없음"),
}

OUTCOMES = {
    "hedged": Text("hedged", "헤지됨"),
    "flat": Text("flat", "보유 없음"),
    "unwound": Text("unwound", "진입 원복"),
    "leg_loss": Text("leg lost", "한쪽 소실"),
}

COLUMNS = {
    "at": Text("time", "시각"),
    "seq": Text("row", "행"),
    "symbol": Text("symbol", "종목"),
    "side": Text("side", "매매"),
    "exchange": Text("exchange", "거래소"),
    "upbit": Text("Upbit", "업비트"),
    "binance": Text("Binance", "바이낸스"),
    "quantity": Text("quantity", "수량"),
    "price": Text("price", "가격"),
    "status": Text("status", "상태"),
    "purpose": Text("purpose", "목적"),
    "fee": Text("fee", "수수료"),
    "kind": Text("kind", "종류"),
    "body": Text("content", "내용"),
    "signal": Text("signal", "신호"),
    "strategy": Text("strategy", "전략"),
    "action": Text("action", "동작"),
    "outcome": Text("outcome", "결과"),
    "detail": Text("detail", "설명"),
    "reason": Text("reason", "사유"),
    "amount": Text("amount", "금액"),
    "asset": Text("asset", "자산"),
    "ours": Text("ours", "우리"),
    "theirs": Text("theirs", "거래소"),
    "figures": Text("figures", "수치"),
    "code": Text("code", "코드"),
    "equity": Text("equity KRW", "자산 KRW"),
}
