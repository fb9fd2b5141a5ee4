package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** While a file of a store is read, the next ones are on their way. */
@ExtendWith(ArrowLeakCheck.class)
class ReadAheadTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  private final TableFixture fixture = TableFixture.open();
  private final Table stored = fixture.create(SCHEMA, 3);
  private final List<DataFile> files = new ArrayList<>();
  private final LateFiles store = new LateFiles(stored.io());

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Files of consecutive ids, in the order of a scan. */
  private Table table(int count) {
    for (int file = 0; file < count; file++) {
      files.addAll(
          append(stored, FileFormat.PARQUET, row(SCHEMA, 2L * file), row(SCHEMA, 2L * file + 1)));
    }
    return late();
  }

  private Table late() {
    String metadata = ((HasTableOperations) stored).operations().current().metadataFileLocation();
    return new BaseTable(new StaticTableOperations(metadata, store), stored.name());
  }

  private static List<Long> ids(Table table, ScanRequest request, BufferAllocator allocator) {
    List<Long> ids = new ArrayList<>();
    try (CloseableIterable<Record> rows = new TableScanner(table).read(request, allocator)) {
      rows.forEach(row -> ids.add((Long) row.get(0)));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return ids;
  }

  private static ScanRequest limit(long rows) {
    return new ScanRequest(new SnapshotSelector.Current(), null, Expressions.alwaysTrue(), rows);
  }

  private static void until(BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for too long").isLessThan(end);
      Thread.onSpinWait();
    }
  }

  @Test
  void asksForTheNextEightFilesBeforeTheFirstHasCome(BufferAllocator allocator) throws Exception {
    Table table = table(12);
    List<Long> expected = ids(stored, ScanRequest.EVERYTHING, allocator);
    store.hold();

    CompletableFuture<List<Long>> read =
        CompletableFuture.supplyAsync(() -> ids(table, ScanRequest.EVERYTHING, allocator));
    until(() -> store.heldRequests() == 9);
    store.answer();

    assertThat(read.get(2, TimeUnit.MINUTES)).isEqualTo(expected).hasSize(24);
    assertThat(store.requests()).hasSize(12).doesNotHaveDuplicates();
  }

  @Test
  void opensNoFileThatTheLimitDoesNotNeed(BufferAllocator allocator) {
    Table table = table(6);

    assertThat(ids(table, limit(2), allocator)).hasSize(2);
    assertThat(store.requests()).hasSize(1);

    assertThat(ids(table, limit(5), allocator)).hasSize(5);
    assertThat(store.requests()).hasSize(1 + 3);
  }

  @Test
  void failsAtTheFileThatFails(BufferAllocator allocator) throws IOException {
    Table table = table(4);
    List<FileScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<FileScanTask> plan =
        new TableScanner(table).plan(ScanRequest.EVERYTHING)) {
      plan.forEach(tasks::add);
    }
    String third = tasks.get(2).file().location();
    store.fail(third);
    List<Long> seen = new ArrayList<>();

    assertThatThrownBy(
            () -> {
              try (CloseableIterable<Record> rows =
                  new TableScanner(table).read(ScanRequest.EVERYTHING, allocator)) {
                rows.forEach(row -> seen.add((Long) row.get(0)));
              }
            })
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining(third)
        .hasMessageContaining(table.name());
    assertThat(seen).hasSize(4);
  }

  @Test
  void closesWithFilesOnTheirWay(BufferAllocator allocator) throws Exception {
    Table table = table(4);
    store.hold();
    ArrowReader reader = new TableScanner(table).readArrow(ScanRequest.EVERYTHING, allocator, 100);
    CompletableFuture<Void> read =
        CompletableFuture.runAsync(
            () -> {
              try (reader) {
                boolean unused = reader.loadNextBatch();
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    until(() -> store.heldRequests() == 4);
    store.answer();
    read.get(2, TimeUnit.MINUTES);

    assertThat(allocator.getAllocatedMemory()).isZero();
    assertThat(store.requests()).hasSize(4);
  }

  @Test
  void readsOneFileAtATimeWhereMemoryIsShort(BufferAllocator allocator) throws Exception {
    Table table = table(4);
    List<Long> expected = ids(stored, ScanRequest.EVERYTHING, allocator);
    store.hold();
    try (BufferAllocator small = allocator.newChildAllocator("small", 0, 1 << 20)) {
      CompletableFuture<List<Long>> read =
          CompletableFuture.supplyAsync(() -> ids(table, ScanRequest.EVERYTHING, small));
      until(() -> store.heldRequests() == 1);
      assertThat(store.requests()).hasSize(1);
      store.answer();

      assertThat(read.get(2, TimeUnit.MINUTES)).isEqualTo(expected);
    }
  }

  @Test
  void leavesDeletedRowsOut(BufferAllocator allocator) {
    table(4);
    deleteRows(stored, files.get(1), 0);
    deleteRows(stored, files.get(3), 1);

    assertThat(ids(late(), ScanRequest.EVERYTHING, allocator))
        .isEqualTo(ids(stored, ScanRequest.EVERYTHING, allocator))
        .hasSize(6);
  }

  @Test
  void fetchesTheNextFilesFirstRowGroup(BufferAllocator allocator) throws IOException {
    Random random = new Random(3);
    for (int file = 0; file < 3; file++) {
      Record[] rows = new Record[100_000];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = row(SCHEMA, random.nextLong());
      }
      files.addAll(append(stored, FileFormat.PARQUET, rows));
    }
    assertThat(files.get(0).fileSizeInBytes()).isGreaterThan(600_000);
    Table table = late();
    try (ArrowReader reader =
        new TableScanner(table).readArrow(ScanRequest.EVERYTHING, allocator, 1000)) {
      assertThat(reader.loadNextBatch()).isTrue();
      // Three tails, one row group.
      until(() -> store.answered() >= 4);

      // Ninety batches are of the first file.
      for (int i = 0; i < 90 && store.requests().size() < 6; i++) {
        assertThat(reader.loadNextBatch()).isTrue();
      }
      assertThat(store.requests()).hasSize(6);
    }
  }

  @Test
  void doesNotLookAheadInFilesThatAreReadAtOnce(BufferAllocator allocator) throws IOException {
    table(3);
    List<FileScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<FileScanTask> plan =
        new TableScanner(stored).plan(ScanRequest.EVERYTHING)) {
      plan.forEach(tasks::add);
    }
    Iterator<FileScanTask> rest = tasks.iterator();
    FileTaskReader reader = new FileTaskReader(stored, SCHEMA, Expressions.alwaysTrue());
    List<FileScanTask> pulled = new ArrayList<>();
    Iterator<FileScanTask> counting =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return rest.hasNext();
          }

          @Override
          public FileScanTask next() {
            pulled.add(rest.next());
            return pulled.get(pulled.size() - 1);
          }
        };
    try (TaskCursors cursors = reader.inOrder(counting, allocator);
        BatchCursor first = cursors.next()) {
      assertThat(first).isNotNull();
      assertThat(first.next()).isTrue();
      assertThat(pulled).hasSize(1);
    }
  }
}
