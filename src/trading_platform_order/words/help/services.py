"""Help of what runs until it is ended, and of what prepares it."""

from trading_platform_order.words.text import Text

HELP = (
    Text(
        "Write a settings file for a mode, with every setting explained.",
        "고른 모드에 맞는 설정 파일을 모든 설정의 설명과 함께 작성합니다.",
    ),
    Text(
        "What the mode needs is set, everything else stands as a comment with its default. Beside "
        "it one file of secrets for each process that the mode knows, to be filled in. Only you "
        "can read them; nothing that is there is ever overwritten.",
        "그 모드에 필요한 값은 채워지고, 나머지는 기본값이 적힌 주석으로 남습니다. 그 모드에서 "
        "쓰는 프로세스마다 비밀 값을 채워 넣을 파일도 하나씩 만듭니다. 파일은 본인만 "
        "읽을 수 있으며, 이미 있는 파일은 절대 덮어쓰지 않습니다.",
    ),
    Text(
        "What the engine shall trade on.",
        "엔진이 거래할 곳.",
    ),
    Text(
        "Where the files are written; made if it is missing.",
        "파일을 쓸 폴더. 없으면 만듭니다.",
    ),
    Text(
        "Database, on a local disk; tporder.db beside the settings by default.",
        "로컬 디스크에 둘 데이터베이스. 기본값은 설정 파일 옆의 tporder.db.",
    ),
    Text(
        "Account.",
        "계정.",
    ),
    Text(
        "Base asset that may be traded; several times for several.",
        "거래할 코인. 여러 개면 여러 번 적습니다.",
    ),
    Text(
        "Whose prices paper mode shows; generated needs no network.",
        "paper 모드에서 쓸 시세. generated는 네트워크가 필요 없습니다.",
    ),
    Text(
        "Run the engine until interrupted (Ctrl-C or SIGTERM; a second one ends it at once).",
        "중단할 때까지 엔진을 실행합니다(Ctrl-C 또는 SIGTERM, 두 번째는 즉시 종료).",
    ),
    Text(
        "Mode `paper` is the default: simulated exchanges, no keys. `testnet` trades on "
        "Binance's demo hosts, `live` trades real money and needs keys and an explicit "
        "confirmation. What is open when it ends is journalled and taken up at the next start.",
        "기본 모드는 `paper`로, 모의 거래소에서 키 없이 돕니다. `testnet`은 바이낸스 데모 "
        "서버에서 거래하고, `live`는 실제 돈을 거래하므로 키와 명시적인 확인이 필요합니다. "
        "끝날 때 남아 있던 것은 저널에 기록되어 다음 시작 때 이어집니다.",
    ),
    Text(
        "With `--standby` it waits for the account: it takes over once the engine that has it "
        "ends, dies, or hangs for `watchdog.lapse_s` (which is killed then). Two of them on "
        "one machine serve each other as successor.",
        "`--standby`는 계정을 기다립니다. 계정을 쥔 엔진이 끝나거나 죽거나 `watchdog.lapse_s` "
        "동안 멈추면(멈춘 엔진은 강제 종료) 넘겨받습니다. 한 머신에서 둘을 띄우면 서로의 대기 "
        "엔진이 됩니다.",
    ),
    Text(
        "Writes a line for every decision and fact: for a terminal, else as JSON (settings log.…).",
        "판단과 사실을 한 줄씩 씁니다. 터미널에는 읽기 쉬운 글로, 그 밖에는 JSON으로(설정 log.…).",
    ),
    Text(
        "Wait while another engine runs on the account, and take over when it fails.",
        "계정에서 다른 엔진이 도는 동안 기다리다가, 그 엔진이 멈추면 넘겨받습니다.",
    ),
    Text(
        "Watch the engine of one account until interrupted (Ctrl-C or SIGTERM).",
        "중단할 때까지 한 계정의 엔진을 감시합니다(Ctrl-C 또는 SIGTERM).",
    ),
    Text(
        "It can stop, cancel and reduce, never open. It acts when the engine is dead while "
        "something is held, when the day's loss, as the watchdog itself computes it, exceeds the "
        "limit, or when orders of ours are found that are in no journal. In live mode it needs "
        "keys of its own (settings watchdog.…).",
        "정지와 취소, 축소만 하고 진입은 절대 하지 않습니다. 보유 중인데 엔진이 죽었거나, 감시 "
        "프로세스가 직접 계산한 하루 손실이 한도를 넘었거나, 어느 저널에도 없는 우리 주문이 "
        "발견되면 움직입니다. live 모드에서는 전용 키가 필요합니다(설정 watchdog.…).",
    ),
    Text(
        "Serve the page and the HTTP API of one account until interrupted (Ctrl-C or SIGTERM).",
        "중단할 때까지 한 계정의 화면과 HTTP API를 제공합니다(Ctrl-C 또는 SIGTERM).",
    ),
    Text(
        "A process of its own beside the engine: it reads the store, and hands signals and "
        "commands in through the store. It listens on the loopback unless told otherwise. The "
        "page asks for a password (`tporder password`) or a key, every other request must be "
        "signed with a key (settings web.…; docs/WEB.md, docs/HTTP_API.md). Its packages come "
        "with `make web`.",
        "엔진과 별개의 프로세스입니다. 저장소를 읽고, 신호와 명령도 저장소를 거쳐 전달합니다. "
        "따로 정하지 않으면 루프백에서만 받습니다. 화면은 비밀번호(`tporder password`)나 키를 "
        "묻고, 그 밖의 요청은 모두 키로 서명해야 합니다(설정 web.…; docs/WEB.md, "
        "docs/HTTP_API.md). 필요한 패키지는 `make web`으로 설치합니다.",
    ),
    Text(
        "Hash a password for the page of `tporder web`; nothing is stored.",
        "`tporder web` 화면의 비밀번호를 해시합니다. 아무것도 저장하지 않습니다.",
    ),
    Text(
        "It is asked for twice, and the line for the settings is printed. Whoever reads the "
        "hash does not know the password.",
        "두 번 묻고, 설정에 넣을 줄을 출력합니다. 해시를 읽어도 비밀번호는 알 수 없습니다.",
    ),
    Text(
        "Of whoever may only look.",
        "보기만 하는 사람의 비밀번호.",
    ),
    Text(
        "Both exchanges on the loopback.",
        "루프백에서 도는 두 모의 거래소.",
    ),
    Text(
        "Serve both simulated exchanges until interrupted (Ctrl-C or SIGTERM).",
        "중단할 때까지 두 모의 거래소를 제공합니다(Ctrl-C 또는 SIGTERM).",
    ),
    Text(
        "One line of JSON on standard output, and the ready file, name all addresses and keys. "
        "Without --data the market is generated from the seed and means nothing.",
        "표준 출력의 JSON 한 줄과 준비 파일에 모든 주소와 키가 적힙니다. --data가 없으면 "
        "시장을 시드로 만들어 내므로 의미가 없습니다.",
    ),
    Text(
        "Gets addresses and keys once it serves.",
        "준비되면 주소와 키를 적을 파일.",
    ),
    Text(
        "On Upbit.",
        "업비트의 잔고.",
    ),
    Text(
        "On Binance.",
        "바이낸스의 잔고.",
    ),
    Text(
        "Keep accounts, orders, stops and ids in this file over restarts; else all is forgotten.",
        "계정과 주문, 보호 주문, ID를 이 파일에 두어 재시작해도 유지합니다. 생략하면 모두 "
        "잊습니다.",
    ),
    Text(
        "Whether too many requests are answered with 429 and 418.",
        "요청이 너무 많으면 429와 418로 답할지.",
    ),
    Text(
        "Print the lines that have a shell complete commands and options.",
        "셸이 명령과 옵션을 자동 완성하게 하는 설정을 출력합니다.",
    ),
    Text(
        'For bash: eval "$(tporder completion bash)" in ~/.bashrc; zsh the same in ~/.zshrc; '
        "for fish: tporder completion fish > ~/.config/fish/completions/tporder.fish",
        'bash는 ~/.bashrc에 eval "$(tporder completion bash)", zsh도 같은 식으로 ~/.zshrc에 '
        "넣습니다. fish는: tporder completion fish > ~/.config/fish/completions/tporder.fish",
    ),
    Text(
        "Keep live books, prints, funding and rates in files until interrupted.",
        "중단할 때까지 실시간 호가, 체결, 펀딩비, 환율을 파일에 기록합니다.",
    ),
    Text(
        "Of the symbols of the settings, by the exchanges' public streams: no key is used, "
        "no order sent. `demo`, `backtest`, `report` and paper mode read the folder where "
        "they read candles.",
        "설정에 있는 코인을 거래소의 공개 스트림으로 기록합니다. 키를 쓰지 않고 주문도 "
        "보내지 않습니다. `demo`, `backtest`, `report`와 paper 모드가 캔들 대신 이 폴더를 "
        "읽을 수 있습니다.",
    ),
    Text(
        "Folder of the recording; may hold an earlier one.",
        "기록할 폴더. 이전 기록이 있어도 됩니다.",
    ),
    Text(
        "Of each side of a book.",
        "호가창 한쪽의 단계 수.",
    ),
    Text(
        "Tell what is recorded there; record nothing.",
        "그 폴더에 기록된 것만 알려 주고 기록하지 않습니다.",
    ),
    Text(
        "A process of its own beside the engine, which it never holds up: it reads the store "
        "and writes the tables of the storage repository (settings exporter.…; "
        "docs/STORAGE.md), each row once, whatever is killed. The shared emergency flag "
        "there stops the engine too. Its package comes with `make exporter`.",
        "엔진을 붙잡지 않는 별도 프로세스입니다. 저장소를 읽어 storage 저장소의 테이블에 "
        "씁니다(설정 exporter.…; docs/STORAGE.md). 무엇이 강제 종료되어도 행마다 한 번만 "
        "씁니다. 그곳의 공용 비상 플래그는 엔진도 멈춥니다. 필요한 패키지는 `make "
        "exporter`로 설치합니다.",
    ),
    Text(
        "Export orders, fills and positions to PostgreSQL until interrupted (Ctrl-C or SIGTERM).",
        "중단할 때까지(Ctrl-C 또는 SIGTERM) 주문, 체결, 포지션을 PostgreSQL로 내보냅니다.",
    ),
)
