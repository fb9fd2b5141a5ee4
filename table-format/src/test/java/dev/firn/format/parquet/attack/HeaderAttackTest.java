package dev.firn.format.parquet.attack;

import static dev.firn.format.parquet.attack.HostileFile.bytes;
import static dev.firn.format.parquet.attack.HostileFile.ints;
import static dev.firn.format.parquet.attack.HostileFile.leaf;
import static dev.firn.format.parquet.attack.HostileFile.root;
import static dev.firn.format.parquet.attack.HostileFile.run;
import static dev.firn.format.parquet.attack.HostileFile.withLength;
import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.RowGroupPruner;
import dev.firn.testing.ArrowLeakCheck;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.DataPageHeader;
import org.apache.parquet.format.DataPageHeaderV2;
import org.apache.parquet.format.Encoding;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.OffsetIndex;
import org.apache.parquet.format.PageHeader;
import org.apache.parquet.format.PageType;
import org.apache.parquet.format.Type;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Each number of page headers, footers and offset indexes, changed to each absurd value in turn.
 */
@ExtendWith(ArrowLeakCheck.class)
class HeaderAttackTest {
  static final int ROWS = 20;
  private static final List<Integer> ABSURD =
      List.of(
          Integer.MIN_VALUE,
          -2,
          -1,
          0,
          1,
          3,
          9,
          10,
          11,
          19,
          21,
          64,
          1000,
          1 << 24,
          1 << 30,
          Integer.MAX_VALUE - 1,
          Integer.MAX_VALUE);

  static final Schema SCHEMA =
      new Schema(
          optional(1, "i", Types.IntegerType.get()),
          optional(2, "s", Types.StringType.get()),
          optional(3, "f", Types.FixedType.ofLength(3)));

  /** Two pages of ten rows in each column: plain, dictionary in v2, plain in both. */
  static HostileFile file() {
    byte[] levels = withLength(run(10, 1));
    byte[] ten = ints(1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    byte[] abc = HostileFile.concat(ints(1), bytes('a'), ints(1), bytes('b'), ints(1), bytes('c'));
    byte[] ids = HostileFile.concat(bytes(2), run(10, 2));
    byte[] fixed = new byte[30];
    return new HostileFile(
            root(3),
            leaf("i", 1, FieldRepetitionType.OPTIONAL, Type.INT32),
            leaf("s", 2, FieldRepetitionType.OPTIONAL, Type.BYTE_ARRAY),
            leaf("f", 3, FieldRepetitionType.OPTIONAL, Type.FIXED_LEN_BYTE_ARRAY).setType_length(3))
        .chunk(
            new HostileFile.Chunk(Type.INT32, "i")
                .v1(10, Encoding.PLAIN, levels, ten)
                .v1(10, Encoding.PLAIN, levels, ten)
                .indexed())
        .chunk(
            new HostileFile.Chunk(Type.BYTE_ARRAY, "s")
                .dictionary(3, abc)
                .v2(10, Encoding.RLE_DICTIONARY, bytes(), run(10, 1), ids)
                .v2(10, Encoding.RLE_DICTIONARY, bytes(), run(10, 1), ids)
                .indexed())
        .chunk(
            new HostileFile.Chunk(Type.FIXED_LEN_BYTE_ARRAY, "f")
                .v1(10, Encoding.PLAIN, levels, fixed)
                .v2(10, Encoding.PLAIN, bytes(), run(10, 1), fixed)
                .indexed());
  }

  private static void attempt(String what, byte[] bytes, BufferAllocator allocator) {
    attempt(what, bytes, true, allocator);
  }

  /**
   * Reads all or {@code CORRUPT}, and nothing else; {@code sameRows}: the values stay what they
   * were.
   */
  private static void attempt(
      String what, byte[] bytes, boolean sameRows, BufferAllocator allocator) {
    for (boolean skip : new boolean[] {false, true}) {
      var filter = skip ? Expressions.greaterThan("i", 9) : Expressions.alwaysTrue();
      try {
        long rows = HostileFile.read(bytes, SCHEMA, filter, RowGroupPruner.Means.ALL, allocator);
        if (sameRows) {
          assertThat(rows).as(what).isEqualTo(skip ? 2 : ROWS);
        }
      } catch (FirnException e) {
        assertThat(e.kind()).as("%s: %s", what, e).isEqualTo(ErrorKind.CORRUPT);
        assertThat(e.getMessage()).contains("mem:hostile.parquet");
      }
      assertThat(allocator.getAllocatedMemory()).as(what).isZero();
    }
  }

  @Test
  void theFileIsSoundUnlessChanged(BufferAllocator allocator) {
    byte[] bytes = file().layOut(ROWS).bytes();
    RowGroupPruner.Means means = RowGroupPruner.Means.ALL;
    assertThat(HostileFile.read(bytes, SCHEMA, Expressions.alwaysTrue(), means, allocator))
        .isEqualTo(ROWS);
    assertThat(HostileFile.read(bytes, SCHEMA, Expressions.equal("i", 10), means, allocator))
        .isEqualTo(2);
  }

  @Test
  void pageHeadersOfAbsurdNumbers(BufferAllocator allocator) {
    for (int value : ABSURD) {
      for (int column = 0; column < 3; column++) {
        absurdSizes(column, value, allocator);
      }
    }
  }

  private static void absurdSizes(int column, int value, BufferAllocator allocator) {
    List<BiConsumer<PageHeader, Integer>> fields =
        List.of(PageHeader::setUncompressed_page_size, PageHeader::setCompressed_page_size);
    for (int page = 0; page < (column == 1 ? 3 : 2); page++) {
      for (int field = 0; field < fields.size(); field++) {
        HostileFile file = file();
        fields.get(field).accept(file.chunks.get(column).header(page), value);
        attempt(
            "size %d of page %d of column %d = %d".formatted(field, page, column, value),
            file.layOut(ROWS).bytes(),
            allocator);
      }
    }
  }

  @Test
  void dataPagesOfAbsurdNumbers(BufferAllocator allocator) {
    List<BiConsumer<DataPageHeaderV2, Integer>> fields =
        List.of(
            DataPageHeaderV2::setNum_values,
            DataPageHeaderV2::setNum_nulls,
            DataPageHeaderV2::setNum_rows,
            DataPageHeaderV2::setDefinition_levels_byte_length,
            DataPageHeaderV2::setRepetition_levels_byte_length);
    for (int value : ABSURD) {
      HostileFile v1 = file();
      v1.chunks.get(0).header(1).getData_page_header().setNum_values(value);
      attempt("values of page v1 = " + value, v1.layOut(ROWS).bytes(), allocator);
      HostileFile dictionary = file();
      dictionary.chunks.get(1).header(0).getDictionary_page_header().setNum_values(value);
      attempt("entries = " + value, dictionary.layOut(ROWS).bytes(), allocator);
      for (int field = 0; field < fields.size(); field++) {
        HostileFile v2 = file();
        fields.get(field).accept(v2.chunks.get(1).header(1).getData_page_header_v2(), value);
        attempt("field %d of v2 = %d".formatted(field, value), v2.layOut(ROWS).bytes(), allocator);
      }
    }
  }

  @Test
  void everyEncodingInTheHeaderOfAnother(BufferAllocator allocator) {
    for (Encoding encoding : Encoding.values()) {
      for (int column = 0; column < 3; column++) {
        HostileFile file = file();
        PageHeader header = file.chunks.get(column).header(1);
        if (header.isSetData_page_header()) {
          header.getData_page_header().setEncoding(encoding);
        } else {
          header.getData_page_header_v2().setEncoding(encoding);
        }
        attempt(encoding + " in column " + column, file.layOut(ROWS).bytes(), false, allocator);
        HostileFile levels = file();
        DataPageHeader page = levels.chunks.get(0).header(0).getData_page_header();
        page.setDefinition_level_encoding(encoding);
        attempt("levels as " + encoding, levels.layOut(ROWS).bytes(), allocator);
      }
    }
    for (PageType type : PageType.values()) {
      HostileFile file = file();
      file.chunks.get(0).header(0).setType(type);
      attempt("page type " + type, file.layOut(ROWS).bytes(), allocator);
    }
  }

  @Test
  void footersOfAbsurdNumbers(BufferAllocator allocator) {
    List<BiConsumer<ColumnMetaData, Long>> fields =
        List.of(
            ColumnMetaData::setNum_values,
            ColumnMetaData::setTotal_compressed_size,
            ColumnMetaData::setTotal_uncompressed_size,
            ColumnMetaData::setData_page_offset,
            ColumnMetaData::setDictionary_page_offset);
    for (long value : absurdLongs()) {
      for (int column = 0; column < 3; column++) {
        for (int field = 0; field < fields.size(); field++) {
          HostileFile file = file().layOut(ROWS);
          fields.get(field).accept(file.meta(column), value);
          attempt(
              "field %d of column %d = %d".formatted(field, column, value),
              file.bytes(),
              allocator);
        }
      }
      footer("rows = " + value, file -> rows(file, value), allocator);
    }
  }

  private static List<Long> absurdLongs() {
    return List.of(
        Long.MIN_VALUE,
        -1L,
        0L,
        1L,
        4L,
        19L,
        21L,
        100L,
        1L << 31,
        1L << 40,
        1L << 62,
        Long.MAX_VALUE);
  }

  private static void rows(HostileFile file, long rows) {
    file.footer.setNum_rows(rows);
    file.footer.getRow_groups().get(0).setNum_rows(rows);
  }

  private static void footer(String what, Consumer<HostileFile> change, BufferAllocator allocator) {
    HostileFile file = file().layOut(ROWS);
    change.accept(file);
    attempt(what, file.bytes(), allocator);
  }

  @Test
  void schemasOfAbsurdNumbers(BufferAllocator allocator) {
    for (int value : ABSURD) {
      footer("children = " + value, f -> f.schema.get(0).setNum_children(value), allocator);
      footer("length = " + value, f -> f.schema.get(3).setType_length(value), allocator);
    }
    for (Type type : Type.values()) {
      for (int field = 1; field <= 3; field++) {
        int at = field;
        footer(
            "type of %d = %s".formatted(at, type), f -> f.schema.get(at).setType(type), allocator);
      }
    }
  }

  @Test
  void offsetIndexesThatLie(BufferAllocator allocator) {
    for (long value : absurdLongs()) {
      for (int page = 0; page < 2; page++) {
        int at = page;
        index("offset of %d = %d".formatted(at, value), f -> at(f, at).setOffset(value), allocator);
        index(
            "size of %d = %d".formatted(at, value),
            f -> at(f, at).setCompressed_page_size((int) value),
            allocator);
        index(
            "row of %d = %d".formatted(at, value),
            f -> at(f, at).setFirst_row_index(value),
            allocator);
      }
    }
    index("no pages", f -> f.indexes.get(0).getPage_locations().clear(), allocator);
    index("one page less", f -> f.indexes.get(0).getPage_locations().remove(1), allocator);
  }

  private static org.apache.parquet.format.PageLocation at(HostileFile file, int page) {
    return file.indexes.get(0).getPage_locations().get(page);
  }

  private static void index(String what, Consumer<HostileFile> change, BufferAllocator allocator) {
    HostileFile file = file().layOut(ROWS);
    change.accept(file);
    for (OffsetIndex index : file.indexes) {
      assertThat(index).isNotNull();
    }
    attempt(what, file.withIndexes(ROWS), allocator);
  }
}
