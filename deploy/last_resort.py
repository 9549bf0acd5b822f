#!/usr/bin/env python3
"""Close what the engine owns, when neither the engine nor a successor of it can.

One file, no code shared with the engine: a fault that stops the engine cannot stop this. It reads
``owned.json``, which the engine replaces at every settlement; then it believes the exchanges only.
For each coin it cancels our resting orders (ids with our prefix), waits until nothing sent before
can arrive any more, and closes min(owned + executed under our prefix since, what is there): the
excess of the longer leg first, then equal parts of both, reduce-only on Binance. Whatever fails, or
is closed for now, is tried again for ever. Each step begins with the exchanges' own lists, so it
may be killed and started again: an order's id is made of the file's checksum and a number, Upbit
takes an id once for ever, and on Binance it is looked up first and never sent again while unknown.
"""

import argparse
import base64
import fcntl
import hashlib
import hmac
import http.client
import json
import os
import sys
import time
import urllib.parse
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from pathlib import Path

UPBIT, BINANCE = "https://api.upbit.com", "https://fapi.binance.com"
TIMEOUT_S, PAUSE_MAX_S, WINDOW_MS = 10.0, 60.0, 5_000
HORIZON_MS = WINDOW_MS + 5_000  # the clocks of an exchange's machines differ, and lists lag
PAGE_MS, ROWS_MAX = 7 * 86_400_000 - 60_000, 1_000  # one page of either exchange's history
ZERO, VOLUME_STEP, PART_KRW = Decimal(0), Decimal("0.00000001"), Decimal(10_000_000)
KEYS = ("UPBIT_ACCESS_KEY", "UPBIT_SECRET_KEY", "BINANCE_API_KEY", "BINANCE_SECRET_KEY")
# Answers of the 4xx class that do not prove that an order was not accepted.
MAYBE = {-1000, -1001, -1006, -1007, -1008, -4116, "duplicated_identifier", "nonce_used"}
OPEN = ("wait", "watch", "NEW", "PARTIALLY_FILLED")  # every other state is an end


class NotNow(Exception):  # try again later; its status is 0 where no answer came
    def __init__(self, text, status=0, code=""):
        super().__init__(text)
        self.status, self.code = status, code
        self.is_refusal = 400 <= status < 500 and status != 408 and code not in MAYBE


TROUBLE = (NotNow, LookupError, TypeError, ValueError, ArithmeticError, AttributeError)


def say(text):
    print(time.strftime("%H:%M:%SZ", time.gmtime()), text, flush=True)


class Exchange:
    """What both have in common: requests, lists, and an order whose outcome is found out."""

    def __init__(self, url, key, secret):
        self.url, self.key, self.secret = url.rstrip("/"), key, secret.encode()
        self.known, self.burned = {}, set()  # executed by id, as looked up; ids that are no order
        self.banned_until_s, self.offset_ms = 0.0, 0

    def now_ms(self):
        return int(time.time() * 1_000) + self.offset_ms

    def request(self, method, path, query="", headers=None, body=None):
        """The JSON of a good answer. No exception carries the query: it is signed."""
        where = f"{type(self).__name__} {method} {path}"
        if (left_s := self.banned_until_s - time.monotonic()) > 0:
            raise NotNow(f"{where}: banned for {left_s:.0f} s more", 429)
        url = self.url + path + "?" * bool(query) + query
        try:
            request = urllib.request.Request(url, body, headers or {}, method=method)
            with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
                return json.loads(answer.read(), parse_float=Decimal)
        except urllib.request.HTTPError as error:
            raise self.refusal(where, error) from None
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise NotNow(f"{where}: no answer ({type(error).__name__})") from None

    def refusal(self, where, error):
        status, told = error.code, error.headers.get("Retry-After") or ""
        if status in (418, 429):
            wait_s = float(told) if told.isdigit() else {418: 60.0, 429: 1.0}[status]
            self.banned_until_s = time.monotonic() + wait_s
        try:
            body = json.loads(error.read())
            code = (body.get("error") or body).get("name") or body.get("code")
        except (OSError, ValueError, AttributeError, http.client.HTTPException):
            body, code = "", ""
        return NotNow(f"{where}: {status} {body or 'closed or failing'}", status, code)

    def executed(self, coin, owned):
        """New executions by our id: the leg made longer, or shorter (negative)."""
        found, since_ms, parse = {}, owned["since_ms"], datetime.fromisoformat
        while since_ms < (now_ms := self.now_ms()):
            till_ms = min(since_ms + PAGE_MS, now_ms + 60_000)
            while len(page := self.ended(coin, since_ms, till_ms)) >= ROWS_MAX:
                till_ms = (since_ms + till_ms) // 2  # a full page may leave some out
            since_ms = till_ms
            for row in page:
                at_ms = row.get("time") or parse(row["created_at"]).timestamp() * 1_000
                name, done = row.get(self.id_key) or "", Decimal(row[self.executed_key])
                before = owned["counted"].get(name, 0 if at_ms >= owned["new_ms"] else done)
                if name.startswith(owned["prefix"]):
                    new, is_opening = max(done - Decimal(before), ZERO), row["side"] == self.opening
                    found[name] = new if is_opening else -new
        return found

    def look_up(self, coin, name):
        """Whether there is such an order; what it executed is noted once it has ended."""
        try:
            row = self.order_named(coin, name)
        except NotNow as error:
            if error.status == 404 or error.code == -2013:
                return False
            raise
        if row.get("state", row.get("status")) not in OPEN:
            self.known[name] = Decimal(row[self.executed_key])
        return True

    def close(self, coin, quantity, name, held):
        """Close so much with one order; why it was not placed, or nothing once its end is known."""
        sent_ms, missed, pause_s = self.now_ms(), 0, 0.2
        try:
            if not self.look_up(coin, name):  # else a start before this one sent it
                self.send(coin, quantity, name)
        except NotNow as error:
            if error.is_refusal:
                self.burned.add(name)
                return str(error)
            say(f"{name}: not known whether it was placed ({error}); looking it up")
        while name not in self.known:
            time.sleep(pause_s)
            try:
                missed = 0 if self.look_up(coin, name) else missed + 1
                if missed >= 3 and self.is_absent(coin, quantity, name, held, sent_ms):
                    self.burned.add(name)
                    return f"{name} never became an order"
                pause_s = min(pause_s * 2, 1.0)
            except TROUBLE as error:
                say(f"{name}: {error}; asking again")
                pause_s = min(pause_s * 2, PAUSE_MAX_S)
        return ""


class Upbit(Exchange):
    id_key, executed_key, opening = "identifier", "executed_volume", "bid"

    def call(self, method, path, **values):
        pairs = [(k, v) for k, vs in values.items() for v in (vs if type(vs) is list else [vs])]
        text = "&".join(f"{k}={v}" for k, v in pairs)  # as it reads, not as it is encoded
        claims = {"query_hash": hashlib.sha512(text.encode()).hexdigest()} if pairs else {}
        claims |= {"access_key": self.key, "nonce": str(uuid.uuid4())}
        parts = (json.dumps(part).encode() for part in ({"alg": "HS512", "typ": "JWT"}, claims))
        token = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
        digest = hmac.new(self.secret, token, hashlib.sha512).digest()
        token += b"." + base64.urlsafe_b64encode(digest).rstrip(b"=")
        headers = {"Authorization": "Bearer " + token.decode(), "Content-Type": "application/json"}
        if method != "POST":
            return self.request(method, path, urllib.parse.urlencode(pairs, safe="[]"), headers)
        return self.request(method, path, "", headers, json.dumps(values).encode())

    def resting(self, coin):
        rows, page = [], 0
        while len(rows) == 100 * page:
            page += 1
            values = {"market": coin["market"], "states[]": ["wait", "watch"], "page": page}
            rows += self.call("GET", "/v1/orders/open", **values)
        return [(row.get("identifier"), "/v1/order", {"uuid": row["uuid"]}) for row in rows]

    def ended(self, coin, start_ms, end_ms):
        values = {"market": coin["market"], "start_time": start_ms, "end_time": end_ms}
        return self.call("GET", "/v1/orders/closed", **values, limit=ROWS_MAX)

    def held(self, coin):
        """Coins in all; those that no order holds; the price they were bought at, KRW."""
        for row in self.call("GET", "/v1/accounts"):
            if row["currency"] == coin["base"]:
                free = Decimal(row["balance"])
                return free + Decimal(row["locked"]), free, Decimal(row["avg_buy_price"])
        return ZERO, ZERO, ZERO

    def book(self, coin):
        """The best bid, KRW, and the coins that are bid for within 1 % of it."""
        book = self.request("GET", "/v1/orderbook", "markets=" + coin["market"])[0]
        units = [(Decimal(u["bid_price"]), Decimal(u["bid_size"])) for u in book["orderbook_units"]]
        return units[0][0], sum(size for price, size in units if price * 100 >= units[0][0] * 99)

    def send(self, coin, quantity, name=""):
        """Sell at the market; without a name it is only tested."""
        order = {"market": coin["market"], "side": "ask", "ord_type": "market"}
        order |= {"volume": f"{quantity:f}"} | ({"identifier": name} if name else {})
        self.call("POST", "/v1/orders" if name else "/v1/orders/test", **order)

    def order_named(self, _coin, name):
        return self.call("GET", "/v1/order", identifier=name)

    def is_absent(self, coin, quantity, name, _held, _sent_ms):
        """The same identifier again is no second order: now it is placed, or burned for ever."""
        try:
            self.send(coin, quantity, name)
        except NotNow as error:
            if error.status == 400:
                return not self.look_up(coin, name)
            raise
        return False


class Binance(Exchange):
    id_key, executed_key, opening = "clientOrderId", "executedQty", "SELL"

    def call(self, method, path, **values):
        values |= {"recvWindow": WINDOW_MS, "timestamp": self.now_ms()}
        query = urllib.parse.urlencode(values)
        query += "&signature=" + hmac.new(self.secret, query.encode(), hashlib.sha256).hexdigest()
        return self.request(method, path, query, {"X-MBX-APIKEY": self.key})

    def server_ms(self):
        """Binance's own time, which signatures follow from now on."""
        told = self.request("GET", "/fapi/v1/time")["serverTime"]
        self.offset_ms = told - int(time.time() * 1_000)
        return told

    def resting(self, coin):
        rows, name = self.call("GET", "/fapi/v1/openOrders", symbol=coin["symbol"]), "clientOrderId"
        return [(r[name], "/fapi/v1/order", {k: r[k] for k in ("symbol", "orderId")}) for r in rows]

    def stops(self, coin):
        rows = self.call("GET", "/fapi/v1/openAlgoOrders", symbol=coin["symbol"])
        return [(r["clientAlgoId"], "/fapi/v1/algoOrder", {"algoId": r["algoId"]}) for r in rows]

    def ended(self, coin, start_ms, end_ms):
        values = {"symbol": coin["symbol"], "startTime": start_ms, "endTime": end_ms}
        return self.call("GET", "/fapi/v1/allOrders", **values, limit=ROWS_MAX)

    def held(self, coin):
        rows = self.call("GET", "/fapi/v3/positionRisk", symbol=coin["symbol"])
        return sum((max(-Decimal(row["positionAmt"]), ZERO) for row in rows), ZERO)

    def send(self, coin, quantity, name=""):
        """Buy back at the market, reduce-only; without a name it is only tested."""
        order = {"symbol": coin["symbol"], "side": "BUY", "type": "MARKET", "reduceOnly": "true"}
        order |= {"quantity": f"{quantity:f}"} | ({"newClientOrderId": name} if name else {})
        self.call("POST", "/fapi/v1/order" + ("" if name else "/test"), **order)

    def order_named(self, coin, name):
        return self.call("GET", "/fapi/v1/order", symbol=coin["symbol"], origClientOrderId=name)

    def is_absent(self, coin, quantity, name, held, sent_ms):
        """The window has passed, and neither a list nor the position shows it."""
        is_late = self.server_ms() > sent_ms + HORIZON_MS
        return is_late and held - self.held(coin) < quantity and not self.look_up(coin, name)


def plan(coin, spot, contracts, price_krw, part):
    """(coins to sell, contracts to buy back) next, of ours; dust goes with the last ``part``."""
    step, factor, least_krw = (Decimal(coin[k]) for k in ("step", "factor", "min_krw"))
    least, most = max(Decimal(coin["min_quantity"]), step), Decimal(coin["max_quantity"])
    spot, contracts = spot // VOLUME_STEP * VOLUME_STEP, contracts // step * step
    contracts = contracts if contracts >= least else ZERO
    part = max(part, 2 * least_krw / price_krw if price_krw else ZERO)
    excess, part_contracts = spot - contracts * factor, max(min(part / factor, most), least)
    if excess * price_krw >= least_krw:
        is_last = (excess - part) * price_krw < least_krw
        return (excess if is_last else part // VOLUME_STEP * VOLUME_STEP), ZERO
    if -excess >= least * factor:
        return ZERO, min(-excess / factor, part_contracts) // step * step
    number = min(contracts, part_contracts) // step * step
    rest = contracts - number
    if contracts <= most and (rest < least or (spot - number * factor) * price_krw < least_krw):
        number = contracts
    coins = spot if number == contracts else number * factor
    return (coins if number and coins * price_krw >= least_krw else ZERO), number


class LastResort:
    def __init__(self, owned, checksum, upbit, binance, asked):
        self.owned, self.upbit, self.binance = owned, upbit, binance
        self.really, self.prefix, self.until_ms = asked.really, owned["prefix"], 0
        for number, coin in enumerate(owned["coins"]):
            coin["name"] = f"{self.prefix}{checksum[:12]}-L{number}-"

    def ours(self, coin, exchange, owned, actual):
        """min(owned + executed under our prefix since, actual), and the next free number."""
        rows, name = exchange.executed(coin, self.owned), coin["name"]
        for mine, quantity in exchange.known.items():  # a list may lag behind a look-up
            if mine.startswith(name):
                rows[mine] = min(rows.get(mine, ZERO), -quantity)
        owned += sum(rows.values(), ZERO)
        used = [int(n[len(name) + 1 :]) for n in {*rows, *exchange.burned} if n.startswith(name)]
        return max(min(owned, actual), ZERO), max(used, default=0) + 1

    def cancel(self, exchange, orders):
        ours = [order for order in orders if (order[0] or "").startswith(self.prefix)]
        for name, path, values in ours:
            say(f"cancel our order {name} on {type(exchange).__name__}")
            if self.really:
                exchange.call("DELETE", path, **values)
        return len(ours) if self.really else 0

    def step(self, coin):
        """One step of one coin; whether there was anything to do."""
        base, upbit, binance = coin["base"], self.upbit, self.binance
        if self.cancel(upbit, upbit.resting(coin)) + self.cancel(binance, binance.resting(coin)):
            raise NotNow("what was cancelled may have been executed in part: looking again")
        now_ms = binance.server_ms()
        self.until_ms = self.until_ms or now_ms + max(self.owned["horizon_ms"], HORIZON_MS)
        if self.really and (left_ms := self.until_ms - now_ms) > 0:
            raise NotNow(f"{left_ms / 1_000:.1f} s until nothing sent before can arrive any more")
        (coins, free, price_krw), short = upbit.held(coin), binance.held(coin)
        spot, number = self.ours(coin, upbit, Decimal(coin["spot"]), coins)
        contracts, other = self.ours(coin, binance, Decimal(coin["short"]), short)
        bid_for = spot + contracts * Decimal(coin["factor"])
        try:
            price_krw, bid_for = upbit.book(coin)
        except NotNow as error:
            say(f"{base}: {error}; going by the price the coins were bought at")
            if spot and not price_krw:
                raise
        part = min(PART_KRW / (price_krw or PART_KRW), bid_for / 2)
        sell, buy = plan(coin, spot, contracts, price_krw, part)
        if not sell and not buy:
            self.cancel(binance, binance.stops(coin))  # until now they protected the short
            return False
        ours = f"{spot:f} of {coins:f} coins, {contracts:f} of {short:f} short"
        how = "an equal part of both" if sell and buy else "the excess of one leg"
        say(f"{base}: ours {ours}; {how}: sell {sell:f}, buy back {buy:f}")
        if sell > free:
            raise NotNow(f"an order that is not ours holds the coins, only {free:f} are free")
        if sell and buy:  # if one is closed, the other leg would stand alone
            upbit.send(coin, sell)
            binance.send(coin, buy)
        if not self.really:
            return False
        n = max(number, other)
        sold = (upbit.close, coin, sell, f"{coin['name']}s{n}", coins)
        bought = (binance.close, coin, buy, f"{coin['name']}h{n}", short)
        with ThreadPoolExecutor() as pool:
            jobs = [pool.submit(*leg) for leg in (sold, bought) if leg[2]]
        if why := "; ".join(filter(None, (job.result() for job in jobs))):
            raise NotNow(why)
        return True

    def run(self):
        """Until two looks in a row, some seconds apart, find nothing to do; to look: one."""
        waiting = [[coin, 0, 0.0, 1.0] for coin in self.owned["coins"]]
        while waiting := [row for row in waiting if row[1] < 1 + self.really]:
            for row in waiting:
                coin, quiet, due_s, pause_s = row
                if time.monotonic() < due_s:
                    continue
                try:
                    quiet = 0 if self.step(coin) else quiet + 1
                    row[1:] = quiet, time.monotonic() + (3.0 if quiet else 0.2), 1.0
                except TROUBLE as error:
                    say(f"{coin['base']}: {error}; again in {pause_s:.0f} s")
                    row[2:] = time.monotonic() + pause_s, min(pause_s * 2, PAUSE_MAX_S)
            time.sleep(0.1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("owned", type=Path, help="the file that the engine writes")
    parser.add_argument("--really", action="store_true", help="send orders; else only say which")
    parser.add_argument("--upbit-url", default=UPBIT)
    parser.add_argument("--binance-url", default=BINANCE)
    asked = parser.parse_args()
    lock = os.open(f"{asked.owned}.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        sys.exit(f"another last resort is at work by {asked.owned}")
    # A later start goes on with what the first one took, whatever the engine wrote meanwhile.
    taken = Path(f"{asked.owned}.taken")
    source = taken if taken.exists() else asked.owned
    try:
        told = json.loads(source.read_bytes())
        text = json.dumps(owned := told["owned"], sort_keys=True, separators=(",", ":"))
        if hashlib.sha256(text.encode()).hexdigest() != told["sha256"]:
            raise ValueError("its checksum does not fit")
    except (OSError, ValueError, LookupError, TypeError) as error:
        sys.exit(f"{source} is missing or damaged, so nothing is closed by it: {error}")
    if owned["mode"] != "live" and {asked.upbit_url, asked.binance_url} & {UPBIT, BINANCE}:
        sys.exit(f"{source} is of mode {owned['mode']}: it says nothing about real accounts")
    keys = [os.environ.get(f"LAST_RESORT_{k}") or sys.exit(f"set LAST_RESORT_{k}") for k in KEYS]
    if asked.really and source is not taken:
        taken.hardlink_to(asked.owned)
    upbit, binance = Upbit(asked.upbit_url, *keys[:2]), Binance(asked.binance_url, *keys[2:])
    say(f"{source}: account {owned['account']}, written {owned['at']}, journal row {owned['head']}")
    LastResort(owned, told["sha256"], upbit, binance, asked).run()
    if asked.really:
        taken.replace(f"{asked.owned}.closed")  # an engine that finds it trades nothing
    say("done: nothing of ours is left" if asked.really else "a look only; --really sends it")


if __name__ == "__main__":
    main()
