package dev.firn.format.parquet.proof;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.arrow.ArrowRows;
import dev.firn.format.arrow.Shown;
import dev.firn.format.parquet.proof.FuzzCorpus.Sample;
import dev.firn.format.parquet.read.ParquetReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executor;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.Util;

/** One damaged file being read. Confined to one thread. */
final class FuzzCase {
  /** What a reader of these small files may take. */
  private static final long MEMORY = 64L << 20;

  private final Sample sample;
  private final Executor threads;

  FuzzCase(Sample sample, Executor threads) {
    this.sample = sample;
    this.threads = threads;
  }

  /** How a damaged file was taken. */
  enum Answer {
    READ,
    REFUSED
  }

  List<Object> readAll(byte[] file, BufferAllocator allocator) {
    return FirnFiles.read(
        new InMemoryInputFile(sample.name(), file),
        sample.table().schema(),
        UnaryOperator.identity(),
        allocator);
  }

  /** Reads the file; an {@link AssertionError}, or anything else thrown, is a fault. */
  Answer answer(Damage.Damaged damaged, Random random) {
    boolean questions = random.nextInt(3) == 0;
    try (BufferAllocator allocator = new RootAllocator(MEMORY)) {
      String suspect = damaged.column();
      boolean comparable = !questions && suspect != null;
      List<Object> others = comparable ? without(suspect) : null;
      long rows = read(damaged.bytes(), way(questions, random), suspect, others, allocator);
      if (!questions) {
        checkCount(damaged, rows);
      }
      return Answer.READ;
    } catch (FirnException e) {
      if (!allowed(damaged.place(), e.kind())) {
        throw new AssertionError("The wrong kind of error: " + e.kind(), e);
      }
      if (!e.getMessage().contains(sample.name())) {
        throw new AssertionError("The error does not name the file: " + e.getMessage(), e);
      }
      return Answer.REFUSED;
    }
  }

  /** A file may truly ask for what we lack only where it says what it is. */
  private static boolean allowed(Damage.Place place, ErrorKind kind) {
    boolean mayAsk =
        place == Damage.Place.FOOTER
            || place == Damage.Place.FILE
            || place == Damage.Place.PAGE_HEADER;
    return kind == ErrorKind.CORRUPT || mayAsk && kind == ErrorKind.INVALID;
  }

  private void checkCount(Damage.Damaged damaged, long rows) {
    boolean footerHurt =
        damaged.place() == Damage.Place.FOOTER || damaged.place() == Damage.Place.FILE;
    long expected = footerHurt ? rowsOfFooter(damaged.bytes(), rows) : sample.table().rows().size();
    if (rows != expected) {
      throw new AssertionError("Expected " + expected + " rows, got " + rows);
    }
  }

  /** What the footer says; {@code otherwise} where parquet-java cannot tell. */
  private static long rowsOfFooter(byte[] file, long otherwise) {
    try {
      int length = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getInt(file.length - 8);
      ByteArrayInputStream footer =
          new ByteArrayInputStream(file, file.length - 8 - length, length);
      return Util.readFileMetaData(footer).getRow_groups().stream()
          .mapToLong(RowGroup::getNum_rows)
          .sum();
    } catch (IOException | RuntimeException e) {
      return otherwise;
    }
  }

  private UnaryOperator<ParquetReader.Builder> way(boolean questions, Random random) {
    int batch = List.of(1, 13, 32_768).get(random.nextInt(3));
    boolean dictionaries = random.nextInt(4) == 0;
    int parallel = random.nextInt(4) == 0 ? 2 : 0;
    UnaryOperator<ParquetReader.Builder> asked =
        questions ? question(random) : UnaryOperator.identity();
    return read -> {
      ParquetReader.Builder way = asked.apply(read.batchRows(batch).executor(threads, parallel));
      return dictionaries ? way.dictionaryStrings() : way;
    };
  }

  private UnaryOperator<ParquetReader.Builder> question(Random random) {
    Schema schema = sample.table().schema();
    Expression filter = new RandomFilter(sample.table(), random).next();
    List<Long> positions = new ArrayList<>();
    for (long row = random.nextInt(100); row < 100; row += 1 + random.nextInt(3)) {
      positions.add(row);
    }
    PositionDeleteIndex deletes =
        Deletes.toPositionIndex(CloseableIterable.withNoopClose(positions));
    boolean eager = random.nextInt(4) == 0;
    return read -> {
      ParquetReader.Builder asked = read.filter(schema, filter).deletes(deletes);
      return eager ? asked.eager() : asked;
    };
  }

  /** The rows as they were, but for the top-level column {@code suspect}. */
  private List<Object> without(String suspect) {
    Schema rest = rest(suspect);
    List<Object> rows = new ArrayList<>();
    for (Record row : sample.table().rows()) {
      Record part = GenericRecord.create(rest);
      rest.columns().forEach(f -> part.setField(f.name(), row.getField(f.name())));
      rows.add(Shown.of(part));
    }
    return rows;
  }

  private Schema rest(String suspect) {
    return new Schema(
        sample.table().schema().columns().stream().filter(f -> !f.name().equals(suspect)).toList());
  }

  /** Reads all rows; those of {@code others}, if given, must come in their order, well-formed. */
  private long read(
      byte[] file,
      UnaryOperator<ParquetReader.Builder> way,
      String suspect,
      List<Object> others,
      BufferAllocator allocator) {
    Schema schema = sample.table().schema();
    InMemoryInputFile input = new InMemoryInputFile(sample.name(), file);
    long rows = 0;
    try (ParquetReader reader = way.apply(ParquetReader.of(input, schema)).open(allocator)) {
      while (reader.next()) {
        VectorSchemaRoot batch = reader.root();
        WellFormed.check(batch, reader.dictionaries());
        if (others != null && rows + batch.getRowCount() <= others.size()) {
          compare(reader, suspect, others.subList((int) rows, (int) rows + batch.getRowCount()));
        }
        rows += batch.getRowCount();
      }
    }
    return rows;
  }

  private void compare(ParquetReader reader, String suspect, List<Object> expected) {
    List<FieldVector> vectors =
        reader.root().getFieldVectors().stream().filter(v -> !v.getName().equals(suspect)).toList();
    // A view: the reader keeps its vectors.
    VectorSchemaRoot others =
        new VectorSchemaRoot(
            vectors.stream().map(FieldVector::getField).toList(), vectors, expected.size());
    List<Object> got = Shown.all(ArrowRows.rows(others, rest(suspect), reader.dictionaries()));
    if (!got.equals(expected)) {
      throw new AssertionError("Columns beside the damaged one changed");
    }
  }
}
