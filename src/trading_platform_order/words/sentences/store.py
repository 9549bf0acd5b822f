"""What the store, its lock and its lease refuse, and why the operating system or SQLite does."""

from trading_platform_order.words.text import Text

SENTENCES = (
    # -- opening
    Text(
        "no store at {path}: start the engine once, or check the path",
        "{path}에 저장소가 없습니다. 엔진을 한 번 시작하거나 경로를 확인하십시오",
    ),
    Text("cannot open the store {path}: {why}", "저장소 {path}을(를) 열 수 없습니다: {why}"),
    Text("cannot read the store {path}: {why}", "저장소 {path}을(를) 읽을 수 없습니다: {why}"),
    Text(
        "the store {path} was removed or replaced", "저장소 {path}이(가) 삭제되거나 교체되었습니다"
    ),
    Text("the store is not open", "저장소가 열려 있지 않습니다"),
    Text("{file} was replaced", "{file}이(가) 교체되었습니다"),
    Text("not opened yet", "아직 열지 않았습니다"),
    Text(
        "the store has schema version {present}, this program needs {ours}: start the engine of "
        "this version once, or `tporder store migrate`",
        "저장소의 스키마 버전은 {present}이고 이 프로그램에는 {ours}이(가) 필요합니다. 이 버전의 "
        "엔진을 한 번 시작하거나 `tporder store migrate`를 실행하십시오",
    ),
    Text(
        "the store has schema version {present}, this program needs {ours}: whoever owns its "
        "schema opens it once with this version, which migrates it",
        "저장소의 스키마 버전은 {present}이고 이 프로그램에는 {ours}이(가) 필요합니다. 스키마 "
        "소유자가 이 버전으로 한 번 열면 갱신됩니다",
    ),
    Text(
        "the store has schema version {present}, this program knows only {ours}: use the newer "
        "program, or restore a backup made before the upgrade",
        "저장소의 스키마 버전은 {present}인데 이 프로그램은 {ours}까지만 압니다. 새 버전의 "
        "프로그램을 쓰거나 업그레이드 전의 백업을 복원하십시오",
    ),
    Text(
        "this is another program's database (it has a table {table}): check the path",
        "다른 프로그램의 데이터베이스입니다(테이블 {table}이(가) 있음). 경로를 확인하십시오",
    ),
    Text(
        "journal row {seq}: {kind} version {version} is unknown to this program; start the version "
        "that wrote it, or a newer one",
        "저널 {seq}행: {kind} 버전 {version}을(를) 이 프로그램은 모릅니다. 그 행을 쓴 버전이나 더 "
        "새 버전을 시작하십시오",
    ),
    # -- one owner
    Text(
        "account {account} is in use by another engine (process {pid}); one account has one "
        "engine: stop that one first (lock file {file})",
        "계정 {account}은(는) 다른 엔진(프로세스 {pid})이 쓰고 있습니다. 계정 하나에 엔진은 "
        "하나입니다. 그 엔진을 먼저 멈추십시오 (잠금 파일 {file})",
    ),
    Text(
        "account {account} was taken by another engine at this moment (epoch {epoch}); one account "
        "has one engine",
        "방금 다른 엔진이 계정 {account}을(를) 가져갔습니다(에포크 {epoch}). 계정 하나에 엔진은 "
        "하나입니다",
    ),
    Text(
        "the account is held by {holder}, which holds it without its lock file since it took over "
        "from a hung engine; stop that one first, or start this one with --standby",
        "계정은 {holder}이(가) 맡고 있습니다. 멈춘 엔진에게서 넘겨받아 잠금 파일 없이 맡은 "
        "것입니다. 그 엔진을 먼저 멈추거나 이 엔진을 --standby로 시작하십시오",
    ),
    Text(
        "the watchdog took over: {why}; start the engine again, it waits for the watchdog",
        "감시 프로세스가 넘겨받았습니다: {why}. 엔진을 다시 시작하십시오. 감시 프로세스가 끝나기를 "
        "기다립니다",
    ),
    Text(
        "a successor holds the account ({why}); it goes on with everything that was open. Start "
        "this engine again with --standby",
        "후속 엔진이 계정을 맡아({why}) 진행 중이던 것을 모두 이어 갑니다. 이 엔진은 --standby로 "
        "다시 시작하십시오",
    ),
    Text("the lease is gone", "임대(lease)가 사라졌습니다"),
    Text("the lease cannot be renewed: {why}", "임대(lease)를 갱신할 수 없습니다: {why}"),
    # -- writing
    Text(
        "an earlier write failed ({why}); open it again",
        "앞선 쓰기가 실패했습니다({why}). 다시 여십시오",
    ),
    Text(
        "another process has held the store's write lock for {seconds} s",
        "다른 프로세스가 저장소의 쓰기 잠금을 {seconds}초째 쥐고 있습니다",
    ),
    Text(
        "{count} entries wait already; does the engine run?",
        "이미 {count}건이 기다립니다. 엔진이 실행 중입니까?",
    ),
    Text("there is such a row already ({row})", "그런 행이 이미 있습니다({row})"),
    Text(
        "the body of a row {kind} holds the character 0",
        "{kind} 행의 본문에 문자 0이 들어 있습니다",
    ),
    Text(
        "the server did not commit, but said {said}",
        "서버가 커밋하지 않고 {said}(이)라고 응답했습니다",
    ),
    # -- copies
    Text("cannot make {file}: {why}", "{file}을(를) 만들 수 없습니다: {why}"),
    Text("cannot restore {file}: {why}", "{file}을(를) 복원할 수 없습니다: {why}"),
    Text(
        "cannot make a copy beside the store {path}: {why}",
        "저장소 {path} 옆에 사본을 만들 수 없습니다: {why}",
    ),
    Text("cannot make a copy to look at: {why}", "검사할 사본을 만들 수 없습니다: {why}"),
    Text(
        "schema {schema} has a table {table} already: name an empty schema",
        "스키마 {schema}에 테이블 {table}이(가) 이미 있습니다. 빈 스키마를 지정하십시오",
    ),
    Text(
        "schema {schema} has a table {table} already, and is none of ours: name an empty schema",
        "스키마 {schema}에 이 프로그램의 것이 아닌 테이블 {table}이(가) 이미 있습니다. 빈 스키마를 "
        "지정하십시오",
    ),
    Text(
        "no store in schema {schema}, or no right to use it",
        "스키마 {schema}에 저장소가 없거나 사용할 권한이 없습니다",
    ),
)
