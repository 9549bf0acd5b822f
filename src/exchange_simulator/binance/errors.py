"""What the simulated exchange answers when it says no: one table of codes, texts and statuses.

Codes and meanings: Binance docs, USDS-M futures, error-code page, as of 2026-11. The texts only
resemble the exchange's; programs must go by code.
"""

from http import HTTPStatus


class Rejection(Exception):  # noqa: N818 - an answer of the exchange, not an error of ours
    """A request the exchange answers with ``{"code", "msg"}`` and an HTTP status."""

    def __init__(self, code: int, message: str | None = None, status: int | None = None) -> None:
        """``message`` and ``status`` replace the table's."""
        self.code = code
        self.message = message or _MESSAGES.get(code, "Rejected.")
        self.status = status or _STATUSES.get(code, HTTPStatus.BAD_REQUEST)
        super().__init__(f"{code}: {self.message}")


def missing(name: str) -> Rejection:
    """A mandatory parameter is not there, or is empty."""
    return Rejection(
        -1102,
        f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
    )


_STATUSES = {
    -1000: HTTPStatus.INTERNAL_SERVER_ERROR,
    -1001: HTTPStatus.SERVICE_UNAVAILABLE,
    -1002: HTTPStatus.UNAUTHORIZED,
    -1003: HTTPStatus.TOO_MANY_REQUESTS,
    -1006: HTTPStatus.SERVICE_UNAVAILABLE,
    -1007: HTTPStatus.REQUEST_TIMEOUT,
    -1008: HTTPStatus.SERVICE_UNAVAILABLE,
    -1015: HTTPStatus.TOO_MANY_REQUESTS,
    -1016: HTTPStatus.SERVICE_UNAVAILABLE,
    -2014: HTTPStatus.UNAUTHORIZED,
    -2015: HTTPStatus.UNAUTHORIZED,
    -5000: HTTPStatus.NOT_FOUND,
}

_MESSAGES = {
    -1000: "An unknown error occurred while processing the request.",
    -1001: "Internal error; unable to process your request. Please try again.",
    -1003: "Too many requests; current limit is 2400 requests per minute.",
    -1007: "Timeout waiting for response from backend server. "
    "Send status unknown; execution status unknown.",
    -1008: "Request throttled by system-level protection. "
    "Reduce-only/close-position orders are exempt. Please try again.",
    -1015: "Too many new orders.",
    -1016: "This service is no longer available.",
    -1021: "Timestamp for this request is outside of the recvWindow.",
    -1022: "Signature for this request is not valid.",
    -1100: "Illegal characters found in a parameter.",
    -1111: "Precision is over the maximum defined for this asset.",
    -1115: "Invalid timeInForce.",
    -1116: "Invalid orderType.",
    -1117: "Invalid side.",
    -1121: "Invalid symbol.",
    -1125: "This listenKey does not exist.",
    -1128: "Combination of optional parameters invalid.",
    -1130: "Data sent for a parameter is not valid.",
    -1131: "recvWindow must be less than 60000.",
    -2007: "Invalid callBack rate.",
    -2011: "Unknown order sent.",
    -2013: "Order does not exist.",
    -2014: "API-key format invalid.",
    -2015: "Invalid API-key, IP, or permissions for action.",
    -2019: "Margin is insufficient.",
    -2021: "Order would immediately trigger.",
    -2022: "ReduceOnly Order is rejected.",
    -2027: "Exceeded the maximum allowable position at current leverage.",
    -2028: "Leverage is smaller than permitted: insufficient margin balance.",
    -4062: "Invalid or improper reduceOnly value.",
    -4161: "Leverage reduction is not supported in Isolated Margin Mode with open positions.",
    -2025: "Reach max open order limit.",
    -4001: "Price less than 0.",
    -4002: "Price greater than max price.",
    -4003: "Quantity less than zero.",
    -4004: "Quantity less than min quantity.",
    -4005: "Quantity greater than max quantity.",
    -4013: "Price less than min price.",
    -4014: "Price not increased by tick size.",
    -4015: "Client order id is not valid.",
    -4023: "Qty not increased by step size.",
    -4028: "Leverage is not valid.",
    -4045: "Reach max stop order limit.",
    -4046: "No need to change margin type.",
    -4059: "No need to change position side.",
    -4047: "Margin type cannot be changed if there exists open orders.",
    -4048: "Margin type cannot be changed if there exists position.",
    -4171: "Already in this multi-assets mode.",
    -4082: "Invalid number of batch place orders.",
    -5027: "No need to modify the order.",
    -4061: "Order's position side does not match user's setting.",
    -4067: "Position side cannot be changed if there exists open orders.",
    -4068: "Position side cannot be changed if there exists position.",
    -4108: "Symbol is on delivering or delivered or settling or closed or pre-trading.",
    -4116: "ClientOrderId is duplicated.",
    -4120: "Order type not supported for this endpoint. "
    "Please use the Algo Order API endpoints instead.",
    -4130: "An open stop or take profit order with GTE and closePosition in the direction is "
    "existing.",
    -4131: "The counterparty's best price does not meet the PERCENT_PRICE filter limit.",
    -4136: "Target strategy invalid for orderType and closePosition.",
    -4137: "Quantity must be zero with closePosition equals true.",
    -4138: "Reduce only must be true with closePosition equals true.",
    -4165: "Invalid time interval.",
    -4168: "Unable to adjust to isolated-margin mode under the Multi-Assets mode.",
    -5000: "Path or method is invalid.",
    -5021: "Due to the order could not be filled immediately, the FOK order has been rejected.",
    -5022: "Due to the order could not be executed as maker, the Post Only order is rejected.",
}
