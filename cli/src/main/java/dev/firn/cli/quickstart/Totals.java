package dev.firn.cli.quickstart;

import java.math.BigDecimal;

/** A count of rows and an exact sum of money: what the checks compare. Immutable. */
record Totals(long rows, BigDecimal sum) {
  static final Totals NONE = new Totals(0, BigDecimal.ZERO.setScale(2));

  Totals plus(BigDecimal value) {
    return new Totals(rows + 1, sum.add(value));
  }

  Totals plus(Totals other) {
    return new Totals(rows + other.rows, sum.add(other.sum));
  }

  Totals minus(Totals other) {
    return new Totals(rows - other.rows, sum.subtract(other.sum));
  }

  @Override
  public String toString() {
    return "%,d rows, sum %,.2f".formatted(rows, sum);
  }
}
