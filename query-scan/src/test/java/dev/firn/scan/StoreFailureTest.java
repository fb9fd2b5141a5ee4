package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A store that fails once is not a file that is damaged, whichever library reads. */
@ExtendWith(ArrowLeakCheck.class)
class StoreFailureTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = FileFormat.class,
      names = {"PARQUET", "AVRO", "ORC"})
  void everyReadThatFailsIsUnavailableAndTheNextScanIsWhole(
      FileFormat format, BufferAllocator allocator) throws IOException {
    for (int version : new int[] {2, 3}) {
      Table table = fixture.create(SCHEMA, version);
      DataFile file =
          append(table, format, row(SCHEMA, 1L, "a"), row(SCHEMA, 2L, "b"), row(SCHEMA, 3L, "c"))
              .get(0);
      deleteRows(table, file, 0);
      deleteEqual(table, SCHEMA.select("name"), null, row(SCHEMA.select("name"), "c"));
      FaultyFileIO store = new FaultyFileIO(table.io());
      Table faulty = through(table, store);
      List<FileScanTask> tasks = new ArrayList<>();
      new TableScanner(table).plan(ScanRequest.EVERYTHING).forEach(tasks::add);

      // Reads the table's metadata, once and for all.
      read(faulty, tasks.get(0), allocator);
      for (FileOperation operation : List.of(FileOperation.OPEN, FileOperation.READ)) {
        store.reset();
        assertThat(read(faulty, tasks.get(0), allocator)).containsExactly(row(SCHEMA, 2L, "b"));
        long operations = store.count(operation);
        assertThat(operations).isPositive();
        for (int nth = 1; nth <= operations; nth++) {
          store.reset();
          store.add(Fault.before(operation, nth));
          assertThatThrownBy(() -> read(faulty, tasks.get(0), allocator))
              .as(operation + " " + nth)
              .isInstanceOfSatisfying(
                  FirnException.class,
                  e -> assertThat(e.kind()).as(e.toString()).isEqualTo(ErrorKind.UNAVAILABLE))
              .hasRootCauseMessage("Injected fault")
              .hasMessageContaining(table.name());
        }
      }
    }
  }

  private static Table through(Table table, FaultyFileIO store) {
    String metadata = ((HasTableOperations) table).operations().current().metadataFileLocation();
    return new BaseTable(new StaticTableOperations(metadata, store), table.name());
  }

  private static List<Record> read(Table table, FileScanTask task, BufferAllocator allocator)
      throws IOException {
    // A reader of its own, which has no deletes loaded.
    FileTaskReader reader = new FileTaskReader(table, table.schema(), Expressions.alwaysTrue());
    List<Record> rows = new ArrayList<>();
    try (CloseableIterable<Record> open = reader.open(task, allocator)) {
      open.forEach(rows::add);
    }
    return rows;
  }
}
