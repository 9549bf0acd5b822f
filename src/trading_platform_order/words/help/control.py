"""Help of what changes what the engine does."""

from trading_platform_order.words.text import Text

HELP = (
    Text("Which one announced it.", "공지한 거래소."),
    Text("When it begins.", "시작 시각."),
    Text("When it ends.", "끝 시각."),
    Text("When trading ends.", "거래가 끝나는 시각."),
    Text("Base asset.", "코인."),
    Text(
        "Hand in signals, take back what waits, print their schema.",
        "신호를 전달하고, 대기 중인 신호를 거둬들이고, 스키마를 출력합니다.",
    ),
    Text(
        "Print the JSON Schema of a signal.",
        "신호의 JSON Schema를 출력합니다.",
    ),
    Text(
        "Hand in FILE (- for standard input): one JSON object, or one per line.",
        "FILE을 전달합니다(-는 표준 입력). JSON 객체 하나, 또는 한 줄에 하나씩.",
    ),
    Text(
        "A running engine takes each signal over its local socket and answers once its claim "
        "is durable. Without one each is durable in the inbox until an engine runs. Broken "
        "lines are named, and handed in too, so that their refusal is on record. Signals in "
        "research's own format are taken too; a HOLD is acknowledged and nothing else. The "
        "exit code is that of the worst line.",
        "실행 중인 엔진은 로컬 소켓으로 신호를 받아, 접수가 저장된 뒤에 답합니다. 엔진이 "
        "없으면 엔진이 뜰 때까지 수신함에 저장됩니다. 잘못된 줄은 어느 줄인지 알리고, 거절이 "
        "기록에 남도록 그것도 전달합니다. 리서치 형식의 신호도 받으며, HOLD는 확인만 하고 "
        "끝납니다. 종료 코드는 가장 나쁜 줄의 것입니다.",
    ),
    Text(
        "How long to wait for the engine's answer.",
        "엔진의 답을 기다릴 시간(초).",
    ),
    Text(
        "Wait, within the same time, for the end of the pair trade too, and tell what came of it.",
        "같은 시간 안에서 페어 거래가 끝나기까지 기다려 결과를 알립니다.",
    ),
    Text(
        "The same, and every decision and fact after it, as `tporder explain` tells them.",
        "결과에 이어 `tporder explain`처럼 모든 판단과 사실을 보여 줍니다.",
    ),
    Text(
        "Take back the signal ID while it waits: a close above all (`tporder status` shows them).",
        "대기 중인 신호 ID를 거둬들입니다. 주로 청산 신호입니다(`tporder status`에 표시).",
    ),
    Text(
        "The pair stays open, and its strategy may enter again. Of a close that has begun and "
        "can send nothing now, the rest is taken back. What was sent is never taken back. It "
        "needs an engine that runs.",
        "페어는 열린 채로 남고, 그 전략은 다시 진입할 수 있습니다. 이미 시작했지만 지금 "
        "아무것도 보낼 수 없는 청산이라면 나머지를 거둬들입니다. 이미 보낸 주문은 거둬들이지 "
        "않습니다. 실행 중인 엔진이 필요합니다.",
    ),
    Text(
        "Why; stored for good.",
        "사유. 영구히 보존됩니다.",
    ),
    Text(
        "Refuse entries from now on. Exits and other risk-reducing orders still pass.",
        "지금부터 진입을 거절합니다. 청산을 비롯해 위험을 줄이는 주문은 계속 나갑니다.",
    ),
    Text(
        "The stop is durable: it survives restarts until `tporder resume`. With `--flatten` "
        "the engine also closes every pair, both legs together; that too is durable.",
        "정지는 저장되므로 `tporder resume`까지 재시작해도 유지됩니다. `--flatten`을 붙이면 "
        "엔진이 모든 페어의 양쪽을 함께 청산하며, 이것도 저장됩니다.",
    ),
    Text(
        "Close everything that is held as well.",
        "보유분도 모두 청산.",
    ),
    Text(
        "Lift the stop: entries are admitted again, within the limits.",
        "정지를 풉니다. 한도 안에서 다시 진입합니다.",
    ),
    Text(
        "Refused while a condition of the stop still holds.",
        "정지 조건이 아직 남아 있으면 거절됩니다.",
    ),
    Text(
        "Close the pair of SYMBOL (a base asset, e.g. BTC), or about --krw of it, both legs "
        "together.",
        "SYMBOL(코인, 예: BTC)의 페어를 양쪽 함께 청산합니다. --krw를 쓰면 그 금액만큼만.",
    ),
    Text(
        "It is an EXIT like research's: while an exchange takes no orders it waits, with both "
        "legs kept. The stop is not touched, and the strategy may enter again.",
        "리서치가 보내는 EXIT와 같습니다. 거래소가 주문을 받지 않는 동안은 양쪽을 그대로 두고 "
        "기다립니다. 정지는 건드리지 않으며, 그 전략은 다시 진입할 수 있습니다.",
    ),
    Text(
        "With --leg only that leg is closed, on its exchange alone: coins are sold, or the "
        "short bought back, never more than the ledger owns. THE OTHER LEG THEN STANDS WITHOUT "
        "A HEDGE. Its value is printed and must be typed. An engine must run.",
        "--leg를 쓰면 그쪽만 해당 거래소에서 청산합니다. 코인을 팔거나 공매도를 되사며, 원장이 "
        "가진 것을 넘지 않습니다. 남은 쪽은 헤지 없이 서게 됩니다. 그 금액을 출력하니 그대로 "
        "입력해야 합니다. 엔진이 실행 중이어야 합니다.",
    ),
    Text(
        "Whose pair; without it, of all that hold it.",
        "어느 전략의 페어인지. 생략하면 보유한 모든 전략.",
    ),
    Text(
        "Close about that much; else all.",
        "청산할 금액(어림). 생략하면 전부.",
    ),
    Text(
        "Only this leg.",
        "이쪽만.",
    ),
    Text(
        "With --leg, for scripts: the KRW that will stand naked, within 5 %.",
        "--leg와 함께, 스크립트용: 헤지 없이 남을 KRW 금액(오차 5 % 이내).",
    ),
    Text(
        "Set a trailing stop on the hedge of SYMBOL (a base asset, e.g. BTC), or take it back.",
        "SYMBOL(코인, 예: BTC)의 헤지에 추적 손절 주문을 걸거나 거둬들입니다.",
    ),
    Text(
        "When it fires on Binance, the engine sells the coins at once. It ends with the "
        "position. The protective stop near liquidation stands by itself and is not touched.",
        "바이낸스에서 발동하면 엔진이 곧바로 코인을 팝니다. 포지션이 끝나면 함께 사라집니다. "
        "청산가 근처의 보호 주문은 따로 서 있으며 건드리지 않습니다.",
    ),
    Text(
        "Close the hedge when its price is this far above its lowest: 10 to 2000, in tens.",
        "헤지 가격이 최저점에서 이만큼 오르면 청산: 10~2000, 10 단위.",
    ),
    Text(
        "Take the trailing stop back.",
        "추적 손절 주문을 거둬들입니다.",
    ),
    Text(
        "Write down maintenance that an exchange announced, list it, take it back.",
        "거래소가 공지한 점검을 적어 두고, 목록을 보고, 취소합니다.",
    ),
    Text(
        "Entries end 30 minutes before it and are refused until it is over; in the four hours "
        "before it the margin must survive a rise of 50 % (settings, section hindrances). "
        "Exits are never refused.",
        "진입은 점검 30분 전에 멈추고 끝날 때까지 거절됩니다. 점검 전 4시간 동안은 코인이 50 % "
        "올라도 증거금이 버텨야 합니다(설정의 hindrances 항목). 청산은 절대 거절하지 않습니다.",
    ),
    Text(
        "Write down one window. Times are ISO 8601 with a zone, to the minute.",
        "점검 한 건을 적습니다. 시각은 시간대를 포함한 ISO 8601, 분 단위.",
    ),
    Text(
        "Every window that is written down, the first to begin first.",
        "적어 둔 모든 점검, 먼저 시작하는 것부터.",
    ),
    Text(
        "Take one window back: it was cancelled, or is over early.",
        "점검 한 건을 지웁니다. 취소되었거나 일찍 끝났을 때.",
    ),
    Text(
        "Write down the end of a coin that an exchange announced, list it, take it back.",
        "거래소가 공지한 거래지원 종료를 적어 두고, 목록을 보고, 취소합니다.",
    ),
    Text(
        "Entries of the coin are refused from then on, you are told daily and hourly in the "
        "last day, and what is held is closed 24 hours before (settings, section hindrances). "
        "What Binance tells of its own contracts needs no writing down.",
        "적은 때부터 그 코인의 진입을 거절하고, 날마다 알리고 마지막 날에는 시간마다 알리며, "
        "보유분은 24시간 전에 청산합니다(설정의 hindrances 항목). 바이낸스가 자기 계약에 대해 "
        "알려 주는 것은 적을 필요가 없습니다.",
    ),
    Text(
        "Write down one end. The time is ISO 8601 with a zone, to the minute.",
        "종료 한 건을 적습니다. 시각은 시간대를 포함한 ISO 8601, 분 단위.",
    ),
    Text(
        "Every end that is written down, the first one first.",
        "적어 둔 모든 종료, 이른 것부터.",
    ),
    Text(
        "Take one end back: it was put off, or is over.",
        "종료 한 건을 지웁니다. 미뤄졌거나 지나갔을 때.",
    ),
    Text(
        "Which coin each pair is, on both exchanges, and whether entries may be begun.",
        "각 페어가 두 거래소에서 어느 코인인지, 진입해도 되는지.",
    ),
    Text(
        "A ticker proves nothing: compare names, contract, factor and first day, then confirm. "
        "What the exchanges list is what the engine read last; it reads it whenever it runs "
        "with the symbol. Without a further word: `tporder pairs list`.",
        "티커만으로는 아무것도 증명되지 않습니다. 이름과 컨트랙트, 배수, 상장일을 비교한 뒤 "
        "확인하십시오. 거래소의 목록은 엔진이 마지막으로 읽은 것이며, 엔진은 그 코인으로 돌 "
        "때마다 읽습니다. 하위 명령이 없으면 `tporder pairs list`와 같습니다.",
    ),
    Text(
        "Say that both exchanges mean one coin under CODE as they list it now.",
        "두 거래소가 지금 올려 둔 CODE가 같은 코인이라고 확인합니다.",
    ),
    Text(
        "The word stands for exactly these names, this contract, its first day and factor: any "
        "change takes it away.",
        "확인은 바로 이 이름과 컨트랙트, 상장일, 배수에만 유효하며, 하나라도 바뀌면 사라집니다.",
    ),
    Text(
        "Database (store.path).",
        "데이터베이스(store.path).",
    ),
    Text(
        "Do not ask; both names were compared already.",
        "묻지 않습니다. 두 이름을 이미 비교했을 때.",
    ),
    Text(
        "Every pair of the settings (engine.symbols) with what both exchanges list.",
        "설정의 모든 페어(engine.symbols)와 두 거래소의 상장 정보.",
    ),
    Text(
        "Take every confirmation of CODE back; a reviewed pair stays reviewed.",
        "CODE의 확인을 모두 거둬들입니다. 검토된 페어는 그대로 검토된 것입니다.",
    ),
)
