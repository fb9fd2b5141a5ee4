package dev.firn.format.parquet.proof;

import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.Shown;
import dev.firn.testing.ArrowLeakCheck;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Files;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** What random tests once found, each fault once and directly. */
@ExtendWith(ArrowLeakCheck.class)
class FaultsFoundTest {
  @TempDir Path temp;

  /** The inner vector then has no offsets at all, not even the first: this was a crash. */
  @Test
  void listsOfListsThatAreAllEmptyAreWritten(BufferAllocator allocator) {
    Types.ListType lists = Types.ListType.ofRequired(2, Types.LongType.get());
    Schema schema = new Schema(required(3, "l", Types.ListType.ofRequired(1, lists)));
    Record row = GenericRecord.create(schema);
    row.set(0, List.of());
    GeneratedTable table = new GeneratedTable(0, schema, List.of(row, row, row));
    Path file = temp.resolve("empty");
    FirnFiles.write(
        Files.localOutput(file.toFile()),
        table,
        FirnFiles.settings(schema, new Random(0)),
        new Random(0),
        allocator);
    assertThat(Shown.all(IcebergFiles.read(file, schema))).isEqualTo(table.shown());
  }
}
