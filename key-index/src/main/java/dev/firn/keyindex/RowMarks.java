package dev.firn.keyindex;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.DeleteFileReads;
import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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

  private record Marks(List<DeleteFile> files, PositionDeleteIndex rows, long bytes) {}

  private final Table table;
  private final long most;
  private final Map<String, Marks> kept = new LinkedHashMap<>(16, 0.75f, true);
  private final BaseDeleteLoader loader;
  private long bytes;

  RowMarks(Table table, long most) {
    this.table = table;
    this.most = most;
    this.loader =
        new BaseDeleteLoader(
            file -> DeleteFileReads.open(table.io(), file), DirectExecutor.INSTANCE);
  }

  /** Returns the rows of the data file that {@code files}, deletes by position, delete. */
  PositionDeleteIndex of(FileSlot slot, List<DeleteFile> files) {
    Marks known = kept.get(slot.location());
    if (known != null && LiveDeletes.same(known.files(), files)) {
      return known.rows();
    }
    Marks marks = load(slot, files, known);
    Marks before = kept.put(slot.location(), marks);
    bytes += marks.bytes() - (before == null ? 0 : before.bytes());
    var eldest = kept.values().iterator();
    while (bytes > most && eldest.hasNext()) {
      bytes -= eldest.next().bytes();
      eldest.remove();
    }
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
    long size = ENTRY_BYTES + Math.min(2 * rows.cardinality(), slot.rows() / 8) * 3 / 2;
    return new Marks(List.copyOf(files), rows, size);
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

  /** Forgets those of a file. */
  void forget(String location) {
    Marks gone = kept.remove(location);
    bytes -= gone == null ? 0 : gone.bytes();
  }
}
