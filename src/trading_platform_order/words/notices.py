"""Words of maintenance, delisting, pairs and store: what operators write down and look up."""

from trading_platform_order.words.text import Text

# -- a time, a coin -------------------------------------------------------------------------------

TIME_EXPECTED = Text(
    "an ISO 8601 time, e.g. 2026-12-03T02:00+09:00",
    "ISO 8601 시각을 쓰십시오. 예: 2026-12-03T02:00+09:00",
)
ZONE_EXPECTED = Text(
    "name the zone: +09:00 for Korea, Z for UTC", "시간대를 쓰십시오: 한국은 +09:00, UTC는 Z"
)
BASE_EXPECTED = Text("a base asset in capitals, e.g. BTC", "코인 코드를 대문자로 쓰십시오. 예: BTC")

RESULTS = {
    "written down": Text("written down", "기록했습니다"),
    "was written down already": Text("was written down already", "이미 기록되어 있습니다"),
    "taken back": Text("taken back", "취소했습니다"),
}
NONE = Text("none", "없음")
WRITTEN_DOWN_ARE = Text("written down are: {listed}", "기록된 것: {listed}")

# -- maintenance ----------------------------------------------------------------------------------

TO_AFTER_FROM = Text("--to must be later than --from", "--to는 --from보다 뒤여야 합니다")
MAINTENANCE_OVER = Text("this maintenance is over already", "이미 끝난 점검입니다")
NO_SUCH_MAINTENANCE = Text(
    "no maintenance of {window} is written down", "기록된 점검이 아닙니다: {window}"
)
NO_MAINTENANCE = Text("no maintenance is written down", "기록된 점검 없음")
WINDOW = Text("{exchange}  {begin} to {end}", "{exchange}  {begin} ~ {end}")
MAINTENANCE = Text("maintenance of {window}: {result}", "점검 {window}: {result}")

# -- delisting ------------------------------------------------------------------------------------

END_OVER = Text(
    "this is over already: close what is held by hand",
    "이미 종료되었습니다. 보유분은 직접 청산하십시오",
)
NO_SUCH_END = Text("no such end is written down: {end}", "기록된 거래지원 종료가 아닙니다: {end}")
NO_DELISTING = Text("no delisting is written down", "기록된 거래지원 종료 없음")
END = Text("{base}  {exchange}  {at}", "{base}  {exchange}  {at}")
DELISTING = Text("{end}: {result}", "{end}: {result}")

# -- pairs ----------------------------------------------------------------------------------------

SAME_COIN = Text(
    "Is that one and the same coin on both exchanges?", "양쪽 거래소에서 같은 코인입니까?"
)
CONFIRMED = Text("{code}: confirmed", "{code}: 확인했습니다")
CONFIRMED_ALREADY = Text("{code}: was confirmed already", "{code}: 이미 확인되어 있습니다")
NOT_CONFIRMED = Text("{code} was not confirmed", "{code}은(는) 확인된 적이 없습니다")
LEAVE_IT_OUT = Text(
    "see `tporder pairs`; a coin is kept from trading by leaving it out of TPORDER_ENGINE_SYMBOLS",
    "`tporder pairs`를 보십시오. 거래하지 않으려면 TPORDER_ENGINE_SYMBOLS에서 빼십시오",
)
TAKEN_BACK = Text("{code}: the confirmation was taken back", "{code}: 확인을 취소했습니다")
LISTING_NOT_KNOWN = Text(
    "what {where} lists under {code} is not known here",
    "{where}의 {code} 상장 정보를 아직 모릅니다",
)
RUN_ONCE = Text(
    "run the engine once with {code} in TPORDER_ENGINE_SYMBOLS; a contract of another name is told "
    "by TPORDER_PAIRS_EXTRA",
    "TPORDER_ENGINE_SYMBOLS에 {code}을(를) 넣고 엔진을 한 번 실행하십시오. 이름이 다른 계약은 "
    "TPORDER_PAIRS_EXTRA로 지정합니다",
)
STATES = {
    "no entries": Text("no entries", "진입 불가"),
    "confirmed": Text("confirmed", "확인됨"),
    "reviewed": Text("reviewed", "검토됨"),
}
PAIR = Text("{code} {state}", "{code} {state}")
NOT_READ_YET = Text("not read yet", "아직 읽지 않음")
ONE_COIN = Text("{listed}, a contract is 1 coin", "{listed}, 1계약은 코인 1개")
SO_MANY_COINS = Text("{listed}, a contract is {coins} coins", "{listed}, 1계약은 코인 {coins}개")
WHY_LABEL = Text("why", "사유")

# -- store ----------------------------------------------------------------------------------------

NOT_CARRIED_OUT = Text("not carried out: {why}", "실행하지 않았습니다: {why}")
ONE_SELECT = Text(
    "ask by one SELECT over the views of docs/STORAGE.md, or by PRAGMA table_list",
    "docs/STORAGE.md의 뷰에 SELECT 하나로, 또는 PRAGMA table_list로 조회하십시오",
)
NO_ROWS = Text("no rows", "결과 없음")
MORE_ROWS = Text(
    "Note: there are more than {limit} rows; see --limit.",
    "참고: {limit}행보다 많습니다. --limit을 보십시오.",
)
ANOTHER_FILE = Text("name another file", "다른 파일을 지정하십시오")
ROWS_OF = Text("{rows} rows of {account}", "{account} {rows}행")
EMPTY_JOURNAL = Text("an empty journal", "빈 저널")
BACKED_UP = Text(
    "{file}: {told}; every hash chain fits", "{file}: {told}; 모든 해시 체인이 맞습니다"
)
NO_FOLDER = Text("{folder} is no folder", "{folder}은(는) 폴더가 아닙니다")
MAKE_THE_FOLDER = Text(
    "--keep counts the backups of a folder: make it, or leave --keep out",
    "--keep은 폴더 안의 백업을 셉니다. 폴더를 만들거나 --keep을 빼십시오",
)
OLD_ONES_REMOVED = Text("older backups removed: {count}", "지운 오래된 백업: {count}개")
RETOLD = Text(
    "all views of account {account} retold from {rows} journal rows",
    "계정 {account}의 모든 뷰를 저널 {rows}행에서 다시 만들었습니다",
)

VERIFIED = Text(
    "{told}: the hash chain fits, every view is what the journal tells",
    "{told}: 해시 체인이 맞고, 모든 뷰가 저널의 내용과 같습니다",
)
CHAIN_FITS = Text("{told}: the hash chain fits", "{told}: 해시 체인이 맞습니다")
ROWS_DIFFER = Text(
    "account {account}: {count} rows of {table} are not what the journal tells ({keys})",
    "계정 {account}: {table}의 {count}행이 저널의 내용과 다릅니다({keys})",
)
RETELL = Text(
    "stop the engine and tell the views anew: tporder store rebuild; the journal is whole",
    "엔진을 멈추고 tporder store rebuild로 뷰를 다시 만드십시오. 저널은 온전합니다",
)
RESTORED = Text(
    "{store}: {told}; every hash chain fits. The next start asks both exchanges what is missing",
    "{store}: {told}; 모든 해시 체인이 맞습니다. 다음 시작 때 빠진 것을 양쪽 거래소에 묻습니다",
)
MIGRATED = Text(
    "{store}: schema version {before} is {after} now, views retold from {told}",
    "{store}: 스키마 버전 {before}을(를) {after}(으)로 올리고, {told}에서 뷰를 다시 만들었습니다",
)
IS_CURRENT = Text(
    "{store} has schema version {after} already: nothing to do",
    "{store}은(는) 이미 스키마 버전 {after}입니다. 할 일이 없습니다",
)
REPLACED = Text("the store of before: {file}", "이전 저장소: {file}")

ONE_SIDE_IS_A_URL = Text(
    "one of FROM and TO is a file, the other one postgresql://…",
    "FROM과 TO 가운데 하나는 파일, 다른 하나는 postgresql://… 주소여야 합니다",
)
FILE_AND_URL = Text(
    "for example: tporder store copy out/tporder.db postgresql://tporder@db.example:5432/trading",
    "예: tporder store copy out/tporder.db postgresql://tporder@db.example:5432/trading",
)
NO_POSTGRES_URL = Text(
    "what is checked is the store, or one at postgresql://…",
    "검사할 대상은 저장소이거나 postgresql://… 주소에 있는 저장소입니다",
)
URL_LIKE = Text(
    "for example: tporder store verify postgresql://tporder@db.example:5432/trading",
    "예: tporder store verify postgresql://tporder@db.example:5432/trading",
)
PASSWORD_IN_URL = Text(
    "a password in the address can be read by every user of this machine",
    "주소에 넣은 비밀번호는 이 서버의 모든 사용자가 볼 수 있습니다",
)
PASSWORD_ELSEWHERE = Text(
    "leave it out; set PGPASSWORD, or write it into ~/.pgpass",
    "주소에서 빼고 PGPASSWORD로 지정하거나 ~/.pgpass에 적으십시오",
)
NOT_COPIED = Text("not copied: {why}", "복사하지 못했습니다: {why}")
NOTHING_WAS_KEPT = Text(
    "mend it and run the command again: nothing of the copy was kept",
    "원인을 고친 뒤 명령을 다시 실행하십시오. 복사본은 남기지 않았습니다",
)
COPIED = Text(
    "{target}: {told}; every row and hash chain is equal",
    "{target}: {told}; 모든 행과 해시 체인이 같습니다",
)

# -- exporter -------------------------------------------------------------------------------------

EXPORTER_PACKAGE_MISSING = Text(
    "a package of the exporter is missing: {name}", "내보내기 패키지가 없습니다: {name}"
)
INSTALL_EXPORTER = Text(
    "make exporter, or pip install 'trading-platform-order[exporter]'",
    "make exporter, 또는 pip install 'trading-platform-order[exporter]'을 실행하십시오",
)
MEND_STORAGE = Text(
    "mend the tables (docs/STORAGE.md, Export), then start it again: nothing was left out",
    "테이블을 고친 뒤(docs/STORAGE.md의 Export) 다시 시작하십시오. 빠진 행은 없습니다",
)

# -- web ------------------------------------------------------------------------------------------

PACKAGE_MISSING = Text(
    "a package of the HTTP API is missing: {name}", "HTTP API 패키지가 없습니다: {name}"
)
INSTALL_WEB = Text(
    "make web, or pip install 'trading-platform-order[web]'",
    "make web, 또는 pip install 'trading-platform-order[web]'을 실행하십시오",
)
PASSWORD = Text("Password ({least} to {most} characters)", "비밀번호({least}~{most}자)")
PASSWORD_AGAIN = Text("The same again", "다시 한 번")
PASSWORD_CHARS = Text(
    "a password has {least} to {most} characters", "비밀번호는 {least}~{most}자여야 합니다"
)
