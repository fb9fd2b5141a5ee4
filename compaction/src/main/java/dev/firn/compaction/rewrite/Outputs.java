package dev.firn.compaction.rewrite;

import dev.firn.format.write.FileRegistrar;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.io.FileIO;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What becomes of outputs that nobody wants. Stateless. */
final class Outputs {
  private static final Logger LOG = LoggerFactory.getLogger(Outputs.class);

  private Outputs() {}

  /** Removes files as far as the store allows it; never throws. */
  static void remove(FileIO io, FileRegistrar registrar, List<DataFile> outputs) {
    List<String> gone = new ArrayList<>();
    for (DataFile output : outputs) {
      try {
        io.deleteFile(output.location());
        gone.add(output.location());
      } catch (RuntimeException e) {
        // The failure itself is on its way to the caller, and what is recorded is swept.
        LOG.warn(
            "Cannot remove {}, which no snapshot refers to: {}", output.location(), e.toString());
      }
    }
    try {
      registrar.removed(gone);
    } catch (RuntimeException e) {
      LOG.warn("Cannot take note of removed files: {}", e.toString());
    }
  }
}
