"""What the operating system and libraries say, as a part of our own sentences."""

from trading_platform_order.words.text import Text

SENTENCES = (
    # -- what the operating system says
    Text("No such file or directory", "그런 파일이나 폴더가 없습니다"),
    Text("Permission denied", "권한이 없습니다"),
    Text("Read-only file system", "읽기 전용 파일 시스템입니다"),
    Text("No space left on device", "디스크에 공간이 없습니다"),
    Text("Is a directory", "폴더입니다"),
    Text("Not a directory", "폴더가 아닙니다"),
    Text("File name too long", "파일 이름이 너무 깁니다"),
    Text("Too many open files", "열린 파일이 너무 많습니다"),
    # -- what the decoder of settings and the database driver say
    Text("Invalid decimal string", "십진수가 아닙니다"),
    Text("Expected {wanted}, got {given}", "{wanted}이어야 하는데 {given}입니다"),
    Text("Expected {wanted}", "{wanted}이어야 합니다"),
    Text("connection failed: {why}", "연결하지 못했습니다: {why}"),
    # -- what SQLite says
    Text("file is not a database (SQLITE_NOTADB)", "데이터베이스 파일이 아닙니다 (SQLITE_NOTADB)"),
    Text("unable to open database file ({code})", "데이터베이스 파일을 열 수 없습니다 ({code})"),
    Text("database is locked ({code})", "데이터베이스가 잠겨 있습니다 ({code})"),
    Text(
        "attempt to write a readonly database ({code})",
        "읽기 전용 데이터베이스에는 쓸 수 없습니다 ({code})",
    ),
    Text("database or disk is full ({code})", "데이터베이스나 디스크가 가득 찼습니다 ({code})"),
    Text("disk I/O error ({code})", "디스크 입출력 오류입니다 ({code})"),
    Text(
        "database disk image is malformed ({code})", "데이터베이스 파일이 손상되었습니다 ({code})"
    ),
)
