// Counting on numbers as they are written, as trialkit/expressions/exact.py does, digit for digit: a number is
// read as its shortest decimal digits, counted in whole numbers, and rounded once, at the end.
"use strict";

// The shortest digits that mean this number, and how many of them stand before the point.
function decimalDigits(number) {
  const [mantissa, exponent] = Math.abs(number).toExponential().split("e");
  const sign = number < 0 || Object.is(number, -0) ? "-" : "";
  return { sign, digits: mantissa.replace(".", ""), point: Number(exponent) + 1 };
}

class Ratio {
  constructor(over, under) { this.over = over; this.under = under; }

  static WIDEST = 4096;  // bits; beyond them a chain of steps would cost more than it can be worth
  static abs(whole) { return whole < 0n ? -whole : whole; }
  static bits(whole) { return whole === 0n ? 0 : Ratio.abs(whole).toString(2).length; }

  static of(over, under) {
    if (under === 0n) return null;
    let [a, b] = [Ratio.abs(over), Ratio.abs(under)];
    while (b) [a, b] = [b, a % b];
    const common = under < 0n ? -a : a;
    return new Ratio(over / common, under / common);
  }
  static exact(number) {
    const { sign, digits, point } = decimalDigits(number), power = point - digits.length;
    const whole = BigInt(sign + digits);
    return power < 0 ? Ratio.of(whole, 10n ** BigInt(-power)) : new Ratio(whole * 10n ** BigInt(power), 1n);
  }
  static sum(numbers) { return numbers.map(Ratio.exact).reduce((a, b) => a.plus(b), new Ratio(0n, 1n)); }

  get bits() { return Math.max(Ratio.bits(this.over), Ratio.bits(this.under)); }
  plus(by) { return Ratio.of(this.over * by.under + by.over * this.under, this.under * by.under); }
  minus(by) { return this.plus(by.negative()); }
  times(by) { return Ratio.of(this.over * by.over, this.under * by.under); }
  per(by) { return Ratio.of(this.over * by.under, this.under * by.over); }
  negative() { return new Ratio(-this.over, this.under); }
  // null where the power is no whole one, or too wide.
  power(by) {
    if (by.under !== 1n || Ratio.abs(by.over) * BigInt(this.bits) > BigInt(Ratio.WIDEST)) return null;
    const up = Ratio.abs(by.over), ends = [this.over ** up, this.under ** up];
    return by.over < 0n ? Ratio.of(ends[1], ends[0]) : Ratio.of(...ends);
  }
  equals(other) { return this.over === other.over && this.under === other.under; }
  narrow() {
    if (this.bits <= Ratio.WIDEST) return this;
    const rounded = this.nearest();
    return Number.isFinite(rounded) ? Ratio.exact(rounded) : null;
  }
  // The nearest whole number, halves to the even one.
  round() {
    const over = Ratio.abs(this.over), whole = over / this.under, twice = (over % this.under) * 2n;
    const up = twice > this.under || (twice === this.under && whole % 2n === 1n) ? 1n : 0n;
    return this.over < 0n ? -(whole + up) : whole + up;
  }
  // The number nearest to it, halves to the even one; Infinity where it is too large to hold.
  nearest() {
    if (this.over === 0n) return 0;
    const over = Ratio.abs(this.over), sign = this.over < 0n ? -1 : 1;
    const shift = Math.min(64 - (Ratio.bits(over) - Ratio.bits(this.under)), 1074);
    const [a, b] = shift < 0 ? [over, this.under << BigInt(-shift)] : [over << BigInt(shift), this.under];
    const whole = a / b, below = a % b ? 1n : 0n;
    // A number next to nothing has fewer digits than others: there the last one is rounded here.
    const kept = whole < 2n ** 53n ? Number(new Ratio(a, b).round()) : Number((whole << 1n) | below) / 2;
    return sign * kept * 2 ** -shift;
  }
}
