package dev.firn;

import static dev.firn.LakehouseTest.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyDataSource;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import dev.firn.testing.SqlFault;
import dev.firn.testing.SqlOperation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamWriterTest {
  private static final String NAME = "shop.orders";
  private static final String CHANNEL = "orders-topic-0";
  private static final Duration LONG = Duration.ofHours(1);
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  record Row(long id) {}

  @TempDir private Path directory;
  private Lakehouse lake;
  private LakeTable table;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
    table = lake.createTable(NAME, SCHEMA);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private static List<Row> rows(long from, long to) {
    return LongStream.range(from, to).mapToObj(Row::new).toList();
  }

  private List<Long> ids() {
    return lake.table(NAME).scan().toList(Row.class).stream().map(Row::id).sorted().toList();
  }

  private static List<Long> upTo(long end) {
    return LongStream.range(0, end).boxed().toList();
  }

  private long dataFiles() {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".parquet")).count();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** What a source does: reads on from the last token, whose value is how many rows are there. */
  private static long position(StreamWriter stream) {
    return stream.lastToken().map(Long::parseLong).orElse(0L);
  }

  private static void put(StreamWriter stream, long from, long to) {
    stream.writeAll(rows(from, to));
    stream.commit(Long.toString(to));
  }

  @Test
  void tokenIsDurableWithItsRows() {
    try (StreamWriter stream = table.stream(CHANNEL)) {
      assertThat(stream.lastToken()).isEmpty();
      assertThat(stream.epoch()).isEqualTo(1);
      assertThat(stream.channel()).isEqualTo(CHANNEL);
      stream.writeAll(rows(0, 10));
      assertThat(stream.rows()).isEqualTo(10);
      CommitReceipt receipt = stream.commit("10");
      assertThat(stream.rows()).isZero();
      assertThat(stream.lastToken()).contains("10");
      assertThat(lake.table(NAME).iceberg().currentSnapshot().snapshotId())
          .isEqualTo(receipt.snapshotId());
      assertThat(table.channels().get(0).snapshotId()).isEqualTo(receipt.snapshotId());
      put(stream, 10, 12);
    }
    try (Lakehouse other = Lakehouse.open(directory.resolve("lake"));
        StreamWriter stream = other.table(NAME).stream(CHANNEL)) {
      assertThat(stream.lastToken()).contains("12");
      assertThat(stream.epoch()).isEqualTo(2);
    }
    assertThat(ids()).isEqualTo(upTo(12));
  }

  @Test
  void takesRecordsObjectsAndArrowBatches() {
    try (StreamWriter stream = table.stream(CHANNEL);
        BigIntVector ids = new BigIntVector("id", lake.allocator())) {
      GenericRecord row = GenericRecord.create(stream.schema());
      row.setField("id", 0L);
      stream.write(row);
      stream.write(new Row(1));
      ids.setSafe(0, 2L);
      VectorSchemaRoot batch = VectorSchemaRoot.of(ids);
      batch.setRowCount(1);
      stream.write(batch);
      stream.commit("3");
    }
    assertThat(ids()).isEqualTo(upTo(3));
  }

  @Test
  void closedWithoutACommitLeavesNothing() {
    try (StreamWriter stream = table.stream(CHANNEL)) {
      put(stream, 0, 5);
      stream.writeAll(rows(5, 10));
    }
    assertThat(ids()).isEqualTo(upTo(5));
    assertThat(dataFiles()).isEqualTo(1);
    assertThat(table.channels().get(0).token()).isEqualTo("5");
  }

  @Test
  void tokenWithoutRowsMovesAloneAndMakesNoSnapshot() {
    try (StreamWriter stream = table.stream(CHANNEL)) {
      CommitReceipt alone = stream.commit("filtered 1");
      assertThat(alone.snapshotId()).isEqualTo(StreamWriter.NO_SNAPSHOT);
      assertThat(table.snapshots()).isEmpty();
      CommitReceipt rows = putAnd(stream, 0, 5);
      stream.commitWithin(Duration.ofSeconds(1), "filtered 2").join();
      assertThat(stream.lastToken()).contains("filtered 2");
      assertThat(table.channels().get(0).snapshotId()).isEqualTo(rows.snapshotId());
    }
    assertThat(table.stream(CHANNEL).lastToken()).contains("filtered 2");
    assertThat(table.snapshots()).hasSize(1);
  }

  private static CommitReceipt putAnd(StreamWriter stream, long from, long to) {
    stream.writeAll(rows(from, to));
    return stream.commit(Long.toString(to));
  }

  @Test
  void tokensAreTheCallersEvenTheSameTwice() {
    try (StreamWriter stream = table.stream(CHANNEL)) {
      stream.write(new Row(0));
      stream.commit("same");
      stream.write(new Row(1));
      stream.commit("same");
    }
    assertThat(table.stream(CHANNEL).lastToken()).contains("same");
    assertThat(ids()).isEqualTo(upTo(2));
  }

  @Test
  void tokenThatIsTooLongLeavesTheBatch() {
    try (StreamWriter stream = table.stream(CHANNEL)) {
      stream.writeAll(rows(0, 5));
      assertFails(() -> stream.commit("x".repeat(4_001)), "at most 4000 characters, got 4001")
          .isEqualTo(ErrorKind.INVALID);
      assertFails(
              () -> stream.commitWithin(Duration.ofMillis(-1), "5"), "expected zero or more, got")
          .isEqualTo(ErrorKind.INVALID);
      stream.commit("5");
    }
    assertThat(ids()).isEqualTo(upTo(5));
  }

  @Test
  void channelsAreIndependentAndCanBeRemoved() {
    try (StreamWriter one = table.stream("a");
        StreamWriter two = table.stream("b")) {
      put(one, 0, 2);
      two.writeAll(rows(2, 4));
      two.commit("two");
    }
    assertThat(table.channels()).extracting(at -> at.channel()).containsExactly("a", "b");
    assertThat(table.removeChannel("a")).isTrue();
    assertThat(table.removeChannel("a")).isFalse();
    assertThat(table.channels()).extracting(at -> at.token()).containsExactly("two");
    assertThat(table.stream("a").lastToken()).isEmpty();
  }

  @Test
  void commitsInFlightKeepTheirOrder() {
    List<CompletableFuture<CommitReceipt>> futures = new ArrayList<>();
    int batches = 3 * StreamWriter.MAX_IN_FLIGHT;
    try (StreamWriter stream = table.stream(CHANNEL)) {
      for (int i = 0; i < batches; i++) {
        stream.write(new Row(i));
        futures.add(stream.commitWithin(Duration.ofMillis(20), Integer.toString(i + 1)));
      }
      stream.write(new Row(batches));
      CommitReceipt last = stream.commit(Integer.toString(batches + 1));
      assertThat(futures).allMatch(CompletableFuture::isDone);
      long before = 0;
      for (CompletableFuture<CommitReceipt> each : futures) {
        assertThat(each.join().sequenceNumber()).isGreaterThanOrEqualTo(before);
        before = each.join().sequenceNumber();
      }
      assertThat(last.sequenceNumber()).isGreaterThanOrEqualTo(before);
    }
    assertThat(ids()).isEqualTo(upTo(batches + 1));
    assertThat(table.stream(CHANNEL).lastToken()).contains(Integer.toString(batches + 1));
  }

  @Test
  void supersededWriterIsRefusedWhereverItStands() {
    for (long committed : List.of(0L, 3L)) {
      String channel = "c" + committed;
      try (StreamWriter idle = table.stream(channel)) {
        if (committed > 0) {
          put(idle, 0, committed);
        }
        StreamWriter writing = table.stream(channel);
        writing.writeAll(rows(100, 105));
        try (StreamWriter owner = table.stream(channel)) {
          long files = dataFiles();
          refused(idle, () -> idle.commit("idle"));
          refused(writing, () -> writing.commit("writing"));
          assertThat(dataFiles()).isLessThanOrEqualTo(files);
          assertThat(position(owner)).isEqualTo(committed);
          put(owner, committed, committed + 1);
        }
        writing.close();
      }
      assertThat(table.stream(channel).lastToken()).contains(Long.toString(committed + 1));
    }
    assertThat(ids()).containsExactly(0L, 0L, 1L, 2L, 3L);
  }

  private static void refused(StreamWriter stream, Runnable commit) {
    assertFails(commit::run, "another writer has opened", "resume after its last token")
        .isEqualTo(ErrorKind.CONFLICT);
    assertFails(() -> stream.write(new Row(0)), "was not acknowledged")
        .isEqualTo(ErrorKind.CONFLICT);
    assertFails(() -> stream.commit("more"), "was not acknowledged").isEqualTo(ErrorKind.CONFLICT);
  }

  @Test
  void commitsInFlightOfASupersededWriterFailAndTheirFilesGo() {
    List<CompletableFuture<CommitReceipt>> futures = new ArrayList<>();
    try (StreamWriter zombie = table.stream(CHANNEL)) {
      for (int i = 0; i < 4; i++) {
        zombie.write(new Row(i));
        futures.add(zombie.commitWithin(LONG, Integer.toString(i + 1)));
      }
      table.stream(CHANNEL).close();
      try (TableWriter writer = table.append()) {
        writer.write(new Row(7));
        writer.commit();
      }
    }
    for (CompletableFuture<CommitReceipt> each : futures) {
      assertThat(failure(each).kind()).isEqualTo(ErrorKind.CONFLICT);
    }
    assertThat(ids()).containsExactly(7L);
    assertThat(dataFiles()).isEqualTo(1);
  }

  @Test
  void commitsAfterOneThatFailedFailAsItsConsequence() {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch submitted = new CountDownLatch(1);
    List<FaultyFileIO> stores = new ArrayList<>();
    List<CompletableFuture<CommitReceipt>> futures = new ArrayList<>();
    try (Lakehouse faulty =
            Lakehouse.open(
                Settings.of(directory.resolve("lake")),
                files -> {
                  stores.add(new FaultyFileIO(files));
                  return stores.get(0);
                });
        StreamWriter stream = faulty.table(NAME).stream(CHANNEL)) {
      put(stream, 0, 1);
      // The first one's manifest cannot be written, and by then the others wait for the next group.
      stores
          .get(0)
          .add(
              Fault.before(FileOperation.CREATE, 1)
                  .at(location -> location.contains("/metadata/"))
                  .throwing(
                      () -> {
                        begun.countDown();
                        await(submitted);
                        return new IOException("Injected fault");
                      }));
      for (int i = 1; i < 4; i++) {
        stream.write(new Row(i));
        futures.add(stream.commitWithin(Duration.ZERO, Integer.toString(i + 1)));
        await(begun);
      }
      submitted.countDown();
      assertThat(failure(futures.get(0)).kind()).isEqualTo(ErrorKind.UNAVAILABLE);
      for (CompletableFuture<CommitReceipt> later : futures.subList(1, 3)) {
        assertThat(failure(later))
            .hasMessageContaining("an earlier commit of this stream was not acknowledged");
      }
      assertThat(stream.lastToken()).contains("1");
    }
    assertThat(ids()).isEqualTo(upTo(1));
    assertThat(dataFiles()).isEqualTo(1);
  }

  private static FirnException failure(CompletableFuture<?> commit) {
    return (FirnException) catchThrowableOfType(CompletionException.class, commit::join).getCause();
  }

  private static void await(CountDownLatch latch) {
    try {
      assertThat(latch.await(2, TimeUnit.MINUTES)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Threads of two lakehouses take one channel from each other, each going on where it stands. */
  @Test
  void writersThatTakeTheChannelFromEachOtherLoseAndRepeatNothing() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(3);
    CyclicBarrier opened = new CyclicBarrier(3);
    int refused = 0;
    try (Lakehouse other = Lakehouse.open(directory.resolve("lake"))) {
      List<Future<Integer>> work = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        LakeTable handle = (i % 2 == 0 ? lake : other).table(NAME);
        Random random = new Random(i);
        work.add(threads.submit(() -> takeTurns(handle, random, opened)));
      }
      for (Future<Integer> each : work) {
        refused += each.get();
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(refused).as("all but the last that opened it in the first turn").isGreaterThan(1);
    try (StreamWriter last = table.stream(CHANNEL)) {
      assertThat(position(last)).isPositive();
      assertThat(ids()).isEqualTo(upTo(position(last)));
    }
  }

  private static int takeTurns(LakeTable table, Random random, CyclicBarrier opened)
      throws Exception {
    int refused = 0;
    for (int turn = 0; turn < 3; turn++) {
      try (StreamWriter stream = table.stream(CHANNEL)) {
        if (turn == 0) {
          int unused = opened.await(2, TimeUnit.MINUTES);
        }
        long at = position(stream);
        for (int i = 0; i < 3; i++, at++) {
          stream.write(new Row(at));
          var unused =
              stream.commitWithin(Duration.ofMillis(random.nextInt(3)), Long.toString(at + 1));
        }
        put(stream, at, at + 1);
      } catch (FirnException e) {
        assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT);
        refused++;
      }
    }
    return refused;
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void resumesWithoutAGapOrARepeatWhateverFileFails(long seed) {
    Random random = new Random(seed);
    List<FaultyFileIO> stores = new ArrayList<>();
    int failures = 0;
    try (Lakehouse faulty =
        Lakehouse.open(
            Settings.of(directory.resolve("lake")),
            files -> {
              stores.add(new FaultyFileIO(files));
              return stores.get(0);
            })) {
      LakeTable handle = faulty.table(NAME);
      for (long at = 0; at < 200; ) {
        try (StreamWriter stream = handle.stream(CHANNEL)) {
          for (at = position(stream); at < 200; at += 5) {
            if (random.nextInt(4) == 0) {
              stores.get(0).reset();
              stores.get(0).add(Fault.before(FileOperation.CREATE, 1 + random.nextInt(4)));
            }
            stream.writeAll(rows(at, at + 5));
            var unused =
                stream.commitWithin(Duration.ofMillis(random.nextInt(2)), Long.toString(at + 5));
          }
          stream.commit(Long.toString(at));
        } catch (FirnException e) {
          assertThat(e.kind()).isNotIn(ErrorKind.INTERNAL, ErrorKind.INVALID);
          failures++;
          stores.get(0).reset();
          at = 0;
        }
      }
    }
    assertThat(failures).isPositive();
    assertThat(ids()).isEqualTo(upTo(200));
  }

  /** Takes as long as the catalog tries to learn the outcome. */
  @Test
  void reopeningTellsWhetherACommitWithoutAnswerWasApplied() {
    List<FaultyDataSource> databases = new ArrayList<>();
    try (Lakehouse faulty =
        Lakehouse.open(
            Settings.of(directory.resolve("lake")),
            UnaryOperator.identity(),
            pool -> {
              databases.add(new FaultyDataSource(pool));
              return databases.get(0);
            })) {
      StreamWriter stream = faulty.table(NAME).stream(CHANNEL);
      put(stream, 0, 5);
      stream.writeAll(rows(5, 10));
      loseTheSwapsAnswer(databases.get(0));
      assertFails(() -> stream.commit("10"), "").isEqualTo(ErrorKind.COMMIT_STATE_UNKNOWN);
      assertThat(stream.lastToken()).contains("5");
      assertFails(() -> stream.write(new Row(0)), "was not acknowledged")
          .isEqualTo(ErrorKind.CONFLICT);
      databases.get(0).reset();
      stream.close();
      try (StreamWriter again = faulty.table(NAME).stream(CHANNEL)) {
        assertThat(again.lastToken()).contains("10");
        put(again, 10, 12);
      }
    }
    assertThat(ids()).isEqualTo(upTo(12));
  }

  /** It was applied, and for a long time nobody can ask. */
  private static void loseTheSwapsAnswer(FaultyDataSource database) {
    AtomicBoolean swapping = new AtomicBoolean();
    database.reset();
    database.add(
        SqlFault.after(1)
            .on(
                call -> {
                  if (call.sql().startsWith("UPDATE iceberg_tables")) {
                    swapping.set(true);
                  }
                  return swapping.get() && call.operation() == SqlOperation.COMMIT;
                })
            .meanwhile(
                () -> {
                  for (int i = 1; i <= 1_000; i++) {
                    database.add(SqlFault.before(SqlOperation.CONNECT, i));
                  }
                }));
  }

  @Test
  void tokenSurvivesExpiryCompactionAndARename() {
    try (StreamWriter stream = table.stream(CHANNEL)) {
      for (int i = 0; i < 6; i++) {
        put(stream, i, i + 1);
      }
    }
    table.compact().everything().run();
    table.expireSnapshots().olderThan(Instant.now()).retainLast(1).run();
    lake.renameTable(NAME, "shop.renamed");

    LakeTable renamed = lake.table("shop.renamed");
    assertThat(renamed.snapshots()).hasSize(1);
    try (StreamWriter stream = renamed.stream(CHANNEL)) {
      assertThat(stream.lastToken()).contains("6");
      put(stream, 6, 7);
    }
    assertThat(renamed.scan().toList(Row.class)).hasSize(7);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void tableMadeAnewHasNoneOfTheOldOnesChannels(boolean purge) {
    StreamWriter old = table.stream(CHANNEL);
    put(old, 0, 5);
    StreamWriter writing = table.stream("other");
    writing.writeAll(rows(5, 10));
    if (purge) {
      lake.purgeTable(NAME);
    } else {
      lake.dropTable(NAME);
    }
    LakeTable anew = lake.createTable(NAME, SCHEMA);

    assertFails(() -> put(old, 5, 6), "dropped and made again").isEqualTo(ErrorKind.NOT_FOUND);
    assertFails(() -> writing.commit("10"), "").isEqualTo(ErrorKind.NOT_FOUND);
    old.close();
    writing.close();
    assertThat(ids()).isEmpty();
    assertThat(anew.channels()).isEmpty();
    assertThat(anew.stream(CHANNEL).lastToken()).isEqualTo(Optional.empty());
  }

  @Test
  void closedStreamTakesNothing() {
    StreamWriter stream = table.stream(CHANNEL);
    stream.close();
    stream.close();
    assertFails(() -> stream.write(new Row(1)), "it is closed").isEqualTo(ErrorKind.INVALID);
    assertFails(() -> stream.commit("1"), "it is closed").isEqualTo(ErrorKind.INVALID);
  }

  @Test
  void appendsMayWaitForCompanyToo() {
    List<CompletableFuture<CommitReceipt>> futures = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      try (TableWriter writer = table.append()) {
        writer.write(new Row(i));
        // The last one waits for nobody, and takes the others along.
        futures.add(writer.commitWithin(i < 4 ? LONG : Duration.ZERO));
      }
    }
    assertThat(futures.stream().map(each -> each.join().snapshotId()).distinct()).hasSize(1);
    assertThat(ids()).isEqualTo(upTo(5));
    try (TableWriter writer = table.append()) {
      assertFails(() -> writer.commitWithin(Duration.ofMillis(-1)), "expected zero or more, got")
          .isEqualTo(ErrorKind.INVALID);
    }
  }
}
