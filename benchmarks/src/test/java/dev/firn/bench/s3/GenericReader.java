package dev.firn.bench.s3;

import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.RecordDigester;
import dev.firn.bench.measure.Side;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.types.Types;

/** Iceberg's {@code IcebergGenerics} over a store of its own: rows as records, one reused. */
record GenericReader(Supplier<FileIO> store) implements Reader {
  @Override
  public Side scan(RemoteTable table, List<String> columns) {
    return watch -> {
      try (FileIO files = store.get()) {
        Table opened = table.open(files);
        watch.start();
        read(opened, columns, row -> {});
        watch.stop();
      }
    };
  }

  @Override
  public Side openAndScan(RemoteTable table) {
    return Side.timed(
        () -> {
          try (FileIO files = store.get()) {
            Table opened = table.open(files);
            read(opened, names(opened.schema()), row -> {});
          }
        });
  }

  @Override
  public Digest digest(RemoteTable table, List<String> columns) throws IOException {
    RecordDigester digester = new RecordDigester(columns.size());
    try (FileIO files = store.get()) {
      read(table.open(files), columns, digester::add);
    }
    return digester.digest();
  }

  static List<String> names(Schema schema) {
    return schema.columns().stream().map(Types.NestedField::name).toList();
  }

  private static void read(Table table, List<String> columns, Consumer<Record> each)
      throws IOException {
    try (CloseableIterable<Record> rows =
        IcebergGenerics.read(table).select(columns).reuseContainers().build()) {
      rows.forEach(each);
    }
  }
}
