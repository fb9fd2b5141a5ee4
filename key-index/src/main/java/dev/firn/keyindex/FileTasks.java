package dev.firn.keyindex;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.jspecify.annotations.Nullable;

/** Makes the tasks that hits are told by. Confined to one thread. */
final class FileTasks {
  private static final ResidualEvaluator NO_FILTER =
      ResidualEvaluator.unpartitioned(Expressions.alwaysTrue());

  private final Table table;
  private final LiveDeletes deletes;
  private final Map<Integer, String> specs = new HashMap<>();
  private @Nullable String schema;
  private long version;

  FileTasks(Table table, LiveDeletes deletes) {
    this.table = table;
    this.deletes = deletes;
  }

  /** Deletes that apply, or the table's schema, may be others from here on. */
  void changed() {
    version++;
    schema = null;
    specs.clear();
  }

  /** Returns the task of a live file, with the deletes that apply to it. */
  FileScanTask of(FileSlot slot, DataFile file) {
    if (slot.knowsTask(version)) {
      FileScanTask known = slot.task(version, List.of());
      if (known != null) {
        return known;
      }
    }
    List<DeleteFile> applying = slot.isCommitted() ? deletes.of(file) : List.of();
    FileScanTask known = slot.task(version, applying);
    return known != null ? known : slot.keep(make(file, applying), version);
  }

  FileScanTask make(DataFile file, List<DeleteFile> applying) {
    String text = schema;
    if (text == null) {
      text = SchemaParser.toJson(table.schema());
      schema = text;
    }
    String spec =
        specs.computeIfAbsent(
            file.specId(), id -> PartitionSpecParser.toJson(table.specs().get(id)));
    return new BaseFileScanTask(file, applying.toArray(new DeleteFile[0]), text, spec, NO_FILTER);
  }
}
