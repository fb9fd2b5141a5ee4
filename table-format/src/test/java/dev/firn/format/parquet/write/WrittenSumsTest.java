package dev.firn.format.parquet.write;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.RandomRows;
import dev.firn.format.parquet.checksum.FooterSum;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.io.SeekableInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class WrittenSumsTest {
  @Test
  void sumThatWasCopiedIntoAnotherFileDoesNotCount(BufferAllocator allocator) throws IOException {
    RandomRows rows = new RandomRows(new Random(7));
    Schema schema = rows.flatSchema();
    WrittenFile file =
        WrittenFile.ours(schema, rows.rows(schema, 100), 50, WrittenFile.settings(), allocator);
    Map<String, String> pairs = file.footer().getFileMetaData().getKeyValueMetaData();
    int length = footerLength(file);
    long start = file.length() - 8 - length;

    assertThat(FooterSum.find(pairs, start, length)).isNotNull();
    assertThat(FooterSum.find(pairs, start + 1, length)).isNull();
    assertThat(FooterSum.find(pairs, start, length + 1)).isNull();
  }

  private static int footerLength(WrittenFile file) throws IOException {
    try (SeekableInputStream in = file.file().newStream()) {
      byte[] bytes = in.readAllBytes();
      return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getInt(bytes.length - 8);
    }
  }
}
