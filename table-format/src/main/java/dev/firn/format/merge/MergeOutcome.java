package dev.firn.format.merge;

import java.util.List;
import org.apache.iceberg.DataFile;

/** What became of a merge that did not fail. */
public sealed interface MergeOutcome {
  /**
   * It was done. The files are the caller's to commit or to remove.
   *
   * @param files in the order of the sources: row {@code p} of source {@code s} is row {@code
   *     base(s) + p} of all their rows one after the other, where {@code base(s)} counts the rows
   *     of the sources before it
   * @param proof by which the files can be compared with the sources once more
   */
  record Merged(List<DataFile> files, MergeProof proof) implements MergeOutcome {
    public Merged {
      files = List.copyOf(files);
    }
  }

  /**
   * It is not legal, or not worth it, as only the files themselves told; nothing is left behind.
   *
   * @param obstacle why, as a clause
   */
  record Refused(String obstacle) implements MergeOutcome {}
}
