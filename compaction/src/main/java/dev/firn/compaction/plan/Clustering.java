package dev.firn.compaction.plan;

import dev.firn.error.FirnException;
import dev.firn.format.write.key.Curve;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortDirection;
import org.apache.iceberg.SortField;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.types.Types.NestedField;

/** In which order rows come out of a rewrite. Immutable. */
public sealed interface Clustering {
  /** As the table has it: its sort order, or as rows came where it has none. */
  Clustering AS_TABLE = new AsTable();

  /** What the summary of a snapshot has that clustered files along a curve. */
  String SUMMARY_KEY = "firn.compaction.clustering";

  /** A name under which a snapshot's summary keeps what its files are clustered by. */
  String describe();

  /** Fails where the table's schema does not have what the order needs. */
  void check(Table table);

  /** See {@link #AS_TABLE}. */
  record AsTable() implements Clustering {
    @Override
    public String describe() {
      return "as the table";
    }

    @Override
    public void check(Table table) {}
  }

  /** By a sort order, whether or not it is the table's. */
  record Sorted(SortOrder order) implements Clustering {
    @Override
    public String describe() {
      List<String> terms = new ArrayList<>();
      for (SortField field : order.fields()) {
        String column = order.schema().findColumnName(field.sourceId());
        boolean plain = field.transform().isIdentity();
        terms.add(
            (plain ? column : field.transform() + "(" + column + ")")
                + (field.direction() == SortDirection.DESC ? " desc" : ""));
      }
      return "sort(" + String.join(", ", terms) + ")";
    }

    @Override
    public void check(Table table) {
      if (order.isUnsorted()) {
        throw FirnException.invalid(
            "Cannot compact "
                + table.name()
                + ": an order was asked for, but none is given and the table has none; name columns"
                + " or set a sort order first");
      }
      try {
        SortOrder.checkCompatibility(order, table.schema());
      } catch (RuntimeException e) {
        throw FirnException.invalid(
            "Cannot compact "
                + table.name()
                + ": the sort order does not fit the schema: "
                + e.getMessage());
      }
    }
  }

  /** Along a space-filling curve through some columns, which are bounded in many files each. */
  record Along(Curve curve, List<String> columns) implements Clustering {
    public Along {
      columns = List.copyOf(columns);
    }

    @Override
    public String describe() {
      return curve.name().toLowerCase(Locale.ROOT) + columns;
    }

    @Override
    public void check(Table table) {
      if (columns.size() < 2 || columns.size() > Curve.MOST_COLUMNS) {
        throw refusal(
            table,
            "a curve goes through 2 to " + Curve.MOST_COLUMNS + " columns, got " + columns.size());
      }
      if (new TreeSet<>(columns).size() < columns.size()) {
        throw refusal(table, "a column is named twice, got " + columns);
      }
      Schema schema = table.schema();
      for (String column : columns) {
        NestedField field = schema.findField(column);
        if (field == null) {
          throw refusal(table, "there is no column '" + column + "'");
        }
        if (!Curve.takes(field.type())) {
          throw refusal(
              table, "column '" + column + "' is a " + field.type() + ": it has no order");
        }
      }
    }

    private static FirnException refusal(Table table, String why) {
      return FirnException.invalid("Cannot compact " + table.name() + ": " + why);
    }
  }
}
