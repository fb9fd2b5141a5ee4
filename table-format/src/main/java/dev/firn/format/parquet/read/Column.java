package dev.firn.format.parquet.read;

import java.util.List;
import org.apache.arrow.vector.FieldVector;

/**
 * One top-level column being read: a cursor over the rows of a row group. Confined to one thread at
 * a time. Owns its memory, apart from the vector, which it borrows.
 */
interface Column extends AutoCloseable {
  /** The vector that {@link #read} loads. */
  FieldVector vector();

  /** The columns of the file that it reads. */
  List<StoredLeaf> leaves();

  /** Goes to the start of a row group, whose bytes must be there by the first {@link #read}. */
  void start(GroupData group);

  /**
   * The most rows that may be read at once, so that no vector outgrows its offsets and memory stays
   * sane. Opens the chunks.
   */
  default int mostRows() {
    return Integer.MAX_VALUE;
  }

  /**
   * Loads the rows of {@code rows}, counted from {@code first} of the row group, into the vector.
   * Rows are asked for in ascending order.
   */
  void read(long first, Selection rows);

  /** Takes the vector's memory back for the next read. */
  void recycle();

  @Override
  void close();
}
