package dev.firn.format.merge;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.read.StoredFile;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.io.FileIO;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.hadoop.metadata.ColumnPath;
import org.jspecify.annotations.Nullable;

/** A data file that is merged. Confined to one thread at a time. Owns what it holds of the file. */
final class Source implements AutoCloseable {
  /** Larger files are read row group by row group. */
  static final int WHOLE_BYTES = 8 << 20;

  /** From 1.10 on, its bounds of floats are none where there is a NaN. */
  private static final Pattern NAN_AWARE =
      Pattern.compile("parquet-mr version (1\\.\\d\\d|[2-9]).*");

  private final DataFile file;
  private final StoredFile stored;
  private boolean nanAware;
  private int left;

  private Source(DataFile file, StoredFile stored) {
    this.file = file;
    this.stored = stored;
  }

  /** Asks for the file, or for its end; does not wait. */
  static Source begin(FileIO io, DataFile file, BufferAllocator allocator) {
    return new Source(
        file,
        StoredFile.begin(io.newInputFile(file), file.fileSizeInBytes(), WHOLE_BYTES, allocator));
  }

  /** Reads the footer, and returns the row groups that have rows. */
  List<Unit> open(Layout layout) {
    stored.readFooter();
    nanAware = NAN_AWARE.matcher(stored.createdBy()).matches();
    @Nullable ColumnPath[] paths = Leaves.match(stored.schema(), layout, location());
    List<Unit> units = new ArrayList<>();
    long rows = 0;
    List<BlockMetaData> groups = stored.groups();
    for (int i = 0; i < groups.size(); i++) {
      long count = groups.get(i).getRowCount();
      if (count > 0) {
        units.add(unit(i, rows, groups.get(i), paths));
      }
      rows += count;
    }
    if (rows != file.recordCount()) {
      throw FirnException.corrupt(
          "Cannot merge files: a file has not the rows that the table's metadata count, expected %d, got %d; restore it [%s]"
              .formatted(file.recordCount(), rows, location()),
          null);
    }
    left = units.size();
    return units;
  }

  private Unit unit(int group, long firstRow, BlockMetaData block, @Nullable ColumnPath[] paths) {
    Map<ColumnPath, ColumnChunkMetaData> chunks = new HashMap<>();
    block.getColumns().forEach(chunk -> chunks.put(chunk.getPath(), chunk));
    @Nullable ColumnChunkMetaData[] wanted = new ColumnChunkMetaData[paths.length];
    long bytes = 0;
    for (int i = 0; i < paths.length; i++) {
      ColumnChunkMetaData chunk = paths[i] == null ? null : chunks.get(paths[i]);
      if (chunk == null && paths[i] != null) {
        throw FirnException.corrupt(
            "Cannot merge files: row group %d lacks column %s; restore the file [%s]"
                .formatted(group, paths[i], location()),
            null);
      }
      wanted[i] = chunk;
      bytes += chunk == null ? 0 : chunk.getTotalSize();
    }
    return new Unit(this, group, firstRow, block.getRowCount(), bytes, wanted);
  }

  DataFile file() {
    return file;
  }

  String location() {
    // Not the file's own, which may be put together each time.
    return stored.location();
  }

  StoredFile stored() {
    return stored;
  }

  /** Whether chunks of floats that have bounds have no NaN. */
  boolean nanAware() {
    return nanAware;
  }

  /** A row group is done; the last one closes the file: then true. */
  boolean release(Unit unit) {
    stored.release(unit.group());
    left--;
    if (left == 0) {
      close();
    }
    return left == 0;
  }

  @Override
  public void close() {
    stored.close();
  }
}
