"""Help of what shows the past."""

from trading_platform_order.words.text import Text

HELP = (
    Text(
        "Outcome, prices, premium, profit and its parts, naked time, and the signal's reason.",
        "결과, 체결가, 프리미엄, 손익과 그 내역, 미헤지 시간, 신호의 사유.",
    ),
    Text(
        "Profit is what a trade made final: an entry its fees and slippage, an exit also "
        "premium and FX. Funding comes between trades and stands in `tporder pnl`.",
        "손익은 그 거래로 확정된 몫입니다. 진입은 수수료와 슬리피지, 청산은 프리미엄과 "
        "환차익까지입니다. 펀딩은 거래와 거래 사이에 생기므로 `tporder pnl`에 있습니다.",
    ),
    Text(
        "Most rows, the newest first.",
        "최대 행 수. 최신부터.",
    ),
    Text(
        "Only of this signal.",
        "이 신호의 것만.",
    ),
    Text(
        "Profit of a day or a period by part; FX on idle USDT stands apart from trading.",
        "하루 또는 기간의 손익을 항목별로. 놀고 있는 USDT의 환차익은 거래 손익과 따로 표시합니다.",
    ),
    Text(
        "Open pairs count at their prices of then, as the engine valued them in its journal.",
        "열린 페어는 그때의 가격으로, 엔진이 저널에 남긴 평가를 씁니다.",
    ),
    Text(
        "A day of Korea (00:00 to 24:00 KST); today if none.",
        "한국 날짜(00:00~24:00 KST). 생략하면 오늘.",
    ),
    Text(
        "From this time, with its zone.",
        "시작 시각(시간대 포함).",
    ),
    Text(
        "Until this time, with its zone; now if none.",
        "끝 시각(시간대 포함). 생략하면 지금.",
    ),
    Text(
        "What operators were told, and acknowledging it.",
        "그동안 보낸 알림, 그리고 알림 확인.",
    ),
    Text(
        "Acknowledge alert ID: repeats of its incident are not sent any more.",
        "알림 ID를 확인 처리합니다. 같은 사건의 반복 알림을 더 보내지 않습니다.",
    ),
    Text(
        "Only the same incident is silenced: another one is told as ever, and this one again "
        "if it gets worse (a higher severity, an amount grown by more than a quarter, another "
        "cause).",
        "그 사건만 조용해집니다. 다른 사건은 그대로 알리고, 그 사건도 나빠지면 다시 "
        "알립니다(심각도가 오르거나, 금액이 4분의 1 넘게 늘거나, 원인이 달라질 때).",
    ),
    Text(
        "The newest alerts first, each with its id.",
        "최신 알림부터, 각각의 ID와 함께.",
    ),
    Text(
        "Urgent ones nobody has acknowledged.",
        "아직 아무도 확인하지 않은 긴급 알림.",
    ),
    Text(
        "Orders and what is known of them. UNKNOWN is neither failed nor done: it is looked up.",
        "주문과 지금까지 알려진 상태. UNKNOWN은 실패도 완료도 아니며, 조회해서 밝힙니다.",
    ),
    Text(
        "Fills as the exchanges reported them; fees are unrounded.",
        "거래소가 보고한 체결. 수수료는 반올림하지 않습니다.",
    ),
    Text(
        "Every decision and fact from signal to settlement, in time order.",
        "신호부터 정산까지 모든 판단과 사실을 시간순으로.",
    ),
    Text(
        "Beside each time stands how long that was after the signal was created; after it "
        "came, if it was older than a minute then.",
        "각 시각 옆에 신호가 만들어진 뒤 지난 시간을 표시합니다. 받았을 때 1분 넘게 지난 "
        "신호라면 받은 때부터 셉니다.",
    ),
    Text(
        "Look into the database, or copy it, also while the engine runs.",
        "데이터베이스를 조회하거나 복사합니다. 엔진이 도는 동안에도 됩니다.",
    ),
    Text(
        "Do not open it with a sqlite3 of your own: versions 3.7.0 to 3.51.2 can lose rows "
        "that the engine has committed, and every program that may write can hold its lock.",
        "따로 설치한 sqlite3로 열지 마십시오. 3.7.0~3.51.2 버전은 엔진이 커밋한 행을 잃을 수 "
        "있고, 쓸 수 있는 프로그램은 무엇이든 잠금을 쥘 수 있습니다.",
    ),
    Text(
        "Copy the database to FILE as it is now, and check the copy's journals.",
        "데이터베이스를 지금 상태 그대로 FILE로 복사하고, 사본의 저널을 검사합니다.",
    ),
    Text(
        "FILE must not exist; a folder gets a file that is named by the time (UTC). With --keep "
        "the oldest in that folder go, once the new one is checked. Before you restore one, read "
        "docs/OPERATIONS.md.",
        "FILE은 없어야 합니다. 폴더를 주면 그 안에 시각(UTC)을 이름으로 한 파일을 만듭니다. "
        "--keep을 쓰면 새 백업을 검사한 뒤 그 폴더의 오래된 백업을 지웁니다. 복원하기 전에 "
        "docs/OPERATIONS.md를 읽으십시오.",
    ),
    Text(
        "FILE is a folder: keep so many of its backups, the newest.",
        "FILE이 폴더일 때, 그 안의 백업 가운데 최신 몇 개를 남길지.",
    ),
    Text(
        "Write the journal and every view as Parquet files into FOLDER, new or empty.",
        "저널과 모든 뷰를 Parquet 파일로 FOLDER에 씁니다. 새 폴더이거나 비어 있어야 합니다.",
    ),
    Text(
        "Also under a running engine; all files are of one moment. Their columns are in "
        "docs/STORAGE.md. It comes with `make analysis`.",
        "엔진이 실행 중이어도 되며 모든 파일은 한 시점의 것입니다. 열은 docs/STORAGE.md에 "
        "있습니다. `make analysis`로 설치합니다.",
    ),
    Text(
        "Bring a store that an older version wrote up to this one, and tell its views anew.",
        "이전 버전이 쓴 저장소를 이 버전으로 올리고, 뷰를 다시 만듭니다.",
    ),
    Text(
        "Of the store, or of the one at URL (postgresql://USER@HOST:PORT/DATABASE). An engine does "
        "it by itself at its start; done before, that start is short. Stop the engine first, and "
        "make a backup: there is no other way back.",
        "저장소 또는 URL(postgresql://USER@HOST:PORT/DATABASE)에 있는 저장소가 대상입니다. 엔진은 "
        "시작할 때 스스로 이 작업을 하며, 미리 해 두면 시작이 빨라집니다. 먼저 엔진을 멈추고 "
        "백업을 만드십시오. 되돌릴 다른 방법은 없습니다.",
    ),
    Text(
        "Check every hash chain, and that the views are what the journal tells.",
        "모든 해시 체인을 검사하고, 뷰가 저널의 내용과 같은지 확인합니다.",
    ),
    Text(
        "Of the store, or of the one at URL (postgresql://USER@HOST:PORT/DATABASE). Also under a "
        "running engine, which it does not hold up: a copy beside the store (of one in "
        "PostgreSQL: in the folder for temporary files) is looked at and removed. It needs as much "
        "free room on the disk as the store takes, and about a minute for every million rows.",
        "이 저장소 또는 URL(postgresql://USER@HOST:PORT/DATABASE)에 있는 저장소가 대상입니다. "
        "엔진이 실행 중이어도 되고 엔진을 기다리게 하지 않습니다. 저장소 옆에(PostgreSQL이면 임시 "
        "파일 폴더에) 사본을 만들어 살펴본 뒤 지웁니다. 저장소 크기만큼 디스크 여유 공간이 "
        "필요하고, 백만 행에 1분쯤 걸립니다.",
    ),
    Text(
        "Put the backup FILE in the place of the store; the store of before is kept beside.",
        "백업 FILE을 저장소 자리에 놓습니다. 이전 저장소는 옆에 남깁니다.",
    ),
    Text(
        "Stop engine, watchdog, page and exporter first. FILE is checked before anything is "
        "moved, and stays as it is. The next start knows that rows may be missing and asks both "
        "exchanges first; read docs/OPERATIONS.md before.",
        "먼저 엔진, 감시 프로세스, 페이지, 내보내기를 멈추십시오. 무엇을 옮기기 전에 FILE을 "
        "검사하며 FILE은 그대로 둡니다. 다음 시작은 행이 빠졌을 수 있음을 알고 양쪽 거래소에 먼저 "
        "묻습니다. 그 전에 docs/OPERATIONS.md를 읽으십시오.",
    ),
    Text(
        "Empty the account's views and tell them again from the journal.",
        "계정의 뷰를 비우고 저널에서 다시 만듭니다.",
    ),
    Text(
        "For views that were damaged or told wrongly by an older version; the journal stays as "
        "it is. Stop the engine first: it may take a minute for every million rows.",
        "손상되었거나 예전 버전이 잘못 만든 뷰를 위한 명령이며, 저널은 그대로 둡니다. 먼저 "
        "엔진을 멈추십시오. 백만 행에 1분쯤 걸릴 수 있습니다.",
    ),
    Text(
        "Carry out one SELECT, read-only: the views are in docs/STORAGE.md.",
        "SELECT 하나를 읽기 전용으로 실행합니다. 뷰는 docs/STORAGE.md에 있습니다.",
    ),
    Text(
        "Most rows.",
        "최대 행 수.",
    ),
    Text(
        "Seconds after which the query is broken off.",
        "이 시간(초)이 지나면 조회를 중단합니다.",
    ),
    Text(
        "What the account brought and how well it was traded, as one HTML file or as data.",
        "계정의 손익과 체결 품질을 HTML 파일 하나 또는 데이터로 보입니다.",
    ),
    Text(
        "Of any store: live, paper, a demo's or a backtest's. Everything comes from the "
        "journal; no engine and no exchange is asked. Without a period: since the account "
        "was opened.",
        "실거래, paper, 데모, 백테스트의 저장소 모두 됩니다. 모두 저널에서 읽으며 엔진이나 "
        "거래소에 묻지 않습니다. 기간이 없으면 계정을 연 때부터입니다.",
    ),
    Text(
        "The page.",
        "만들 페이지 파일.",
    ),
    Text(
        "The plots as a picture instead.",
        "페이지 대신 그래프를 그림 파일로.",
    ),
    Text(
        "Candles: the premium behind the trades.",
        "캔들: 거래 뒤에 그릴 프리미엄.",
    ),
    Text(
        "A day of Korea (00:00 to 24:00 KST).",
        "한국 시간의 하루(00:00부터 24:00 KST).",
    ),
    Text(
        "Every acquisition, disposal, fee, funding payment and transfer with its value in KRW.",
        "모든 취득, 처분, 수수료, 펀딩비, 입출금을 원화 가치와 함께 내보냅니다.",
    ),
    Text(
        "And what was held at an instant. Each value names its source. No tax advice.",
        "어느 시점의 보유분도 함께 나옵니다. 값마다 출처가 붙습니다. 세무 조언이 아닙니다.",
    ),
    Text(
        "Parquet files besides (make analysis).",
        "Parquet 파일도 함께(make analysis).",
    ),
    Text(
        "Holdings then; else at the period's end.",
        "그 시점의 보유분. 없으면 기간의 끝.",
    ),
    Text(
        "Folder for the tables, new or empty.",
        "표를 담을 폴더. 새 폴더이거나 비어 있어야 합니다.",
    ),
    Text(
        "Until this time, with its zone.",
        "이 시각까지. 시간대를 붙이십시오.",
    ),
    Text(
        "Copy a store into PostgreSQL, or back into a file; every row and hash chain is compared.",
        "저장소를 PostgreSQL로, 또는 다시 파일로 복사합니다. 모든 행과 해시 체인을 대조합니다.",
    ),
    Text(
        "One of FROM and TO is a file, the other postgresql://USER@HOST:PORT/DATABASE; the "
        "password comes from PGPASSWORD or ~/.pgpass. The schema must be empty, the file "
        "must not exist. The store may belong to a running engine. No engine runs on "
        "PostgreSQL yet: it is a copy, like a backup.",
        "FROM과 TO 가운데 하나는 파일, 하나는 postgresql://USER@HOST:PORT/DATABASE입니다. "
        "비밀번호는 PGPASSWORD나 ~/.pgpass에서 읽습니다. 스키마는 비어 있어야 하고 파일은 "
        "없어야 합니다. 실행 중인 엔진의 저장소여도 됩니다. 아직 PostgreSQL 위에서 엔진을 "
        "실행할 수는 없습니다. 백업 같은 사본입니다.",
    ),
    Text(
        "In PostgreSQL.",
        "PostgreSQL의 스키마.",
    ),
)
