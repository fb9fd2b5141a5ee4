package dev.firn.bench.scan;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.RecordDigester;
import dev.firn.bench.measure.Side;
import java.util.function.Consumer;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;

/** Iceberg's {@code IcebergGenerics}: the table's rows as records, one after the other. */
final class GenericReader implements TableReader {
  @Override
  public Side side(Query query) {
    return Side.timed(() -> read(query));
  }

  private static void read(Query query) throws Exception {
    each(query, row -> {});
  }

  @Override
  public Digest digest(Query query) throws Exception {
    RecordDigester digester = new RecordDigester(query.columns().size());
    each(query, digester::add);
    return digester.digest();
  }

  private static void each(Query query, Consumer<Record> consumer) throws Exception {
    // Its fastest way: one record for all rows.
    try (CloseableIterable<Record> rows =
        IcebergGenerics.read(query.table())
            .select(query.columns())
            .where(query.filter())
            .reuseContainers()
            .build()) {
      rows.forEach(consumer);
    }
  }

  @Override
  public void close() {}
}
