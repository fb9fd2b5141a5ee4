package dev.firn.scan;

import dev.firn.format.write.DeleteFileReads;
import dev.firn.storage.DirectExecutor;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.data.DeleteLoader;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.util.StructLikeSet;

/**
 * Loads the delete files of one table in the calling thread, and keeps what fits its cache.
 * Failures name the delete file. Thread-safe.
 */
final class DeleteFiles implements DeleteLoader {
  private final Table table;
  private final DeleteCache cache;
  private final DeleteLoader loader = new CachingLoader();

  DeleteFiles(Table table, long cacheBytes) {
    this.table = table;
    this.cache = new DeleteCache(cacheBytes);
  }

  @Override
  public StructLikeSet loadEqualityDeletes(Iterable<DeleteFile> files, Schema projection) {
    return named(files, () -> loader.loadEqualityDeletes(files, projection));
  }

  @Override
  public PositionDeleteIndex loadPositionDeletes(
      Iterable<DeleteFile> files, CharSequence filePath) {
    return named(files, () -> loader.loadPositionDeletes(files, filePath));
  }

  /** A deletion vector is a range of its file, which is read as that. */
  private InputFile open(DeleteFile file) {
    InputFile input = DeleteFileReads.open(table.io(), file);
    return new StoreInputFile(
        file.format() == FileFormat.PUFFIN
            ? input
            : SmallInputFile.of(input, file.fileSizeInBytes()));
  }

  private <V> V named(Iterable<DeleteFile> files, Supplier<V> load) {
    try {
      return DeleteFileReads.load(table.io(), files, load);
    } catch (RuntimeException e) {
      throw ReadFailures.of(e, "delete file", locations(files), table.name());
    }
  }

  private static String locations(Iterable<DeleteFile> files) {
    List<String> locations =
        StreamSupport.stream(files.spliterator(), false)
            .map(DeleteFile::location)
            .distinct()
            .toList();
    String first = locations.stream().limit(3).collect(Collectors.joining(", "));
    return locations.size() <= 3 ? first : first + " and " + (locations.size() - 3) + " more";
  }

  private final class CachingLoader extends BaseDeleteLoader {
    CachingLoader() {
      super(DeleteFiles.this::open, DirectExecutor.INSTANCE);
    }

    @Override
    protected boolean canCache(long size) {
      return cache.accepts(size);
    }

    @Override
    protected <V> V getOrLoad(String key, Supplier<V> load, long size) {
      return cache.load(key, load, size);
    }
  }
}
