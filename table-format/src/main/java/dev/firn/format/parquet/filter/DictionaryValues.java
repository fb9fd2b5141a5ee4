package dev.firn.format.parquet.filter;

import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.format.parquet.page.ChunkSpec;
import dev.firn.format.parquet.page.ColumnChunk;
import dev.firn.format.parquet.page.Dictionary;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.iceberg.Schema;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/**
 * The values of a column chunk that has all of them, nulls aside, in its dictionary, tested
 * exactly. Stateless.
 */
final class DictionaryValues {
  private static final String DICTIONARY = "the dictionary";

  /** A larger dictionary costs more than it may spare. */
  private static final long LARGEST = 8L << 20;

  private DictionaryValues() {}

  /** Whether a non-null value of the chunk may match; where the dictionary cannot tell, true. */
  static boolean mayMatch(
      FileParts parts, ColumnChunkMetaData chunk, ColumnClause clause, BufferAllocator allocator) {
    long at = chunk.getDictionaryPageOffset();
    long length = chunk.getFirstDataPageOffset() - at;
    StoredForm form = clause.form();
    if (form == null || at <= 0 || length <= 0 || length > LARGEST || !holdsAllValues(chunk)) {
      return true;
    }
    Field field =
        ArrowSchemas.toArrow(new Schema(NestedField.optional(1, "value", clause.wanted())))
            .getFields()
            .get(0);
    RowTest test =
        TestCompiler.test(clause.predicate(), new ColumnPath(List.of(field)), clause.wanted());
    if (test == null) {
      return true;
    }
    byte[] bytes = parts.read(DICTIONARY, at, length);
    ChunkSpec spec = parts.spec(chunk, clause.column(), at, form.conversion());
    try (ArrowBuf page = allocator.buffer(length)) {
      page.setBytes(0, bytes);
      try (ColumnChunk pages = ColumnChunk.open(spec, page, 0, length, allocator)) {
        Dictionary dictionary = pages.dictionary();
        return dictionary == null || anyPasses(dictionary, field, test, allocator);
      }
    } catch (OutOfMemoryException e) {
      throw parts.outOfMemory(DICTIONARY, e);
    }
  }

  /** Whether every data page is dictionary-encoded. */
  @SuppressWarnings("deprecation") // old files have the old encodings
  private static boolean holdsAllValues(ColumnChunkMetaData chunk) {
    EncodingStats stats = chunk.getEncodingStats();
    if (stats != null) {
      return stats.hasDictionaryPages()
          && stats.hasDictionaryEncodedPages()
          && !stats.hasNonDictionaryEncodedPages();
    }
    // Before these statistics, PLAIN stood for values only: the dictionary's own encoding had
    // another name.
    Set<Encoding> levels = Set.of(Encoding.RLE, Encoding.BIT_PACKED);
    return chunk.getEncodings().contains(Encoding.PLAIN_DICTIONARY)
        && chunk.getEncodings().stream()
            .allMatch(one -> one == Encoding.PLAIN_DICTIONARY || levels.contains(one));
  }

  private static boolean anyPasses(
      Dictionary dictionary, Field field, RowTest test, BufferAllocator allocator) {
    int size = dictionary.size();
    try (FieldVector vector = field.createVector(allocator)) {
      boolean filled =
          vector instanceof BaseFixedWidthVector fixed
              ? fill(fixed, dictionary)
              : vector instanceof BaseVariableWidthVector variable && fill(variable, dictionary);
      if (!filled) {
        return true;
      }
      RowBits passing = new RowBits();
      passing.startFull(size);
      test.load(new VectorSchemaRoot(List.of(vector)), size);
      test.retain(passing.words());
      return !passing.isEmpty();
    }
  }

  private static boolean fill(BaseFixedWidthVector vector, Dictionary dictionary) {
    int size = dictionary.size();
    if (dictionary.width() == 0 || dictionary.width() != vector.getTypeWidth()) {
      return false;
    }
    vector.allocateNew(size);
    long bytes = (long) size * dictionary.width();
    MemoryUtil.copyMemory(dictionary.address(), vector.getDataBuffer().memoryAddress(), bytes);
    vector.getValidityBuffer().setOne(0, (size + 7L) >>> 3);
    vector.setValueCount(size);
    return true;
  }

  private static boolean fill(BaseVariableWidthVector vector, Dictionary dictionary) {
    int size = dictionary.size();
    if (dictionary.width() != 0) {
      return false;
    }
    int start = dictionary.offset(0);
    int bytes = dictionary.offset(size) - start;
    vector.allocateNew(bytes, size);
    MemoryUtil.copyMemory(
        dictionary.address() + start, vector.getDataBuffer().memoryAddress(), bytes);
    for (int i = 0; i <= size; i++) {
      vector.getOffsetBuffer().setInt(4L * i, dictionary.offset(i) - start);
    }
    vector.getValidityBuffer().setOne(0, (size + 7L) >>> 3);
    vector.setLastSet(size - 1);
    vector.setValueCount(size);
    return true;
  }
}
