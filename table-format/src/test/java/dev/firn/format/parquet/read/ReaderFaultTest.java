package dev.firn.format.parquet.read;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.RandomRows;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Damaged files, failing stores and too little memory: errors that say so, and nothing left over.
 */
@ExtendWith(ArrowLeakCheck.class)
class ReaderFaultTest {
  private static final long SEED = Long.getLong("firn.seed", 20261121L);
  private static final int FLIPS = Integer.getInteger("firn.reader.flips", 400);

  private static final Schema SCHEMA =
      new Schema(
          required(1, "id", Types.LongType.get()),
          optional(2, "name", Types.StringType.get()),
          optional(3, "tags", Types.ListType.ofOptional(4, Types.StringType.get())));

  private static List<Record> rows(int count) {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      GenericRecord row = GenericRecord.create(SCHEMA);
      row.setField("id", (long) i);
      row.setField("name", i % 7 == 0 ? null : "name" + i);
      row.setField("tags", i % 5 == 0 ? null : List.of("a", "b" + i % 3));
      rows.add(row);
    }
    return rows;
  }

  private static byte[] sound() {
    InputFile file = ParquetFiles.write(SCHEMA, rows(500), ParquetFiles.small(200, 50));
    try (SeekableInputStream in = file.newStream()) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static InputFile file(byte[] bytes) {
    return new InMemoryInputFile("memory:bad.parquet", bytes);
  }

  private static void isCorrupt(byte[] bytes, String reason, BufferAllocator allocator) {
    assertThatThrownBy(() -> ParquetFiles.read(file(bytes), SCHEMA, allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining(reason)
        .hasMessageContaining("memory:bad.parquet");
  }

  @Test
  void refusesFilesThatAreNoParquetFiles(BufferAllocator allocator) {
    isCorrupt(new byte[0], "fewer than a Parquet file", allocator);
    isCorrupt(new byte[11], "fewer than a Parquet file", allocator);
    isCorrupt(new byte[100], "does not end with PAR1", allocator);
    byte[] bytes = new byte[100];
    System.arraycopy("PAR1".getBytes(StandardCharsets.US_ASCII), 0, bytes, 96, 4);
    isCorrupt(bytes, "its footer claims 0 bytes", allocator);
    bytes[95] = 0x7f;
    isCorrupt(bytes, "its footer claims 2130706432 bytes of a file of 100", allocator);
    bytes[95] = -1;
    isCorrupt(bytes, "its footer claims", allocator);
  }

  @Test
  void refusesEncryptedFooters(BufferAllocator allocator) {
    byte[] bytes = sound();
    bytes[bytes.length - 1] = 'E';

    assertThatThrownBy(() -> ParquetFiles.read(file(bytes), SCHEMA, allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("encrypted");
  }

  @Test
  void refusesFilesThatWereCutAnywhere(BufferAllocator allocator) {
    byte[] bytes = sound();
    for (int length = 0; length < bytes.length; length += 1 + length / 40) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> ParquetFiles.read(file(cut), SCHEMA, allocator))
          .as("cut to %d", length)
          .isInstanceOf(FirnException.class);
    }
  }

  @Test
  void namesThePlaceOfADamagedPage(BufferAllocator allocator) {
    byte[] bytes = sound();
    Arrays.fill(bytes, 4, 60, (byte) 0xff);

    assertThatThrownBy(() -> ParquetFiles.read(file(bytes), SCHEMA, allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("column id")
        .hasMessageContaining("row group 0")
        .hasMessageContaining("memory:bad.parquet");
  }

  /**
   * Whatever is damaged: an error of ours or rows, and no memory held, on one thread or several.
   */
  @Test
  void survivesFlippedBytes(BufferAllocator allocator) {
    Random random = new Random(SEED);
    RandomRows made = new RandomRows(random);
    Schema schema = made.flatSchema();
    byte[] nested = sound();
    byte[] flat;
    try (SeekableInputStream in =
        ParquetFiles.write(schema, made.rows(schema, 300), ParquetFiles.small(100, 40))
            .newStream()) {
      flat = in.readAllBytes();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      for (int i = 0; i < FLIPS; i++) {
        boolean useFlat = i % 2 == 0;
        byte[] bytes = (useFlat ? flat : nested).clone();
        int near = random.nextBoolean() ? bytes.length : Math.min(bytes.length, 3000);
        for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
          bytes[bytes.length - 1 - random.nextInt(near)] ^= (byte) (1 << random.nextInt(8));
        }
        int threads = i % 3 == 0 ? 2 : 0;
        Throwable failure =
            catchThrowable(
                () ->
                    ParquetFiles.read(
                        file(bytes),
                        useFlat ? schema : SCHEMA,
                        b -> b.executor(pool, threads),
                        allocator));
        // A flipped bit of a string or of a decimal may also be caught by those who make records.
        assertThat(failure == null || isExpected(failure))
            .as("flip %d of seed %d: %s", i, SEED, failure)
            .isTrue();
        assertThat(allocator.getAllocatedMemory()).as("flip %d of seed %d", i, SEED).isZero();
      }
    } finally {
      pool.shutdownNow();
    }
  }

  private static boolean isExpected(Throwable failure) {
    if (failure instanceof FirnException firn) {
      return firn.kind() != ErrorKind.INTERNAL;
    }
    return Arrays.stream(failure.getStackTrace())
        .limit(8)
        .anyMatch(frame -> frame.getClassName().startsWith("dev.firn.format.arrow."));
  }

  @Test
  void saysThatTheStoreDoesNotAnswer(BufferAllocator allocator) {
    InputFile file = ParquetFiles.write(SCHEMA, rows(500));
    for (int failing = 0; failing < 3; failing++) {
      FailingInput failingFile = new FailingInput(file, failing);
      Throwable failure =
          catchThrowable(
              () ->
                  ParquetFiles.read(
                      failingFile,
                      SCHEMA,
                      b -> b.filter(SCHEMA, Expressions.equal("id", 3L)),
                      allocator));
      if (failure != null) {
        assertThat(failure)
            .isInstanceOfSatisfying(
                FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
            .hasMessageContaining("read timed out");
      } else {
        assertThat(failing).as("the whole file is fetched at once").isPositive();
      }
    }
  }

  /** A file whose {@code n}-th read fails. */
  private record FailingInput(InputFile file, int n) implements InputFile {
    @Override
    public long getLength() {
      return file.getLength();
    }

    @Override
    public SeekableInputStream newStream() {
      return new FailingStream(file.newStream(), n);
    }

    @Override
    public String location() {
      return file.location();
    }

    @Override
    public boolean exists() {
      return true;
    }
  }

  private static final class FailingStream extends SeekableInputStream {
    private final SeekableInputStream bytes;
    private int left;

    FailingStream(SeekableInputStream bytes, int left) {
      this.bytes = bytes;
      this.left = left;
    }

    @Override
    public long getPos() throws IOException {
      return bytes.getPos();
    }

    @Override
    public void seek(long position) throws IOException {
      bytes.seek(position);
    }

    @Override
    public int read() throws IOException {
      return bytes.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (left-- == 0) {
        throw new java.net.SocketTimeoutException("read timed out");
      }
      return bytes.read(target, offset, length);
    }

    @Override
    public void close() throws IOException {
      bytes.close();
    }
  }

  @Test
  void saysThatMemoryIsShort(BufferAllocator allocator) {
    InputFile file = ParquetFiles.write(SCHEMA, rows(5000));
    for (long limit = 1 << 10; limit < 8 << 20; limit *= 2) {
      try (BufferAllocator small = allocator.newChildAllocator("small", 0, limit)) {
        Throwable failure = catchThrowable(() -> ParquetFiles.read(file, SCHEMA, small));
        if (failure != null) {
          assertThat(failure)
              .isInstanceOfSatisfying(
                  FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
              .hasMessageContaining("raise");
        }
        assertThat(small.getAllocatedMemory()).isZero();
      }
    }
  }

  @Test
  void canBeClosedAtAnyTime(BufferAllocator allocator) {
    InputFile file = ParquetFiles.write(SCHEMA, rows(500), ParquetFiles.small(200, 50));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      for (int batches = 0; batches < 6; batches++) {
        try (ParquetReader reader =
            ParquetReader.of(file, SCHEMA).batchRows(70).executor(pool, 2).open(allocator)) {
          for (int i = 0; i < batches; i++) {
            assertThat(reader.next()).isTrue();
          }
        }
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void leavesABatchToWhoeverTookItsVectors(BufferAllocator allocator) {
    InputFile file = ParquetFiles.write(SCHEMA, rows(500));
    try (ParquetReader reader = ParquetReader.of(file, SCHEMA).batchRows(100).open(allocator);
        BufferAllocator other = allocator.newChildAllocator("other", 0, 1 << 20)) {
      assertThat(reader.next()).isTrue();
      var moved = reader.root().getVector("id").getTransferPair(other);
      moved.transfer();
      assertThat(reader.next()).isTrue();
      try (var kept = (org.apache.arrow.vector.BigIntVector) moved.getTo()) {
        assertThat(kept.get(0)).isZero();
        assertThat(kept.get(99)).isEqualTo(99);
      }
    }
  }
}
