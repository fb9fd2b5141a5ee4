package dev.firn.format.parquet.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.Shown;
import dev.firn.format.parquet.filter.RowBits;
import dev.firn.format.parquet.filter.RowGroupPruner.Means;
import dev.firn.format.parquet.read.ParquetReader;
import dev.firn.testing.ArrowLeakCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.Files;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever is pruned, skipped, shared out or left out: the rows are those that a slow evaluation of
 * the same question over the generated rows gives.
 */
@ExtendWith(ArrowLeakCheck.class)
class OptimisationsOffTest {
  private final ExecutorService threads = Executors.newFixedThreadPool(3);
  @TempDir Path temp;

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  private InputFile file(GeneratedTable table, Random random, BufferAllocator allocator) {
    Path path = temp.resolve(table.seed() + ".parquet");
    switch (random.nextInt(3)) {
      case 0 -> IcebergFiles.write(path, table, random);
      case 1 -> EncodedFiles.write(path, table, EncodedFiles.Layout.random(random));
      default ->
          FirnFiles.write(
              Files.localOutput(path.toFile()),
              table,
              FirnFiles.settings(table.schema(), random),
              random,
              allocator);
    }
    return Files.localInput(path.toFile());
  }

  /** Ways to read that may not change the answer. */
  private ParquetReader.Builder way(ParquetReader.Builder read, Random random) {
    ParquetReader.Builder way =
        read.pruning(
                new Means(
                    random.nextBoolean(),
                    random.nextBoolean(),
                    random.nextBoolean(),
                    random.nextBoolean()))
            .batchRows(List.of(1, 7, 1000, 32_768).get(random.nextInt(4)))
            .executor(threads, random.nextBoolean() ? 0 : 3);
    way = random.nextBoolean() ? way.eager() : way;
    return random.nextBoolean() ? way.dictionaryStrings() : way;
  }

  @Test
  void filtersGiveTheirRows(BufferAllocator allocator) {
    Rounds.run(
        40,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).table();
          Random random = new Random(seed);
          InputFile file = file(table, random, allocator);
          RandomFilter filters = new RandomFilter(table, random);
          for (int i = 0; i < 5; i++) {
            Expression filter = filters.next();
            List<Record> kept = ThreeValued.filter(table.schema(), filter, table.rows());
            assertThat(
                    FirnFiles.read(
                        file,
                        table.schema(),
                        read -> way(read, random).filter(table.schema(), filter),
                        allocator))
                .as("where %s: %s", filter, table)
                .isEqualTo(Shown.all(kept));
          }
        });
  }

  @Test
  void deletedRowsStayAway(BufferAllocator allocator) {
    Rounds.run(
        25,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).table();
          Random random = new Random(seed);
          InputFile file = file(table, random, allocator);
          for (int i = 0; i < 3; i++) {
            PositionDeleteIndex deletes = deletes(table.rows().size(), random);
            List<Record> kept = new ArrayList<>();
            for (int row = 0; row < table.rows().size(); row++) {
              if (!deletes.isDeleted(row)) {
                kept.add(table.rows().get(row));
              }
            }
            assertThat(
                    FirnFiles.read(
                        file,
                        table.schema(),
                        read -> way(read, random).deletes(deletes),
                        allocator))
                .as(table.toString())
                .isEqualTo(Shown.all(kept));
          }
        });
  }

  private static PositionDeleteIndex deletes(int rows, Random random) {
    List<Long> positions = new ArrayList<>();
    double rate = List.of(0.0, 0.01, 0.5, 0.99, 1.0).get(random.nextInt(5));
    boolean runs = random.nextBoolean();
    boolean deleted = false;
    for (long row = 0; row < rows; row++) {
      if (!runs || random.nextInt(30) == 0) {
        deleted = random.nextDouble() < rate;
      }
      if (deleted) {
        positions.add(row);
      }
    }
    return Deletes.toPositionIndex(CloseableIterable.withNoopClose(positions));
  }

  /** Evolved schema, positions, filter, deletes and a predicate over one column, all at once. */
  @Test
  void everythingTogetherGivesTheSameRows(BufferAllocator allocator) {
    Rounds.run(
        40,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.ALL).table();
          Random random = new Random(seed);
          InputFile file = file(table, random, allocator);
          Question question = new Question(table, random);
          assertThat(
                  FirnFiles.read(
                      file,
                      question.projection,
                      read -> question.ask(way(read, random)),
                      allocator))
              .as("%s of %s", question, table)
              .isEqualTo(question.answer());
        });
  }

  /** What is asked of a table, and the slow way to answer. */
  private static final class Question {
    private final List<Record> rows = new ArrayList<>();
    private final List<Long> keys = new ArrayList<>();
    private final RandomEvolution evolution;
    private final Schema projection;
    private final Expression filter;
    private final PositionDeleteIndex deletes;
    private final NestedField last;

    Question(GeneratedTable table, Random random) {
      evolution = new RandomEvolution(table.schema(), random);
      table.rows().forEach(row -> rows.add(evolution.apply(row)));
      GeneratedTable evolved = new GeneratedTable(table.seed(), evolution.schema(), rows);
      filter = new RandomFilter(evolved, random).next();
      deletes = deletes(rows.size(), random);
      last = table.schema().findField("last");
      table.rows().forEach(row -> keys.add((Long) row.getField("last")));
      List<NestedField> columns = new ArrayList<>(evolution.schema().columns());
      if (columns.size() > 1 && random.nextInt(3) == 0) {
        columns.remove(random.nextInt(columns.size()));
      }
      columns.add(random.nextInt(columns.size() + 1), MetadataColumns.ROW_POSITION);
      projection = new Schema(columns);
    }

    ParquetReader.Builder ask(ParquetReader.Builder read) {
      return read.filter(evolution.schema(), filter)
          .deletes(deletes)
          .keep(
              new Schema(NestedField.from(last).withName("key").asOptional().build()), this::keep);
    }

    private void keep(VectorSchemaRoot columns, RowBits keep) {
      BigIntVector key = (BigIntVector) columns.getVector("key");
      for (int row = 0; row < columns.getRowCount(); row++) {
        if (!key.isNull(row) && (key.get(row) & 7) == 3) {
          keep.clear(row);
        }
      }
    }

    List<Object> answer() {
      ThreeValued test = new ThreeValued(evolution.schema(), filter);
      List<Record> answer = new ArrayList<>();
      for (int row = 0; row < rows.size(); row++) {
        if (!deletes.isDeleted(row) && kept(row) && test.holds(rows.get(row))) {
          answer.add(projected(row));
        }
      }
      return Shown.all(answer);
    }

    private boolean kept(int row) {
      Long key = keys.get(row);
      return key == null || (key & 7) != 3;
    }

    private Record projected(int row) {
      Record projected = GenericRecord.create(projection);
      for (NestedField field : projection.columns()) {
        boolean position = field.fieldId() == MetadataColumns.ROW_POSITION.fieldId();
        projected.setField(
            field.name(), position ? (Object) (long) row : rows.get(row).getField(field.name()));
      }
      return projected;
    }

    @Override
    public String toString() {
      return projection + " where " + filter;
    }
  }

  @Test
  void splitsGiveEachRowOnce(BufferAllocator allocator) {
    Rounds.run(
        20,
        seed -> {
          GeneratedTable table = new RandomTables(seed, RandomTables.COMMON).table();
          Random random = new Random(seed);
          InputFile file = file(table, random, allocator);
          List<Object> rows = new ArrayList<>();
          long length = file.getLength();
          for (long start = 0; start < length; ) {
            long from = start;
            long count = Math.min(length - start, 1 + random.nextInt((int) length));
            UnaryOperator<ParquetReader.Builder> split = read -> read.split(from, count);
            rows.addAll(FirnFiles.read(file, table.schema(), split, allocator));
            start += count;
          }
          assertThat(rows).as(table.toString()).isEqualTo(table.shown());
        });
  }
}
