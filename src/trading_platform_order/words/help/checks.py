"""Help of what tries, drills and checks."""

from trading_platform_order.words.text import Text

HELP = (
    Text("How many bars are traded.", "거래할 봉의 수."),
    Text("How many.", "실행 횟수."),
    Text(
        "Replay a market through both simulated exchanges and report.",
        "두 모의 거래소에서 시장을 재생하고 결과를 보고합니다.",
    ),
    Text(
        "The reference strategy makes the signals, the engine trades them over real "
        "connections on the loopback. Without --data the market is generated from the seed, "
        "and profit in it means nothing.",
        "기준 전략이 신호를 내고, 엔진이 루프백의 실제 연결로 거래합니다. --data가 없으면 "
        "시장을 시드로 만들어 내므로 그 손익에는 의미가 없습니다.",
    ),
    Text(
        "At most so many bars; else all.",
        "재생할 봉의 최대 개수. 생략하면 전부.",
    ),
    Text(
        "Folder that keeps the database (its demo.db is replaced); else nothing is kept.",
        "데이터베이스를 남길 폴더(그 안의 demo.db는 교체). 생략하면 아무것도 남기지 않습니다.",
    ),
    Text(
        "Look at keys, permissions, clock, account settings and positions; changes nothing.",
        "키와 권한, 시계, 계정 설정, 포지션을 점검합니다. 아무것도 바꾸지 않습니다.",
    ),
    Text(
        "A live engine looks at the same before its first order and does not start on a fault.",
        "실거래 엔진도 첫 주문 전에 같은 항목을 점검하고, 문제가 있으면 시작하지 않습니다.",
    ),
    Text(
        "Read, test orders and listen with live keys; nothing is placed and nothing is changed.",
        "실거래 키로 조회하고 주문 테스트를 하고 스트림을 듣습니다. 주문하지도 바꾸지도 않습니다.",
    ),
    Text(
        "All wire traffic is recorded without its secrets, and every difference in shape from "
        "the simulated exchanges is printed. Only reads, order tests and the stream's key "
        "leave this machine. In paper mode it is rehearsed against the simulators.",
        "모든 통신을 비밀 값만 빼고 기록하고, 모의 거래소와 형식이 다른 점을 모두 출력합니다. "
        "이 머신에서 나가는 것은 조회와 주문 테스트, 스트림의 키뿐입니다. paper 모드에서는 "
        "모의 거래소를 상대로 연습합니다.",
    ),
    Text(
        "Base asset; the first of engine.symbols by default.",
        "코인. 기본값은 engine.symbols의 첫째.",
    ),
    Text(
        "Where the traffic is recorded; out/wire-<time>.jsonl by default.",
        "통신 기록 파일. 기본값은 out/wire-<time>.jsonl.",
    ),
    Text(
        "How long to listen to the streams.",
        "스트림을 들을 시간(초).",
    ),
    Text(
        "One smallest round trip on each exchange, after a typed confirmation.",
        "확인 문구를 입력받은 뒤, 거래소마다 최소 금액으로 한 번씩 사고팝니다.",
    ),
    Text(
        "Buys and sells about 6,000 KRW of the coin on Upbit, then sells and buys back the "
        "least quantity on Binance: costs are the fees and the spread. The doctor is asked "
        "first, nothing may be open in the symbol, and no engine may run on the account. "
        "Traffic is recorded and compared as by shadow.",
        "업비트에서 약 6,000원어치를 샀다가 팔고, 바이낸스에서 최소 수량을 팔았다가 되삽니다. "
        "비용은 수수료와 스프레드입니다. 먼저 사전 점검을 하며, 그 코인에 열린 것이 없어야 "
        "하고 그 계정에서 도는 엔진도 없어야 합니다. 통신은 shadow와 같이 기록하고 비교합니다.",
    ),
    Text(
        "The channels that operators are told over.",
        "알림을 보내는 채널.",
    ),
    Text(
        "Send a test message over every channel that is set, and tell what each answered.",
        "설정된 모든 채널로 시험 메시지를 보내고, 각 채널의 답을 알립니다.",
    ),
    Text(
        "A paging channel calls whoever it calls: tell them before. Exit code 0 if every "
        "channel took it, 25 if one did not or cannot be used.",
        "호출 채널은 실제로 사람을 부르니 미리 알려 두십시오. 모든 채널이 받으면 종료 코드 0, "
        "하나라도 받지 못했거나 쓸 수 없으면 25.",
    ),
    Text(
        "This channel alone.",
        "이 채널만.",
    ),
    Text(
        "Run the engine against injected faults and crashes, and check what it promises.",
        "장애와 비정상 종료를 일으키며 엔진을 돌려, 약속을 지키는지 검사합니다.",
    ),
    Text(
        "Nothing is placed twice, all ends hedged or flat, the ledger equals the exchanges. "
        "Violations name the run's seed, which replays it exactly. Named scenarios are "
        "failures that other systems had: docs/SCENARIOS.md.",
        "같은 주문이 두 번 나가지 않고, 모두 헤지되거나 청산된 채 끝나며, 원장이 거래소와 "
        "같아야 합니다. 위반이 나오면 시드를 알려 주고, 그 시드로 똑같이 재현됩니다. 이름 붙은 "
        "시나리오는 다른 시스템에서 실제로 일어난 사고입니다: docs/SCENARIOS.md.",
    ),
    Text(
        "Of the whole series.",
        "전체 실행의 시드.",
    ),
    Text(
        "Processes that share the runs; else one a core.",
        "실행을 나눠 맡을 프로세스 수. 생략하면 코어마다 하나.",
    ),
    Text(
        "Names with commas between.",
        "쉼표로 나눈 이름.",
    ),
    Text(
        "Name every kind of fault, and end.",
        "모든 장애 종류를 출력하고 끝냅니다.",
    ),
    Text(
        "Tell one run step by step; its seed is like 1:17.",
        "실행 하나를 단계별로 보여 줍니다. 시드는 1:17 같은 꼴.",
    ),
    Text(
        "Die once at every point of scripts.",
        "스크립트의 모든 지점에서 한 번씩 죽습니다.",
    ),
    Text(
        "Fail every endpoint alone, and time what must go on.",
        "엔드포인트를 하나씩만 고장 내고, 계속 돌아야 할 것의 시간을 잽니다.",
    ),
    Text(
        "With --sweep: endpoints that contain this.",
        "--sweep과 함께: 이 글자가 든 엔드포인트만.",
    ),
    Text(
        "With --sweep: this fault alone.",
        "--sweep과 함께: 이 장애만.",
    ),
    Text(
        "With --sweep: this case alone.",
        "--sweep과 함께: 이 경우만.",
    ),
    Text(
        "Play a named scenario, or all, and no runs.",
        "이름 붙은 시나리오 하나 또는 전부(all)를 돌리고, 무작위 실행은 하지 않습니다.",
    ),
    Text(
        "List the named scenarios, one a line.",
        "이름 붙은 시나리오를 한 줄에 하나씩 출력합니다.",
    ),
    Text(
        "Try the emergency stop and the watchdog, on simulated exchanges, and measure them.",
        "모의 거래소에서 긴급 정지와 감시 프로세스를 시험하고 시간을 잽니다.",
    ),
    Text(
        "Set the stop and have everything closed while an entry is under way.",
        "진입이 진행 중일 때 정지를 걸고 모두 청산시킵니다.",
    ),
    Text(
        "Succeeds only within the budgets: entries blocked and exposure-raising orders "
        "cancelled within 1,000 ms, flat within watchdog.flat_budget_s, and the ledger equal "
        "to both exchanges.",
        "제한 시간을 지켜야 성공입니다. 1,000 ms 안에 진입이 막히고 노출을 늘리는 주문이 "
        "취소되며, watchdog.flat_budget_s 안에 모두 청산되고, 원장이 두 거래소와 같아야 "
        "합니다.",
    ),
    Text(
        "Settings, a TOML file; for the budget.",
        "설정 TOML 파일. 제한 시간을 읽습니다.",
    ),
    Text(
        "Trade a day in paper mode on the public feeds of another process.",
        "다른 프로세스의 공개 시세로 paper 모드에서 하루를 거래합니다.",
    ),
    Text(
        "Entries and exits by turns; the engine is killed once with a pair open. Succeeds only "
        "if every fill lies on a book that the feeds showed at its moment, and the journal "
        "leads to what the paper accounts hold. By default 288 bars: a day of five-minute "
        "candles in 72 s.",
        "진입과 청산을 번갈아 하고, 페어가 열린 채로 엔진을 한 번 강제 종료합니다. 모든 체결이 "
        "그 순간 시세가 보여 준 호가 안에 있고, 저널을 따라가면 모의 계좌의 보유량이 나와야 "
        "성공입니다. 기본값은 288봉, 곧 5분봉 하루치를 72초에.",
    ),
    Text(
        "Candles of BTC, CSV or CSV.gz; else generated.",
        "BTC 캔들 파일. CSV 또는 CSV.gz. 생략하면 만들어 냅니다.",
    ),
    Text(
        "Kill the engine while an entry is under way; the watchdog acts in its place.",
        "진입이 진행 중일 때 엔진을 강제 종료하면 감시 프로세스가 대신 움직입니다.",
    ),
    Text(
        "Succeeds only within the same budgets. The drill's watchdog waits 0.3 s for the "
        "engine to come back, yours waits watchdog.engine_gone_s. The drill's pairs have no "
        "stop on Binance: with one, a pair that is even is held for watchdog.hedged_hold_s, "
        "and an operator is called.",
        "같은 제한 시간을 지켜야 성공입니다. 훈련용 감시 프로세스는 엔진이 돌아오기를 0.3초 "
        "기다리고, 실제로는 watchdog.engine_gone_s 동안 기다립니다. 훈련용 페어에는 바이낸스의 "
        "보호 주문이 없습니다. 있다면 수량이 맞는 페어를 watchdog.hedged_hold_s 동안 유지하고 "
        "운영자를 부릅니다.",
    ),
    Text(
        "A strategy over history: the same engine and simulated exchanges as the demo's, no "
        "sockets.",
        "과거 시세 위의 전략: 데모와 같은 엔진과 모의 거래소를 소켓 없이 씁니다.",
    ),
    Text(
        "The trades are those of `tporder demo` on the same bars. FX on USDT that lay idle "
        "stands apart. Each file is a run of its own, with every combination of a grid's "
        "parameters.",
        "같은 봉에서는 `tporder demo`와 거래가 같습니다. 쉬고 있던 USDT의 환차익은 따로 "
        "보입니다. 파일마다 따로 실행하며, 격자의 모든 매개변수 조합으로 돌립니다.",
    ),
    Text(
        "Makes the strategy; called with symbol= and the parameters.",
        "전략을 만드는 함수. symbol=과 매개변수를 넘겨 부릅니다.",
    ),
    Text(
        "Base asset; else told by the file's column or name.",
        "코인. 없으면 파일의 열이나 이름에서 읽습니다.",
    ),
    Text(
        "Processes for a grid; else one a core.",
        "격자에 쓸 프로세스 수. 없으면 코어마다 하나.",
    ),
    Text(
        "Candles, CSV or CSV.gz; may be given several times. Without: generated.",
        "캔들 파일(CSV, CSV.gz). 여러 번 쓸 수 있고, 없으면 만들어 낸 시세.",
    ),
    Text(
        "Folder that keeps the journal (backtest.db), or a grid's table (grid.html).",
        "저널(backtest.db)이나 격자 표(grid.html)를 남길 폴더.",
    ),
    Text(
        "TOML: [parameters], [grid].",
        "TOML 파일: [parameters], [grid].",
    ),
    Text(
        "Seconds of a generated bar.",
        "만들어 낸 봉 하나의 초.",
    ),
    Text(
        "Show the engine every bar: slower, same trades.",
        "엔진에 모든 봉을 보여 줍니다. 느리지만 거래는 같습니다.",
    ),
)
