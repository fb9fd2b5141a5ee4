package dev.firn.scan;

import static org.apache.iceberg.expressions.Expressions.alwaysTrue;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.ParameterizedTestExtension;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TestTables;
import org.apache.iceberg.data.DeleteReadTests;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.StructLikeSet;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Iceberg's own suite for readers of position deletes, deletion vectors and equality deletes, on
 * Parquet, Avro and ORC. Nothing is left out by us; the suite itself aborts {@code
 * testMultiplePosDeleteFiles} on format version 3, which has one deletion vector for each file.
 */
@ExtendWith(ParameterizedTestExtension.class)
class IcebergDeleteReadTest extends DeleteReadTests {
  @TempDir private Path tables;

  @Override
  protected Table createTable(String name, Schema schema, PartitionSpec spec) {
    File directory = tables.resolve(name).toFile();
    return TestTables.create(directory, name, schema, spec, formatVersion);
  }

  @Override
  protected void dropTable(String name) {
    TestTables.clearTables();
  }

  @Override
  protected StructLikeSet rowSet(String name, Table table, String... columns) throws IOException {
    List<String> selected = List.of(columns).contains("*") ? null : List.of(columns);
    ScanRequest request =
        new ScanRequest(
            new SnapshotSelector.Current(), selected, alwaysTrue(), ScanRequest.NO_LIMIT);
    TableScanner scanner = new TableScanner(table);
    Types.StructType type = scanner.schema(request).asStruct();
    StructLikeSet rows = StructLikeSet.create(type);
    try (BufferAllocator allocator = new RootAllocator(64 << 20);
        CloseableIterable<Record> records = scanner.read(request, allocator)) {
      for (Record row : records) {
        rows.add(new InternalRecordWrapper(type).wrap(row));
      }
    }
    return rows;
  }

  /** Rows have the columns asked for and no others, whatever the deletes look at. */
  @Override
  protected boolean expectPruned() {
    return true;
  }
}
