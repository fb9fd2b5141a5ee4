package dev.firn.format.write;

import java.util.Collection;
import java.util.List;

/**
 * Who keeps account of the files that a writer makes, so that those of a writer that died are known
 * by name. Called per file, never per row; from one thread at a time for each writer.
 */
public interface FileRegistrar {
  /** Keeps no account. */
  FileRegistrar NONE =
      new FileRegistrar() {
        @Override
        public void creating(List<String> locations) {}

        @Override
        public void removed(Collection<String> locations) {}
      };

  /**
   * Takes note of files before they are created: returns once that is durable, or throws, and then
   * they are not created.
   */
  void creating(List<String> locations);

  /** Takes note that files which it was told of are not there any more. */
  void removed(Collection<String> locations);
}
