"""Recompute an order line from `gateway plan explain ITEM PLACE --json` alone: run with `python -I`, standard library
only, written from docs/planning.md and not from the gateway's code.

Reads one or more explanations as JSON (an object or a list) from stdin; ends with 1 and says where the figures differ.
"""

import itertools
import json
import math
import sys
from datetime import date
from decimal import Decimal

HORIZONS = (1, 2, 4, 7, 14, 28)


def log_gamma_tail(shape, x):
    """Return Q(shape, x), the upper regularised incomplete gamma function."""
    if x <= 0:
        return 1.0
    front = math.exp(shape * math.log(x) - x - math.lgamma(shape))
    if x < shape + 1:
        term = total = 1.0 / shape
        n = shape
        while term > total * 1e-16:
            n += 1
            term *= x / n
            total += term
        return 1.0 - front * total
    b, c = x + 1 - shape, 1e300
    d = h = 1 / b
    for i in range(1, 10_000):
        an = -i * (i - shape)
        b += 2
        d = 1 / (an * d + b) if an * d + b else 1e300
        c = b + an / c
        h *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return front * h


def count_probabilities(mean, variance):
    """Return P(D = 0), P(D = 1), ... until nothing is left: negative binomial, Poisson when variance <= mean."""
    if variance <= mean * (1 + 1e-6):
        logs = lambda k: k * math.log(mean) - mean - math.lgamma(k + 1)  # noqa: E731
    else:
        r, p = mean * mean / (variance - mean), mean / variance
        logs = lambda k: (  # noqa: E731
            math.lgamma(k + r) - math.lgamma(r) - math.lgamma(k + 1) + r * math.log(p) + k * math.log1p(-p)
        )
    found, total, k = [], 0.0, 0
    while total < 1 - 1e-15 and k < 200_000:
        value = math.exp(logs(k))
        found.append(value)
        total += value
        if k > mean and value < 1e-18:
            break
        k += 1
    return found


class Demand:
    """Demand over an interval, and what a stock misses of it."""

    def __init__(self, kind, mean, variance):
        self.kind, self.mean, self.variance = kind, mean, variance
        if kind == "negative-binomial":
            tail = 0.0
            chances = count_probabilities(mean, variance)
            below = []
            for each in reversed(chances):
                below.append(tail)
                tail += each
            over = list(reversed(below))  # P(D > k)
            left = 0.0
            found = [0.0] * (len(over) + 1)
            for k in range(len(over) - 1, -1, -1):
                left += over[k]
                found[k] = left
            self.shortages = found

    def shortage(self, stock):
        if self.kind == "negative-binomial":
            if stock < 0:
                return self.mean - stock
            return self.shortages[stock] if stock < len(self.shortages) else 0.0
        if stock <= 0:
            return self.mean - stock
        shape, x = self.mean**2 / self.variance, stock * self.mean / self.variance
        return max(self.mean * log_gamma_tail(shape + 1, x) - stock * log_gamma_tail(shape, x), 0.0)

    def mean_shortage(self, stock, lot):
        """The position after an order lies evenly between stock and stock + lot."""
        if self.kind == "negative-binomial":
            units = max(round(lot), 1)
            return sum(self.shortage(stock + n) for n in range(units)) / units
        if lot <= 1:
            return self.shortage(stock)
        return (self.beyond(stock) - self.beyond(stock + lot)) / lot

    def beyond(self, stock):
        """The integral of the shortage of a gamma demand from stock upward: half of E((D - stock)+) squared."""
        shape, scale = self.mean**2 / self.variance, self.variance / self.mean
        x = stock / scale
        squares = shape * (shape + 1) * scale**2 * log_gamma_tail(shape + 2, x)
        crossed = 2 * stock * self.mean * log_gamma_tail(shape + 1, x)
        return (squares - crossed + stock**2 * log_gamma_tail(shape, x)) / 2

    def chance_of_shortage(self, stock, lot):
        """P(D > position), the position lying evenly between stock and stock + lot."""
        if self.kind == "negative-binomial":
            units = max(round(lot), 1)
            return (self.shortage(stock) - self.shortage(stock + units)) / units
        if lot <= 1:
            return log_gamma_tail(self.mean**2 / self.variance, stock * self.mean / self.variance)
        return (self.shortage(stock) - self.shortage(stock + lot)) / lot


def bisect(enough, low, high):
    for _ in range(60):
        middle = (low + high) / 2
        if enough(middle):
            high = middle
        else:
            low = middle
    return high


def variance_of(spread, days, mean):
    at = math.log(min(max(days, HORIZONS[0]), HORIZONS[-1]))
    for low, high in itertools.pairwise(HORIZONS):
        if at <= math.log(high) + 1e-12:
            share = (at - math.log(low)) / (math.log(high) - math.log(low))
            factor = spread[str(low)] * (1 - share) + spread[str(high)] * share
            return mean + factor * mean * mean
    raise ValueError(days)


def check(name, found, said, tolerance):
    if abs(found - said) > tolerance:
        raise AssertionError(f"{name}: recomputed {found!r}, explained {said!r}")


def position(why):
    said = why["position"]
    on_hand = sum((Decimal(each["units"]) for each in said["steps"]), Decimal(0))
    check("on hand", on_hand, Decimal(said["on_hand"]), 0)
    coming = sum((Decimal(each["units"]) for each in said["supply"] if each["counts"] == "in-time"), Decimal(0))
    found = max(Decimal(0), on_hand) - Decimal(said["allocated"]) - Decimal(said["backordered"]) + coming
    found += sum((Decimal(each["position"]) - Decimal(each["order_up_to"]) for each in said["places"]), Decimal(0))
    check("position", found, Decimal(said["position"]), 0)
    return float(found)


def forecast(why):
    """Each day's forecast is rate and fading burst times the day's factors; a person's word goes before it."""
    said = why["forecast"]
    left = said["burst"]
    for day in said["daily"]:
        left *= day.get("stays", 0.85)
        found = max(said["rate"] + left, 0.0)
        for name in ("weekday", "year", "promotion", "holiday", "price"):
            found *= day.get(name, 1.0)
        check(f"forecast of {day['day']}", found, day["system"], 1e-9 * max(1.0, found))
        if not day["said"]:
            check(f"units of {day['day']}", day["units"], day["system"], 0)


def demand(why):
    interval, said = why["interval"], why["demand"]
    first, arrives = date.fromisoformat(interval["first_day"]), date.fromisoformat(interval["arrives_on"])
    next_arrives = date.fromisoformat(interval["next_arrives_on"])
    lead, days = max((arrives - first).days, 0), max((next_arrives - first).days, 1)
    check("lead days", lead, interval["lead_days"], 0)
    check("days", days, interval["days"], 0)
    daily = [each["units"] for each in why["forecast"]["daily"]]
    mean, lead_mean = sum(daily[:days]), sum(daily[:lead])
    spread = why["forecast"]["spread"]
    more = (mean / max(days, 1) * said["lead_deviation"]) ** 2
    variance = variance_of(spread, days, mean) + more
    lead_variance = variance_of(spread, lead, lead_mean) + more
    if said["relative"] > 0:  # a new item: its rate is hardly known
        variance = max(variance, mean + said["relative"] * mean * mean)
        lead_variance = max(lead_variance, lead_mean + said["relative"] * lead_mean * lead_mean)
    for name, found in (("mean", mean), ("variance", variance), ("lead_mean", lead_mean)):
        check(name, found, said[name], 1e-9 * max(1.0, abs(found)))
    check("lead_variance", lead_variance, said["lead_variance"], 1e-9 * max(1.0, lead_variance))
    kind = "negative-binomial" if mean < 30 else "gamma"
    if kind != said["distribution"]:
        raise AssertionError(f"distribution {kind}, explained {said['distribution']}")
    return mean, variance, lead_mean, lead_variance, kind


def service_level(why, mean, variance, lead_mean, lead_variance, kind):
    policy = why["policy"]
    if mean <= 1e-9:
        return 0.0
    whole, lead = Demand(kind, mean, variance), None
    if lead_mean > 1e-9:
        lead = Demand(kind, lead_mean, lead_variance)
    lot, share = policy["lot"], 1 - policy["service"]
    served = mean - lead_mean
    allowed = share * (served if served > 1e-9 else mean)

    def enough(level):
        if policy["measure"] == "cycle-service":
            return whole.chance_of_shortage(level, lot) <= share
        if policy["measure"] == "least-stock":
            sold = whole.chance_of_shortage(level, lot)
            if lead is not None and level < lead_mean + 6 * math.sqrt(lead_variance):
                sold = max(sold - lead.chance_of_shortage(level, lot), 0.0)
            return level >= mean and sold <= share
        missed = whole.mean_shortage(level, lot)
        if lead is not None and level < lead_mean + 6 * math.sqrt(lead_variance):  # beyond, it is as good as certain
            missed = max(missed - lead.mean_shortage(level, lot), 0.0)
        return missed <= allowed

    highest = mean + 6 * math.sqrt(variance)
    if kind == "gamma":
        return bisect(enough, 0.0, highest) if not enough(0.0) else 0.0
    highest = math.ceil(highest)
    return next((level for level in range(highest) if enough(level)), highest)


def target(why, mean, variance, lead_mean, lead_variance, kind):
    policy, said = why["policy"], why["target"]
    level = service_level(why, mean, variance, lead_mean, lead_variance, kind)
    level = min(level, mean + 6 * math.sqrt(variance))
    if policy["presentation"] > 0:
        level = max(level, mean + policy["presentation"])
    caps = [each for each in (policy["capacity"], policy["life_cap"]) if each is not None]
    level = min([level, *caps])
    rule = policy["rule"]
    reorder = upper = level
    if rule == "min-max":
        reorder, upper = policy["minimum"], policy["maximum"]
    elif rule in ("reorder-lot", "reorder-up-to"):
        reorder = level - (1 if kind == "negative-binomial" else 0)
        upper = min([reorder + policy["lot"], *caps])
    near = 0.0 if kind == "negative-binomial" else 0.003 * math.sqrt(variance) + 1e-6
    check("reorder point", reorder, said["reorder_point"], near + 1e-9)
    check("order up to", upper, said["order_up_to"], near + 1e-9)
    return said["reorder_point"], said["order_up_to"]


def rounded(why, held, reorder, upper, mean):
    units, policy = why["packing"], why["policy"]
    due = held <= reorder if policy["rule"] != "order-up-to" else held < upper
    need = max(upper - held, 0.0) if due else 0.0
    pack = units["pack"]
    packs = math.ceil(round(need / pack, 9))
    quantity = packs * pack
    if packs == 1 and need < units["trigger"] * pack and held >= mean:
        quantity = 0.0
    for name in ("layer", "pallet"):
        size = units[name]
        if size > 0 and quantity > 0:
            higher = math.ceil(round(quantity / size, 9)) * size
            lower = math.floor(round(quantity / size, 9)) * size
            if quantity < higher <= quantity + units["up"] * size:
                quantity = higher
            elif 0 < lower < quantity <= lower + units["down"] * size and lower >= reorder - held:
                quantity = lower
    least = math.ceil(round(units["minimum"] / pack, 9)) * pack
    if 0 < quantity < least:
        quantity = 0.0 if quantity < least / 2 else least
    room = min(each if each is not None else math.inf for each in (policy["capacity"], policy["life_cap"])) - held
    if room < math.inf:
        most = math.floor(round(max(room, 0.0) / pack, 9)) * pack
        if most < pack and need > 0 and room > 0:
            most = pack
        quantity = min(quantity, most)
    return quantity


def recompute(why):
    held = position(why)
    forecast(why)
    mean, variance, lead_mean, lead_variance, kind = demand(why)
    reorder, upper = target(why, mean, variance, lead_mean, lead_variance, kind)
    system = rounded(why, held, reorder, upper, mean)
    check("system quantity", system, float(why["system_quantity"]), 0.0005)
    said = why.get("override")
    quantity = Decimal(said["quantity"]) if said else Decimal(why["system_quantity"])
    quantity = through_dock(why, quantity)
    quantity = cross_docked(why, said, quantity)
    quantity = given_share(why, quantity)
    quantity = with_load(why, quantity, held)
    quantity = planned_by_supplier(why, quantity)
    check("quantity", quantity, Decimal(why["quantity"]), 0)


def planned_by_supplier(why, quantity):
    """A supplier plans: what he offers, judged against the agreed levels."""
    said = why.get("supplier_plans")
    if said is None:
        return quantity
    check("position", Decimal(said["position"]), Decimal(why["position"]["position"]), 0)
    after = Decimal(said["position"]) + Decimal(said["offered"])
    over = said["maximum"] is not None and after > Decimal(said["maximum"])
    under = said["minimum"] is not None and after < Decimal(said["minimum"]) and not over
    told = ("plan.supplier-over" in why["exceptions"], "plan.supplier-under" in why["exceptions"])
    if told != (over, under):
        raise AssertionError(f"over, under: recomputed {(over, under)}, explained {told}")
    return Decimal(said["offered"])


def through_dock(why, quantity):
    """A shop's part of what the rounding to the supplier's pack has added to the orders of all shops."""
    said = why.get("through_dock")
    if said is None:
        return quantity
    check("wanted through the dock", quantity, Decimal(said["wanted"]), 0)
    pack, by_all, found = Decimal(said["pack"]), Decimal(said["wanted_by_all"]), Decimal(said["given"])
    added = math.ceil(by_all / pack) * pack - by_all
    if not quantity <= found <= quantity + added or added == 0:
        raise AssertionError(f"{found} of {quantity} through the dock, {added} to be added to all")
    return found


def cross_docked(why, override, quantity):
    """What shops wait for and is neither there nor on its way, in whole packs; the splits sum to the line."""
    said = why.get("cross_dock")
    if said is None:
        return quantity
    waiting = sum((Decimal(each["units"]) for each in said["waiting"]), Decimal(0))
    there = Decimal(said["available"]) + Decimal(said["on_order"]) + Decimal(said["in_transit"])
    needed = max(waiting - there, Decimal(0))
    check("needed by shops", needed, Decimal(said["needed"]), 0)
    pack = Decimal(said["pack"])
    found = Decimal(override["quantity"]) if override else math.ceil(needed / pack) * pack
    check("splits", sum((Decimal(each["units"]) for each in said["splits"]), Decimal(0)), found, 0)
    return found


def given_share(why, quantity):
    """Too little for all places: at most what was wanted, whole packs, never more than there is."""
    said = why.get("shortage")
    if said is None:
        return quantity
    check("wanted", quantity, Decimal(said["wanted"]), 0)
    found, pack = Decimal(said["given"]), Decimal(str(why["packing"]["pack"]))
    if found > quantity or found > Decimal(said["available"]) or found % pack:
        raise AssertionError(f"a share of {found} of {quantity}")
    if Decimal(said["wanted_by_all"]) <= Decimal(said["available"]):
        raise AssertionError("shared though there was enough")
    return found


def with_load(why, quantity, held):
    """The supplier's minimum: a pack more as long as the item would have lasted at most cover_days before it."""
    said = why.get("load")
    if said is None:
        return quantity
    check("before the load", quantity, Decimal(said["line_before"]), 0)
    if said["result"] == "waited":
        return Decimal(0)
    pack, daily = Decimal(str(why["packing"]["pack"])), said["daily"]
    raised = quantity
    while daily > 0 and (held + float(raised)) / daily <= said["cover_days"] + 1e-9:
        if said["most"] is not None and held + float(raised + pack) > said["most"] + 1e-9:
            break
        if abs((held + float(raised)) / daily - said["cover_days"]) <= 1e-9 and raised == Decimal(why["quantity"]):
            break  # of items that would last equally long the last ones get none
        raised += pack
    if not said["fits"] and quantity <= Decimal(why["quantity"]) <= raised:
        return Decimal(why["quantity"])  # the truck was full before
    return raised


def main():
    given = json.load(sys.stdin)
    for why in given if isinstance(given, list) else [given]:
        try:
            recompute(why)
        except AssertionError as error:
            sys.exit(f"{why['gtin']} at {why['place']}: {error}")
    print(len(given) if isinstance(given, list) else 1)


if __name__ == "__main__":
    main()
