package dev.firn.storage.hadoop;

import dev.firn.error.FirnException;
import java.util.Collections;
import java.util.Iterator;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.io.BulkDeletionFailureException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Deletes many files, side by side: but for S3, Hadoop's file systems delete one at a time, and its
 * {@code BulkDelete} saves no request. Thread-safe. Owns its threads while it runs.
 */
final class HadoopDeletion {
  private static final Logger LOG = LoggerFactory.getLogger(HadoopDeletion.class);
  private static final int THREADS = 8;

  private final HadoopStore store;
  private final Iterator<String> rest;
  private final AtomicInteger failed = new AtomicInteger();

  HadoopDeletion(HadoopStore store, Iterator<String> locations) {
    this.store = store;
    this.rest = locations;
  }

  void run() throws BulkDeletionFailureException {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS, HadoopDeletion::thread);
    try {
      Callable<Boolean> work = this::deleteRest;
      threads.invokeAll(Collections.nCopies(THREADS, work));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw FirnException.unavailable("Cannot delete files: interrupted, some are left", e);
    } finally {
      threads.shutdown();
    }
    if (failed.get() > 0) {
      throw new BulkDeletionFailureException(failed.get());
    }
  }

  private boolean deleteRest() {
    String location = take();
    while (location != null) {
      try {
        store.deleteFile(location);
      } catch (RuntimeException e) {
        LOG.warn("Cannot delete {}", location, e);
        failed.incrementAndGet();
      }
      location = take();
    }
    return true;
  }

  private synchronized @Nullable String take() {
    return rest.hasNext() ? rest.next() : null;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "firn-hadoop-delete");
    thread.setDaemon(true);
    return thread;
  }
}
