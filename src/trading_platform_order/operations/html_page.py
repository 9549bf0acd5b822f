"""One HTML file that needs nothing else: no script, no network, light and dark, wide and narrow."""

from html import escape

from trading_platform_order.words.text import Language

_STYLE = """
:root{color-scheme:light dark;--line:#d5d9e0;--soft:#5b6472;--bad:#b3261e;--good:#0b6b3a;
--card:#f6f7f9;--warn:#fff4d6}
@media(prefers-color-scheme:dark){:root{--line:#3a414c;--soft:#a3adba;--bad:#ff8a80;
--good:#6fdc9c;--card:#1b2027;--warn:#3a2f10}body{background:#12161b;color:#e8ebef}}
*{box-sizing:border-box}
body{font:15px/1.5 system-ui,"Noto Sans KR","NanumGothic",sans-serif;margin:0 auto;
padding:1.2rem;max-width:68rem}
h1{font-size:1.45rem;margin:0 0 .2rem}h2{font-size:1.1rem;margin:2rem 0 .6rem}
p{margin:.3rem 0}.soft{color:var(--soft)}.bad{color:var(--bad)}.good{color:var(--good)}
.note{background:var(--warn);padding:.5rem .8rem;border-radius:.4rem;margin:.8rem 0}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem}
.card{background:var(--card);border-radius:.5rem;padding:.6rem .8rem}
.card b{display:block;font-size:1.2rem;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .6rem;border-bottom:1px solid var(--line);text-align:right;
white-space:nowrap}
th{font-weight:600;color:var(--soft)}th:first-child,td:first-child,.left{text-align:left}
td.words{white-space:normal;text-align:left;min-width:12rem}
.heat{margin-bottom:1.2rem}.heat td{color:#111}.heat td,.heat th+th{text-align:center}
figure{margin:.6rem 0;background:#fff;border-radius:.5rem;overflow-x:auto}
figure svg{display:block;width:100%;min-width:36rem;height:auto}
tr.sum td{font-weight:600}
details summary{cursor:pointer;color:var(--soft)}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def html_page(*, title: str, body: str, language: Language) -> str:
    """A whole document; ``body`` is HTML already, its texts escaped by whoever made it."""
    return (
        f'<!doctype html>\n<html lang="{language.value}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n"
        f"<body><h1>{escape(title)}</h1>\n{body}\n</body></html>\n"
    )


def html_table(
    columns: list[str],
    rows: list[list[str]],
    *,
    words: frozenset[int] = frozenset(),
    sums: int = 0,
) -> str:
    """A table that scrolls by itself where it is wider than the screen; texts are escaped here.

    ``words``: columns of running text, which may be broken; ``sums``: so many last rows are sums.
    """
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    lines = "".join(
        ('<tr class="sum">' if number >= len(rows) - sums else "<tr>")
        + "".join(
            f'<td class="words">{escape(cell)}</td>'
            if index in words
            else f"<td>{escape(cell)}</td>"
            for index, cell in enumerate(row)
        )
        + "</tr>"
        for number, row in enumerate(rows)
    )
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )
