"""What ``doctor`` finds, and what helps."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("mode", "모드"),
    Text("account", "계정"),
    Text("held by nobody", "점유 중인 프로세스 없음"),
    Text(
        "held by process {pid} of before this machine's start: gone",
        "이 서버가 켜지기 전의 프로세스 {pid}이(가) 점유: 이미 종료됨",
    ),
    Text("held by process {pid}, epoch {epoch}", "프로세스 {pid}이(가) 점유 중, epoch {epoch}"),
    Text(
        "run engine and standby in one PID namespace (share it between their containers) and as "
        "one user",
        "엔진과 대기 엔진을 같은 PID 네임스페이스(컨테이너 간 공유)에서 같은 사용자로 실행하십시오",
    ),
    Text("last resort", "최후의 수단"),
    Text(
        "no keys of its own are set here: the watchdog does not start it, a person does",
        "전용 키가 여기에 없음: 감시 프로세스가 아니라 사람이 시작함",
    ),
    Text("the watchdog could not start it", "감시 프로세스가 시작할 수 없음"),
    Text("the watchdog can start {script}", "감시 프로세스가 {script}을(를) 시작할 수 있음"),
    Text(
        "its keys are also those of {others}: what revokes one revokes both",
        "{others}의 키를 함께 씀: 하나를 폐기하면 둘 다 폐기됨",
    ),
    Text(
        "make keys of its own, with the right to read and to order",
        "조회와 주문 권한만 있는 전용 키를 만드십시오",
    ),
    Text("limits", "한도"),
    Text("specification", "기획서"),
    Text("profile {profile}", "프로필 {profile}"),
    Text("its limits hold", "기획서의 한도를 모두 따름"),
    Text(
        "nothing, if you mean it; else take engine.profile or the setting back",
        "의도한 것이면 그대로 두고, 아니면 engine.profile이나 해당 설정을 되돌리십시오",
    ),
    Text(
        "open pairs up to {here} of capital (the specification: {specified})",
        "보유 페어 한도 {here}(총 자본 대비, 기획서: {specified})",
    ),
    Text(
        "leverage up to {here} (the specification: {specified})",
        "레버리지 한도 {here}(기획서: {specified})",
    ),
    Text(
        "a pair that reaches its stop-loss is not closed, you are told (the specification: closed "
        "at {specified})",
        "손절 기준에 이른 페어를 청산하지 않고 알림만 보냄(기획서: {specified}에서 청산)",
    ),
    Text(
        "the stop-loss of a pair at {here} (the specification: {specified})",
        "페어의 손절 기준 {here}(기획서: {specified})",
    ),
    Text(
        "the stop-loss of {base} at {here} (the specification: {specified})",
        "{base}의 손절 기준 {here}(기획서: {specified})",
    ),
    Text(
        "a loss of one day up to {here} of capital (the specification: {specified})",
        "일일 손실 한도 {here}(총 자본 대비, 기획서: {specified})",
    ),
    Text(
        "the emergency stop after more than {here} failed calls in a row (the specification: "
        "{specified})",
        "긴급 정지 기준: 연속 API 오류 {here}회 초과(기획서: {specified}회)",
    ),
    Text("settings", "설정"),
    Text(
        "mend this first: nothing else can be looked at before",
        "이것부터 고치십시오. 그 전에는 나머지를 점검할 수 없습니다",
    ),
    Text("alerts", "알림"),
    Text("positions", "포지션"),
    Text(
        "of {at}, row {row} of {last}: {owned}",
        "{at} 기준, 저널 {last}행 중 {row}행까지: {owned}",
    ),
    Text("{coins} owned", "보유: {coins}"),
    Text("nothing", "없음"),
    Text(
        "{names}; `tporder notify test` sends each a message",
        "{names}; `tporder notify test`로 채널마다 시험 메시지를 보낼 수 있습니다",
    ),
    Text("balances and positions", "잔고와 포지션"),
    Text("private files", "파일 권한"),
    Text("pair {code}", "페어 {code}"),
    Text("clock against {venue}", "{venue} 대비 시계"),
    Text("upbit withdrawal permission", "업비트 출금 권한"),
    Text("upbit API key", "업비트 API 키"),
    Text("binance account", "바이낸스 계정"),
    Text("binance fees", "바이낸스 수수료"),
    Text("binance order permission", "바이낸스 주문 권한"),
    Text("binance API key", "바이낸스 API 키"),
    Text("binance {symbol}", "바이낸스 {symbol}"),
    Text("upbit", "업비트"),
    Text("binance", "바이낸스"),
    Text(
        "install this program again from its lock file (make, or scripts/setup)",
        "lock 파일로 이 프로그램을 다시 설치하십시오 (make 또는 scripts/setup)",
    ),
    Text("nobody is told of one-leg failures", "한쪽만 체결되어도 아무에게도 알리지 않음"),
    Text("set TPORDER_DISCORD_WEBHOOK_URL", "TPORDER_DISCORD_WEBHOOK_URL을 설정하십시오"),
    Text(
        "Upbit does not tell whether a key may withdraw",
        "업비트는 키의 출금 권한을 알려 주지 않음",
    ),
    Text(
        "look at the key's permissions on upbit.com, make sure that withdrawal is off, then set "
        "TPORDER_UPBIT_NO_WITHDRAWALS_CONFIRMED=true",
        "upbit.com에서 키 권한을 보고 출금이 꺼져 있음을 확인한 뒤 "
        "TPORDER_UPBIT_NO_WITHDRAWALS_CONFIRMED=true로 설정하십시오",
    ),
    Text(
        "legs may differ by {krw} KRW while an entry completes",
        "진입 중 양쪽 차이 허용 {krw} KRW",
    ),
    Text(
        "legs may differ by {krw} KRW while an entry completes{twice}",
        "진입 중 양쪽 차이 허용 {krw} KRW{twice}",
    ),
    Text(" (twice the order cap of {cap} KRW)", " (주문 한도 {cap} KRW의 두 배)"),
    Text("the stop-loss at {fraction} {action}", "손절 {fraction}: {action}"),
    Text("closes the pair", "페어를 청산"),
    Text("only tells you", "알림만 보냄"),
    Text(
        "check the network, and whether the exchange is under maintenance",
        "네트워크와 거래소 점검 여부를 확인하십시오",
    ),
    Text("within {s} s", "{s}초 이내"),
    Text("this machine is {s} s ahead", "이 서버가 {s}초 빠름"),
    Text("this machine is {s} s behind", "이 서버가 {s}초 느림"),
    Text(
        "switch on time synchronisation (systemd-timesyncd or chrony) and wait until it is",
        "시각 동기화(systemd-timesyncd 또는 chrony)를 켜고 맞을 때까지 기다리십시오",
    ),
    Text(
        "the lines above say why; keys, permissions and addresses must be right",
        "위의 줄에 이유가 있습니다. 키, 권한, 주소가 맞아야 합니다",
    ),
    Text(
        "nothing: the engine books it at its start and closes the other leg",
        "없음: 엔진이 시작할 때 반영하고 반대편을 청산합니다",
    ),
    Text("nothing is held that the journal does not know", "저널이 모르는 보유 없음"),
    Text(
        "close by hand what is not ours, or use the journal that belongs to this account",
        "우리 것이 아닌 것은 직접 청산하거나, 이 계정의 저널을 쓰십시오",
    ),
    Text("{venue} {asset}: {amount} unexplained", "{venue} {asset}: 설명되지 않는 {amount}"),
    Text("{base}: {theirs} on Upbit, {ours} ours", "{base}: 업비트 {theirs}, 원장 {ours}"),
    Text(
        "order {name} is open, but the journal has no unresolved order",
        "주문 {name}이(가) 미체결인데 저널에는 미결 주문이 없음",
    ),
    Text(
        "run the engine, compare names and contract (`tporder pairs`), then `tporder pairs confirm "
        "{code}`; until then no entry of {again} is begun",
        "엔진을 실행해 이름과 계약을 비교하고(`tporder pairs`) `tporder pairs confirm {code}`를 "
        "실행하십시오. 그때까지 {again}은(는) 진입하지 않습니다",
    ),
    Text(
        "give the key the permissions to view accounts, view orders and make orders",
        "키에 자산 조회, 주문 조회, 주문하기 권한을 주십시오",
    ),
    Text(
        "add this machine's IP address to the key's allowed addresses",
        "키의 허용 IP에 이 서버의 IP 주소를 추가하십시오",
    ),
    Text(
        "make a new key; Upbit's keys live one year and cannot be extended",
        "새 키를 만드십시오. 업비트 키는 1년이며 연장할 수 없습니다",
    ),
    Text("copy the access key again", "access key를 다시 복사하십시오"),
    Text("copy the secret key again", "secret key를 다시 복사하십시오"),
    Text(
        "look at the key on upbit.com: it must exist, be valid and allow this IP address",
        "upbit.com에서 키를 확인하십시오. 존재하고, 유효하고, 이 IP를 허용해야 합니다",
    ),
    Text("the test order was not answered: {why}", "시험 주문에 응답이 없음: {why}"),
    Text("may not place orders ({code})", "주문 권한 없음 ({code})"),
    Text("its expiry is not told ({why})", "만료일을 알 수 없음 ({why})"),
    Text("reads and orders", "조회와 주문 가능"),
    Text("reads and orders, {days} days", "조회와 주문 가능, {days}일 남음"),
    Text("ends in {days} days", "{days}일 뒤 만료"),
    Text(
        "in Binance's API management: the key must exist, allow futures and this machine's IP "
        "address",
        "바이낸스 API 관리에서 키가 존재하고 선물과 이 서버의 IP를 허용해야 합니다",
    ),
    Text(
        "close all positions and orders, then choose one-way mode in the futures preferences",
        "모든 포지션과 주문을 정리한 뒤 선물 설정에서 단방향(One-way) 모드를 고르십시오",
    ),
    Text(
        "close all positions and orders, then choose single-asset mode in the futures preferences",
        "모든 포지션과 주문을 정리한 뒤 선물 설정에서 단일 자산(Single-Asset) 모드를 고르십시오",
    ),
    Text("the account is in hedge mode", "계정이 양방향(헤지) 모드임"),
    Text("the account is in multi-assets mode", "계정이 복수 자산 모드임"),
    Text("ask Binance's support why", "바이낸스 고객지원에 문의하십시오"),
    Text("the account may not trade", "계정의 거래가 막혀 있음"),
    Text("one-way mode, single-asset mode", "단방향 모드, 단일 자산 모드"),
    Text(
        "fees are paid in BNB: each counts at its price, your BNB nowhere",
        "수수료를 BNB로 냄: 수수료는 시세대로 계산하지만 보유 BNB는 계산하지 않음",
    ),
    Text(
        'switch "pay fees with BNB" off in the futures preferences',
        "선물 설정에서 BNB 수수료 결제를 끄십시오",
    ),
    Text(
        "margin type is {type}, the limits are for crossed margin",
        "마진 유형이 {type}임. 한도는 교차 마진 기준",
    ),
    Text(
        "close the orders and the position of {symbol}, then choose cross margin",
        "{symbol}의 주문과 포지션을 정리한 뒤 교차 마진을 고르십시오",
    ),
    Text("leverage is {leverage}x", "레버리지 {leverage}배"),
    Text(
        "the engine sets it to {leverage}x when it starts; it refuses to start if that fails",
        "엔진이 시작할 때 {leverage}배로 설정하며, 실패하면 시작하지 않습니다",
    ),
    Text("crossed margin, leverage {leverage}x", "교차 마진, 레버리지 {leverage}배"),
    Text("the key works from any address", "키가 모든 IP에서 작동함"),
    Text("restrict it to this machine's IP address", "이 서버의 IP로 제한하십시오"),
    Text("futures yes, withdrawals no, IP fixed", "선물 가능, 출금 불가, IP 고정"),
)
