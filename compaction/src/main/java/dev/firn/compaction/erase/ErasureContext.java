package dev.firn.compaction.erase;

import dev.firn.format.write.FileRegistrar;
import java.util.Collection;
import org.apache.iceberg.Table;

/** What an erasure needs of the lakehouse around its table. */
public interface ErasureContext {
  /** Deletes the rows from a branch, in one commit or none, and returns how many. */
  long delete(String branch);

  /** Counts the live rows of a branch that {@link #delete} would take. */
  long count(String branch);

  /** Returns a handle of the table that nobody else has. */
  Table load();

  /**
   * Returns what is told of files before they are created; the next commit by the handle, which is
   * used for no other, makes them part of the table.
   */
  FileRegistrar registrar(Table own);

  /**
   * Keeps the table's history from that sequence number on, as far as this process decides, until
   * what is returned is run.
   */
  Runnable hold(long sequenceNumber);

  /**
   * Returns files of the table's directories that no snapshot reaches and no writer can commit any
   * more: they may be removed at once.
   *
   * @throws dev.firn.error.FirnException where that cannot be told
   */
  Collection<String> unneeded();
}
