package dev.firn.compaction.rewrite;

import dev.firn.compaction.plan.FileGroup;
import dev.firn.format.hash.ContentHash;
import java.util.List;
import org.apache.iceberg.DataFile;

/**
 * A group that was rewritten, and whose outputs were read back and found equal. The outputs are the
 * caller's to commit or to remove; the row map is the caller's to close.
 *
 * @param group with the sources and their deletes as they were read
 * @param content of the sources' live rows and of the outputs' rows, which are equal
 * @param method how it was done
 */
public record Rewritten(
    FileGroup group, List<DataFile> outputs, RowMap rows, ContentHash content, Method method) {
  public Rewritten {
    outputs = List.copyOf(outputs);
  }

  /** How sources become outputs, cheapest first. */
  public enum Method {
    /** No row is alive: nothing is read or written. */
    METADATA,
    /** Pages copied, dictionary indices remapped. */
    PAGE_MERGE,
    /** Decoded and encoded anew, in the sources' order. */
    IN_ORDER,
    /** Decoded, ordered and encoded anew. */
    SORT
  }
}
