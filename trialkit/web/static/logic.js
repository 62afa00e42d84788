// Expressions in the page: the same tree as the server's (trialkit/expressions), the same answers, held to
// them by the vectors of tests/web/test_logic_in_the_page.py. Missing is null. A text that cannot be counted
// or put in order is as good as missing here, as on the server during entry.
"use strict";

const Logic = (() => {
  class Meaning extends Error {}
  // Thrown by a lookup: not even whether the value is missing is known; what hangs on it stays open.
  class NotKnownYet extends Error {}
  // What a lookup gives of an item that is known not to be asked: the empty text, in comparisons alone.
  const NOT_ASKED = Symbol("not asked");
  class Moment {
    // day: days since 0001-01-01, counted from 1 as Python does; us: microseconds of that day.
    constructor(day, us, timed) { this.day = day; this.us = us; this.timed = timed; }
  }

  const SPACE = "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]";
  const OUTER = new RegExp(`^${SPACE}+|${SPACE}+$`, "gu");
  const NUMBER = /^[+-]?([0-9]+(\.[0-9]+)?|\.[0-9]+)([eE][+-]?[0-9]{1,4})?$/;
  const DATE = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/;
  const MOMENT = /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}):([0-9]{2})(?::([0-9]{2}))?$/;
  const PARTIAL = /^([0-9]{4})(?:-([0-9]{2}))?$/;
  const TIME = /^([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?$/;
  const DAY_US = 86400e6;

  const strip = (text) => text.replace(OUTER, "");
  const empty = (value) => value === null || (typeof value === "string" && strip(value) === "");

  // --- days, without the browser's Date: a day is a day in every time zone ---
  const leap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const daysIn = (year, month) => [31, leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  function ordinal(year, month, day) {
    const before = year - 1;
    let days = before * 365 + Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
    for (let m = 1; m < month; m += 1) days += daysIn(year, m);
    return days + day;
  }
  function civil(days) {
    let year = Math.max(1, Math.floor(days / 365.2425));
    while (ordinal(year + 1, 1, 1) <= days) year += 1;
    while (ordinal(year, 1, 1) > days) year -= 1;
    let rest = days - ordinal(year, 1, 1) + 1, month = 1;
    while (rest > daysIn(year, month)) { rest -= daysIn(year, month); month += 1; }
    return [year, month, rest];
  }
  function dayOf(text) {
    const found = DATE.exec(text);
    if (!found) return null;
    const [year, month, day] = found.slice(1).map(Number);
    const exists = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
    return exists ? ordinal(year, month, day) : null;
  }
  const clock = (h, m, s) => (h < 24 && m < 60 && s < 60 ? ((h * 60 + m) * 60 + s) * 1e6 : null);
  const two = (number, width = 2) => String(number).padStart(width, "0");
  function iso(value) {
    const [year, month, day] = civil(value.day);
    const date = `${two(year, 4)}-${two(month)}-${two(day)}`;
    if (!value.timed) return date;
    const seconds = Math.floor(value.us / 1e6), s = seconds % 60;
    const hm = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}`;
    return `${date} ${hm}${s ? ":" + two(s) : ""}`;
  }

  // --- what values mean ---
  function asNumber(value) {
    if (typeof value === "boolean") return value ? 1 : 0;
    if (typeof value === "number") return value;
    if (typeof value === "string" && NUMBER.test(strip(value))) return Number(strip(value));
    throw new Meaning("a number");
  }
  function asMoment(value) {
    if (value instanceof Moment) return value;
    if (typeof value === "string") {
      const text = strip(value), timed = MOMENT.exec(text);
      const day = dayOf(timed ? timed[1] : text);
      const us = timed ? clock(Number(timed[2]), Number(timed[3]), Number(timed[4] || 0)) : 0;
      if (day !== null && us !== null) return new Moment(day, us, Boolean(timed));
    }
    throw new Meaning("a date");
  }
  // Year and month of a date known to the month or the year (month null); null for all else.
  function partsKnown(value) {
    const found = typeof value === "string" ? PARTIAL.exec(strip(value)) : null;
    if (!found || Number(found[1]) < 1 || Number(found[2] || 1) < 1 || Number(found[2] || 1) > 12) return null;
    return [Number(found[1]), found[2] ? Number(found[2]) : null];
  }
  // The first and last midnight a date may be, in microseconds; a full date or moment is both.
  function spanOf(value) {
    const known = partsKnown(value);
    if (known === null) {
      try { const at = asMoment(value); return [at.day * DAY_US + at.us, at.day * DAY_US + at.us]; } catch (error) {
        if (!(error instanceof Meaning)) throw error;
        return null;
      }
    }
    const [year, month] = known, last = month || 12;
    return [ordinal(year, month || 1, 1) * DAY_US, ordinal(year, last, daysIn(year, last)) * DAY_US];
  }
  // What every day that partial dates may be gives; undefined where neither is one.
  function compareSpans(operator, left, right) {
    const parts = [partsKnown(left), partsKnown(right)], spans = [spanOf(left), spanOf(right)];
    if (spans.includes(null) || parts.every((known) => known === null)) return undefined;
    if (parts.every((known) => known !== null && known[1] === null)) return undefined;
    if ((operator === "=" || operator === "<>") && strip(asText(left)) === strip(asText(right))) return operator === "=";
    const [[first, last], [otherFirst, otherLast]] = spans, apart = last < otherFirst || first > otherLast;
    const [so, notSo] = {
      "<": [last < otherFirst, first >= otherLast], "<=": [last <= otherFirst, first > otherLast],
      ">": [first > otherLast, last <= otherFirst], ">=": [first >= otherLast, last < otherFirst],
      "=": [false, apart], "<>": [apart, false],
    }[operator];
    return so ? true : notSo ? false : null;
  }
  function asTime(value) {
    const found = typeof value === "string" ? TIME.exec(strip(value)) : null;
    const us = found ? clock(Number(found[1]), Number(found[2]), Number(found[3] || 0)) : null;
    if (us === null) throw new Meaning("a time");
    return us;
  }
  function asTruth(value) {
    if (value === null || typeof value === "boolean") return value;
    const number = asNumber(value);
    if (number !== 0 && number !== 1) throw new Meaning("true or false");
    return number === 1;
  }
  // A number as Python writes it, without the ".0" of a whole one.
  function written(number) {
    if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
    if (Object.is(number, -0)) return "-0";
    const { sign, digits, point } = decimalDigits(number);
    if (number !== 0 && (point <= -4 || point > 16)) {
      const tail = digits.length > 1 ? "." + digits.slice(1) : "", e = point - 1;
      return `${sign}${digits[0]}${tail}e${e < 0 ? "-" : "+"}${two(Math.abs(e))}`;
    }
    return sign + placed(digits, point);
  }
  function placed(digits, point) {
    if (point <= 0) return `0.${"0".repeat(-point)}${digits}`;
    if (digits.length <= point) return digits + "0".repeat(point - digits.length);
    return `${digits.slice(0, point)}.${digits.slice(point)}`;
  }
  function asText(value) {
    if (typeof value === "boolean") return value ? "1" : "0";
    if (typeof value === "number") return written(value);
    return value instanceof Moment ? iso(value) : value;
  }
  const textOrEmpty = (value) => (value === null ? "" : asText(value));

  function compare(operator, left, right) {
    if (left === NOT_ASKED) return toNothing(operator, right);
    if (right === NOT_ASKED) return toNothing(operator, left);
    if (empty(left) || empty(right)) return null;
    const certain = compareSpans(operator, left, right);
    if (certain !== undefined) return certain;
    let pair = null;
    for (const reading of [asNumber, asMoment, asTime]) {
      try { pair = [reading(left), reading(right)]; break; } catch (error) { if (!(error instanceof Meaning)) throw error; }
    }
    const word = pair === null;
    if (word) {
      if (left instanceof Moment || right instanceof Moment) throw new Meaning("two dates");
      pair = [left, right].map((side) => (typeof side === "boolean" ? (side ? "True" : "False") : strip(asText(side))));
    } else if (pair[0] instanceof Moment) {
      pair = [0, (pair[1].day - pair[0].day) * DAY_US + (pair[1].us - pair[0].us)];
    }
    const same = pair[0] === pair[1];
    if (operator === "=" || operator === "<>") return same === (operator === "=");
    if (word) throw new Meaning("two numbers, dates or times to put in order");
    const below = pair[0] < pair[1];
    return { "<": below, "<=": below || same, ">": !below && !same, ">=": !below }[operator];
  }

  function toNothing(operator, other) {
    if (operator !== "=" && operator !== "<>") return false;
    if (other === NOT_ASKED) return operator === "=";
    return empty(other) ? null : operator === "<>";
  }

  // --- functions ---
  const present = (values) => values.filter((value) => !empty(value)).map(asNumber);
  const finite = (number) => (Number.isFinite(number) ? number : null);
  function overPresent(summary, fewest = 1) {
    return (values) => {
      const given = present(values);
      if (given.length < fewest || !given.every(Number.isFinite)) return null;
      return finite(summary(given));
    };
  }
  const mean = (numbers) => meanOf(numbers).nearest();
  const meanOf = (numbers) => Ratio.sum(numbers).per(new Ratio(BigInt(numbers.length), 1n));
  const first = (better) => (numbers) => numbers.reduce((found, number) => (better(number, found) ? number : found));
  function median(numbers) {
    const order = [...numbers].sort((a, b) => a - b), half = Math.floor(order.length / 2);
    return order.length % 2 ? order[half] : mean(order.slice(half - 1, half + 1));
  }
  function deviation(numbers) {
    const centre = meanOf(numbers), away = numbers.map((number) => Ratio.exact(number).minus(centre));
    const squares = away.map((each) => each.times(each)).reduce((a, b) => a.plus(b));
    return Math.sqrt(squares.nearest() / (numbers.length - 1));
  }
  // On the shortest decimal digits, as the server does: 2.675 to two places is 2.68.
  function rounded(up) {
    return (values) => {
      const [number, places = 0] = values;
      if (empty(number) || empty(places)) return null;
      const keep = asNumber(places);
      if (Math.abs(keep) > 15 || !Number.isInteger(keep)) throw new Meaning("a whole number of places");
      const value = asNumber(number);
      if (!Number.isFinite(value)) return null;
      const { sign, digits, point } = decimalDigits(value), whole = point + keep;
      if (digits.length <= whole || value === 0) return value;
      const padded = whole < 0 ? "0".repeat(-whole) + digits : digits, cut = Math.max(whole, 0);
      let kept = BigInt(padded.slice(0, cut) || "0");
      if (up(padded.slice(cut), sign === "-")) kept += 1n;
      return Number(`${sign}${kept}e${-keep}`);
    };
  }
  const anyLeft = (rest) => /[1-9]/.test(rest);
  const onNumber = (compute) => ([value]) => (empty(value) ? null : compute(asNumber(value)));
  function root(number) {
    if (number < 0) throw new Meaning("a number that is not negative");
    return Math.sqrt(number);
  }
  function logarithm(values) {
    const [number, base] = present(values), given = present(values).length;
    if (given < values.length || number <= 0 || (given === 2 && (base <= 0 || base === 1))) return null;
    if (given === 1) return Math.log(number);
    const found = Math.log(number) / Math.log(base);
    if (!Number.isFinite(number) || !Number.isFinite(base) || Math.abs(found) > 64) return found;
    const whole = BigInt(Math.round(found)), up = Ratio.abs(whole), of = Ratio.exact(base);
    const [over, under] = [of.over ** up, of.under ** up];
    return (whole < 0n ? Ratio.of(under, over) : Ratio.of(over, under)).equals(Ratio.exact(number)) ? Number(whole) : found;
  }
  function remainder(values) {
    const [number, by] = present(values);
    if (present(values).length < 2 || !by || !Number.isFinite(number)) return null;
    if (!Number.isFinite(by)) return number;
    const [whole, part] = [Ratio.exact(number), Ratio.exact(by)], times = whole.per(part);
    return whole.minus(part.times(new Ratio(times.over / times.under, 1n))).nearest();
  }
  function power(base, exponent) {
    if (exponent === 0 || base === 1 || (base === -1 && Math.abs(exponent) === Infinity)) return 1;
    return base ** exponent;
  }

  const UNITS = { y: 31556952n, M: 2630016n, d: 86400n, h: 3600n, m: 60n, s: 1n };  // seconds
  const known = (unit) => typeof unit === "string" && Object.hasOwn(UNITS, unit);
  function daysBetween([begin, end, unit, ...rest]) {
    if (empty(begin) || empty(end)) return null;
    if (!known(unit)) throw new Meaning("a unit of time");
    let signed = false;
    for (const option of rest) if (!["ymd", "mdy", "dmy"].includes(option)) signed = asTruth(option) === true;
    if (partsKnown(begin) || partsKnown(end)) return null;
    const length = Ratio.of(apart(begin, end), UNITS[unit] * 1000000n).nearest();
    return signed ? length : Math.abs(length);
  }
  // Microseconds from one to the other: of two dates or moments, or of two times of day.
  function apart(begin, end) {
    let pair = null;
    try { pair = [asMoment(begin), asMoment(end)]; } catch (error) { if (!(error instanceof Meaning)) throw error; }
    if (pair === null) return BigInt(asTime(end) - asTime(begin));
    return BigInt(pair[1].day - pair[0].day) * BigInt(DAY_US) + BigInt(pair[1].us - pair[0].us);
  }
  function dayAfter([begin, howMany, unit]) {
    if (empty(begin) || empty(howMany)) return null;
    if (!known(unit)) throw new Meaning("a unit of time");
    if (partsKnown(begin)) return null;
    const number = asNumber(howMany), start = asMoment(begin);
    if (!Number.isFinite(number)) return null;
    const found = "yM".includes(unit) && Number.isInteger(number)
      ? monthsAfter(start, number * (unit === "y" ? 12 : 1)) : later(start, number, UNITS[unit]);
    if (found === null || found.day < 1 || found.day > ordinal(9999, 12, 31)) return null;
    const timed = start.timed || "hms".includes(unit);
    return new Moment(found.day, timed ? found.us : 0, timed);
  }
  function monthsAfter(start, months) {
    const [year, month, day] = civil(start.day), at = year * 12 + month - 1 + months;
    const to = Math.floor(at / 12), m = at - to * 12 + 1;
    return to < 1 || to > 9999 ? null : new Moment(ordinal(to, m, Math.min(day, daysIn(to, m))), start.us);
  }
  function later(start, number, unit) {
    if (Math.abs(number) > 1e12) return null;  // no such day
    const day = BigInt(DAY_US), us = Ratio.exact(number).times(new Ratio(unit * 1000000n, 1n)).round();
    const total = BigInt(start.us) + us, left = ((total % day) + day) % day;
    return new Moment(start.day + Number((total - left) / day), Number(left));
  }
  const part = (which) => ([value]) => {
    if (empty(value)) return null;
    const known = partsKnown(value);
    return known === null ? civil(asMoment(value).day)[which] : known[which] ?? null;
  };

  const folded = (text) => [...text].map((letter) => letter.toUpperCase().toLowerCase()).join("");
  function search(found) {
    return ([text, sought]) =>
      (empty(text) || sought === null ? null : found(folded(asText(text)), folded(asText(sought))));
  }
  function placeOf([needle, haystack]) {
    if (needle === null || empty(haystack)) return null;
    const text = folded(asText(haystack)), at = text.indexOf(folded(asText(needle)));
    return at < 0 ? 0 : [...text.slice(0, at)].length + 1;
  }
  const ofText = (compute) => ([value]) => (empty(value) ? null : compute(asText(value)));
  function cut(keep) {
    return ([text, ...numbers]) => {
      if (empty(text) || numbers.some((number) => number === null)) return null;
      const lengths = numbers.map(asNumber);
      if (lengths.some((length) => !Number.isInteger(length) || length < 0)) throw new Meaning("whole characters");
      return keep([...asText(text)], lengths).join("");
    };
  }
  function replaced([text, old, young]) {
    if (empty(text) || !textOrEmpty(old)) return text;
    return asText(text).split(textOrEmpty(old)).join(textOrEmpty(young));
  }
  function isNumber([value]) {
    try { return value !== null && Number.isFinite(asNumber(value)); } catch { return false; }
  }
  const missing = ([value]) => empty(value);

  const FUNCTIONS = {
    datediff: daysBetween, calcdate: dayAfter, year: part(0), month: part(1), day: part(2),
    sum: overPresent((numbers) => Ratio.sum(numbers).nearest()), mean: overPresent(mean), median: overPresent(median), stdev: overPresent(deviation, 2),
    min: overPresent(first((a, b) => a < b)), max: overPresent(first((a, b) => a > b)),
    round: rounded((rest) => rest[0] >= "5"), roundup: rounded((rest, below) => !below && anyLeft(rest)),
    rounddown: rounded((rest, below) => below && anyLeft(rest)),
    abs: onNumber(Math.abs), sqrt: onNumber(root), log: logarithm, mod: remainder,
    contains: search((text, sought) => text.includes(sought)),
    not_contain: search((text, sought) => !text.includes(sought)),
    starts_with: search((text, sought) => text.startsWith(sought)),
    ends_with: search((text, sought) => text.endsWith(sought)),
    find: placeOf, length: ofText((text) => [...text].length),
    left: cut((text, [n]) => text.slice(0, n)),
    right: cut((text, [n]) => (n < text.length ? text.slice(text.length - n) : text)),
    mid: cut((text, [from, n]) => { const at = Math.max(from - 1, 0); return text.slice(at, at + n); }),
    upper: ofText((text) => text.toUpperCase()), lower: ofText((text) => text.toLowerCase()), trim: ofText(strip),
    replace_text: replaced, concat: (values) => values.map(textOrEmpty).join("") || null,
    concat_ws: ([between, ...parts]) => parts.filter((one) => !empty(one)).map(asText).join(textOrEmpty(between)) || null,
    isnumber: isNumber, isinteger: ([value]) => isNumber([value]) && Number.isInteger(asNumber(value)),
    ismissingcode: () => false, isblanknotmissingcode: missing, is_missing: missing, isblankormissingcode: missing,
  };
  const COUNT = {
    "+": (a, b) => a + b, "-": (a, b) => a - b, "*": (a, b) => a * b, "/": (a, b) => a / b, "^": power,
  };
  const EXACT = {
    "+": (a, b) => a.plus(b), "-": (a, b) => a.minus(b), "*": (a, b) => a.times(b), "/": (a, b) => a.per(b),
  };
  const plain = (found) => (found instanceof Ratio ? finite(found.nearest()) : found);
  // A floating number for what is beyond all numbers, a ratio for every other.
  const precise = (number) => (Number.isFinite(number) ? Ratio.exact(number) : number);
  function count(operator, a, b) {
    if (!(a instanceof Ratio && b instanceof Ratio)) return counted(operator, a, b);
    if (operator !== "^") { const step = EXACT[operator](a, b); return step && step.narrow(); }
    if (b.over < 0n && a.over === 0n) return null;
    return a.power(b) || counted(operator, a, b);
  }
  function counted(operator, a, b) {
    const [left, right] = [a, b].map((side) => (side instanceof Ratio ? finite(side.nearest()) : side));
    const found = left === null || right === null ? null : finite(COUNT[operator](left, right));
    return found === null ? null : Ratio.exact(found);
  }

  // --- the tree ---
  const value = (node, lookUp) => plain(inFull(node, lookUp));
  // A count within a larger count is a ratio, not yet rounded.
  function inFull(node, lookUp) {
    try {
      return KINDS[node[0]](node, (inner) => value(inner, lookUp), lookUp, (inner) => number(inFull(inner, lookUp)));
    } catch (error) {
      if (error instanceof Meaning) return null;
      throw error;
    }
  }
  const number = (found) => (found instanceof Ratio ? found : empty(found) ? null : precise(asNumber(found)));
  const side = (node, lookUp) => (node[0] === "item" ? lookUp(node[1], node[2]) : value(node, lookUp));
  function truthOf(node, lookUp) {
    const found = side(node, lookUp);
    return found === NOT_ASKED ? false : asTruth(found);
  }
  function ifKnown(answer) {
    try { return answer(); } catch (error) { if (error instanceof NotKnownYet) return null; throw error; }
  }
  function connective(decisive) {
    return ([, operands], of, lookUp) => {
      let open = false;
      for (const operand of operands) {
        const truth = ifKnown(() => truthOf(operand, lookUp));
        if (truth === decisive) return decisive;
        open = open || truth === null;
      }
      return open ? null : !decisive;
    };
  }
  const KINDS = {
    value: ([, literal]) => literal,
    item: ([, name, visit], of, lookUp) => {
      const found = lookUp(name, visit);
      return found === NOT_ASKED ? null : found;
    },
    not: ([, inner], of, lookUp) => { const truth = truthOf(inner, lookUp); return truth === null ? null : !truth; },
    minus: ([, inner], of, lookUp, exactly) => {
      const found = exactly(inner);
      return found instanceof Ratio ? found.negative() : found === null ? null : -found;
    },
    compare: ([, operator, left, right], of, lookUp) => {
      for (const [one, other] of [[left, right], [right, left]]) {
        if (one[0] === "value" && one[1] === "" && (operator === "=" || operator === "<>")) {
          return empty(of(other)) === (operator === "=");
        }
      }
      return compare(operator, side(left, lookUp), side(right, lookUp));
    },
    and: connective(false),
    or: connective(true),
    count: ([, begin, rest], of, lookUp, exactly) => {
      let total = exactly(begin);
      for (const [operator, operand] of rest) {
        const next = exactly(operand);
        total = total === null || next === null ? null : count(operator, total, next);
      }
      return total;
    },
    call: ([, name, operands], of, lookUp) => {
      if (name === "if") {
        const truth = truthOf(operands[0], lookUp);
        return truth === null ? null : of(operands[truth ? 1 : 2]);
      }
      return FUNCTIONS[name](operands.map(of));
    },
  };

  // lookUp(name, visit) gives a text, number, truth or null, or throws NotKnownYet. Dates come back as text;
  // shown() writes all of them.
  function evaluate(tree, lookUp) {
    const found = ifKnown(() => value(tree, lookUp));
    return empty(found) ? null : found;
  }
  const shown = (found) => (found === null ? "" : asText(found));
  return { evaluate, NotKnownYet, NOT_ASKED, shown, strip, dayOf, clock };
})();
