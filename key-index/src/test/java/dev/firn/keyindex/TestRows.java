package dev.firn.keyindex;

import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.PartitionKey;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.util.StructLikeSet;

/** Which rows went into which file. */
final class TestRows {
  private TestRows() {}

  /** Returns the rows of the file's partition, in order. */
  static List<Record> inPartition(Table table, DataFile file, List<Record> rows) {
    PartitionSpec spec = table.specs().get(file.specId());
    StructLikeSet own = StructLikeSet.create(spec.partitionType());
    own.add(file.partition());
    PartitionKey key = new PartitionKey(spec, table.schema());
    InternalRecordWrapper wrapper = new InternalRecordWrapper(table.schema().asStruct());
    return rows.stream()
        .filter(
            row -> {
              key.partition(wrapper.wrap(row));
              return own.contains(key);
            })
        .toList();
  }
}
