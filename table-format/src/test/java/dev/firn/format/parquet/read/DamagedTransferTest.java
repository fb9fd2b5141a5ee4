package dev.firn.format.parquet.read;

import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.parquet.write.ParquetSettings;
import dev.firn.format.parquet.write.ParquetWriter;
import dev.firn.testing.ArrowLeakCheck;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.MetricsConfig;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.inmemory.InMemoryOutputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files whose bytes change on their way from the store: read again, and never a wrong row, whatever
 * byte it is, once; and where it always is, called corrupt.
 */
@ExtendWith(ArrowLeakCheck.class)
class DamagedTransferTest {
  private static final long SEED = Long.getLong("firn.damage.seed", 20261121L);
  private static final int ROWS = 300;

  /** Every byte is tried with 1. */
  private static final int STEP = Integer.getInteger("firn.damage.step", 16);

  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "name", Types.StringType.get()),
          optional(3, "kind", Types.StringType.get()),
          optional(4, "tags", Types.ListType.ofOptional(5, Types.StringType.get())));

  private final Random random = new Random(SEED);

  private static byte[] file(String version, BufferAllocator allocator) {
    InMemoryOutputFile target = new InMemoryOutputFile("memory:sound.parquet");
    Map<String, String> properties =
        Map.of(
            "write.parquet.page-version", version,
            "write.parquet.page-row-limit", "40",
            "write.parquet.bloom-filter-enabled.column.name", "true",
            "write.parquet.bloom-filter-max-bytes", "512");
    ParquetSettings settings = ParquetSettings.of(properties, MetricsConfig.getDefault());
    try (ParquetWriter writer = ParquetWriter.create(target, SCHEMA, settings, allocator);
        ArrowBatchBuilder batch = new ArrowBatchBuilder(SCHEMA, allocator)) {
      for (int group = 0; group < 2; group++) {
        for (int i = 0; i < ROWS / 2; i++) {
          batch.add(row(group * ROWS / 2 + i));
        }
        writer.write(batch.finish());
        writer.endRowGroup();
        batch.clear();
      }
      writer.finish();
    }
    return target.toByteArray();
  }

  private static Record row(int i) {
    GenericRecord row = GenericRecord.create(SCHEMA);
    row.setField("id", (long) i);
    row.setField("name", i % 7 == 0 ? null : "name" + i * 7919 % 1000);
    row.setField("kind", "kind" + i % 3);
    row.setField("tags", i % 5 == 0 ? null : List.of("a", "b" + i % 3));
    return row;
  }

  /** Flips a bit of one byte in the first {@code damaged} reads that have it. */
  private static final class Flipping implements InputFile {
    private final byte[] bytes;
    private final int at;
    private final int bit;
    private final int damaged;

    Flipping(byte[] bytes, int at, int bit, int damaged) {
      this.bytes = bytes;
      this.at = at;
      this.bit = bit;
      this.damaged = damaged;
    }

    @Override
    public long getLength() {
      return bytes.length;
    }

    @Override
    public SeekableInputStream newStream() {
      return new FlippingStream(this);
    }

    @Override
    public String location() {
      return "memory:flipped.parquet";
    }

    @Override
    public boolean exists() {
      return true;
    }
  }

  private static final class FlippingStream extends SeekableInputStream {
    private final Flipping file;
    private long position;
    private int flipped;

    FlippingStream(Flipping file) {
      this.file = file;
    }

    @Override
    public long getPos() {
      return position;
    }

    @Override
    public void seek(long to) {
      position = to;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      int count = (int) Math.min(length, file.bytes.length - position);
      System.arraycopy(file.bytes, (int) position, target, offset, count);
      if (file.at >= position && file.at < position + count && flipped < file.damaged) {
        target[offset + (int) (file.at - position)] ^= (byte) (1 << file.bit);
        flipped++;
      }
      position += count;
      return count;
    }
  }

  private static List<Object> read(InputFile file, Expression filter, BufferAllocator allocator) {
    UnaryOperator<ParquetReader.Builder> settings = builder -> builder.filter(SCHEMA, filter);
    return ParquetFiles.read(file, SCHEMA, settings, allocator);
  }

  private static List<Expression> filters() {
    return List.of(
        greaterThan("id", -1L),
        and(greaterThan("id", 170L), lessThan("id", 180L)),
        equal("name", "name" + 222 * 7919 % 1000),
        equal("kind", "kind1"),
        equal("kind", "kind7"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"v1", "v2"})
  void mendsWhateverBitIsFlippedOnce(String version, BufferAllocator allocator) {
    byte[] sound = file(version, allocator);
    for (Expression filter : filters()) {
      List<Object> expected = read(new Flipping(sound, 0, 0, 0), filter, allocator);
      for (int at = random.nextInt(STEP);
          at < sound.length;
          at += 1 + random.nextInt(2 * STEP - 1)) {
        InputFile file = new Flipping(sound, at, random.nextInt(8), 1);
        assertThat(read(file, filter, allocator))
            .as("%s, byte %d of %d, seed %d", filter, at, sound.length, SEED)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void callsWhatStaysDamagedCorrupt(BufferAllocator allocator) {
    byte[] sound = file("v1", allocator);
    Expression all = greaterThan("id", -1L);
    List<Object> expected = read(new Flipping(sound, 0, 0, 0), all, allocator);
    int corrupt = 0;
    int tried = 0;
    for (int at = random.nextInt(STEP); at < sound.length; at += 1 + random.nextInt(2 * STEP - 1)) {
      tried++;
      InputFile file = new Flipping(sound, at, random.nextInt(8), Integer.MAX_VALUE);
      try {
        assertThat(read(file, all, allocator)).as("byte %d", at).isEqualTo(expected);
      } catch (FirnException e) {
        assertThat(e.kind()).as("byte %d: %s", at, e).isIn(ErrorKind.CORRUPT, ErrorKind.INVALID);
        assertThat(e).hasMessageContaining("memory:flipped.parquet");
        corrupt++;
      }
    }
    assertThat(corrupt).isGreaterThan(tried / 2);
  }

  @Test
  void namesTheFooterWhoseChecksumDoesNotMatch(BufferAllocator allocator) {
    byte[] bytes = file("v1", allocator);
    int name = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("parquet-mr");
    InputFile file = new Flipping(bytes, name, 1, Integer.MAX_VALUE);

    assertThatThrownBy(() -> read(file, greaterThan("id", 0L), allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("its checksum does not match, expected ")
        .hasMessageContaining("at offset")
        .hasMessageContaining("memory:flipped.parquet");
  }

  @Test
  void countsWhatIsReadAgain(BufferAllocator allocator) {
    byte[] bytes = file("v2", allocator);
    InputFile file = new Flipping(bytes, bytes.length - 20, 3, 1);

    try (ParquetReader reader = ParquetReader.of(file, SCHEMA).open(allocator)) {
      List<Integer> rows = new ArrayList<>();
      while (reader.next()) {
        rows.add(reader.root().getRowCount());
      }
      assertThat(rows.stream().mapToInt(Integer::intValue).sum()).isEqualTo(ROWS);
      assertThat(reader.counters().rereads()).isEqualTo(1);
    }
  }

  @Test
  void leavesFilesReadableByOthers(BufferAllocator allocator) {
    InputFile file = new InMemoryInputFile("memory:a", file("v1", allocator));

    assertThat(ParquetFiles.generic(file, SCHEMA))
        .isEqualTo(read(file, greaterThan("id", -1L), allocator));
  }
}
