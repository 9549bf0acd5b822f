"""What is wrong with a signal's text, and what helps."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("no text at all", "내용이 없음"),
    Text("more than 16 KiB of text", "16 KiB를 넘음"),
    Text("not UTF-8, or half of a surrogate pair", "UTF-8이 아님"),
    Text("not JSON", "JSON이 아님"),
    Text("the last line ends before its JSON does", "마지막 행의 JSON이 끝나지 않음"),
    Text("nested too deeply", "중첩이 너무 깊음"),
    Text("JSON, but not an object", "JSON이지만 객체가 아님"),
    Text("a field is given twice", "같은 필드가 두 번 있음"),
    Text("a field the schema does not have", "스키마에 없는 필드"),
    Text("a required field is not there", "필수 필드가 없음"),
    Text(
        "{name} must be {expected}, not {given}",
        "{name}은(는) {expected}이어야 합니다. 입력값: {given}",
    ),
    Text(
        "{name} must be ENTER or EXIT, not {given}",
        "{name}은(는) ENTER 또는 EXIT입니다. 입력값: {given}",
    ),
    Text(
        "{name} has no zone: {given}; add Z or an offset like +09:00",
        "{name}에 시간대가 없습니다: {given}. Z 또는 +09:00 같은 오프셋을 붙이십시오",
    ),
    Text(
        "an ISO 8601 time with zone, like 2026-01-31T09:00:00Z",
        "2026-01-31T09:00:00Z 같은 시간대 포함 ISO 8601 시각",
    ),
    Text('a decimal as text, like "0.5"', '"0.5" 같은 십진수 문자열'),
    Text(
        '{name} must be a plain decimal like "0.5", not {given}',
        '{name}은(는) "0.5" 같은 십진수여야 합니다. 입력값: {given}',
    ),
    Text(
        '{name} is a JSON number with a fraction; write it as text: "{given}"',
        '{name}이(가) 소수인 JSON 숫자입니다. 문자열로 쓰십시오: "{given}"',
    ),
    Text("{name} must be finite, not {given}", "{name}은(는) 유한해야 합니다. 입력값: {given}"),
    Text(
        "{name} has over {digits} digits on one side of the point",
        "{name}의 소수점 한쪽이 {digits}자리를 넘습니다",
    ),
    Text("{name} must be above 0, not {given}", "{name}은(는) 0보다 커야 합니다. 입력값: {given}"),
    Text(
        "{name} must be at most 1 (all of the capital), not {given}",
        "{name}은(는) 최대 1(자본 전체)입니다. 입력값: {given}",
    ),
    Text(
        "{name} must be 0 to {most} basis points, not {given}",
        "{name}은(는) 0~{most} bps입니다. 입력값: {given}",
    ),
    Text(
        "{name} has {count} entries, at most {most} are taken",
        "{name}에 항목이 {count}개입니다. 최대 {most}개입니다",
    ),
    Text("{name} is longer than {most} characters", "{name}이(가) {most}자를 넘습니다"),
    Text(
        "{name} must be text, a number, true, false or null; metadata is flat",
        "{name}은(는) 문자열, 숫자, true, false, null 중 하나여야 합니다. metadata는 중첩할 수 "
        "없습니다",
    ),
    Text("1 to 128 printable ASCII characters without spaces", "공백 없는 ASCII 문자 1~128자"),
    Text("1 to 64 of a-z 0-9 _ . -", "a-z 0-9 _ . - 1~64자"),
    Text("a base asset like BTC, 1 to 20 of A-Z 0-9", "BTC 같은 코인 코드, A-Z 0-9 1~20자"),
    Text("an object", "객체"),
    Text(
        "unknown field {name}; of the research format are {known}",
        "모르는 필드 {name}. 리서치 형식의 필드: {known}",
    ),
    Text("unknown field {name}; known are {known}", "모르는 필드 {name}. 쓸 수 있는 필드: {known}"),
    Text("{name} is required", "{name} 필드가 필요합니다"),
    Text(
        "action must be BUY, SELL, HOLD, ENTER or EXIT, not {given}",
        "action은 BUY, SELL, HOLD, ENTER, EXIT 중 하나입니다. 입력값: {given}",
    ),
    Text("the last line is not complete ({fault})", "마지막 행이 완전하지 않습니다 ({fault})"),
    # -- what helps
    Text("give one JSON object, or one per line", "JSON 객체 하나, 또는 한 행에 하나씩 쓰십시오"),
    Text("shorten it, the metadata first", "줄이십시오. metadata부터"),
    Text("write plain UTF-8 text; is this the right file?", "UTF-8로 쓰십시오. 맞는 파일입니까?"),
    Text(
        "write one JSON object, or one per line; is this the right file?",
        "JSON 객체 하나, 또는 한 행에 하나씩 쓰십시오. 맞는 파일입니까?",
    ),
    Text(
        "complete the last line; its writer may have been cut off",
        "마지막 행을 완성하십시오. 쓰는 도중 끊겼을 수 있습니다",
    ),
    Text("write a flat object", "중첩 없는 객체로 쓰십시오"),
    Text(
        "write one object per line, without a list around them",
        "목록으로 감싸지 말고 한 행에 객체 하나씩 쓰십시오",
    ),
    Text("give each field once", "필드는 한 번씩만 쓰십시오"),
    Text("correct the name, or put it into metadata", "이름을 고치거나 metadata에 넣으십시오"),
    Text("add the field", "필드를 추가하십시오"),
    Text(
        "write the type the schema names (tporder signal schema)",
        "스키마의 형식으로 쓰십시오 (tporder signal schema)",
    ),
    Text('write the amount as text, like "0.5"', '금액을 "0.5"처럼 문자열로 쓰십시오'),
    Text('write a plain decimal as text, like "0.5"', '"0.5"처럼 십진수 문자열로 쓰십시오'),
    Text("give a finite number, or leave the field out", "유한한 숫자를 쓰거나 필드를 빼십시오"),
    Text(
        "round to at most 18 digits on each side of the point",
        "소수점 양쪽을 18자리 이하로 반올림하십시오",
    ),
    Text(
        "give an amount above zero, or leave the field out",
        "0보다 큰 금액을 쓰거나 필드를 빼십시오",
    ),
    Text(
        "stay within the limits the schema names (tporder signal schema)",
        "스키마의 범위 안에서 쓰십시오 (tporder signal schema)",
    ),
    Text("write it like 2026-01-31T09:00:00Z", "2026-01-31T09:00:00Z처럼 쓰십시오"),
    Text("add the zone: Z, or an offset like +09:00", "시간대를 붙이십시오: Z 또는 +09:00"),
    Text("let it expire after it was created", "만료 시각은 생성 시각보다 뒤여야 합니다"),
    Text(
        "use 1 to 128 printable ASCII characters without spaces",
        "공백 없는 ASCII 문자 1~128자를 쓰십시오",
    ),
    Text("use 1 to 64 of a-z 0-9 _ . -", "a-z 0-9 _ . - 1~64자를 쓰십시오"),
    Text("name the base asset alone, like BTC", "BTC처럼 코인 코드만 쓰십시오"),
    Text("write ENTER or EXIT", "ENTER 또는 EXIT로 쓰십시오"),
    Text(
        "send the pair's signal alone: exchange upbit, or none",
        "페어의 신호만 보내십시오: exchange는 upbit 또는 생략",
    ),
    Text("keep one of the sizes", "수량 필드는 하나만 남기십시오"),
    Text(
        "keep it flat and small; put long data elsewhere and name it here",
        "중첩 없이 작게 두십시오. 긴 자료는 다른 곳에 두고 이름만 쓰십시오",
    ),
    Text(
        "level {level} has no size in research.level_krw, only {known}",
        "{level} 단계의 금액이 research.level_krw에 없습니다. 있는 단계: {known}",
    ),
    Text("write schema_version 1, or leave it out", "schema_version은 1로 쓰거나 빼십시오"),
)
