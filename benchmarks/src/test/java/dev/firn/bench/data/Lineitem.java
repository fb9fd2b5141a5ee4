package dev.firn.bench.data;

import io.trino.tpch.Distributions;
import io.trino.tpch.LineItem;
import io.trino.tpch.LineItemGenerator;
import io.trino.tpch.TextPool;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/**
 * TPC-H's lineitem at scale 1 (6 million rows), sorted by ship date, decimals as doubles, every
 * column optional as engines create them. Stateless.
 */
public final class Lineitem {
  private static final double SCALE = 1;
  private static final double TINY_SCALE = 0.001;
  private static final int TINY_TEXT = 1 << 20;

  private static final String FROM = "1995-03-01";
  private static final String TO = "1995-03-26";

  private Lineitem() {}

  /** The data set; {@code tiny}: 6,000 rows. */
  public static Dataset dataset(boolean tiny) {
    return new Dataset(
        "lineitem",
        schema(),
        List.of("l_orderkey", "l_extendedprice", "l_shipmode"),
        Expressions.and(
            Expressions.greaterThanOrEqual("l_shipdate", FROM),
            Expressions.lessThan("l_shipdate", TO)),
        "l_shipdate >= DATE '%s' AND l_shipdate < DATE '%s'".formatted(FROM, TO),
        () -> generate(tiny));
  }

  private static Schema schema() {
    List<Types.NestedField> columns = new ArrayList<>();
    add(columns, Types.LongType.get(), "l_orderkey", "l_partkey", "l_suppkey");
    add(columns, Types.IntegerType.get(), "l_linenumber");
    add(columns, Types.DoubleType.get(), "l_quantity", "l_extendedprice", "l_discount", "l_tax");
    add(columns, Types.StringType.get(), "l_returnflag", "l_linestatus");
    add(columns, Types.DateType.get(), "l_shipdate", "l_commitdate", "l_receiptdate");
    add(columns, Types.StringType.get(), "l_shipinstruct", "l_shipmode", "l_comment");
    return new Schema(columns);
  }

  private static void add(List<Types.NestedField> columns, Type type, String... names) {
    for (String name : names) {
      columns.add(Types.NestedField.optional(columns.size() + 1, name, type));
    }
  }

  private static Iterable<Record> generate(boolean tiny) {
    Distributions distributions = Distributions.getDefaultDistributions();
    TextPool text = tiny ? new TextPool(TINY_TEXT, distributions) : TextPool.getDefaultTextPool();
    List<LineItem> items = new ArrayList<>();
    new LineItemGenerator(tiny ? TINY_SCALE : SCALE, 1, 1, distributions, text).forEach(items::add);
    items.sort(Comparator.comparingInt(LineItem::getShipDate));
    Schema schema = schema();
    return () -> items.stream().map(item -> record(schema, item)).iterator();
  }

  private static Record record(Schema schema, LineItem item) {
    GenericRecord row = GenericRecord.create(schema);
    row.set(0, item.getOrderKey());
    row.set(1, item.getPartKey());
    row.set(2, item.getSupplierKey());
    row.set(3, item.getLineNumber());
    row.set(4, (double) item.getQuantity());
    row.set(5, item.getExtendedPrice());
    row.set(6, item.getDiscount());
    row.set(7, item.getTax());
    row.set(8, item.getReturnFlag());
    row.set(9, item.getStatus());
    row.set(10, LocalDate.ofEpochDay(item.getShipDate()));
    row.set(11, LocalDate.ofEpochDay(item.getCommitDate()));
    row.set(12, LocalDate.ofEpochDay(item.getReceiptDate()));
    row.set(13, item.getShipInstructions());
    row.set(14, item.getShipMode());
    row.set(15, item.getComment());
    return row;
  }
}
