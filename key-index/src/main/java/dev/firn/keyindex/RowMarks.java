package dev.firn.keyindex;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.DeleteFileReads;
import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.BaseDeleteLoader;
import org.apache.iceberg.deletes.Deletes;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.util.ContentFileUtil;
import org.jspecify.annotations.Nullable;

/**
 * Which rows of data files are deleted by position: bitmaps, loaded when asked for, kept by the
 * delete files that they are of, least recently used out first. Confined to one thread.
 */
final class RowMarks {
  private static final long ENTRY_BYTES = 512;

  private record Marks(List<DeleteFile> files, PositionDeleteIndex rows) {}

  private final Table table;
  private final Kept<Marks> kept;
  private final BaseDeleteLoader loader;

  RowMarks(Table table, long most) {
    this.table = table;
    this.kept = new Kept<>(most / 2);
    this.loader = new Loader(table, most / 2);
  }

  /** Keeps files of positions in several data files, for the other ones that are asked for. */
  private static final class Loader extends BaseDeleteLoader {
    private final Kept<Object> files;

    Loader(Table table, long most) {
      super(file -> DeleteFileReads.open(table.io(), file), DirectExecutor.INSTANCE);
      this.files = new Kept<>(most);
    }

    @Override
    protected boolean canCache(long size) {
      return files.accepts(size);
    }

    @Override
    @SuppressWarnings("unchecked") // a key always names the same kind of value
    protected <V> V getOrLoad(String key, Supplier<V> load, long size) {
      Object known = files.get(key);
      if (known != null) {
        return (V) known;
      }
      V value = load.get();
      files.put(key, value, size);
      return value;
    }
  }

  /** Returns the rows of the data file that {@code files}, deletes by position, delete. */
  PositionDeleteIndex of(FileSlot slot, List<DeleteFile> files) {
    Marks known = kept.get(slot.location());
    if (known != null && LiveDeletes.same(known.files(), files)) {
      return known.rows();
    }
    Marks marks = load(slot, files, known);
    long most = Math.min(2 * marks.rows().cardinality(), slot.rows() / 8);
    kept.put(slot.location(), marks, ENTRY_BYTES + most * 3 / 2);
    return marks.rows();
  }

  private Marks load(FileSlot slot, List<DeleteFile> files, @Nullable Marks known) {
    PositionDeleteIndex rows = Deletes.toPositionIndex(CloseableIterable.empty());
    List<DeleteFile> unread = new ArrayList<>(files);
    if (known != null && known.files().stream().noneMatch(ContentFileUtil::isDV)) {
      Set<String> ids = known.files().stream().map(LiveDeletes::id).collect(Collectors.toSet());
      List<DeleteFile> more = files.stream().filter(f -> !ids.contains(LiveDeletes.id(f))).toList();
      if (more.size() == files.size() - ids.size()) {
        rows.merge(known.rows());
        unread = more;
      }
    }
    if (!unread.isEmpty()) {
      rows.merge(read(slot, unread));
    }
    return new Marks(List.copyOf(files), rows);
  }

  private PositionDeleteIndex read(FileSlot slot, List<DeleteFile> files) {
    try {
      return DeleteFileReads.load(
          table.io(), files, () -> loader.loadPositionDeletes(files, slot.location()));
    } catch (FirnException e) {
      throw e;
    } catch (RuntimeException e) {
      String where = files.get(0).location() + " of table " + table.name();
      throw new FirnException(
          e instanceof NotFoundException ? ErrorKind.CORRUPT : ErrorKind.UNAVAILABLE,
          "Cannot read delete file: " + e + " [" + where + "]",
          e);
    }
  }
}
