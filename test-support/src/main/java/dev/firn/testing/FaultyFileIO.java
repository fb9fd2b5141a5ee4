package dev.firn.testing;

import java.util.Map;
import java.util.Set;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.apache.iceberg.io.DelegateFileIO;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.SupportsPrefixOperations;

/**
 * A store that counts its operations and fails those that it is told to. Thread-safe. Owns what it
 * decorates. Not serialisable.
 */
public final class FaultyFileIO implements DelegateFileIO {
  private static final long serialVersionUID = 1L;

  private final transient FileIO store;
  private final transient FaultPlan plan = new FaultPlan();

  public FaultyFileIO(FileIO store) {
    this.store = store;
  }

  /** Adds a failure to come. Each happens once. */
  public FaultyFileIO add(Fault fault) {
    plan.add(fault);
    return this;
  }

  /**
   * Lets each operation from now on fail by chance, in place of what was said of chance before:
   * those that were not added, at a rate from 0 to 1, in one of the ways that apply to it.
   */
  public FaultyFileIO random(long seed, double rate, Set<Fault.Damage> kinds) {
    plan.random(new FaultChance(seed, rate, Set.copyOf(kinds)));
    return this;
  }

  /** Forgets the failures that have not come, chance, and the counts. */
  public void reset() {
    plan.reset();
  }

  /** Returns how many operations were begun since the last reset. */
  public long count(FileOperation operation) {
    return plan.count(operation);
  }

  /** Returns how many faults have happened since the last reset. */
  public long failed() {
    return plan.failed();
  }

  @Override
  public InputFile newInputFile(String location) {
    return new FaultyInputFile(store.newInputFile(location), plan);
  }

  @Override
  public InputFile newInputFile(String location, long length) {
    return new FaultyInputFile(store.newInputFile(location, length), plan);
  }

  @Override
  public OutputFile newOutputFile(String location) {
    return new FaultyOutputFile(store.newOutputFile(location), plan);
  }

  @Override
  public void deleteFile(String location) {
    plan.run(FileOperation.DELETE, location, () -> store.deleteFile(location));
  }

  /** Deletes one by one, so that each can fail. */
  @Override
  public void deleteFiles(Iterable<String> locations) throws BulkDeletionFailureException {
    int failed = 0;
    for (String location : locations) {
      try {
        deleteFile(location);
      } catch (RuntimeException e) {
        failed++;
      }
    }
    if (failed > 0) {
      throw new BulkDeletionFailureException(failed);
    }
  }

  @Override
  public Iterable<FileInfo> listPrefix(String prefix) {
    return plan.call(FileOperation.LIST, prefix, () -> prefixes().listPrefix(prefix));
  }

  @Override
  public void deletePrefix(String prefix) {
    plan.run(FileOperation.DELETE, prefix, () -> prefixes().deletePrefix(prefix));
  }

  @Override
  public Map<String, String> properties() {
    return store.properties();
  }

  @Override
  public void initialize(Map<String, String> properties) {
    store.initialize(properties);
  }

  @Override
  public void close() {
    store.close();
  }

  private SupportsPrefixOperations prefixes() {
    return (SupportsPrefixOperations) store;
  }
}
