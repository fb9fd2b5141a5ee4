package dev.firn.format.write;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.util.ContentFileUtil;

/**
 * The rows that delete files name, by position. Each file is read once, and kept. Confined to one
 * thread; borrows the stores.
 */
public final class DeleteMarks {
  private final FileIO io;
  private final Map<String, Object> loaded = new HashMap<>();
  private final BaseDeleteLoader loader;

  public DeleteMarks(FileIO io) {
    this.io = io;
    // No executor: the loader would otherwise use Iceberg's static pool.
    this.loader =
        new BaseDeleteLoader(file -> DeleteFileReads.open(io, file), null) {
          @Override
          protected boolean canCache(long size) {
            return true;
          }

          @Override
          @SuppressWarnings("unchecked") // a key always names the same kind of value
          protected <V> V getOrLoad(String key, Supplier<V> load, long size) {
            Object known = loaded.get(key);
            if (known == null) {
              known = load.get();
              loaded.put(key, known);
            }
            return (V) known;
          }
        };
  }

  /** Returns an index of the caller's own with all rows of the data file that the files name. */
  public PositionDeleteIndex of(Collection<DeleteFile> files, String dataFile) {
    PositionDeleteIndex all = Deletes.toPositionIndex(CloseableIterable.empty());
    List<DeleteFile> others = files.stream().filter(file -> !ContentFileUtil.isDV(file)).toList();
    for (DeleteFile file : files) {
      if (ContentFileUtil.isDV(file)) {
        load(List.of(file), dataFile).forEach(all::delete);
      }
    }
    if (!others.isEmpty()) {
      load(others, dataFile).forEach(all::delete);
    }
    return all;
  }

  private PositionDeleteIndex load(List<DeleteFile> files, String dataFile) {
    return DeleteFileReads.load(io, files, () -> loader.loadPositionDeletes(files, dataFile));
  }
}
