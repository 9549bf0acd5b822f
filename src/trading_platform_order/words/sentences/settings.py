"""Why settings are refused, and what the machine refuses at a start."""

from trading_platform_order.words.text import Text

SENTENCES = (
    # -- reading
    Text(
        "unknown setting in the environment: {name}; did you mean {other}?",
        "환경 변수에 없는 설정입니다: {name}. {other}을(를) 뜻했습니까?",
    ),
    Text("unknown setting in the environment: {name}", "환경 변수에 없는 설정입니다: {name}"),
    Text(
        "unknown setting {key}; did you mean {other}?",
        "없는 설정입니다: {key}. {other}을(를) 뜻했습니까?",
    ),
    Text("unknown setting {key}", "없는 설정입니다: {key}"),
    Text(
        "unknown section {key}; did you mean {other}?",
        "없는 구역입니다: {key}. {other}을(를) 뜻했습니까?",
    ),
    Text("unknown section {key}", "없는 구역입니다: {key}"),
    Text(
        "{key} must be a table of settings, [{name}] in the file, not {given}",
        "{key}은(는) 파일에서 [{name}]으로 쓰는 설정 테이블이어야 합니다. 입력값: {given}",
    ),
    Text(
        "{key} cannot be {given}: {why}. It is: {about}",
        "{key}은(는) {given}일 수 없습니다: {why}. 설정의 뜻: {about}",
    ),
    Text(
        "{key} is {given}, and must be one of {names}; did you mean {other}?",
        "{key}은(는) {given}일 수 없고 다음 중 하나여야 합니다: {names}. {other}을(를) 뜻했습니까?",
    ),
    Text(
        "{key} is {given}, and must be one of {names}",
        "{key}은(는) {given}일 수 없고 다음 중 하나여야 합니다: {names}",
    ),
    Text("cannot read {file}: {why}", "{file}을(를) 읽을 수 없습니다: {why}"),
    Text("tporder init writes a settings file", "설정 파일은 tporder init이 만들어 줍니다"),
    Text("{file} is not TOML: {why}", "{file}은(는) TOML이 아닙니다: {why}"),
    Text("[{section}] in {file} must be a table", "{file}의 [{section}]은(는) 테이블이어야 합니다"),
    Text(
        "{key} must be a finite number, not below 0: {given}",
        "{key}은(는) 0 이상의 유한한 수여야 합니다: {given}",
    ),
    Text("{key} must be finite: {given}", "{key}은(는) 유한한 수여야 합니다: {given}"),
    Text("{key} must be above 0", "{key}은(는) 0보다 커야 합니다"),
    Text(
        "{key} must be an address that begins with {safe}:// ({bare}:// is taken on this "
        "machine's loopback only)",
        "{key}은(는) {safe}://로 시작하는 주소여야 합니다({bare}://는 이 머신의 루프백에서만 "
        "받습니다)",
    ),
    # -- profiles
    Text(
        "engine.profile: there is no profile {given}, only {known}; did you mean {other}?",
        "engine.profile: {given}(이)라는 프로필은 없습니다. 쓸 수 있는 것: {known}. "
        "{other}을(를) 뜻했습니까?",
    ),
    Text(
        "engine.profile: there is no profile {given}, only {known}",
        "engine.profile: {given}(이)라는 프로필은 없습니다. 쓸 수 있는 것: {known}",
    ),
    Text(
        "research.level_krw: {part} is not like 1=7600000 (each level once, above 0)",
        "research.level_krw: {part}은(는) 1=7600000 형식이어야 합니다(단계마다 한 번, 0보다 크게)",
    ),
    # -- engine, store, protection, watchdog
    Text(
        "engine.symbols must name at least one base asset, e.g. BTC",
        "engine.symbols에 코인을 하나 이상 적으십시오(예: BTC)",
    ),
    Text(
        "engine.symbols: {name} is no base asset; {remedy}",
        "engine.symbols: {name}은(는) 코인 기호가 아닙니다. {remedy}",
    ),
    Text("write {meant}", "{meant}(으)로 적으십시오"),
    Text(
        "a base asset has letters A to Z and digits, e.g. BTC",
        "코인 기호는 A~Z와 숫자입니다(예: BTC)",
    ),
    Text(
        "engine.symbols names {names} more than once",
        "engine.symbols에 {names}이(가) 두 번 이상 있습니다",
    ),
    Text(
        "engine.account {name} cannot be an account name: use a-z, 0-9, _ and -, at most 64, and "
        "begin with a letter or digit",
        "engine.account {name}은(는) 계정 이름이 될 수 없습니다. a-z, 0-9, _, -를 64자까지 쓰고 "
        "글자나 숫자로 시작하십시오",
    ),
    Text(
        "store.durability must be auto, normal or full",
        "store.durability는 auto, normal, full 중 하나여야 합니다",
    ),
    Text(
        "protect.stop_way_fraction must be above 0 and below 1 (1 is the liquidation price): "
        "{given}",
        "protect.stop_way_fraction은 0보다 크고 1보다 작아야 합니다(1은 청산 가격): {given}",
    ),
    Text(
        "watchdog.engine_silent_s must be at least watchdog.lease_s + binance.recv_window_ms + "
        "binance.horizon_margin_s = {least} s",
        "watchdog.engine_silent_s는 watchdog.lease_s + binance.recv_window_ms + "
        "binance.horizon_margin_s = {least}초 이상이어야 합니다",
    ),
    Text(
        "watchdog.lapse_s must be at least watchdog.lease_s + 1 = {least} s",
        "watchdog.lapse_s는 watchdog.lease_s + 1 = {least}초 이상이어야 합니다",
    ),
    Text(
        "a watchdog in {mode} mode needs the simulator that the engine trades on: start `tporder "
        "simulator serve --ready-file FILE` and set paper.ready_file for both",
        "{mode} 모드의 감시 프로세스에는 엔진이 거래하는 시뮬레이터가 필요합니다. `tporder "
        "simulator serve --ready-file FILE`을 시작하고 양쪽에 paper.ready_file을 설정하십시오",
    ),
    Text(
        "the watchdog needs keys of its own; set {names}",
        "감시 프로세스에는 전용 키가 필요합니다. {names}을(를) 설정하십시오",
    ),
    Text(
        "the watchdog's keys are the engine's: make others for {names}",
        "감시 프로세스의 키가 엔진의 키와 같습니다. {names}에 다른 키를 만드십시오",
    ),
    Text(
        "testnet mode needs the keys of Binance's demo account: set TPORDER_BINANCE_API_KEY and "
        "TPORDER_BINANCE_SECRET_KEY",
        "testnet 모드에는 바이낸스 데모 계정의 키가 필요합니다. TPORDER_BINANCE_API_KEY와 "
        "TPORDER_BINANCE_SECRET_KEY를 설정하십시오",
    ),
    # -- paper
    Text(
        "paper.ready_file {file} is not a ready file of the simulator",
        "paper.ready_file {file}은(는) 시뮬레이터의 ready 파일이 아닙니다",
    ),
    Text(
        "paper.ready_file {file} cannot be used ({why}); start `tporder simulator serve "
        "--ready-file {same}` first, or leave the setting empty",
        "paper.ready_file {file}을(를) 쓸 수 없습니다({why}). 먼저 `tporder simulator serve "
        "--ready-file {same}`을 시작하거나 설정을 비워 두십시오",
    ),
    Text(
        "paper.data holds candles of {base}; set engine.symbols to it (now {now})",
        "paper.data는 {base}의 캔들입니다. engine.symbols를 그 코인으로 바꾸십시오(현재 {now})",
    ),
    Text(
        "paper.market is file, and paper.data names none",
        "paper.market은 file인데 paper.data에 파일이 없습니다",
    ),
    Text(
        "paper.data names candles, but paper.market is {market}: set TPORDER_PAPER_MARKET=file, or "
        "leave paper.data empty",
        "paper.data에 캔들이 있지만 paper.market은 {market}입니다. TPORDER_PAPER_MARKET=file로 "
        "설정하거나 paper.data를 비워 두십시오",
    ),
    Text("the paper accounts are damaged: {why}", "모의 계정 파일이 손상되었습니다: {why}"),
    Text(
        "no live market for paper mode ({why}): look at the network, or set "
        "TPORDER_PAPER_MARKET=generated",
        "paper 모드의 실시간 시세가 없습니다({why}). 네트워크를 확인하거나 "
        "TPORDER_PAPER_MARKET=generated로 설정하십시오",
    ),
    # -- trades and pairs
    Text(
        "trade.style must be market or limit_ioc: {given}",
        "trade.style은 market 또는 limit_ioc여야 합니다: {given}",
    ),
    Text(
        "{key} must be {least} to {most}: {given}", "{key}은(는) {least}~{most}여야 합니다: {given}"
    ),
    Text(
        "trade.call_after_s must name growing seconds, e.g. 60,300,900,3600: {given}",
        "trade.call_after_s에는 점점 커지는 초를 적으십시오(예: 60,300,900,3600): {given}",
    ),
    Text(
        "pairs.extra: {text} is not of the form {form}",
        "pairs.extra: {text}은(는) {form} 형식이 아닙니다",
    ),
    Text(
        "pairs.extra: {code}: coins in one contract must be 1, 10, 100, …",
        "pairs.extra: {code}: 계약 하나의 코인 수는 1, 10, 100, …이어야 합니다",
    ),
    Text(
        "pairs.extra: {code}: onboardDate is in milliseconds: {given}",
        "pairs.extra: {code}: onboardDate는 밀리초입니다: {given}",
    ),
    Text(
        "pairs.extra: {contract} hedges {other} and {code}",
        "pairs.extra: {contract}이(가) {other}와(과) {code}을(를) 함께 헤지합니다",
    ),
    Text(
        "pairs.large_coins must name at least pairs.large_coins_min coins",
        "pairs.large_coins에는 pairs.large_coins_min개 이상의 코인을 적으십시오",
    ),
    # -- risk
    Text(
        "risk.stop_loss_by_symbol: {text} is not like BTC=0.04 (above 0, at most 1)",
        "risk.stop_loss_by_symbol: {text}은(는) BTC=0.04와 같은 형식이 아닙니다(0 초과 1 이하)",
    ),
    Text(
        "risk.stop_loss_fraction must be above 0 and at most 1: {given}",
        "risk.stop_loss_fraction은 0보다 크고 1 이하여야 합니다: {given}",
    ),
    Text(
        "risk.margin_reduce_distance must be below risk.margin_warn_distance: first the warning, "
        "then the reduction",
        "risk.margin_reduce_distance는 risk.margin_warn_distance보다 작아야 합니다. 경고가 먼저, "
        "축소가 나중입니다",
    ),
    Text(
        "risk.margin_alone_distance must be below risk.margin_alone_target, both between 0 and 1: "
        "a reduction must bring liquidation farther away",
        "risk.margin_alone_distance는 risk.margin_alone_target보다 작고 둘 다 0과 1 사이여야 "
        "합니다. 축소하면 청산 가격이 더 멀어져야 합니다",
    ),
    Text(
        "risk.margin_alone_distance must not be above risk.margin_reduce_distance: the hedge alone "
        "is the last resort",
        "risk.margin_alone_distance는 risk.margin_reduce_distance 이하여야 합니다. 헤지만 줄이는 "
        "것은 최후의 수단입니다",
    ),
    Text(
        "risk.margin_warn_ratio must be below risk.margin_reduce_ratio: first the warning, then "
        "the reduction",
        "risk.margin_warn_ratio는 risk.margin_reduce_ratio보다 작아야 합니다. 경고가 먼저, 축소가 "
        "나중입니다",
    ),
    Text(
        "risk.entry_api_errors_max must not be above risk.api_errors_max: entries cease before the "
        "emergency stop",
        "risk.entry_api_errors_max는 risk.api_errors_max 이하여야 합니다. 긴급 정지보다 "
        "진입 중단이 먼저입니다",
    ),
    # -- alerts and doors
    Text(
        "notify.report_zone: {given} is no time zone that this machine knows; e.g. Asia/Seoul or "
        "UTC (Debian: `apt-get install tzdata`)",
        "notify.report_zone: {given}은(는) 이 머신이 모르는 시간대입니다. 예: Asia/Seoul 또는 "
        "UTC (Debian: `apt-get install tzdata`)",
    ),
    Text(
        "{where} must be NAME=ADDRESS: a name of a-z, 0-9, _ and - (at most 32, "
        "a letter first), and an address with ://; blanks in it are written %20",
        "{where}은(는) NAME=ADDRESS 형식이어야 합니다. 이름은 a-z, 0-9, _, -(32자 "
        "이하, 글자로 시작), 주소에는 ://가 있어야 하며 공백은 %20으로 씁니다",
    ),
    Text(
        "{where}: another channel is named {name}",
        "{where}: 이름이 {name}인 채널이 이미 있습니다",
    ),
    Text("address {number}", "{number}번째 주소"),
    Text(
        "research.timezone is no time zone this machine knows: {given}; write one like Asia/Seoul "
        "or UTC",
        "research.timezone은 이 머신이 모르는 시간대입니다: {given}. Asia/Seoul이나 UTC처럼 "
        "적으십시오",
    ),
    Text(
        "redis.url must begin with redis://, rediss:// or unix://",
        "redis.url은 redis://, rediss://, unix:// 중 하나로 시작해야 합니다",
    ),
    Text(
        "exporter.url must begin with postgresql://",
        "exporter.url은 postgresql://로 시작해야 합니다",
    ),
    Text(
        "{key} holds a user or a password; they go into {user} and {password}",
        "{key}에 사용자나 비밀번호가 들어 있습니다. {user}와(과) {password}에 적으십시오",
    ),
    Text("redis.ca_file: {file} is no file", "redis.ca_file: {file}은(는) 파일이 아닙니다"),
    Text(
        "redis.stream is empty; it is the key of the stream, like signals",
        "redis.stream이 비어 있습니다. signals처럼 스트림의 키를 적으십시오",
    ),
    Text(
        "redis.url is set, and the package {name} is missing: make redis, or pip install "
        "'trading-platform-order[redis]'",
        "redis.url은 있는데 패키지 {name}이(가) 없습니다: make redis 또는 pip install "
        "'trading-platform-order[redis]'",
    ),
    Text(
        "{key} is shorter than {least} characters; make one with openssl rand -hex 32",
        "{key}이(가) {least}자보다 짧습니다. openssl rand -hex 32로 만드십시오",
    ),
    Text(
        "{key} holds no hash of a password; make one with tporder password",
        "{key}에 비밀번호 해시가 없습니다. tporder password로 만드십시오",
    ),
    Text("{keys} must differ", "{keys}은(는) 서로 달라야 합니다"),
    Text(
        "tporder web answers nobody without a key: set TPORDER_WEB_SIGNALS_SECRET or "
        "TPORDER_WEB_OPERATOR_SECRET (openssl rand -hex 32), or a password for the page (tporder "
        "password)",
        "tporder web은 키 없이 응답하지 않습니다. TPORDER_WEB_SIGNALS_SECRET이나 "
        "TPORDER_WEB_OPERATOR_SECRET(openssl rand -hex 32), 또는 페이지 비밀번호(tporder "
        "password)를 설정하십시오",
    ),
    Text(
        "exporter.url is empty: name the storage database",
        "exporter.url이 비어 있습니다. storage 데이터베이스를 적으십시오",
    ),
    Text(
        "exporter.schema is no name of a schema: {given}; write one like public",
        "exporter.schema는 스키마 이름이 아닙니다: {given}. public처럼 적으십시오",
    ),
    # -- the machine
    Text(
        "this process may open {allowed} files and needs {least}\nCure: raise the limit: ulimit "
        "-n 4096 in a shell, LimitNOFILE=4096 in a systemd unit",
        "이 프로세스는 파일을 {allowed}개까지 열 수 있지만 {least}개가 필요합니다\n조치: 한도를 "
        "올리십시오. 셸에서는 ulimit -n 4096, systemd 유닛에서는 LimitNOFILE=4096",
    ),
    Text(
        "a file of this process may grow to {allowed} bytes, too little for the journal\nCure: "
        "lift the limit: ulimit -f unlimited in a shell, LimitFSIZE=infinity in a unit",
        "이 프로세스의 파일은 {allowed}바이트까지만 커질 수 있어 저널에 모자랍니다\n조치: 한도를 "
        "푸십시오. 셸에서는 ulimit -f unlimited, 유닛에서는 LimitFSIZE=infinity",
    ),
)
