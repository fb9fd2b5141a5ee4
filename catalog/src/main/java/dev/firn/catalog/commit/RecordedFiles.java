package dev.firn.catalog.commit;

import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;

/**
 * Stores that remember what was begun to be written through them, so that it can be removed where
 * it becomes part of no table. Thread-safe; borrows the stores.
 */
final class RecordedFiles implements FileIO {
  private static final long serialVersionUID = 1L;

  private final FileIO stores;
  private final Set<String> written = ConcurrentHashMap.newKeySet();

  RecordedFiles(FileIO stores) {
    this.stores = stores;
  }

  @Override
  public InputFile newInputFile(String location) {
    return stores.newInputFile(location);
  }

  @Override
  public OutputFile newOutputFile(String location) {
    written.add(location);
    return stores.newOutputFile(location);
  }

  @Override
  public void deleteFile(String location) {
    stores.deleteFile(location);
    written.remove(location);
  }

  @Override
  public Map<String, String> properties() {
    return stores.properties();
  }

  /** Removes what was written; what cannot be removed is told to {@code failure}, and stays. */
  void removeAll(FirnException failure) {
    for (RuntimeException each : removeAll()) {
      failure.addSuppressed(each);
    }
  }

  /** Removes what was written; what cannot be removed stays. Returns why. */
  List<RuntimeException> removeAll() {
    List<RuntimeException> failures = new ArrayList<>();
    for (String location : List.copyOf(written)) {
      try {
        deleteFile(location);
      } catch (RuntimeException e) {
        failures.add(e);
      }
    }
    written.clear();
    return failures;
  }

  @Override
  public void close() {}
}
