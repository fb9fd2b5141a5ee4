package dev.firn.scan;

import dev.firn.storage.DirectExecutor;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.data.DeleteFilter;
import org.apache.iceberg.data.DeleteLoader;
import org.apache.iceberg.data.InternalRecordWrapper;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.deletes.DeleteCounter;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.StructLikeSet;

/**
 * The deletes of one task, applied to rows of a schema that already holds every field they look at.
 * Loads in the calling thread.
 */
final class TaskDeletes extends DeleteFilter<Record> {
  private final Table table;
  private final DeleteCache cache;
  private final InternalRecordWrapper wrapper;

  TaskDeletes(Table table, FileScanTask task, Schema readSchema, DeleteCache cache) {
    super(
        task.file().location(),
        task.deletes(),
        (Function<Integer, NestedField>) readSchema::findField,
        readSchema,
        new DeleteCounter(),
        true);
    this.table = table;
    this.cache = cache;
    this.wrapper = new InternalRecordWrapper(requiredSchema().asStruct());
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
  protected InputFile loadInputFile(DeleteFile deleteFile) {
    return table.io().newInputFile(deleteFile);
  }

  @Override
  protected DeleteLoader newDeleteLoader() {
    return new NamingLoader();
  }

  /** Failures name the delete file. */
  private final class NamingLoader implements DeleteLoader {
    private final DeleteLoader loader = new CachingLoader();

    @Override
    public StructLikeSet loadEqualityDeletes(Iterable<DeleteFile> files, Schema projection) {
      return named(files, () -> loader.loadEqualityDeletes(files, projection));
    }

    @Override
    public PositionDeleteIndex loadPositionDeletes(
        Iterable<DeleteFile> files, CharSequence filePath) {
      return named(files, () -> loader.loadPositionDeletes(files, filePath));
    }

    private <V> V named(Iterable<DeleteFile> files, Supplier<V> load) {
      try {
        return load.get();
      } catch (RuntimeException e) {
        throw ReadFailures.of(e, "delete file", locations(files), table.name());
      }
    }

    private String locations(Iterable<DeleteFile> files) {
      List<String> locations =
          StreamSupport.stream(files.spliterator(), false)
              .map(DeleteFile::location)
              .distinct()
              .toList();
      String first = locations.stream().limit(3).collect(Collectors.joining(", "));
      return locations.size() <= 3 ? first : first + " and " + (locations.size() - 3) + " more";
    }
  }

  private final class CachingLoader extends BaseDeleteLoader {
    CachingLoader() {
      super(TaskDeletes.this::loadInputFile, DirectExecutor.INSTANCE);
    }

    @Override
    protected boolean canCache(long size) {
      return cache.accepts(size);
    }

    @Override
    protected <V> V getOrLoad(String key, Supplier<V> loader, long size) {
      return cache.load(key, loader, size);
    }
  }
}
