package dev.firn.format.write;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.inmemory.InMemoryCatalog;
import org.apache.iceberg.io.CloseableIterable;

/** Tables in memory, and plain Iceberg's view of them. */
final class Tables {
  private static final Namespace NAMESPACE = Namespace.of("shop");

  private Tables() {}

  static Table create(Schema schema, PartitionSpec spec, String... properties) {
    return create(schema, spec, SortOrder.unsorted(), properties);
  }

  static Table create(Schema schema, PartitionSpec spec, SortOrder order, String... properties) {
    InMemoryCatalog catalog = new InMemoryCatalog();
    catalog.initialize("memory", Map.of());
    catalog.createNamespace(NAMESPACE);
    Map<String, String> map = new HashMap<>();
    for (int i = 0; i < properties.length; i += 2) {
      map.put(properties[i], properties[i + 1]);
    }
    return catalog
        .buildTable(TableIdentifier.of(NAMESPACE, "orders"), schema)
        .withPartitionSpec(spec)
        .withSortOrder(order)
        .withProperties(map)
        .create();
  }

  static List<DataFile> append(Table table, List<Record> rows) {
    try (DataWriter writer = DataWriter.open(table)) {
      rows.forEach(writer::write);
      List<DataFile> files = writer.complete();
      commit(table, files);
      return files;
    }
  }

  static void commit(Table table, List<DataFile> files) {
    AppendFiles append = table.newAppend();
    files.forEach(append::appendFile);
    append.commit();
    table.refresh();
  }

  /** The rows that plain Iceberg reads, without the helper columns it leaves behind deletes. */
  static List<Record> read(Table table) {
    Schema schema = table.schema();
    List<Record> rows = new ArrayList<>();
    try (CloseableIterable<Record> read = IcebergGenerics.read(table).build()) {
      for (Record row : read) {
        Record copy = GenericRecord.create(schema);
        for (int i = 0; i < schema.columns().size(); i++) {
          copy.set(i, row.get(i));
        }
        rows.add(copy);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return rows;
  }

  static List<FileScanTask> plan(Table table) {
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      List<FileScanTask> all = new ArrayList<>();
      tasks.forEach(all::add);
      return all;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Record row(Schema schema, Object... values) {
    GenericRecord row = GenericRecord.create(schema);
    for (int i = 0; i < values.length; i++) {
      row.set(i, values[i]);
    }
    return row;
  }
}
