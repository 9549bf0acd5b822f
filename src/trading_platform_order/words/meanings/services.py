"""What the settings of paper mode, doors, page and export mean."""

from trading_platform_order.words.text import Text

MEANINGS = (
    # -- paper
    Text(
        "The simulated exchanges of paper mode (and Upbit's leg in testnet mode)",
        "paper 모드의 모의 거래소(testnet 모드에서는 업비트 쪽)",
    ),
    Text(
        "ready file of a running `tporder simulator serve`; empty: start one inside",
        "실행 중인 `tporder simulator serve`의 ready 파일. 비우면 안에서 하나를 시작",
    ),
    Text(
        "`live`: public streams of both exchanges, without a key; `generated`: made from "
        "`seed`, without a network; `file`: the candles of `data`",
        "`live`: 키가 필요 없는 양쪽 거래소의 공개 스트림, `generated`: 네트워크 없이 `seed`로 "
        "만든 시세, `file`: `data`의 캔들",
    ),
    Text(
        "candle file to replay, named like candles_BTC.csv, with market `file`",
        "market이 `file`일 때 재생할 캔들 파일, candles_BTC.csv와 같은 이름",
    ),
    Text("seed of the generated market", "만들어 내는 시세의 시드"),
    Text("opening KRW on Upbit", "업비트의 시작 KRW"),
    Text("opening USDT on Binance", "바이낸스의 시작 USDT"),
    # -- log
    Text(
        "The lines that `tporder run` and `tporder watchdog` write to standard output",
        "`tporder run`과 `tporder watchdog`이 표준 출력에 쓰는 줄",
    ),
    Text(
        "debug, info, warning or error; lines below it are left out",
        "debug, info, warning, error 중 하나. 그보다 낮은 줄은 쓰지 않음",
    ),
    Text(
        "console, json, or auto: for a terminal if it is one, else one JSON object a line",
        "console, json, auto 중 하나. auto: 터미널이면 터미널용, 아니면 한 줄에 JSON 객체 하나",
    ),
    # -- metrics
    Text(
        "Figures of the running engine for Prometheus; none by default",
        "실행 중인 엔진의 Prometheus 지표. 기본값은 없음",
    ),
    Text(
        "address to listen at; whoever reaches it reads all figures without a key",
        "접속을 받는 주소. 여기에 닿는 사람은 키 없이 모든 수치를 읽음",
    ),
    Text(
        "port of http://HOST:PORT/metrics; 0: no metrics",
        "http://HOST:PORT/metrics의 포트. 0: 지표 없음",
    ),
    # -- research
    Text(
        "Signals in research's own format (docs/SIGNALS.md)",
        "리서치 고유 형식의 신호(docs/SIGNALS.md)",
    ),
    Text(
        "of times without a zone, like Asia/Seoul; empty: they are refused",
        "시간대가 없는 시각의 시간대, 예: Asia/Seoul. 비우면 거절",
    ),
    Text("of signals that name no strategy", "전략 이름이 없는 신호의 전략"),
    Text(
        "KRW on the spot leg for a BUY that names a level and no quantity, e.g. "
        "1=7600000,2=11400000,combined=19000000; empty: its level says nothing of its size",
        "레벨만 있고 수량이 없는 BUY의 현물 쪽 금액(KRW), 예: "
        "1=7600000,2=11400000,combined=19000000. 비우면 레벨은 크기와 무관",
    ),
    # -- folder
    Text(
        "The watched folder, the simplest door for signals",
        "감시 폴더, 신호를 전달하는 가장 간단한 통로",
    ),
    Text(
        "a file moved in is a signal; empty: no folder is watched",
        "옮겨 넣은 파일이 신호가 되는 폴더. 비우면 감시하지 않음",
    ),
    Text(
        "pause between looks; a file is taken at the second",
        "확인하는 간격. 파일은 두 번째 확인에서 받음",
    ),
    Text(
        "how long the answer beside a file waits for the engine",
        "파일 옆의 응답이 엔진을 기다리는 시간",
    ),
    # -- redis
    Text(
        "Signals from a stream of Redis or Valkey (`make redis`)",
        "Redis나 Valkey의 스트림으로 받는 신호(`make redis`)",
    ),
    Text(
        "redis://HOST:PORT/0, rediss:// with TLS or unix://PATH, without user and password; "
        "empty: no stream is read",
        "redis://HOST:PORT/0, TLS이면 rediss://, 또는 unix://PATH. 사용자와 비밀번호는 쓰지 "
        "않음. 비우면 스트림을 읽지 않음",
    ),
    Text(
        "of the server's access list; empty: its default user",
        "서버 접근 목록의 사용자. 비우면 서버의 기본 사용자",
    ),
    Text("of that user", "그 사용자의 비밀번호"),
    Text(
        "PEM file of who signed the server's certificate; empty: the system's",
        "서버 인증서에 서명한 기관의 PEM 파일. 비우면 시스템의 것",
    ),
    Text("the stream's key", "스트림의 키"),
    Text(
        "consumer group of this account; empty: tporder- and the account's name",
        "이 계정의 소비자 그룹. 비우면 tporder-와 계정 이름",
    ),
    Text(
        "entries that were not taken, with the reason; empty: the stream with :aside",
        "받지 않은 항목을 사유와 함께 두는 스트림. 비우면 :aside를 붙인 스트림",
    ),
    # -- exporter
    Text(
        "The journal in the storage repository's tables (`tporder exporter`, `make exporter`)",
        "저널을 storage 저장소의 테이블로 내보내기(`tporder exporter`, `make exporter`)",
    ),
    Text(
        "postgresql://HOST:PORT/DATABASE, without user and password; encrypted unless it is "
        "this machine, ?sslmode=verify-full checks the server too; empty: nothing is exported",
        "postgresql://HOST:PORT/DATABASE, 사용자와 비밀번호는 쓰지 않음. 이 머신이 아니면 "
        "암호화하고, ?sslmode=verify-full이면 서버도 확인. 비우면 내보내지 않음",
    ),
    Text(
        "role of the database, with rights on these tables alone",
        "이 테이블에만 권한이 있는 데이터베이스 역할",
    ),
    Text("of that role", "그 역할의 비밀번호"),
    Text("schema of the tables; one for each account", "테이블의 스키마. 계정마다 하나"),
    Text(
        "1.0 (orders, fills, a position is a leg) or 3.0 (positions are pairs, trades, orders)",
        "1.0(주문, 체결, 포지션은 한쪽씩) 또는 3.0(포지션은 페어, 거래, 주문)",
    ),
    Text("pause between two looks at journal and flag", "저널과 플래그를 확인하는 간격"),
    Text("rows of the journal in one transaction, at most", "한 트랜잭션에 넣는 저널 행의 최대 수"),
    Text(
        "whether the flag emergency_stop of the table system_status stops us, and our stop is "
        "written there",
        "테이블 system_status의 플래그 emergency_stop이 우리를 정지시키고, 우리의 정지도 거기에 "
        "쓸지",
    ),
    Text(
        "port of http://127.0.0.1:PORT/metrics; 0: no metrics",
        "http://127.0.0.1:PORT/metrics의 포트. 0: 지표 없음",
    ),
    # -- web
    Text(
        "The HTTP API (`tporder web`), a process of its own",
        "HTTP API(`tporder web`), 별도의 프로세스",
    ),
    Text("address to listen at; the loopback by default", "접속을 받는 주소. 기본값은 루프백"),
    Text("port to listen at; 0: any free one", "접속을 받는 포트. 0: 비어 있는 아무 포트"),
    Text(
        "of the key `signals`: hands in, reads, stops; 32 characters at least",
        "키 `signals`의 비밀 값: 신호 전달, 조회, 정지. 32자 이상",
    ),
    Text(
        "of the key `operator`: all that, resumes and closes; logs in at the page too",
        "키 `operator`의 비밀 값: 그 전부와 재개, 청산. 화면 로그인에도 사용",
    ),
    Text(
        "of the key `reader`: reads; logs in at the page too",
        "키 `reader`의 비밀 값: 조회. 화면 로그인에도 사용",
    ),
    Text(
        "of the page's operator: what `tporder password` makes of it",
        "화면 운영자의 비밀번호: `tporder password`가 만든 값",
    ),
    Text(
        "of whoever may only look at the page: the same",
        "화면을 조회만 하는 사람의 비밀번호: 위와 같이 만든 값",
    ),
    Text(
        "hours after which an unused login of the page ends",
        "쓰지 않는 화면 로그인이 끝나기까지의 시간(시)",
    ),
    Text(
        "mark the page's cookie for TLS even if no proxy says X-Forwarded-Proto: https",
        "프록시가 X-Forwarded-Proto: https를 보내지 않아도 화면의 쿠키를 TLS용으로 표시",
    ),
    Text(
        "address that tells KRW for one US dollar, asked once a minute and only shown; empty: "
        "not known (docs/WEB.md)",
        "1달러의 KRW 값을 알려 주는 주소. 1분마다 묻고 표시만 함. 비우면 알 수 없음(docs/WEB.md)",
    ),
    Text(
        "how far a request's time may be from this clock",
        "요청의 시각이 서버 시계와 다를 수 있는 폭",
    ),
    Text(
        "how long a signal's answer waits for the engine's claim",
        "신호의 응답이 엔진의 접수를 기다리는 시간",
    ),
    Text(
        "how long an answer may stay unread before it is let go", "읽지 않는 응답을 놓기까지의 시간"
    ),
    # -- locale
    Text(
        "What operators read; JSON, the journal, views and metrics stay English and UTC",
        "운영자가 읽는 언어와 시간대. JSON, 저널, 뷰, 지표는 언제나 영어와 UTC",
    ),
    Text(
        "ko, en, or auto: Korean where the terminal's locale is Korean",
        "ko, en, auto 중 하나. auto: 터미널의 로캘이 한국어이면 한국어",
    ),
    Text(
        "zone of the times shown, e.g. KST or Europe/Berlin; empty: KST in Korean, UTC",
        "표시하는 시각의 시간대, 예: KST, Europe/Berlin. 비우면 한국어에서는 KST, 그 밖에는 UTC",
    ),
)
