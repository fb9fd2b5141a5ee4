package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Equality deletes against a model in memory, and what they cost. */
class EqualityDeletesModelTest {
  private static final long SEED = Long.getLong("firn.equality.seed", 11L);
  private static final long PLENTY = 64 << 20;
  private static final long TINY = 2048;

  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "b", Types.BooleanType.get()),
          NestedField.optional(3, "i", Types.IntegerType.get()),
          NestedField.optional(4, "l", Types.LongType.get()),
          NestedField.optional(5, "f", Types.FloatType.get()),
          NestedField.optional(6, "d", Types.DoubleType.get()),
          NestedField.optional(7, "s", Types.StringType.get()),
          NestedField.optional(8, "n", Types.DecimalType.of(20, 2)),
          NestedField.optional(9, "u", Types.UUIDType.get()),
          NestedField.optional(10, "x", Types.BinaryType.get()));

  private static final List<List<String>> KEYS =
      List.of(
          List.of("i"),
          List.of("l"),
          List.of("f"),
          List.of("d"),
          List.of("s"),
          List.of("n"),
          List.of("u"),
          List.of("x"),
          List.of("b", "i"),
          List.of("s", "l", "d"),
          List.of("x", "s"));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void whatIsLeftIsWhatTheModelHas(int round) {
    long seed = SEED + round;
    Random random = new Random(seed);
    Table table = fixture.create(SCHEMA, 2 + random.nextInt(2));
    List<Record> live = new ArrayList<>();
    long nextId = 0;
    for (int step = 0; step < 10; step++) {
      if (step % 3 == 0) {
        List<Record> rows = rows(random, nextId, 150 + random.nextInt(250));
        nextId += rows.size();
        FileFormat format =
            List.of(FileFormat.PARQUET, FileFormat.AVRO, FileFormat.ORC).get(random.nextInt(3));
        DataFile file = append(table, format, rows.toArray(new Record[0])).get(0);
        live.addAll(rows);
        if (random.nextBoolean()) {
          deleteRows(table, file, 3);
          live.remove(rows.get(3));
        }
      } else {
        Schema key = SCHEMA.select(KEYS.get(random.nextInt(KEYS.size())));
        List<Record> keys =
            rows(random, 0, 100).stream().map(r -> part(r, key)).collect(Collectors.toList());
        for (int i = 0; i < 20 && !live.isEmpty(); i++) {
          keys.add(part(live.get(random.nextInt(live.size())), key));
        }
        deleteEqual(table, key, null, keys.toArray(new Record[0]));
        Set<List<Object>> deleted = keys.stream().map(Scans::values).collect(Collectors.toSet());
        live.removeIf(r -> deleted.contains(Scans.values(part(r, key))));
      }
    }

    List<Object> expected = live.stream().map(r -> r.get(0)).sorted().toList();
    for (long bound : new long[] {PLENTY, 16 * TINY, TINY}) {
      assertThat(ids(table, bound)).as("seed %d, bound %d", seed, bound).isEqualTo(expected);
    }
    List<Object> parallel = Scans.column(table, alwaysTrue(), "id");
    assertThat(parallel).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void eachDeleteFileIsReadOncePerScanWhateverNeedsIt() {
    Table table = longs(4, 1000);
    List<String> deletes = new ArrayList<>();
    Schema key = SCHEMA.select("l");
    Schema text = SCHEMA.select("s");
    for (int file = 0; file < 5; file++) {
      long first = file;
      Record[] keys =
          LongStream.range(0, 300).mapToObj(i -> row(key, 13 * i + first)).toArray(Record[]::new);
      deletes.add(deleteEqual(table, key, null, keys).location());
      deletes.add(deleteEqual(table, text, null, row(text, "a" + file), row(text, "z")).location());
      append(table, row(SCHEMA, -1L - file, null, null, -1L, null, null, null, null, null, null));
    }
    Queue<String> opened = new ConcurrentLinkedQueue<>();
    Table hooked = HookedFiles.under(table, opened::add);
    ExecutorService threads = Executors.newFixedThreadPool(3);
    try {
      for (Decoding how : List.of(Decoding.INLINE, new Decoding(512, threads, 4))) {
        opened.clear();
        List<List<Object>> rows =
            Scans.rows(new TableScanner(hooked, how), Scans.where(alwaysTrue(), "id"));

        assertThat(rows).hasSizeBetween(4 * 1000 - 5 * 300, 4 * 1000);
        Map<String, Long> opens =
            opened.stream()
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
        assertThat(deletes).allSatisfy(file -> assertThat(opens).containsEntry(file, 1L));
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void keysThatDoNotFitAreTakenInPassesWithinTheBound() {
    Table table = longs(2, 2000);
    Schema key = SCHEMA.select("l");
    Record[] keys = LongStream.range(0, 3000).mapToObj(i -> row(key, i)).toArray(Record[]::new);
    String deletes = deleteEqual(table, key, null, keys).location();
    Queue<String> opened = new ConcurrentLinkedQueue<>();
    Table hooked = HookedFiles.under(table, opened::add);
    FileTaskReader plenty = reader(hooked, PLENTY);
    FileTaskReader little = reader(hooked, 32 << 10);

    List<Object> expected = LongStream.range(3000, 4000).<Object>mapToObj(i -> i).toList();
    assertThat(ids(hooked, plenty)).isEqualTo(expected);
    assertThat(opened).containsOnlyOnce(deletes);
    // At most half full, in a table of a power of two.
    assertThat(plenty.deleteBytesHeld()).isBetween(3000L * 16, 3000L * 32);

    assertThat(ids(hooked, little)).isEqualTo(expected);
    assertThat(opened.stream().filter(deletes::equals).count()).isGreaterThan(2 * 2);
    assertThat(little.deleteBytesHeld()).isLessThanOrEqualTo(16 << 10);
  }

  @Test
  void aSetRefusesWhatIsMoreThanItsBoundAndCountsWhatItHolds() {
    LongKeys longs = new LongKeys(10, 4096);
    long added = LongStream.range(0, 1000).takeWhile(longs::add).count();
    assertThat(longs.bytes()).isLessThanOrEqualTo(4096);
    assertThat(longs.size()).isEqualTo(added).isGreaterThan(50);
    assertThat(LongStream.range(0, added)).allMatch(longs::contains);
    assertThat(longs.contains(added + 1)).isFalse();

    BytesKeys bytes = new BytesKeys(4096);
    int count = 0;
    while (add(bytes, "key" + count)) {
      count++;
    }
    assertThat(bytes.bytes()).isLessThanOrEqualTo(4096);
    assertThat(bytes.size()).isEqualTo(count).isGreaterThan(20);
    assertThat(IntStream.range(0, count)).allMatch(i -> has(bytes, "key" + i));
    assertThat(has(bytes, "key")).isFalse();
    assertThat(has(bytes, "")).isFalse();
  }

  private static boolean add(BytesKeys keys, String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    return keys.add(bytes, bytes.length, BytesKeys.hash(bytes, 0, bytes.length));
  }

  private static boolean has(BytesKeys keys, String key) {
    byte[] bytes = key.getBytes(StandardCharsets.UTF_8);
    return keys.contains(bytes, bytes.length, BytesKeys.hash(bytes, 0, bytes.length));
  }

  /** Files of so many rows, whose ids and longs go on from 0. */
  private Table longs(int files, int rows) {
    Table table = fixture.create(SCHEMA, 2);
    for (int file = 0; file < files; file++) {
      long first = (long) file * rows;
      append(
          table,
          LongStream.range(first, first + rows)
              .mapToObj(i -> row(SCHEMA, i, null, 1, i, null, null, "t", null, null, null))
              .toArray(Record[]::new));
    }
    return table;
  }

  private static List<Object> ids(Table table, long bound) {
    return ids(table, reader(table, bound));
  }

  private static FileTaskReader reader(Table table, long bound) {
    return new FileTaskReader(table, SCHEMA.select("id"), alwaysTrue()).deleteBytes(bound);
  }

  private static List<Object> ids(Table table, FileTaskReader reader) {
    List<Object> ids = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator(PLENTY);
        CloseableIterable<FileScanTask> tasks =
            new TableScanner(table).plan(ScanRequest.EVERYTHING)) {
      for (FileScanTask task : tasks) {
        try (CloseableIterable<Record> rows = reader.open(task, allocator)) {
          rows.forEach(row -> ids.add(row.get(0)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return ids.stream().sorted().toList();
  }

  private static Record part(Record row, Schema key) {
    return row(key, key.columns().stream().map(c -> row.getField(c.name())).toArray());
  }

  private static List<Record> rows(Random random, long firstId, int count) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Object[] values = {
        firstId + i,
        random.nextBoolean(),
        random.nextInt(400) - 200,
        (random.nextInt(400) - 200L) << random.nextInt(40),
        List.of(Float.NaN, 0.0f, -0.0f, random.nextInt(99) / 4f).get(random.nextInt(4)),
        List.of(Double.NaN, 0.0, -0.0, random.nextInt(999) / 8.0).get(random.nextInt(4)),
        "é".repeat(random.nextInt(3)) + random.nextInt(200),
        BigDecimal.valueOf(random.nextInt(900) - 450, 2),
        new UUID(random.nextInt(20), random.nextInt(20)),
        ByteBuffer.wrap(new byte[random.nextInt(30)])
      };
      int nulls = random.nextInt(4);
      for (int n = 0; n < nulls; n++) {
        values[1 + random.nextInt(values.length - 1)] = null;
      }
      rows.add(row(SCHEMA, Arrays.copyOf(values, values.length)));
    }
    return rows;
  }
}
