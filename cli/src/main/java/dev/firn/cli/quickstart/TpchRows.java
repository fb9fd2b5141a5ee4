package dev.firn.cli.quickstart;

import io.trino.tpch.LineItem;
import io.trino.tpch.Order;
import java.math.BigDecimal;
import java.time.LocalDate;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;

/** TPC-H orders and line items as Iceberg schemas and rows. Stateless. */
final class TpchRows {
  static final String CHANNEL = "l_channel";

  private static final Type MONEY = Types.DecimalType.of(12, 2);

  static final Schema ORDERS =
      new Schema(
          Types.NestedField.required(1, "o_orderkey", Types.LongType.get()),
          Types.NestedField.required(2, "o_custkey", Types.LongType.get()),
          Types.NestedField.required(3, "o_orderstatus", Types.StringType.get()),
          Types.NestedField.required(4, "o_totalprice", MONEY),
          Types.NestedField.required(5, "o_orderdate", Types.DateType.get()),
          Types.NestedField.required(6, "o_orderpriority", Types.StringType.get()),
          Types.NestedField.required(7, "o_clerk", Types.StringType.get()),
          Types.NestedField.required(8, "o_shippriority", Types.IntegerType.get()),
          Types.NestedField.required(9, "o_comment", Types.StringType.get()));

  static final Schema LINEITEM =
      new Schema(
          Types.NestedField.required(1, "l_orderkey", Types.LongType.get()),
          Types.NestedField.required(2, "l_partkey", Types.LongType.get()),
          Types.NestedField.required(3, "l_suppkey", Types.LongType.get()),
          Types.NestedField.required(4, "l_linenumber", Types.IntegerType.get()),
          Types.NestedField.required(5, "l_quantity", MONEY),
          Types.NestedField.required(6, "l_extendedprice", MONEY),
          Types.NestedField.required(7, "l_discount", MONEY),
          Types.NestedField.required(8, "l_tax", MONEY),
          Types.NestedField.required(9, "l_returnflag", Types.StringType.get()),
          Types.NestedField.required(10, "l_linestatus", Types.StringType.get()),
          Types.NestedField.required(11, "l_shipdate", Types.DateType.get()),
          Types.NestedField.required(12, "l_commitdate", Types.DateType.get()),
          Types.NestedField.required(13, "l_receiptdate", Types.DateType.get()),
          Types.NestedField.required(14, "l_shipinstruct", Types.StringType.get()),
          Types.NestedField.required(15, "l_shipmode", Types.StringType.get()),
          Types.NestedField.required(16, "l_comment", Types.StringType.get()));

  private TpchRows() {}

  static Record row(Schema schema, Order order) {
    return record(
        schema,
        order.getOrderKey(),
        order.getCustomerKey(),
        String.valueOf(order.getOrderStatus()),
        BigDecimal.valueOf(order.getTotalPriceInCents(), 2),
        LocalDate.ofEpochDay(order.getOrderDate()),
        order.getOrderPriority(),
        order.getClerk(),
        order.getShipPriority(),
        order.getComment());
  }

  /** Fills {@value #CHANNEL} too, where the schema has it by now. */
  static Record row(Schema schema, LineItem item) {
    Record row =
        record(
            schema,
            item.getOrderKey(),
            item.getPartKey(),
            item.getSupplierKey(),
            item.getLineNumber(),
            BigDecimal.valueOf(item.getQuantity() * 100, 2),
            BigDecimal.valueOf(item.getExtendedPriceInCents(), 2),
            BigDecimal.valueOf(item.getDiscountPercent(), 2),
            BigDecimal.valueOf(item.getTaxPercent(), 2),
            item.getReturnFlag(),
            item.getStatus(),
            LocalDate.ofEpochDay(item.getShipDate()),
            LocalDate.ofEpochDay(item.getCommitDate()),
            LocalDate.ofEpochDay(item.getReceiptDate()),
            item.getShipInstructions(),
            item.getShipMode(),
            item.getComment());
    if (schema.findField(CHANNEL) != null) {
      row.setField(CHANNEL, item.getOrderKey() % 2 == 0 ? "web" : "store");
    }
    return row;
  }

  private static Record record(Schema schema, Object... values) {
    GenericRecord row = GenericRecord.create(schema);
    for (int i = 0; i < values.length; i++) {
      row.set(i, values[i]);
    }
    return row;
  }
}
