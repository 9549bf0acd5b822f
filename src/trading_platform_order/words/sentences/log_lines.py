"""Events of the log as `tporder run` shows them on a terminal, and what processes announce there.

Some of it stands in answers of `doctor` too.
"""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("signal accepted", "신호 승인"),
    Text("signal claimed, it waits", "신호 접수, 대기"),
    Text("signal refused", "신호 거절"),
    Text("orders decided", "주문 결정"),
    Text("order planned", "주문 계획"),
    Text("order accepted", "주문 접수"),
    Text("fill", "체결"),
    Text("order ended", "주문 종료"),
    Text("order refused", "주문 거부"),
    Text("order outcome unknown", "주문 결과 불명"),
    Text("order proven absent", "주문 접수 안 됨 확인"),
    Text("cancel sent", "취소 요청"),
    Text("order still unresolved", "주문 결과 아직 불명"),
    Text("rest of the close withdrawn", "청산 잔량 철회"),
    Text("completion stopped", "나머지 체결 중단"),
    Text("hedge position read", "선물 포지션 조회"),
    Text("coins read", "코인 잔고 조회"),
    Text("holding followed", "보유 변경 반영"),
    Text("operator called", "운영자 호출"),
    Text("trade settled", "거래 종료"),
    Text("trade halted", "거래 중단"),
    Text("trade resumed", "거래 재개"),
    Text("account opened", "계정 개설"),
    Text("foreign movement", "외부 입출금"),
    Text("funding booked", "펀딩비 반영"),
    Text("rate marked", "환율 기록"),
    Text("equity recorded", "자산 기록"),
    Text("position", "포지션"),
    Text("engine started", "엔진 시작"),
    Text("emergency stop set", "긴급 정지 설정"),
    Text("emergency stop lifted", "긴급 정지 해제"),
    Text("order not in the journal", "저널에 없는 주문"),
    Text("hedge closed from outside", "선물 외부 청산"),
    Text("coins gone", "코인 사라짐"),
    Text("protective stop planned", "보호 주문 계획"),
    Text("protective stop cancel sent", "보호 주문 취소 요청"),
    Text("protective stop", "보호 주문"),
    Text("trailing stop asked for", "추적 손절 요청"),
    Text("stream {state}", "스트림 {state}"),
    Text("connected", "연결됨"),
    Text("lost", "끊김"),
    Text("facts not logged, the journal has them", "기록되지 않은 사실, 저널에는 있음"),
    Text("lines not written: nobody took them", "쓰지 못한 줄: 받는 쪽이 없음"),
    Text(
        "engine ready: {mode} mode on {market}, {symbols}, journal {path}",
        "엔진 준비 완료: {mode} 모드, {market}, {symbols}, 저널 {path}",
    ),
    Text("a generated market (seed {seed})", "만들어 낸 시세 (시드 {seed})"),
    # -- start and end
    Text(
        "no market of large coins is watched in this mode: a premium is compared with theirs only "
        "where enough of them are traded (settings, pairs)",
        "이 모드에서는 대형 코인 시세를 따로 보지 않습니다. 대형 코인을 충분히 거래할 때만 그 "
        "김프와 비교합니다(설정 pairs)",
    ),
    Text("engine stopped", "엔진 정지"),
    Text(
        "engine stopped; what is open is journalled and goes on at the next start",
        "엔진이 정지했습니다. 진행 중이던 것은 저널에 있으며 다음 시작 때 이어서 처리합니다",
    ),
    Text(
        "watchdog ready: {mode} mode, account {account}, journal {file}",
        "감시 프로세스 준비 완료: {mode} 모드, 계정 {account}, 저널 {file}",
    ),
    Text(
        "watchdog stopped; nobody looks after the engine now",
        "감시 프로세스가 정지했습니다. 이제 엔진을 감시하는 프로세스가 없습니다",
    ),
    Text(
        "exporter ready: account {account}, layout {layout}",
        "내보내기 준비 완료: 계정 {account}, 구조 {layout}",
    ),
    Text("web ready: {address}, account {account}", "화면 준비 완료: {address}, 계정 {account}"),
    Text(
        "{host} is not the loopback: requests are signed, not encrypted; put a tunnel or a proxy "
        "with TLS in front",
        "{host}은(는) 루프백이 아닙니다. 요청은 서명될 뿐 암호화되지 않으니 앞에 터널이나 TLS "
        "프록시를 두십시오",
    ),
    Text("{what}; next try in {s} s", "{what}; {s}초 뒤 다시 시도"),
    # -- alerts
    Text("{channel} does not take alerts: {why}", "{channel} 알림 전송 실패: {why}"),
    Text("{channel} deliveries work again", "{channel} 알림 전송 복구"),
    Text("channel {name}: {why}", "알림 채널 {name}: {why}"),
    Text("ALERT {title}: {text}", "알림 {title}: {text}"),
    Text("the sign of life to the outside {state}", "외부로 보내는 생존 신호: {state}"),
    Text("is received again", "다시 수신됨"),
    Text("is not received", "수신되지 않음"),
    Text("operators may be called", "운영자에게 전화가 갈 수 있음"),
    Text("no metrics: port {port} of {host}: {why}", "지표 없음: {host} 포트 {port}: {why}"),
    # -- files beside the store
    Text("{file} cannot be written: {why}", "{file}에 쓸 수 없음: {why}"),
    Text("none yet: the journal is empty", "아직 없음: 저널이 비어 있음"),
    Text("there is none", "파일이 없음"),
    Text("its checksum does not fit", "체크섬이 맞지 않음"),
    Text("it is not whole", "온전하지 않음"),
    Text("{what}: it does not fit this journal", "{what}: 이 저널과 맞지 않음"),
    Text(
        "{what}; the last resort could close nothing by it",
        "{what}; 최후의 수단이 이 파일로는 아무것도 청산할 수 없음",
    ),
    Text(
        "start the engine: it writes {file} anew within a minute; if it runs, look at the folder's "
        "permissions and free space",
        "엔진을 시작하십시오. 1분 안에 {file}을(를) 새로 씁니다. 이미 실행 중이면 폴더의 "
        "권한과 남은 공간을 확인하십시오",
    ),
    Text(
        "the snapshot is not used: {why}; the journal is replayed from its first row",
        "스냅샷을 쓰지 않음: {why}; 저널을 첫 행부터 다시 읽음",
    ),
    Text(
        "no snapshot was made: {why}; the next start takes longer",
        "스냅샷을 만들지 못함: {why}; 다음 시작이 오래 걸림",
    ),
    Text(
        "the views lack the last journal rows until the next start ({kind}: {why})",
        "다음 시작 때까지 뷰에 마지막 저널 행이 빠져 있음 ({kind}: {why})",
    ),
    Text(
        "{what} has ended ({why}); trading goes on without it",
        "{what}이(가) 끝남 ({why}); 거래는 그것 없이 계속됨",
    ),
    Text(
        "another process holds the store's write lock since {s} s; waiting for it (is a program of "
        "yours in the middle of a transaction?)",
        "다른 프로세스가 {s}초째 저장소의 쓰기 잠금을 쥐고 있어 기다립니다(직접 만든 프로그램이 "
        "트랜잭션을 열어 두고 있습니까?)",
    ),
    Text("the store can be written again, after {s} s", "{s}초 만에 저장소에 다시 쓸 수 있습니다"),
    Text("the store cannot be read yet: {why}", "아직 저장소를 읽을 수 없음: {why}"),
    # -- doors
    Text(
        "folder {folder}: {why}; no signal is taken from it",
        "폴더 {folder}: {why}; 이 폴더에서는 신호를 받지 않음",
    ),
    Text("{what}; signals come through the inbox alone", "{what}; 신호는 수신함으로만 들어옴"),
    Text(
        "{what}; the inbox is looked at every second instead",
        "{what}; 대신 수신함을 1초마다 확인함",
    ),
    Text("{what}; signals of the stream wait there", "{what}; 스트림의 신호는 그곳에서 대기"),
    Text("signal stream: {what}", "신호 스트림: {what}"),
    Text("stream entry {id} was not taken: {why}", "스트림 항목 {id}을(를) 받지 않음: {why}"),
    Text(
        "an entry has the field signal; this one: {fields}",
        "항목에는 signal 필드가 있어야 함. 이 항목의 필드: {fields}",
    ),
    Text("{size} bytes, {most} are allowed", "{size}바이트. 최대 {most}바이트"),
    Text(
        "the server lost the stream or its group: read from its beginning",
        "서버에서 스트림이나 그룹이 사라짐: 처음부터 읽음",
    ),
    # -- engine and watchdog
    Text(
        "the watchdog is at work ({what}); waiting for it",
        "감시 프로세스가 작업 중 ({what}); 끝나기를 기다림",
    ),
    Text("the end of the engine could not be noted: {why}", "엔진 종료를 기록하지 못함: {why}"),
    Text(
        "what ended this engine cannot be noted: {why}", "엔진이 끝난 원인을 기록할 수 없음: {why}"
    ),
    Text(
        "{held}; a standby that runs here could not end it if it hung: {why}",
        "{held}; 멈추더라도 여기서 실행하는 대기 엔진이 종료시킬 수 없음: {why}",
    ),
    # -- names of streams
    Text("{venue} market", "{venue} 시세"),
    Text("{venue} private", "{venue} 개인"),
    Text("market", "시세"),
    Text("private", "개인"),
    Text("{venue} large coins", "{venue} 대형 코인"),
)
