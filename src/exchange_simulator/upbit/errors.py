"""What this exchange says when it refuses, by error name (Upbit docs rest-api-guide @2026-10-06).

Exchange errors are ``{"error":{"name":text,"message":text}}``; quotation errors carry the HTTP
status as an integer ``name``. A refusal inside the simulator is an exception that the router turns
into the answer, because it ends a request from any depth.
"""

# name -> (HTTP status, message)
_TABLE: dict[str, tuple[int, str]] = {
    "create_bid_error": (400, "주문 요청 정보가 올바르지 않습니다."),
    "create_ask_error": (400, "주문 요청 정보가 올바르지 않습니다."),
    "insufficient_funds_bid": (400, "주문가능한 금액(KRW)이 부족합니다."),
    "insufficient_funds_ask": (400, "주문가능한 수량이 부족합니다."),
    "under_min_total_bid": (400, "최소 주문 금액 이상으로 주문해주세요. 5000 KRW"),
    "under_min_total_ask": (400, "최소 주문 금액 이상으로 주문해주세요. 5000 KRW"),
    "over_krw_funds_bid": (
        400,
        "최대 주문 가능 금액 1000000000 KRW 보다 작은 주문을 입력해주세요.",
    ),
    "over_krw_funds_ask": (
        400,
        "최대 주문 가능 금액 1000000000 KRW 보다 작은 주문을 입력해주세요.",
    ),
    "invalid_price_bid": (400, "주문 가격 단위를 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "invalid_price_ask": (400, "주문 가격 단위를 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "invalid_volume_bid": (400, "주문 수량을 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "invalid_volume_ask": (400, "주문 수량을 잘못 입력하셨습니다. 확인 후 시도해주세요."),
    "volume_too_large": (400, "호가에 표시된 잔량을 초과하는 시장가 주문입니다."),
    "invalid_parameter": (400, "잘못된 파라미터입니다."),
    "validation_error": (400, "잘못된 API 요청입니다."),
    "invalid_time_in_force": (400, "지원하지 않는 time_in_force 입니다."),
    "invalid_post_only": (400, "post_only 주문에는 SMP를 설정할 수 없습니다."),
    "notfoundmarket": (400, "다음 마켓에 없는 종목입니다."),
    "duplicated_identifier": (400, "이미 등록된 identifier입니다."),
    "invalid_query_payload": (401, "Jwt의 query를 검증하는데 실패하였습니다."),
    "jwt_verification": (401, "Jwt 토큰 검증에 실패했습니다."),
    "nonce_used": (401, "이미 사용한 nonce 값입니다."),
    "expired_access_key": (401, "API 키가 만료되었습니다."),
    "invalid_access_key": (401, "잘못된 엑세스 키입니다."),
    "no_authorization_ip": (401, "허용되지 않은 IP입니다."),
    "no_authorization_token": (401, "인증 토큰이 없습니다."),
    "out_of_scope": (403, "허용되지 않은 기능입니다."),
    "bad_request": (400, "잘못된 요청입니다."),
    "market_offline": (403, "시스템 점검 중입니다. 잠시 후 다시 시도해주세요."),
    "deposit_not_found": (404, "입금 정보를 찾지 못했습니다."),
    "withdraw_not_found": (404, "출금 정보를 찾지 못했습니다."),
    "order_not_found": (404, "주문을 찾지 못했습니다."),
    "not_found": (404, "존재하지 않는 API입니다."),
    "internal_server_error": (500, "서버 오류가 발생했습니다."),
}


def is_documented(name: str) -> bool:
    """Whether the exchange's documents name this refusal."""
    return name in _TABLE


class Refusal(Exception):  # noqa: N818 - an answer of the exchange, not an error of this program
    """The request is answered with this error.

    Attributes:
        name: the exchange's error name.
        status: HTTP status.
        message: the exchange's words.
        is_quotation: quotation errors name the status instead of the error.
    """

    def __init__(self, name: str, *, detail: str = "", is_quotation: bool = False) -> None:
        status, message = _TABLE.get(name, (400, name))
        super().__init__(name)
        self.name = name
        self.status = status
        self.message = f"{message} {detail}".strip()
        self.is_quotation = is_quotation

    def for_quotation(self) -> "Refusal":
        """The same, as the quotation endpoints tell it."""
        shown = Refusal(self.name, is_quotation=True)
        shown.message = self.message
        return shown

    def body(self) -> dict[str, object]:
        """The JSON body of the answer."""
        name = self.status if self.is_quotation else self.name
        return {"error": {"name": name, "message": self.message}}


def sided(name: str, side: str) -> str:
    """``insufficient_funds`` and ``bid`` -> ``insufficient_funds_bid``."""
    return f"{name}_{side}"
