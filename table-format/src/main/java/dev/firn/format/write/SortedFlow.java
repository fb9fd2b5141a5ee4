package dev.firn.format.write;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortKey;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.SortOrderComparators;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/**
 * Rows collected up to the budget, then written partition by partition in the sort order, so that
 * every file is sorted and one file is open at a time. Equal rows keep their order of arrival.
 * Confined to one thread.
 */
final class SortedFlow implements RowFlow {
  // A sort key beside its row: the key's tuple and its boxed values.
  private static final long KEY_BYTES = 120;

  private final FileSink files;
  private final long budget;
  private final SortKey key;
  private final InternalRecordWrapper wrapper;
  private final Comparator<Keyed> comparator;
  private final Map<PartitionKey, List<Keyed>> partitions = new LinkedHashMap<>();
  private long held;
  private @Nullable OpenFile current;

  private record Keyed(StructLike key, Record row, long bytes) {}

  SortedFlow(FileSink files, WriteLimits limits, Schema schema, SortOrder order) {
    this.files = files;
    this.budget = limits.budgetBytes();
    this.key = new SortKey(schema, order);
    this.wrapper = new InternalRecordWrapper(schema.asStruct());
    Comparator<StructLike> keys = comparatorOfKeys(schema, order);
    this.comparator = (a, b) -> keys.compare(a.key(), b.key());
  }

  /** Compares sort keys, whose transforms are applied once per row rather than once per compare. */
  private static Comparator<StructLike> comparatorOfKeys(Schema schema, SortOrder order) {
    List<NestedField> fields = new ArrayList<>();
    for (int i = 0; i < order.fields().size(); i++) {
      var sort = order.fields().get(i);
      var type = sort.transform().getResultType(schema.findType(sort.sourceId()));
      fields.add(NestedField.optional(i + 1, "k" + i, type));
    }
    Schema flat = new Schema(fields);
    SortOrder.Builder byKey = SortOrder.builderFor(flat);
    for (int i = 0; i < order.fields().size(); i++) {
      var sort = order.fields().get(i);
      byKey.sortBy("k" + i, sort.direction(), sort.nullOrder());
    }
    return SortOrderComparators.forSchema(flat, byKey.build());
  }

  @Override
  public void add(PartitionKey partition, Record row, long bytes) throws IOException {
    List<Keyed> rows = partitions.get(partition);
    if (rows == null) {
      rows = new ArrayList<>();
      partitions.put(partition.copy(), rows);
    }
    key.wrap(wrapper.wrap(row));
    rows.add(new Keyed(key.copy(), row, bytes));
    held += bytes + KEY_BYTES;
    if (held >= budget) {
      writeRun();
    }
  }

  private void writeRun() throws IOException {
    for (Map.Entry<PartitionKey, List<Keyed>> entry : partitions.entrySet()) {
      entry.getValue().sort(comparator);
      for (Keyed keyed : entry.getValue()) {
        writeSorted(entry.getKey(), keyed);
      }
      finishCurrent();
      entry.getValue().clear();
    }
    partitions.clear();
    held = 0;
  }

  private void writeSorted(PartitionKey partition, Keyed keyed) throws IOException {
    if (current == null) {
      current = files.open(partition);
    }
    OpenFile file = current;
    if (file.add(keyed.row(), keyed.bytes()) && file.length() >= files.targetBytes()) {
      finishCurrent();
    }
  }

  private void finishCurrent() throws IOException {
    OpenFile file = current;
    current = null;
    if (file != null) {
      files.finish(file);
    }
  }

  @Override
  public void finish() throws IOException {
    writeRun();
  }

  @Override
  public long pendingBytes() {
    return held / 4;
  }

  @Override
  public void abandon() {
    partitions.clear();
    OpenFile file = current;
    current = null;
    if (file != null) {
      WrittenFiles.abandon(file);
    }
  }
}
