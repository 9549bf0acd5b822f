"""What click says of a command line that it cannot take, by its own English text."""

from trading_platform_order.words.text import Text

TRY_HELP = Text("Try '{command} {option}' for help.", "'{command} {option}'로 도움말을 보십시오.")

FAULTS = (
    Text("No such option {name}.", "{name} 옵션은 없습니다."),
    Text("No such option {name}. {meant}", "{name} 옵션은 없습니다. {meant}"),
    Text("No such command {name}.", "{name} 명령은 없습니다."),
    Text("No such command {name}. {meant}", "{name} 명령은 없습니다. {meant}"),
    Text("Did you mean {name}?", "혹시 {name}입니까?"),
    Text("(Did you mean one of: {names}?)", "(혹시 이 중 하나입니까? {names})"),
    Text("Missing command.", "명령이 빠졌습니다."),
    Text("Missing argument {name}.", "{name} 인수가 빠졌습니다."),
    Text("Missing argument {name}. {more}", "{name} 인수가 빠졌습니다. {more}"),
    Text("Missing option {name}.", "{name} 옵션이 빠졌습니다."),
    Text("Missing option {name}. {more}", "{name} 옵션이 빠졌습니다. {more}"),
    Text("Choose from:{choices}", "선택 가능:{choices}"),
    Text("Invalid value: {why}", "값이 잘못되었습니다: {why}"),
    Text("Invalid value for {name}: {why}", "{name} 값이 잘못되었습니다: {why}"),
    Text("Option {name} does not take a value.", "{name} 옵션은 값을 받지 않습니다."),
    Text("Option {name} requires an argument.", "{name} 옵션에는 값이 필요합니다."),
    Text("Option {name} requires {count} arguments.", "{name} 옵션에는 값 {count}개가 필요합니다."),
    Text("Argument {name} takes {count} values.", "{name} 인수는 값 {count}개를 받습니다."),
    Text("Got unexpected extra argument ({names})", "인수가 남습니다 ({names})"),
    Text("Got unexpected extra arguments ({names})", "인수가 여러 개 남습니다 ({names})"),
    Text("Takes {count} values but 1 was given.", "값 {count}개가 필요하지만 1개가 주어졌습니다."),
    Text(
        "Takes {count} values but {given} were given.",
        "값 {count}개가 필요하지만 {given}개가 주어졌습니다.",
    ),
    Text("{value} is not a valid integer.", "{value}은(는) 정수가 아닙니다."),
    Text("{value} is not a valid integer range.", "{value}은(는) 정수가 아닙니다."),
    Text("{value} is not a valid float.", "{value}은(는) 숫자가 아닙니다."),
    Text("{value} is not a valid float range.", "{value}은(는) 숫자가 아닙니다."),
    Text("{value} is not in the range {range}.", "{value}은(는) {range} 범위 밖입니다."),
    Text("{value} is not {choice}.", "{value}은(는) {choice}이(가) 아닙니다."),
    Text("{value} is not one of {choices}.", "{value}은(는) {choices} 중 하나가 아닙니다."),
    Text(
        "{value} is not a valid boolean. Recognized values: {values}",
        "{value}은(는) 참/거짓 값이 아닙니다. 가능한 값: {values}",
    ),
    Text(
        "{value} does not match the format {format}.",
        "{value}은(는) {format} 형식에 맞지 않습니다.",
    ),
    Text(
        "{value} does not match the formats {formats}.",
        "{value}은(는) {formats} 형식 중 어느 것에도 맞지 않습니다.",
    ),
    Text("File {name} does not exist.", "{name} 파일이 없습니다."),
    Text("Directory {name} does not exist.", "{name} 폴더가 없습니다."),
    Text("Path {name} does not exist.", "{name} 경로가 없습니다."),
    Text("File {name} is a directory.", "{name}은(는) 파일이 아니라 폴더입니다."),
    Text("Directory {name} is a file.", "{name}은(는) 폴더가 아니라 파일입니다."),
    Text("File {name} is not readable.", "{name} 파일을 읽을 수 없습니다."),
    Text("Path {name} is not readable.", "{name} 경로를 읽을 수 없습니다."),
    Text("File {name} is not writable.", "{name} 파일에 쓸 수 없습니다."),
    Text("Path {name} is not writable.", "{name} 경로에 쓸 수 없습니다."),
    Text("Could not open file {name}: {why}", "{name} 파일을 열 수 없습니다: {why}"),
)
