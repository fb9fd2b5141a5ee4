package dev.firn.catalog.commit;

import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;

/** Is told of commits of this process, once they are applied and acknowledged. */
@FunctionalInterface
public interface CommitListener {
  /**
   * A group of commits to {@code table} has been applied, and {@code current} became its metadata;
   * there may be newer by now. Called on a thread that only listeners use, one call at a time;
   * several groups that end during a call are told as one, by the last. What it throws is logged.
   */
  void committed(TableIdentifier table, TableMetadata current);
}
