package dev.firn.scan;

import java.util.List;
import java.util.function.Function;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.DeleteFilter;
import org.apache.iceberg.data.DeleteLoader;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.DeleteCounter;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;

/**
 * The position deletes of one task, applied to rows of a schema that already holds every field they
 * look at.
 */
final class TaskDeletes extends DeleteFilter<Record> {
  private final Table table;
  private final DeleteLoader loader;
  private final InternalRecordWrapper wrapper;

  TaskDeletes(Table table, FileScanTask task, Schema readSchema, DeleteLoader loader) {
    super(
        task.file().location(),
        positions(task),
        (Function<Integer, NestedField>) readSchema::findField,
        readSchema,
        new DeleteCounter(),
        true);
    this.table = table;
    this.loader = loader;
    this.wrapper = new InternalRecordWrapper(requiredSchema().asStruct());
  }

  private static List<DeleteFile> positions(FileScanTask task) {
    return task.deletes().stream()
        .filter(delete -> delete.content() == FileContent.POSITION_DELETES)
        .toList();
  }

  @Override
  protected StructLike asStructLike(Record row) {
    return wrapper.wrap(row);
  }

  @Override
  protected InputFile getInputFile(String location) {
    return table.io().newInputFile(location);
  }

  @Override
  protected DeleteLoader newDeleteLoader() {
    return loader;
  }
}
