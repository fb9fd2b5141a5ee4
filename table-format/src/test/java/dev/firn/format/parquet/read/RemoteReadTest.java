package dev.firn.format.parquet.read;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.RangeReader;
import dev.firn.storage.RangedInputFile;
import dev.firn.storage.cache.CachedFile;
import dev.firn.storage.cache.MemoryCache;
import dev.firn.testing.ArrowLeakCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a file on a store is asked for: few requests, all of a row group's at once. */
@ExtendWith(ArrowLeakCheck.class)
class RemoteReadTest {
  private static final long SEED = Long.getLong("firn.seed", 20261121L);
  private static final int COLUMNS = 16;

  /** Holds the footers and indexes of these tests' files, not their data. */
  private static final int TAIL = 64 * 1024;

  private static final Schema WIDE = wide();
  private static final Schema NARROW = WIDE.select("c1", "c7", "c12");

  private static final Map<String, InputFile> MADE = new ConcurrentHashMap<>();

  private static Schema wide() {
    List<NestedField> fields = new ArrayList<>();
    for (int i = 0; i < COLUMNS; i++) {
      fields.add(required(i + 1, "c" + i, Types.LongType.get()));
    }
    return new Schema(fields);
  }

  /** Column 0 ascends; the others are noise. */
  private static List<Record> rows(Schema schema, int count) {
    Random random = new Random(5);
    List<Record> rows = new ArrayList<>();
    for (int row = 0; row < count; row++) {
      GenericRecord made = GenericRecord.create(schema);
      made.set(0, (long) row);
      for (int i = 1; i < schema.columns().size(); i++) {
        made.set(i, random.nextLong());
      }
      rows.add(made);
    }
    return rows;
  }

  private static InputFile file(Schema schema, int rows, int groupRows) {
    return MADE.computeIfAbsent(
        schema.columns().size() + " " + rows + " " + groupRows,
        name -> {
          // Iceberg's writer looks at page sizes no more often than at those of row groups.
          Map<String, String> properties =
              groupRows == rows ? new HashMap<>() : ParquetFiles.small(groupRows, 1_000_000);
          properties.put("write.parquet.compression-codec", "uncompressed");
          properties.put("write.parquet.page-size-bytes", "4096");
          return ParquetFiles.write(schema, rows(schema, rows), properties);
        });
  }

  private static InputFile wideFile(int rows, int groupRows) {
    return file(WIDE, rows, groupRows);
  }

  private static List<Object> read(
      RemoteFile file, Schema schema, UnaryOperator<ParquetReader.Builder> how, BufferAllocator a) {
    return ParquetFiles.read(file, schema, b -> how.apply(b.tailBytes(TAIL)), a);
  }

  @Test
  void asksForTheEndAndForEachRowGroupOnce(BufferAllocator allocator) {
    for (int groups : new int[] {1, 3}) {
      InputFile stored = wideFile(18_000, 18_000 / groups);
      RemoteFile file = new RemoteFile(stored, 1);

      assertThat(read(file, NARROW, b -> b, allocator))
          .isEqualTo(ParquetFiles.generic(stored, NARROW));

      List<String> expected = new ArrayList<>(List.of("tail"));
      for (int i = 0; i < groups; i++) {
        expected.add("all 3");
      }
      assertThat(file.requests()).isEqualTo(expected);
      assertThat(file.asked()).isLessThan(18_000L * 3 * 8 + TAIL + 40_000);
    }
  }

  @Test
  void asksForTheEndInTheBackgroundWhereTheLengthIsKnown(BufferAllocator allocator) {
    InputFile stored = wideFile(18_000, 18_000);
    RemoteFile file = new RemoteFile(stored, 1);

    read(file, NARROW, b -> b.length(stored.getLength()), allocator);

    assertThat(file.requests()).containsExactly("all 1", "all 3");
  }

  @Test
  void readsASmallFileInOneRequest(BufferAllocator allocator) {
    InputFile stored = wideFile(400, 100);
    for (long length : new long[] {stored.getLength(), SourceFile.UNKNOWN_LENGTH}) {
      RemoteFile file = new RemoteFile(stored, 1);

      assertThat(ParquetFiles.read(file, WIDE, b -> b.length(length), allocator)).hasSize(400);

      assertThat(file.requests()).hasSize(1);
      assertThat(file.asked()).isEqualTo(stored.getLength());
    }
  }

  @Test
  void readsAdjacentColumnsAsOneRange(BufferAllocator allocator) {
    RemoteFile file = new RemoteFile(wideFile(18_000, 18_000), 1);

    read(file, WIDE.select("c3", "c4", "c5", "c9"), b -> b, allocator);

    assertThat(file.requests()).containsExactly("tail", "all 2");
  }

  @Test
  void fetchesOnlyThePagesThatMayHaveRows(BufferAllocator allocator) {
    Schema schema = WIDE.select("c0", "c1", "c2");
    RemoteFile file = new RemoteFile(file(schema, 400_000, 400_000), 1);
    Expression filter = Expressions.equal("c0", 200_000L);

    List<Object> rows =
        read(file, schema, b -> b.filter(schema, filter).tailBytes(1 << 18), allocator);

    assertThat(rows).hasSize(1);
    // Of each column the first page, which tells whether there is a dictionary, and the wanted one.
    assertThat(file.requests()).containsExactly("tail", "all 6");
    assertThat(file.asked()).isLessThan((1 << 18) + 6 * 5000);
  }

  @Test
  void fetchesAllIndexesBeforeTheEndTogether(BufferAllocator allocator) {
    RemoteFile file = new RemoteFile(wideFile(40_000, 10_000), 1);
    Expression filter =
        Expressions.and(
            Expressions.greaterThan("c0", 15_000L), Expressions.lessThan("c0", 25_000L));

    List<Object> rows = read(file, NARROW, b -> b.filter(WIDE, filter).tailBytes(4096), allocator);

    assertThat(rows).hasSize(9_999);
    assertThat(file.requests()).startsWith("tail", "one");
    assertThat(file.requests().stream().filter(request -> request.startsWith("one")).count())
        .as("the rest of the footer, and the indexes")
        .isLessThanOrEqualTo(2);
    assertThat(file.requests().stream().filter(request -> request.startsWith("all")).count())
        .isEqualTo(2);
  }

  // ---- kept footers

  private record Kept(RemoteFile file, MemoryCache cache) implements RangedInputFile, CachedFile {
    @Override
    public String cacheKey() {
      return file.location();
    }

    @Override
    public RangeReader openRanges() {
      return file.openRanges();
    }

    @Override
    public long getLength() {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      return file.newStream();
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public boolean exists() {
      return file.exists();
    }
  }

  @Test
  void asksForNoFooterAgain(BufferAllocator allocator) {
    InputFile stored = wideFile(18_000, 6_000);
    MemoryCache cache = MemoryCache.ofBytes(1 << 20);
    RemoteFile first = new RemoteFile(stored, 1);
    RemoteFile again = new RemoteFile(stored, 1);
    UnaryOperator<ParquetReader.Builder> ask =
        b -> b.filter(WIDE, Expressions.lessThan("c0", 7_000L)).tailBytes(TAIL);
    List<Object> expected = ParquetFiles.read(stored, NARROW, ask, allocator);

    assertThat(ParquetFiles.read(new Kept(first, cache), NARROW, ask, allocator))
        .isEqualTo(expected);
    assertThat(ParquetFiles.read(new Kept(again, cache), NARROW, ask, allocator))
        .isEqualTo(expected);

    assertThat(first.requests().get(0)).isEqualTo("tail");
    assertThat(again.requests())
        .as("neither footer nor indexes")
        .hasSize(2)
        .allMatch(r -> r.startsWith("all"));
    assertThat(cache.counts().hits()).isEqualTo(1);
    assertThat(cache.counts().bytes()).isGreaterThan(3 * COLUMNS * 1024);
  }

  @Test
  void keepsAFooterForAFileOfThatLengthOnly(BufferAllocator allocator) {
    MemoryCache cache = MemoryCache.ofBytes(1 << 20);
    InputFile before = wideFile(18_000, 6_000);
    InputFile after = wideFile(400, 100);
    ParquetFiles.read(
        new Kept(new RemoteFile(before, 1), cache),
        NARROW,
        b -> b.length(before.getLength()),
        allocator);

    assertThat(
            ParquetFiles.read(
                new Kept(new RemoteFile(after, 1), cache),
                NARROW,
                b -> b.length(after.getLength()),
                allocator))
        .hasSize(400);
  }

  // ---- late materialisation

  private static final Schema TEXTS =
      new Schema(
          required(1, "id", Types.LongType.get()), optional(2, "text", Types.StringType.get()));

  private static InputFile texts(int rows, int groupRows, int length) {
    Random random = new Random(6);
    List<Record> all = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      GenericRecord made = GenericRecord.create(TEXTS);
      made.set(0, (long) row * 2);
      StringBuilder text = new StringBuilder();
      while (text.length() < length) {
        text.append(Long.toString(random.nextLong(), 36));
      }
      made.set(1, text.toString());
      all.add(made);
    }
    Map<String, String> properties = new HashMap<>(ParquetFiles.small(groupRows, 1_000_000));
    properties.put("write.parquet.compression-codec", "uncompressed");
    return ParquetFiles.write(TEXTS, all, properties);
  }

  @Test
  void fetchesFewBytesTogetherWithTheFiltersColumns(BufferAllocator allocator) {
    RemoteFile file = new RemoteFile(texts(3000, 3000, 100), 1);

    List<Object> rows =
        read(file, TEXTS, b -> b.filter(TEXTS, Expressions.equal("id", 1001L)), allocator);

    assertThat(rows).isEmpty();
    assertThat(file.requests()).containsExactly("tail", "all 1");
  }

  @Test
  void fetchesManyBytesOnlyWhereRowsPassed(BufferAllocator allocator) {
    InputFile stored = texts(9000, 3000, 1800);
    RemoteFile none = new RemoteFile(stored, 1);
    RemoteFile some = new RemoteFile(stored, 1);

    assertThat(read(none, TEXTS, b -> b.filter(TEXTS, Expressions.equal("id", 1001L)), allocator))
        .isEmpty();
    assertThat(
            read(
                some,
                TEXTS,
                b -> b.filter(TEXTS, Expressions.in("id", 2000L, 8000L, 16000L)),
                allocator))
        .hasSize(3);

    assertThat(none.requests()).containsExactly("tail", "all 1");
    assertThat(none.asked()).isLessThan(100_000);
    // The filter's column of the first two, texts of the first; from then on all at once.
    assertThat(some.requests()).hasSizeLessThanOrEqualTo(6).startsWith("tail", "all 1");
    assertThat(some.asked()).isGreaterThan(15 << 20);
  }

  @Test
  void readsWhatFiltersLeaveAsItDoesFromMemory(BufferAllocator allocator) {
    Random choices = new Random(SEED);
    for (int round = 0; round < 40; round++) {
      InputFile stored = choices.nextBoolean() ? wideFile(18_000, 6_000) : wideFile(18_000, 18_000);
      long from = choices.nextInt(18_000);
      Expression filter =
          Expressions.and(
              Expressions.greaterThanOrEqual("c0", from),
              Expressions.lessThan("c0", from + choices.nextInt(4000)));
      UnaryOperator<ParquetReader.Builder> ask = b -> b.filter(WIDE, filter);
      int tail = 4096 << choices.nextInt(6);
      RemoteFile file = new RemoteFile(stored, SEED + round);

      assertThat(ParquetFiles.read(file, NARROW, b -> ask.apply(b.tailBytes(tail)), allocator))
          .as("seed %d, round %d", SEED, round)
          .isEqualTo(ParquetFiles.read(stored, NARROW, ask, allocator));
    }
  }

  // ---- trouble

  @Test
  void namesTheFileWhenARangeFails(BufferAllocator allocator) {
    InputFile stored = wideFile(18_000, 6_000);
    for (long from : new long[] {4, 1_500_000, stored.getLength() - TAIL}) {
      RemoteFile file = new RemoteFile(stored, 1);
      file.failAt(position -> position >= from);

      for (long length : new long[] {stored.getLength(), SourceFile.UNKNOWN_LENGTH}) {
        assertThatThrownBy(() -> read(file, NARROW, b -> b.length(length), allocator))
            .isInstanceOfSatisfying(
                FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
            .hasMessageContaining("503 SlowDown")
            .hasMessageContaining(RemoteFile.LOCATION);
      }
    }
  }

  @Test
  void failsWhereAPrefetchFailedNotBefore(BufferAllocator allocator) {
    RemoteFile file = new RemoteFile(wideFile(18_000, 6_000), 1);
    long second = 6_000L * COLUMNS * 8;
    file.failAt(position -> position > second && position < 2 * second);
    try (ParquetReader reader = ParquetReader.of(file, NARROW).tailBytes(TAIL).open(allocator)) {
      assertThat(reader.next()).isTrue();
      assertThat(reader.root().getRowCount()).isEqualTo(6_000);

      assertThatThrownBy(reader::next).isInstanceOf(FirnException.class);
    }
  }

  @Test
  void callsAFileCorruptThatIsShorterThanSaid(BufferAllocator allocator) {
    InputFile stored = wideFile(18_000, 6_000);
    RemoteFile file = new RemoteFile(stored, 1);

    assertThatThrownBy(() -> read(file, NARROW, b -> b.length(stored.getLength() + 10), allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("ends early")
        .hasMessageContaining(RemoteFile.LOCATION);
  }

  @Test
  void keepsMemoryUntilTheStoreLetsGoOfIt(BufferAllocator allocator) throws Exception {
    RemoteFile file = new RemoteFile(wideFile(18_000, 6_000), 1);
    ParquetReader reader = ParquetReader.of(file, NARROW).tailBytes(TAIL).open(allocator);
    assertThat(reader.next()).isTrue();
    file.hold();
    reader.close();
    ParquetReader started =
        ParquetReader.of(file, NARROW).length(file.getLength()).tailBytes(TAIL).start(allocator);
    started.prefetch(Long.MAX_VALUE);
    assertThat(file.heldRequests()).isEqualTo(1);
    assertThat(started.answersLater()).isTrue();

    CompletableFuture<Void> closed = CompletableFuture.runAsync(started::close);
    assertThat(allocator.getAllocatedMemory()).as("still written to").isGreaterThan(0);
    file.answer();
    closed.get(2, TimeUnit.MINUTES);

    assertThat(allocator.getAllocatedMemory()).isZero();
  }

  @Test
  void doesNotWaitForWhatItFetchesAhead(BufferAllocator allocator) {
    RemoteFile file = new RemoteFile(wideFile(18_000, 6_000), 1);
    long length = file.getLength();
    file.hold();
    try (ParquetReader reader =
        ParquetReader.of(file, NARROW).length(length).tailBytes(TAIL).start(allocator)) {
      reader.prefetch(1 << 20);
      assertThat(file.requests()).containsExactly("length", "all 1");
      file.answer();
      until(() -> prefetched(reader, file, 3));

      assertThat(file.requests()).containsExactly("length", "all 1", "all 3");
      assertThat(reader.memory()).isGreaterThan(6_000 * 3 * 8);
      assertThat(reader.next()).isTrue();
    }
  }

  @Test
  void prefetchesNothingThatTheBudgetDoesNotAllow(BufferAllocator allocator) {
    RemoteFile file = new RemoteFile(wideFile(18_000, 6_000), 1);
    long length = file.getLength();
    try (ParquetReader reader =
        ParquetReader.of(file, NARROW).length(length).tailBytes(TAIL).start(allocator)) {
      until(() -> prefetched(reader, file, 2));
      for (int i = 0; i < 100; i++) {
        reader.prefetch(1000);
      }
      assertThat(file.requests()).containsExactly("length", "all 1");
      assertThat(reader.next()).isTrue();
    }
  }

  @Test
  void readsOneRowGroupAtATimeWhereMemoryIsShort(BufferAllocator allocator) {
    InputFile stored = wideFile(18_000, 6_000);
    List<Object> expected = ParquetFiles.generic(stored, WIDE);
    try (BufferAllocator limited = allocator.newChildAllocator("limited", 0, 2_100_000)) {
      RemoteFile file = new RemoteFile(stored, 1);

      assertThat(read(file, WIDE, b -> b.batchRows(100), limited)).isEqualTo(expected);

      assertThat(file.requests()).containsExactly("tail", "all 1", "all 1", "all 1");
    }
  }

  private static boolean prefetched(ParquetReader reader, RemoteFile file, int requests) {
    reader.prefetch(requests == 2 ? 0 : 1 << 20);
    return file.requests().size() >= requests;
  }

  private static void until(java.util.function.BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as("waited for too long").isLessThan(end);
      Thread.onSpinWait();
    }
  }
}
