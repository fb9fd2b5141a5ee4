package dev.firn.format.parquet.proof;

import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
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
import org.apache.iceberg.inmemory.InMemoryInputFile;
import org.apache.iceberg.types.Types;
import org.apache.parquet.format.CompressionCodec;
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

  /** Thrift takes structures for no bytes, and so let a footer of 9 bytes claim 268 million. */
  @Test
  void aFooterThatClaimsMoreThanItHoldsIsCorrupt(BufferAllocator allocator) {
    byte[] claim = {0x15, 2, 0x19, (byte) 0xfc, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f, 0};
    Schema schema = new Schema(required(1, "l", Types.LongType.get()));
    Record row = GenericRecord.create(schema);
    row.set(0, 1L);
    Path file = temp.resolve("claim");
    IcebergFiles.write(file, new GeneratedTable(0, schema, List.of(row)), new Random(0));
    ParquetImage.Lies lies =
        new ParquetImage.Lies() {
          @Override
          public byte[] footer(byte[] footer) {
            return claim;
          }
        };
    byte[] bytes = ParquetImage.parse(ParquetImage.bytes(file)).bytes(lies);
    assertThatThrownBy(
            () ->
                FirnFiles.read(
                    new InMemoryInputFile("claim", bytes), schema, read -> read, allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("claim");
  }

  @Test
  void aCodecThatIsNotThereIsRefusedByFileAndColumn(BufferAllocator allocator) {
    Schema schema = new Schema(required(1, "l", Types.LongType.get()));
    Record row = GenericRecord.create(schema);
    row.set(0, 1L);
    Path file = temp.resolve("brotli");
    IcebergFiles.write(file, new GeneratedTable(0, schema, List.of(row)), new Random(0));
    ParquetImage image = ParquetImage.parse(ParquetImage.bytes(file));
    image.chunks().get(0).meta.setCodec(CompressionCodec.BROTLI);
    byte[] bytes = image.bytes(ParquetImage.Lies.NONE);
    assertThatThrownBy(
            () ->
                FirnFiles.read(
                    new InMemoryInputFile("brotli", bytes), schema, read -> read, allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("BROTLI")
        .hasMessageContaining("[brotli, row group 0, column l]");
  }
}
