package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.greaterThanOrEqual;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.ArrowLeakCheck;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Several files at once: the same rows, within bounds, and over when told. */
@ExtendWith(ArrowLeakCheck.class)
@Timeout(300)
class ParallelScanTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()));
  private static final int PER_FILE = 500;

  private final TableFixture fixture = TableFixture.open();
  private final ExecutorService threads = Executors.newFixedThreadPool(2);

  @AfterEach
  void close() throws InterruptedException {
    fixture.close();
    threads.shutdown();
    assertThat(threads.awaitTermination(2, TimeUnit.MINUTES)).isTrue();
  }

  private Table files(int count) {
    Table table = fixture.create(SCHEMA, 2);
    for (int file = 0; file < count; file++) {
      Record[] rows = new Record[PER_FILE];
      for (int i = 0; i < PER_FILE; i++) {
        rows[i] = row(SCHEMA, (long) file * PER_FILE + i, "name" + i);
      }
      FileFormat[] formats = {FileFormat.PARQUET, FileFormat.AVRO, FileFormat.ORC};
      append(table, formats[file % 3], rows);
    }
    return table;
  }

  private TableScanner scanner(Table table) {
    return new TableScanner(table, new Decoding(Decoding.DEFAULT_BATCH_ROWS, threads, 3));
  }

  private static List<Long> ids(ArrowReader reader) throws IOException {
    List<Long> ids = new ArrayList<>();
    while (reader.loadNextBatch()) {
      add(reader, ids);
    }
    return ids;
  }

  private static void add(ArrowReader reader, List<Long> ids) throws IOException {
    BigIntVector vector = (BigIntVector) reader.getVectorSchemaRoot().getVector("id");
    for (int i = 0; i < vector.getValueCount(); i++) {
      ids.add(vector.get(i));
    }
  }

  private static List<Long> planned(Table table, ScanRequest request) {
    return Scans.rows(new TableScanner(table), request).stream()
        .map(row -> (Long) row.get(0))
        .toList();
  }

  @Test
  void rowsComeInPlanOrderOrAsTheyAreRead(BufferAllocator allocator) throws IOException {
    Table table = files(12);
    List<Long> planned = planned(table, ScanRequest.EVERYTHING);

    for (int round = 0; round < 3; round++) {
      try (ArrowReader reader = scanner(table).readArrow(ScanRequest.EVERYTHING, allocator, 100)) {
        assertThat(ids(reader)).isEqualTo(planned);
      }
      ScanRequest any = ScanRequest.EVERYTHING.arrival(ScanRequest.Arrival.ANY);
      try (ArrowReader reader = scanner(table).readArrow(any, allocator, 100)) {
        assertThat(ids(reader)).containsExactlyInAnyOrderElementsOf(planned);
      }
    }
  }

  @Test
  void limitsAndFiltersAndDeletesHold(BufferAllocator allocator) throws IOException {
    Table table = files(6);
    List<FileScanTask> tasks = new ArrayList<>();
    new TableScanner(table).plan(ScanRequest.EVERYTHING).forEach(tasks::add);
    deleteRows(table, tasks.get(2).file(), 3, 4);
    for (ScanRequest request :
        List.of(
            ScanRequest.EVERYTHING.limit(1),
            ScanRequest.EVERYTHING.limit(PER_FILE + 7),
            Scans.where(greaterThanOrEqual("id", 2 * PER_FILE + 3)),
            Scans.where(greaterThanOrEqual("id", 5 * PER_FILE)).limit(9))) {
      try (ArrowReader reader = scanner(table).readArrow(request, allocator, 64)) {
        assertThat(ids(reader)).isEqualTo(planned(table, request));
      }
    }
  }

  @Test
  void noMoreFilesAreOpenedThanALimitNeeds(BufferAllocator allocator) throws IOException {
    Table table = files(9);
    AtomicInteger opened = new AtomicInteger();
    Table counted = HookedFiles.under(table, location -> opened.incrementAndGet());

    try (ArrowReader reader =
        scanner(counted).readArrow(ScanRequest.EVERYTHING.limit(3), allocator, 100)) {
      assertThat(ids(reader)).hasSize(3);
    }
    assertThat(opened.get()).isEqualTo(1);
  }

  @Test
  void aSlowReaderHoldsTheMemoryOfItsBoundAtMost(BufferAllocator allocator) throws Exception {
    Table table = files(15);
    long bound = 256 << 10;
    Decoding how = new Decoding(50, threads, 3, bound);
    try (ArrowReader reader =
        new TableScanner(table, how).readArrow(ScanRequest.EVERYTHING, allocator, 50)) {
      assertThat(reader.loadNextBatch()).isTrue();
      // What helps ends where there is no room: then the executor is idle.
      CountDownLatch idle = new CountDownLatch(2);
      for (int i = 0; i < 2; i++) {
        threads.execute(
            () -> {
              idle.countDown();
              awaitQuietly(idle);
            });
      }
      assertThat(idle.await(2, TimeUnit.MINUTES)).isTrue();
      assertThat(allocator.getAllocatedMemory()).isLessThan(bound + (3 << 20));
      List<Long> ids = new ArrayList<>();
      add(reader, ids);
      ids.addAll(ids(reader));
      assertThat(ids).isEqualTo(planned(table, ScanRequest.EVERYTHING));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void littleMemoryMeansOneFileAtATime(BufferAllocator allocator) throws IOException {
    Table table = files(12);
    List<Long> planned = planned(table, ScanRequest.EVERYTHING);
    long enough = 0;
    for (long limit = 64 << 10; enough == 0; limit += 32 << 10) {
      try (BufferAllocator small = allocator.newChildAllocator("small", 0, limit);
          ArrowReader reader =
              new TableScanner(table).readArrow(ScanRequest.EVERYTHING, small, PER_FILE)) {
        assertThat(ids(reader)).isEqualTo(planned);
        enough = limit;
      } catch (FirnException e) {
        assertThat(e.kind()).isEqualTo(ErrorKind.INVALID);
      }
    }
    // Somewhat more than one file needs, while helpers want as much as they can get.
    for (long more = 32 << 10; more <= 512 << 10; more += 96 << 10) {
      try (BufferAllocator small = allocator.newChildAllocator("small", 0, enough + more);
          ArrowReader reader =
              new TableScanner(table, new Decoding(PER_FILE, threads, 3, Long.MAX_VALUE))
                  .readArrow(ScanRequest.EVERYTHING, small, PER_FILE)) {
        assertThat(ids(reader)).as("%d bytes", enough + more).isEqualTo(planned);
      }
    }
  }

  @Test
  void scansThatShareAnExecutorDoNotWaitForEachOther(BufferAllocator allocator) throws IOException {
    Table table = files(8);
    List<Long> planned = planned(table, ScanRequest.EVERYTHING);
    Deque<ArrowReader> readers = new ArrayDeque<>();
    try {
      for (int i = 0; i < 4; i++) {
        ArrowReader reader =
            new TableScanner(table, new Decoding(20, threads, 3, 64 << 10))
                .readArrow(ScanRequest.EVERYTHING, allocator, 20);
        readers.push(reader);
        assertThat(reader.loadNextBatch()).isTrue();
      }
      for (ArrowReader reader : readers) {
        List<Long> ids = new ArrayList<>();
        add(reader, ids);
        ids.addAll(ids(reader));
        assertThat(ids).isEqualTo(planned);
      }
    } finally {
      for (ArrowReader reader : readers) {
        reader.close();
      }
    }
  }

  @Test
  void anExecutorThatNeverRunsOrRefusesIsNoObstacle(BufferAllocator allocator) throws IOException {
    Table table = files(5);
    List<Long> planned = planned(table, ScanRequest.EVERYTHING);
    Executor refusing =
        task -> {
          throw new RejectedExecutionException();
        };
    for (Executor executor : List.<Executor>of(task -> {}, Runnable::run, refusing)) {
      try (ArrowReader reader =
          new TableScanner(table, new Decoding(100, executor, 4))
              .readArrow(ScanRequest.EVERYTHING, allocator, 100)) {
        assertThat(ids(reader)).isEqualTo(planned);
      }
    }
  }

  @Test
  void whatFailsFailsOnceAtItsPlaceAndStopsTheRest(BufferAllocator allocator) throws IOException {
    Table table = files(6);
    List<Long> planned = planned(table, ScanRequest.EVERYTHING);
    List<String> locations = new ArrayList<>();
    new TableScanner(table)
        .plan(ScanRequest.EVERYTHING)
        .forEach(task -> locations.add(task.file().location()));
    Table failing =
        HookedFiles.under(
            table,
            location -> {
              if (location.equals(locations.get(3))) {
                throw new UncheckedIOException(new SocketException("no route"));
              }
            });

    List<Long> ids = new ArrayList<>();
    try (ArrowReader reader = scanner(failing).readArrow(ScanRequest.EVERYTHING, allocator, 100)) {
      assertThatThrownBy(
              () -> {
                while (reader.loadNextBatch()) {
                  add(reader, ids);
                }
              })
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
          .hasMessageContaining(locations.get(3));
    }
    assertThat(ids).isEqualTo(planned.subList(0, 3 * PER_FILE));

    try (ArrowReader reader =
        scanner(failing).readArrow(ScanRequest.EVERYTHING.limit(PER_FILE), allocator, 100)) {
      assertThat(ids(reader)).hasSize(PER_FILE);
    }
    ScanRequest any = ScanRequest.EVERYTHING.arrival(ScanRequest.Arrival.ANY);
    try (ArrowReader reader = scanner(failing).readArrow(any, allocator, 100)) {
      assertThatThrownBy(() -> ids(reader)).hasMessageContaining(locations.get(3));
    }
  }

  @Test
  void closingEarlyFreesEverything(BufferAllocator allocator) throws IOException {
    Table table = files(12);
    for (int batches : new int[] {0, 1, 7}) {
      try (ArrowReader reader = scanner(table).readArrow(ScanRequest.EVERYTHING, allocator, 100)) {
        for (int i = 0; i < batches; i++) {
          assertThat(reader.loadNextBatch()).isTrue();
        }
      }
      assertThat(allocator.getAllocatedMemory()).isZero();
    }
  }

  @Test
  void aCancelledScanFailsAtOnceThoughAnotherThreadReads(BufferAllocator allocator)
      throws Exception {
    Table table = files(9);
    for (TableScanner scanner : List.of(scanner(table), new TableScanner(table))) {
      for (ScanRequest request :
          List.of(
              ScanRequest.EVERYTHING,
              Scans.where(greaterThanOrEqual("id", 1L)),
              ScanRequest.EVERYTHING.arrival(ScanRequest.Arrival.ANY))) {
        Cancellation cancellation = new Cancellation();
        try (ArrowReader reader =
            scanner.readArrow(request.cancelledBy(cancellation), allocator, 10)) {
          assertThat(reader.loadNextBatch()).isTrue();
          Thread other = new Thread(cancellation::cancel);
          other.start();
          other.join();
          assertThatThrownBy(reader::loadNextBatch)
              .isInstanceOfSatisfying(
                  FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
              .hasMessageContaining("it was cancelled");
        }
      }
    }
  }

  @Test
  void cancellingWakesWhoWaitsForAHelper(BufferAllocator allocator) throws Exception {
    Table table = files(4);
    List<String> locations = new ArrayList<>();
    new TableScanner(table)
        .plan(ScanRequest.EVERYTHING)
        .forEach(task -> locations.add(task.file().location()));
    CountDownLatch helping = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    Thread caller = Thread.currentThread();
    Table held =
        HookedFiles.under(
            table,
            location -> {
              if (locations.indexOf(location) > 0 && Thread.currentThread() != caller) {
                helping.countDown();
                awaitQuietly(go);
              }
            });
    Cancellation cancellation = new Cancellation();
    ScanRequest request = Scans.where(alwaysTrue()).cancelledBy(cancellation);
    try (ArrowReader reader = scanner(held).readArrow(request, allocator, PER_FILE)) {
      assertThat(reader.loadNextBatch()).isTrue();
      assertThat(helping.await(2, TimeUnit.MINUTES)).isTrue();
      Thread other = new Thread(cancellation::cancel);
      other.start();
      assertThatThrownBy(() -> ids(reader)).hasMessageContaining("it was cancelled");
      other.join();
      go.countDown(); // only closing waits for it
    }
  }

  @Test
  void partsOfALargeFileAreReadAtOnce(BufferAllocator allocator) throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    table.updateProperties().set("write.parquet.row-group-size-bytes", "65536").commit();
    Record[] rows =
        LongStream.range(0, 40_000).mapToObj(i -> row(SCHEMA, i, "n" + i)).toArray(Record[]::new);
    append(table, rows);
    SplitTasks parts =
        new SplitTasks(() -> new TableScanner(table).plan(ScanRequest.EVERYTHING), 1 << 10);
    int count = 0;
    while (parts.next() != null) {
      count++;
    }
    parts.close();

    assertThat(count).isGreaterThan(2);
    Decoding how = new Decoding(1000, threads, 3);
    ScanRequest request = ScanRequest.EVERYTHING;
    FileTaskReader reader = new FileTaskReader(table, SCHEMA, SCHEMA, alwaysTrue(), how);
    SplitTasks again = new SplitTasks(() -> new TableScanner(table).plan(request), 1 << 10);
    List<Long> ids = new ArrayList<>();
    try (BatchCursor batches = new ParallelBatches(reader, again, allocator, how, request)) {
      while (batches.next()) {
        BigIntVector vector = (BigIntVector) batches.root().getVector("id");
        for (int i = 0; i < vector.getValueCount(); i++) {
          ids.add(vector.get(i));
        }
      }
    }
    assertThat(ids).isEqualTo(LongStream.range(0, 40_000).boxed().toList());
  }
}
