"""Between which figures a setting must be."""

from trading_platform_order.words.text import Text

ABOVE = Text("above {least}", "{least} 초과")
FROM = Text("from {least}", "{least} 이상")
UP_TO = Text("up to {most}", "{most} 이하")
