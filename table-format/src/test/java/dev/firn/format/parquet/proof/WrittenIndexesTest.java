package dev.firn.format.parquet.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.Shown;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Files;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.filter2.predicate.FilterApi;
import org.apache.parquet.filter2.predicate.FilterPredicate;
import org.apache.parquet.hadoop.ParquetReader;
import org.apache.parquet.hadoop.example.GroupReadSupport;
import org.apache.parquet.io.LocalInputFile;
import org.apache.parquet.io.api.Binary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the writer says of its values, statistics, dictionaries, bloom filters and page indexes, as
 * other readers use it to leave rows out: they lose none.
 */
@ExtendWith(ArrowLeakCheck.class)
class WrittenIndexesTest {
  @TempDir Path temp;

  private Path write(GeneratedTable table, Random random, BufferAllocator allocator) {
    Path file = temp.resolve(table.seed() + ".parquet");
    FirnFiles.write(
        Files.localOutput(file.toFile()),
        table,
        FirnFiles.settings(table.schema(), random),
        random,
        allocator);
    return file;
  }

  /**
   * Iceberg prunes row groups by statistics, dictionaries and bloom filters, and keeps the rest.
   */
  @Test
  void icebergLosesNoRowOfAFilter(BufferAllocator allocator) {
    Rounds.run(
        15,
        seed -> {
          List<Type> types =
              RandomTables.COMMON.stream().filter(t -> t.typeId() != Type.TypeID.UUID).toList();
          GeneratedTable table = new RandomTables(seed, types).table();
          Random random = new Random(seed);
          Path file = write(table, random, allocator);
          for (int i = 0; i < 5; i++) {
            Expression filter = new RandomFilter(table, random).next();
            List<Record> kept = IcebergFiles.read(file, table.schema(), filter);
            assertThat(Shown.all(ThreeValued.filter(table.schema(), filter, kept)))
                .as("where %s: %s", filter, table)
                .isEqualTo(Shown.all(ThreeValued.filter(table.schema(), filter, table.rows())));
          }
        });
  }

  /** parquet-java prunes pages by column index, too, and then tests each row. */
  @Test
  void parquetJavaFindsEachValue(BufferAllocator allocator) {
    Rounds.run(
        15,
        seed -> {
          RandomTables tables = new RandomTables(seed, RandomTables.COMMON);
          GeneratedTable table = seed % 2 == 0 ? tables.table() : tables.flatTable();
          Random random = new Random(seed);
          Path file = write(table, random, allocator);
          for (NestedField field : table.schema().columns()) {
            Record row = table.rows().get(random.nextInt(table.rows().size()));
            FilterPredicate equal = equal(field, row.getField(field.name()));
            if (equal != null) {
              assertThat(count(file, equal))
                  .as("where %s: %s", equal, table)
                  .isEqualTo(occurrences(table.rows(), field, row.getField(field.name())));
            }
          }
        });
  }

  /** DuckDB prunes by statistics and bloom filters. */
  @Test
  void duckDbFindsEachValue(BufferAllocator allocator) {
    try (DuckDb duck = DuckDb.open()) {
      Rounds.run(
          15,
          seed -> {
            GeneratedTable table = new RandomTables(seed, RandomTables.COMMON).flatTable();
            Random random = new Random(seed);
            Path file = write(table, random, allocator);
            for (NestedField field : table.schema().columns()) {
              Record row = table.rows().get(random.nextInt(table.rows().size()));
              Object value = row.getField(field.name());
              String literal = DuckDb.literal(field.type(), value);
              if (literal != null) {
                String where = field.name() + " = " + literal;
                assertThat(duck.count(file, where))
                    .as("where %s: %s", where, table)
                    .isEqualTo(occurrences(table.rows(), field, value));
              }
            }
          });
    }
  }

  static long occurrences(List<Record> rows, NestedField field, Object value) {
    return rows.stream().filter(row -> Objects.equals(row.getField(field.name()), value)).count();
  }

  static FilterPredicate equal(NestedField field, Object value) {
    if (value == null) {
      return null;
    }
    return switch (field.type().typeId()) {
      case INTEGER -> FilterApi.eq(FilterApi.intColumn(field.name()), (Integer) value);
      case LONG -> FilterApi.eq(FilterApi.longColumn(field.name()), (Long) value);
      case STRING ->
          FilterApi.eq(FilterApi.binaryColumn(field.name()), Binary.fromString((String) value));
      default -> null;
    };
  }

  static long count(Path file, FilterPredicate filter) {
    try (ParquetReader<Group> reader =
        new GroupReader(file).withFilter(FilterCompat.get(filter)).build()) {
      long count = 0;
      while (reader.read() != null) {
        count++;
      }
      return count;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Without Hadoop's file systems. */
  private static final class GroupReader extends ParquetReader.Builder<Group> {
    GroupReader(Path file) {
      super(new LocalInputFile(file));
    }

    @Override
    protected GroupReadSupport getReadSupport() {
      return new GroupReadSupport();
    }
  }
}
