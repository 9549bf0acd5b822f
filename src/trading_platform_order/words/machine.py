"""What the operating system refuses, with its cure."""

import errno

from trading_platform_order.words.text import Text

REFUSED = Text("the machine refused: {why}", "운영체제가 거부했습니다: {why}")
REFUSED_AT = Text("the machine refused: {why} ({path})", "운영체제가 거부했습니다: {why} ({path})")

_RIGHT = Text(
    "give this user the right to it, or run as the user who owns it",
    "이 사용자에게 권한을 주거나, 소유한 사용자로 실행하십시오",
)
_IS_FILE = Text(
    "a part of the path is a file: choose another path",
    "경로의 일부가 파일입니다. 다른 경로를 고르십시오",
)
REMEDIES = {
    errno.EACCES: _RIGHT,
    errno.EPERM: _RIGHT,
    errno.EROFS: Text(
        "choose a place on a disk that can be written", "쓸 수 있는 디스크의 경로를 고르십시오"
    ),
    errno.ENAMETOOLONG: Text(
        "choose a shorter path (store.path, risk.stop_file, --db, --config)",
        "더 짧은 경로를 고르십시오 (store.path, risk.stop_file, --db, --config)",
    ),
    errno.ENOTDIR: _IS_FILE,
    errno.EEXIST: _IS_FILE,
    errno.EISDIR: Text(
        "it is a folder: name a file in it", "폴더입니다. 그 안의 파일을 지정하십시오"
    ),
    errno.ENOENT: Text(
        "make the folder first, or choose another path",
        "먼저 폴더를 만들거나 다른 경로를 고르십시오",
    ),
    errno.ELOOP: Text(
        "symbolic links run in a circle: choose another path",
        "심볼릭 링크가 순환합니다. 다른 경로를 고르십시오",
    ),
    errno.ENOSPC: Text(
        "make room on the disk, then start again; nothing that was stored is lost",
        "디스크 공간을 확보한 뒤 다시 시작하십시오. 저장된 것은 잃지 않았습니다",
    ),
    errno.EDQUOT: Text(
        "raise this user's disk quota, then start again; nothing that was stored is lost",
        "이 사용자의 디스크 할당량을 늘린 뒤 다시 시작하십시오. 저장된 것은 잃지 않았습니다",
    ),
    errno.EFBIG: Text(
        "lift the limit on file sizes: ulimit -f unlimited",
        "파일 크기 제한을 푸십시오: ulimit -f unlimited",
    ),
    errno.EMFILE: Text(
        "raise the limit on open files: ulimit -n 4096",
        "열 수 있는 파일 수를 늘리십시오: ulimit -n 4096",
    ),
    errno.ENFILE: Text(
        "too many files are open on this machine: close other programs",
        "이 서버에 열린 파일이 너무 많습니다. 다른 프로그램을 종료하십시오",
    ),
    errno.ENOMEM: Text(
        "free memory, or lift the limit: ulimit -v unlimited",
        "메모리를 확보하거나 제한을 푸십시오: ulimit -v unlimited",
    ),
    errno.EADDRINUSE: Text(
        "another program listens there: stop it, or choose another address",
        "다른 프로그램이 사용 중인 주소입니다. 그 프로그램을 멈추거나 다른 주소를 고르십시오",
    ),
}
"""By ``errno``."""
