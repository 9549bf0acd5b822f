"""What is wrong with a file of candles, and what helps."""

from trading_platform_order.words.text import Text

SENTENCES = (
    Text("cannot be read", "읽을 수 없습니다"),
    Text("check the name and permissions", "이름과 권한을 확인하십시오"),
    Text("not gzip ({why})", "gzip이 아닙니다 ({why})"),
    Text("compress it with gzip or name it .csv", "gzip으로 압축하거나 이름을 .csv로 바꾸십시오"),
    Text("the gzip data ends too early", "gzip 데이터가 중간에 끊겼습니다"),
    Text("copy or download the file again", "파일을 다시 복사하거나 내려받으십시오"),
    Text("not UTF-8 text", "UTF-8 텍스트가 아닙니다"),
    Text(
        "save it as UTF-8, or name gzip data .csv.gz",
        "UTF-8로 저장하거나, gzip 데이터라면 이름을 .csv.gz로 하십시오",
    ),
    Text("the file is empty", "파일이 비어 있습니다"),
    Text("a header but no candles", "머리글만 있고 캔들이 없습니다"),
    Text("give a file with candles", "캔들이 있는 파일을 지정하십시오"),
    Text("not CSV ({why})", "CSV가 아닙니다 ({why})"),
    Text("write plain commas", "쉼표로 구분하십시오"),
    Text("stands twice", "두 번 있습니다"),
    Text("remove one of them", "하나를 지우십시오"),
    Text("missing from the header", "머리글에 없습니다"),
    Text("needed are {names}", "필요한 열: {names}"),
    Text(
        "neither krw_usdt nor usdkrw in the header",
        "머리글에 krw_usdt도 usdkrw도 없습니다",
    ),
    Text(
        "add the KRW value of one USDT under one of these names",
        "이 가운데 한 이름으로 1 USDT의 KRW 가격을 넣으십시오",
    ),
    Text("{values} values for {columns} columns", "열 {columns}개에 값 {values}개"),
    Text(
        "complete or remove the line; the file may have been cut off",
        "그 행을 완성하거나 지우십시오. 파일이 중간에 끊겼을 수 있습니다",
    ),
    Text("not a whole number: {given}", "정수가 아닙니다: {given}"),
    Text("not a number: {given}", "숫자가 아닙니다: {given}"),
    Text("write it like {example}", "{example}처럼 쓰십시오"),
    Text("not positive: {given}", "0보다 크지 않습니다: {given}"),
    Text("a price is above zero", "가격은 0보다 커야 합니다"),
    Text("negative: {given}", "음수입니다: {given}"),
    Text("a volume is zero or more", "거래량은 0 이상이어야 합니다"),
    Text(
        "milliseconds since 1970-01-01 UTC of the bar's opening",
        "봉이 시작한 시각을 1970-01-01 UTC 기준 밀리초로 쓰십시오",
    ),
    Text("{given} is outside the years 2000 to 2099", "{given}은(는) 2000~2099년 밖입니다"),
    Text(
        "write milliseconds, neither seconds nor microseconds",
        "초나 마이크로초가 아니라 밀리초로 쓰십시오",
    ),
    Text("neither krw_usdt nor usdkrw has a value", "krw_usdt와 usdkrw가 모두 비어 있습니다"),
    Text("fill one of them", "둘 가운데 하나를 채우십시오"),
    Text("number the blocks 0, 1, 2 …", "블록 번호를 0, 1, 2 …로 매기십시오"),
    Text("high {high} below low {low}", "고가 {high}이(가) 저가 {low}보다 낮습니다"),
    Text(
        "{given} outside low {low} to high {high}",
        "{given}이(가) 저가 {low} ~ 고가 {high} 밖입니다",
    ),
    Text("check the order of the columns", "열의 순서를 확인하십시오"),
    Text("{rate} KRW for one USDT", "1 USDT에 {rate} KRW"),
    Text("{price} is no price", "{price}은(는) 가격일 수 없습니다"),
    Text(
        "high {high} above open and close {close}",
        "고가 {high}이(가) 시가와 종가 {close}보다 지나치게 높습니다",
    ),
    Text(
        "low {low} below open and close {close}",
        "저가 {low}이(가) 시가와 종가 {close}보다 지나치게 낮습니다",
    ),
    Text(
        "{krw} KRW is {ratio} times bn_close {close} in KRW",
        "{krw} KRW은(는) 원화로 환산한 bn_close {close}의 {ratio}배입니다",
    ),
    Text("{now} after {before}", "직전 {before}에서 {now}(으)로 뜁니다"),
    Text(
        "check the number; a market does not do this",
        "숫자를 확인하십시오. 시장에서 나올 수 없는 값입니다",
    ),
    Text(
        "{given} does not come after {before} of line {line}",
        "{given}이(가) {line}행의 {before}보다 뒤가 아닙니다",
    ),
    Text(
        "sort the file by time and remove duplicates",
        "파일을 시간순으로 정렬하고 중복을 지우십시오",
    ),
    Text("block {block} begins a second time", "블록 {block}이(가) 두 번 시작됩니다"),
    Text(
        "give every contiguous stretch its own number",
        "이어진 구간마다 번호를 따로 매기십시오",
    ),
    Text(
        "no two bars of one block, so the length of a bar is unknown",
        "한 블록에 봉이 둘 이상 없어 봉의 길이를 알 수 없습니다",
    ),
    Text("give at least two bars in a block", "블록마다 봉을 둘 이상 넣으십시오"),
    Text("bars {ms} ms apart", "봉 간격이 {ms} ms입니다"),
    Text("bars last whole seconds", "봉의 길이는 초 단위여야 합니다"),
    Text(
        "{given} is between the times of {s}-second bars",
        "{given}은(는) {s}초 봉의 시각이 아닙니다",
    ),
    Text("move the bar to its time or remove it", "봉을 제 시각으로 옮기거나 지우십시오"),
    Text(
        "no bars to replay; --bars must be at least 1",
        "재생할 봉이 없습니다. --bars는 1 이상입니다",
    ),
)
