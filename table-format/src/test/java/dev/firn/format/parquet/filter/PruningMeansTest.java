package dev.firn.format.parquet.filter;

import static org.apache.iceberg.expressions.Expressions.and;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThanOrEqual;
import static org.apache.iceberg.expressions.Expressions.in;
import static org.apache.iceberg.expressions.Expressions.isNull;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.apache.iceberg.expressions.Expressions.notEqual;
import static org.apache.iceberg.expressions.Expressions.or;
import static org.apache.iceberg.expressions.Expressions.startsWith;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.RangeReader;
import dev.firn.testing.ArrowLeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.types.Types;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.internal.hadoop.metadata.IndexReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class PruningMeansTest {
  private static final RowGroupPruner.Means DICTIONARIES =
      new RowGroupPruner.Means(false, true, false, false);
  private static final RowGroupPruner.Means BLOOM_FILTERS =
      new RowGroupPruner.Means(false, false, true, false);
  private static final RowGroupPruner.Means PAGE_INDEXES =
      new RowGroupPruner.Means(false, false, false, true);

  private static final Schema SCHEMA =
      new Schema(
          required(1, "n", Types.LongType.get()),
          optional(2, "few", Types.StringType.get()),
          optional(3, "unique", Types.UUIDType.get()),
          optional(4, "nan", Types.DoubleType.get()));

  private BufferAllocator allocator;

  @BeforeEach
  void open(BufferAllocator root) {
    allocator = root;
  }

  /** 60 rows in groups of 20 and pages of 5. */
  private static PrunedFile file() {
    List<Record> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      Record row = GenericRecord.create(SCHEMA);
      row.set(0, (long) i);
      row.set(1, i % 7 == 0 ? null : "value " + i / 20 * 3 + i % 3 * 10);
      row.set(2, new UUID(i * 0x9E3779B97F4A7C15L, i));
      row.set(3, i / 5 % 2 == 1 ? null : i < 30 ? Double.NaN : (Object) 1.0);
      rows.add(row);
    }
    Map<String, String> properties = PrunedFile.pages(1100, 5);
    properties.put("write.parquet.dict-size-bytes", "200");
    properties.put("write.parquet.bloom-filter-enabled.column.unique", "true");
    properties.put("write.parquet.bloom-filter-enabled.column.n", "true");
    properties.put("write.parquet.bloom-filter-max-bytes", "128");
    PrunedFile file = PrunedFile.write(SCHEMA, rows, properties);
    assertThat(file.groups()).hasSize(3);
    return file;
  }

  private List<String> kept(Expression filter, RowGroupPruner.Means means) {
    return file().mayMatch(SCHEMA, filter, means, allocator).stream()
        .map(PruningMeansTest::shown)
        .toList();
  }

  private static String shown(RowRanges ranges) {
    StringBuilder shown = new StringBuilder();
    ranges.ranges().forEach(r -> shown.append(r.from()).append('-').append(r.to()).append(' '));
    return shown.toString().trim();
  }

  @Test
  void rulesOutPagesByTheColumnIndex() {
    assertThat(kept(equal("n", 27), PAGE_INDEXES)).containsExactly("", "5-10", "");
    assertThat(kept(or(equal("n", 1), greaterThanOrEqual("n", 55)), PAGE_INDEXES))
        .containsExactly("0-5", "", "15-20");
    assertThat(kept(and(greaterThanOrEqual("n", 7), lessThan("n", 41)), PAGE_INDEXES))
        .containsExactly("5-20", "0-20", "0-5");
    assertThat(kept(and(greaterThanOrEqual("n", 17), isNull("nan")), PAGE_INDEXES))
        .containsExactly("15-20", "0-20", "5-10 15-20"); // with NaN there is no column index
  }

  @Test
  void rulesOutValuesThatTheDictionaryLacks() {
    assertThat(kept(equal("few", "value 310"), DICTIONARIES)).containsExactly("", "0-20", "");
    assertThat(kept(startsWith("few", "value 6"), DICTIONARIES)).containsExactly("", "", "0-20");
    assertThat(kept(equal("few", "value 311"), DICTIONARIES)).containsExactly("", "", "");
    assertThat(kept(in("few", "x", "value 00"), DICTIONARIES)).containsExactly("0-20", "", "");
    // Of a column that fell back to plain pages a dictionary says nothing, nor of nulls.
    assertThat(kept(equal("unique", new UUID(0, 1)), DICTIONARIES))
        .containsExactly("0-20", "0-20", "0-20");
    assertThat(kept(isNull("few"), DICTIONARIES)).containsExactly("0-20", "0-20", "0-20");
  }

  @Test
  void seesNanInDictionaries() {
    assertThat(kept(greaterThanOrEqual("nan", 2.0), DICTIONARIES))
        .containsExactly("0-20", "0-20", "");
    assertThat(kept(notEqual("nan", 1.0), DICTIONARIES)).containsExactly("0-20", "0-20", "");
  }

  @Test
  void rulesOutValuesThatTheBloomFilterLacks() {
    assertThat(kept(equal("unique", new UUID(0x736AE31D6E461E0DL, 25)), BLOOM_FILTERS))
        .containsExactly("", "0-20", "");
    assertThat(kept(in("n", 3L, 1000L, 4L), BLOOM_FILTERS)).containsExactly("0-20", "", "");
    assertThat(kept(lessThan("n", 0L), BLOOM_FILTERS)).containsExactly("0-20", "0-20", "0-20");
    assertThat(kept(equal("few", "x"), BLOOM_FILTERS)).containsExactly("0-20", "0-20", "0-20");
  }

  @Test
  void readsNothingWhereStatisticsDecide() {
    PrunedFile file = file();
    file.mayMatch(SCHEMA, lessThan("n", 20), RowGroupPruner.Means.ALL, allocator);
    assertThat(file.reads()).isZero();
    file.mayMatch(SCHEMA, equal("n", 7), RowGroupPruner.Means.ALL, allocator);
    assertThat(file.reads()).isPositive();
  }

  @Test
  void anIndexOutsideTheFileIsCorrupt() {
    for (long[] reference : new long[][] {{4, -1}, {4, 1 << 30}, {-1, 10}, {Long.MAX_VALUE, 10}}) {
      PrunedFile file = file();
      chunk(file).setOffsetIndexReference(new IndexReference(reference[0], (int) reference[1]));
      assertThatThrownBy(() -> file.mayMatch(SCHEMA, equal("n", 1), PAGE_INDEXES, allocator))
          .isInstanceOfSatisfying(
              FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
          .hasMessageContaining("the offset index of column n of row group 0 is damaged")
          .hasMessageContaining("mem:file.parquet");
    }
  }

  private static ColumnChunkMetaData chunk(PrunedFile file) {
    return file.groups().get(0).getColumns().get(0);
  }

  @Test
  void theIndexesOfAnotherChunkAreCorrupt() {
    PrunedFile file = file();
    ColumnChunkMetaData other = file.groups().get(0).getColumns().get(2);
    chunk(file).setOffsetIndexReference(other.getOffsetIndexReference());
    assertThatThrownBy(() -> file.mayMatch(SCHEMA, equal("n", 1), PAGE_INDEXES, allocator))
        .hasMessageContaining("is not in what is left of the chunk");
  }

  @Test
  void noByteOfAnIndexOrFilterChangedIsMoreThanCorrupt() {
    PrunedFile file = file();
    byte[] bytes = file.bytes();
    Expression filter =
        and(
            in("n", 3L, 1000L, 24L, 55L),
            or(in("unique", new UUID(1, 1), new UUID(2, 2)), equal("few", "value 310")));
    int from = (int) file.groups().get(2).getStartingPos();
    int footer = Integer.reverseBytes(ByteBuffer.wrap(bytes).getInt(bytes.length - 8));
    int end = bytes.length - 8 - footer;
    assertThat(end - from).isBetween(500, 10_000);
    RowGroupPruner.Means means = new RowGroupPruner.Means(false, true, true, true);
    for (int at = from; at < end; at++) {
      for (int bit = 0; bit < 8; bit += 3) {
        bytes[at] ^= (byte) (1 << bit);
        try {
          file.mayMatch(SCHEMA, filter, means, allocator);
        } catch (FirnException e) {
          assertThat(e.kind()).as("byte %d: %s", at, e).isEqualTo(ErrorKind.CORRUPT);
        }
        bytes[at] ^= (byte) (1 << bit);
      }
    }
  }

  @Test
  void aStoreThatFailsIsUnavailable() {
    PrunedFile file = file();
    RangeReader failing =
        new RangeReader() {
          @Override
          public long length() {
            return file.length();
          }

          @Override
          public void readFully(long position, ByteBuffer target) throws IOException {
            throw new IOException("connection reset");
          }

          @Override
          public void close() {}
        };
    RowGroupPruner pruner =
        new RowGroupPruner(SCHEMA, equal("n", 7), file.columns(), RowGroupPruner.Means.ALL);
    assertThatThrownBy(() -> pruner.mayMatch("mem:f", 0, file.groups().get(0), failing, allocator))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNAVAILABLE))
        .hasMessageContaining("connection reset");
  }

  @Test
  void locatesThePageOfARow() {
    PrunedFile file = file();
    PageLocations pages = PageLocations.read("mem:f", 0, 20, chunk(file), file);
    assertThat(pages.pages()).isEqualTo(4);
    assertThat(pages.pageOf(0)).isZero();
    assertThat(pages.pageOf(4)).isZero();
    assertThat(pages.pageOf(5)).isEqualTo(1);
    assertThat(pages.pageOf(19)).isEqualTo(3);
    assertThat(pages.firstRow(3)).isEqualTo(15);
    assertThat(pages.endRow(3)).isEqualTo(20);
    assertThat(pages.offset(1)).isEqualTo(pages.offset(0) + pages.size(0));
  }
}
