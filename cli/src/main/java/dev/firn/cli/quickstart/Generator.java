package dev.firn.cli.quickstart;

import io.trino.tpch.Distributions;
import io.trino.tpch.LineItem;
import io.trino.tpch.LineItemGenerator;
import io.trino.tpch.Order;
import io.trino.tpch.OrderGenerator;
import io.trino.tpch.TextPool;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * An iterator over TPC-H orders with their line items, which keeps the totals of what it has handed
 * out: the truth that the tables are checked against.
 */
final class Generator {
  /**
   * The corrections, as predicates on generated rows: these lines are deleted, these orders are
   * repriced.
   */
  static final LocalDate DELETE_BEFORE = LocalDate.of(1992, 7, 1);

  static final String DELETE_FLAG = "R";
  static final LocalDate REPRICE_FROM = LocalDate.of(1998, 7, 1);

  /** Text for comments: the default pool of 300 MB takes longer to make than all the rows. */
  private static final int TEXT_BYTES = 5 << 20;

  /** An order with its line items. */
  record OrderLines(Order order, List<LineItem> lines) {}

  private final long orderCount;
  private final Iterator<Order> orders;
  private final Iterator<LineItem> items;
  private @Nullable LineItem ahead;

  private Totals orderTotals = Totals.NONE;
  private Totals repricedBefore = Totals.NONE;
  private Totals repricedAfter = Totals.NONE;
  private Totals deletedLines = Totals.NONE;
  private final Map<String, Totals> lines = new TreeMap<>();
  private final Map<String, Totals> linesLeft = new TreeMap<>();

  Generator(double scale) {
    Distributions distributions = Distributions.getDefaultDistributions();
    TextPool text = new TextPool(TEXT_BYTES, distributions);
    orderCount = Math.round(OrderGenerator.SCALE_BASE * scale);
    orders = new OrderGenerator(scale, 1, 1, distributions, text).iterator();
    items = new LineItemGenerator(scale, 1, 1, distributions, text).iterator();
    ahead = items.hasNext() ? items.next() : null;
  }

  long orderCount() {
    return orderCount;
  }

  /** Returns the next orders with their line items, fewer only at the end. */
  List<OrderLines> next(long count) {
    List<OrderLines> batch = new ArrayList<>();
    for (long i = 0; i < count && orders.hasNext(); i++) {
      batch.add(next());
    }
    return batch;
  }

  boolean hasNext() {
    return orders.hasNext();
  }

  OrderLines next() {
    Order order = orders.next();
    List<LineItem> own = new ArrayList<>();
    while (ahead != null && ahead.getOrderKey() == order.getOrderKey()) {
      own.add(ahead);
      count(ahead);
      ahead = items.hasNext() ? items.next() : null;
    }
    count(order);
    return new OrderLines(order, own);
  }

  private void count(Order order) {
    BigDecimal price = BigDecimal.valueOf(order.getTotalPriceInCents(), 2);
    orderTotals = orderTotals.plus(price);
    if (!LocalDate.ofEpochDay(order.getOrderDate()).isBefore(REPRICE_FROM)) {
      repricedBefore = repricedBefore.plus(price);
      repricedAfter = repricedAfter.plus(reprice(price));
    }
  }

  private void count(LineItem item) {
    BigDecimal price = BigDecimal.valueOf(item.getExtendedPriceInCents(), 2);
    String group = item.getReturnFlag() + item.getStatus();
    Totals one = Totals.NONE.plus(price);
    lines.merge(group, one, Totals::plus);
    if (item.getReturnFlag().equals(DELETE_FLAG)
        && LocalDate.ofEpochDay(item.getShipDate()).isBefore(DELETE_BEFORE)) {
      deletedLines = deletedLines.plus(one);
    } else {
      linesLeft.merge(group, one, Totals::plus);
    }
  }

  /** The correction's new price: a tenth less. */
  static BigDecimal reprice(BigDecimal price) {
    return price.multiply(new BigDecimal("0.9")).setScale(2, RoundingMode.HALF_UP);
  }

  Totals orders() {
    return orderTotals;
  }

  Totals ordersAfterCorrections() {
    return orderTotals.minus(repricedBefore).plus(repricedAfter);
  }

  Totals repriced() {
    return repricedAfter;
  }

  Totals deletedLines() {
    return deletedLines;
  }

  Totals lines() {
    return lines.values().stream().reduce(Totals.NONE, Totals::plus);
  }

  /** Totals by return flag and line status, before the corrections. */
  Map<String, Totals> linesByStatus() {
    return Map.copyOf(lines);
  }

  /** Totals by return flag and line status, after the corrections. */
  Map<String, Totals> linesByStatusAfterCorrections() {
    return Map.copyOf(linesLeft);
  }
}
