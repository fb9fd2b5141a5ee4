package dev.firn.catalog.commit;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionHandler;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What follows a commit that its callers already know of: old metadata files go, and vectors that
 * were united with others, and listeners are told. Thread-safe; owns two threads, which end when
 * idle.
 */
final class Aftermath implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Aftermath.class);
  private static final int MOST_WAITING = 256;
  private static final long CLOSE_SECONDS = 30;

  private final TableStore store;
  private final ThreadPoolExecutor cleaner;
  private final ThreadPoolExecutor teller;
  private final List<CommitListener> listeners = new CopyOnWriteArrayList<>();
  private final ConcurrentHashMap<TableIdentifier, TableMetadata> untold =
      new ConcurrentHashMap<>();

  Aftermath(TableStore store) {
    this.store = store;
    // Where the store cannot keep up, the lanes wait for it.
    this.cleaner =
        executor("firn-commit-cleaner-", MOST_WAITING, new ThreadPoolExecutor.CallerRunsPolicy());
    this.teller = executor("firn-commit-listener-", 1, new ThreadPoolExecutor.DiscardPolicy());
  }

  private static ThreadPoolExecutor executor(
      String name, int waiting, RejectedExecutionHandler full) {
    ThreadPoolExecutor executor =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(waiting),
            Lanes.named(name),
            full);
    executor.allowCoreThreadTimeOut(true);
    return executor;
  }

  Runnable listen(CommitListener listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  void of(TableIdentifier table, Group.Applied applied) {
    TableMetadata current = applied.current();
    if (!removed(applied).isEmpty()) {
      cleaner.execute(() -> removeOldMetadata(applied));
    }
    if (!applied.leftOut().isEmpty()) {
      cleaner.execute(() -> applied.leftOut().forEach(this::remove));
    }
    store.detach(current);
    if (!listeners.isEmpty()) {
      untold.put(table, current);
      // One call waits at most, and tells of everything that is untold when it runs.
      teller.execute(this::tell);
    }
  }

  private static List<TableMetadata.MetadataLogEntry> removed(Group.Applied applied) {
    List<TableMetadata.MetadataLogEntry> kept = applied.current().previousFiles();
    return applied.base().previousFiles().stream().limit(1).filter(e -> !kept.contains(e)).toList();
  }

  private void removeOldMetadata(Group.Applied applied) {
    try {
      CatalogUtil.deleteRemovedMetadataFiles(store.stores(), applied.base(), applied.current());
    } catch (RuntimeException e) {
      LOG.warn("Cannot remove old metadata of {}", applied.current().location(), e);
    }
  }

  private void remove(String location) {
    try {
      store.stores().deleteFile(location);
    } catch (RuntimeException e) {
      LOG.warn("Cannot remove {}, which no table needs", location, e);
    }
  }

  private void tell() {
    for (TableIdentifier table : untold.keySet()) {
      TableMetadata current = untold.remove(table);
      for (CommitListener listener : listeners) {
        try {
          listener.committed(table, current);
        } catch (RuntimeException e) {
          LOG.warn("A listener failed after a commit to {}", table, e);
        }
      }
    }
  }

  @Override
  public void close() {
    cleaner.shutdown();
    teller.shutdown();
    boolean interrupted = false;
    for (ThreadPoolExecutor each : List.of(cleaner, teller)) {
      try {
        if (!each.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
          each.shutdownNow();
        }
      } catch (InterruptedException e) {
        interrupted = true;
        each.shutdownNow();
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
