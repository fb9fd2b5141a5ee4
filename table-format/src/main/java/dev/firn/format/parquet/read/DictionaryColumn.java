package dev.firn.format.parquet.read;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.DictionaryEncoding;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.apache.parquet.column.EncodingStats;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/**
 * A string column as indices into the dictionary that the file holds, which changes with the row
 * group. Owns the dictionary's vector.
 */
final class DictionaryColumn implements Column {
  private static final ArrowType INDEX = new ArrowType.Int(32, true);

  private final FlatColumn indices;
  private final BufferAllocator allocator;
  private final VarCharVector entries;
  private final Dictionary dictionary;
  private boolean loaded;

  DictionaryColumn(StoredLeaf leaf, FieldVector vector, BufferAllocator allocator) {
    this.allocator = allocator;
    this.indices = new FlatColumn(leaf, new IdSink(vector, allocator), allocator);
    this.entries = new VarCharVector(vector.getName(), allocator);
    this.dictionary = new Dictionary(entries, vector.getField().getDictionary());
  }

  /** The field of the encoded column; {@code id} tells dictionaries apart. */
  static Field encoded(Field field, long id) {
    DictionaryEncoding encoding = new DictionaryEncoding(id, false, null);
    FieldType type = new FieldType(field.isNullable(), INDEX, encoding, field.getMetadata());
    return new Field(field.getName(), type, null);
  }

  /** Whether all pages of the column in these row groups are said to hold dictionary indices. */
  static boolean isEncoded(StoredLeaf leaf, List<Footer.Group> groups) {
    return !groups.isEmpty()
        && groups.stream()
            .allMatch(
                group ->
                    group.block().getColumns().stream()
                        .filter(chunk -> chunk.getPath().equals(leaf.path()))
                        .allMatch(DictionaryColumn::isEncoded));
  }

  private static boolean isEncoded(ColumnChunkMetaData chunk) {
    EncodingStats stats = chunk.getEncodingStats();
    return stats != null && stats.hasDictionaryPages() && !stats.hasNonDictionaryEncodedPages();
  }

  Dictionary dictionary() {
    return dictionary;
  }

  @Override
  public FieldVector vector() {
    return indices.vector();
  }

  @Override
  public List<StoredLeaf> leaves() {
    return indices.leaves();
  }

  @Override
  public void start(GroupData group) {
    indices.start(group);
    loaded = false;
  }

  @Override
  public void read(long first, Selection rows) {
    indices.read(first, rows);
    if (!loaded) {
      load(indices.entries());
      loaded = true;
    }
  }

  private void load(dev.firn.format.parquet.page.Dictionary stored) {
    int size = stored.size();
    long bytes = stored.offset(size);
    try (ArrowBuf valid = allocator.buffer(Bitmaps.bytes(size));
        ArrowBuf offsets = allocator.buffer((size + 1L) * Integer.BYTES);
        ArrowBuf data = allocator.buffer(Math.max(1, bytes))) {
      Bitmaps.fill(valid.memoryAddress(), 0, size, true);
      for (int id = 0; id <= size; id++) {
        offsets.setInt((long) id * Integer.BYTES, stored.offset(id));
      }
      MemoryUtil.copyMemory(stored.address(), data.memoryAddress(), bytes);
      entries.loadFieldBuffers(new ArrowFieldNode(size, 0), List.of(valid, offsets, data));
    }
  }

  @Override
  public void recycle() {
    indices.recycle();
  }

  @Override
  public void close() {
    indices.close();
    entries.close();
  }
}
