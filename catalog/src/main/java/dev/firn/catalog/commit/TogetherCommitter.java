package dev.firn.catalog.commit;

import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.jdbc.ChannelMove;
import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.apache.iceberg.CatalogUtil;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.io.FileIO;

/**
 * Commits changes of several tables in one swap. Thread-safe; borrows everything.
 *
 * <p>How it works: the newest metadata of all tables is read as of one moment; each table's changes
 * are staged on it, side by side; one swap moves all pointers. Where another process moved one of
 * them meanwhile, what was written is removed and everything is staged again: appends then apply
 * again, and what does not is a conflict of that table.
 */
final class TogetherCommitter {
  private static final int ATTEMPTS = 30;
  private static final long LONGEST_PAUSE_MILLIS = 200;

  private final Pointers pointers;
  private final FileIO stores;
  private final TogetherReader reader;
  private final Executor stagers;

  TogetherCommitter(Pointers pointers, FileIO stores, TogetherReader reader, Executor stagers) {
    this.pointers = pointers;
    this.stores = stores;
    this.reader = reader;
    this.stagers = stagers;
  }

  /** As {@link Commits#commitTogether}. */
  Map<TableIdentifier, List<CommitReceipt>> commit(List<TableChanges> changes) {
    List<TableChanges> ordered = ordered(changes);
    Map<TableIdentifier, TableMetadata> known = new HashMap<>();
    for (int attempt = 1; ; attempt++) {
      known = reader.read(ordered.stream().map(TableChanges::table).toList(), known);
      RecordedFiles files = new RecordedFiles(stores);
      Pointers.Result result;
      List<TogetherStaging.Staged> staged;
      try {
        staged = stage(ordered, known, files);
        result = swap(staged);
      } catch (RuntimeException e) {
        throw failed(ordered, files, e);
      }
      if (result instanceof Pointers.Result.Applied) {
        return applied(staged);
      }
      files.removeAll();
      if (result instanceof Pointers.Result.Refused refused) {
        throw refused(ordered, refused);
      }
      if (attempt == ATTEMPTS) {
        throw overtaken((Pointers.Result.Moved) result);
      }
      pause(attempt);
    }
  }

  private static List<TableChanges> ordered(List<TableChanges> changes) {
    List<TableChanges> ordered =
        changes.stream()
            .sorted(Comparator.comparing(each -> each.table().toString()))
            .collect(Collectors.toList());
    for (int i = 1; i < ordered.size(); i++) {
      if (ordered.get(i).table().equals(ordered.get(i - 1).table())) {
        throw FirnException.invalid(
            "Cannot commit to several tables: %s is named twice, expected its changes as one"
                .formatted(TableName.format(ordered.get(i).table())));
      }
    }
    return ordered;
  }

  /** Stages every table before any is reported, so that no file is written after the clean-up. */
  private List<TogetherStaging.Staged> stage(
      List<TableChanges> ordered, Map<TableIdentifier, TableMetadata> newest, RecordedFiles files) {
    List<CompletableFuture<TogetherStaging.Staged>> all = new ArrayList<>();
    for (TableChanges changes : ordered) {
      all.add(
          CompletableFuture.supplyAsync(
              () -> TogetherStaging.stage(changes, newest.get(changes.table()), files),
              ordered.size() == 1 ? Runnable::run : stagers));
    }
    RuntimeException failure = null;
    List<TogetherStaging.Staged> staged = new ArrayList<>();
    for (CompletableFuture<TogetherStaging.Staged> each : all) {
      try {
        staged.add(each.join());
      } catch (CompletionException e) {
        failure = failure == null ? cause(e) : failure;
      }
    }
    if (failure != null) {
      throw failure;
    }
    return staged;
  }

  private static RuntimeException cause(CompletionException e) {
    return e.getCause() instanceof RuntimeException cause ? cause : e;
  }

  private Pointers.Result swap(List<TogetherStaging.Staged> staged) {
    List<Pointers.Move> moves = new ArrayList<>();
    List<Pointers.Unchanged> unchanged = new ArrayList<>();
    List<ChannelMove> channels = new ArrayList<>();
    List<UUID> intents = new ArrayList<>();
    for (TogetherStaging.Staged each : staged) {
      String held = each.changes().unchanged();
      if (each.move() != null) {
        moves.add(each.move());
      } else if (held != null) {
        unchanged.add(new Pointers.Unchanged(each.changes().table(), held));
      }
      for (int i = 0; i < each.receipts().size(); i++) {
        CommitRequest request = each.changes().requests().get(i);
        intents.addAll(request.intents());
        ChannelMove channel = request.channel();
        if (channel != null) {
          channels.add(channel.withSnapshot(each.receipts().get(i).snapshotId()));
        }
      }
    }
    if (moves.isEmpty() && channels.isEmpty() && intents.isEmpty() && unchanged.isEmpty()) {
      return new Pointers.Result.Applied();
    }
    return pointers.swap(new Pointers.Swap(moves, unchanged, channels, intents));
  }

  /** Nothing in here may fail: the commit is there. */
  private Map<TableIdentifier, List<CommitReceipt>> applied(List<TogetherStaging.Staged> staged) {
    Map<TableIdentifier, List<CommitReceipt>> receipts = new LinkedHashMap<>();
    for (TogetherStaging.Staged each : staged) {
      receipts.put(each.changes().table(), List.copyOf(each.receipts()));
      try {
        if (each.base() != null && each.move() != null) {
          CatalogUtil.deleteRemovedMetadataFiles(stores, each.base(), each.metadata());
        }
      } catch (RuntimeException e) {
        // They stay, as garbage that no metadata names.
      }
    }
    return receipts;
  }

  private static FirnException failed(
      List<TableChanges> ordered, RecordedFiles files, RuntimeException error) {
    FirnException failure = IcebergErrors.translate("commit to " + names(ordered), error);
    if (!(error instanceof CommitStateUnknownException)
        && failure.kind() != ErrorKind.COMMIT_STATE_UNKNOWN) {
      files.removeAll(failure);
    }
    return failure;
  }

  private static FirnException refused(
      List<TableChanges> ordered, Pointers.Result.Refused refused) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot commit to %s: %s; nothing was applied; open a writer anew"
            .formatted(
                names(ordered),
                refused.channels().isEmpty()
                    ? "files of this writer were swept, because its lease had ended"
                    : "another writer has opened "
                        + refused.channels().stream()
                            .map(channel -> "channel " + channel.channel())
                            .collect(Collectors.joining(", "))));
  }

  private static FirnException overtaken(Pointers.Result.Moved moved) {
    String tables =
        moved.tables().stream().map(TableName::format).collect(Collectors.joining(", "));
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot commit to %s: other writers came first %d times; nothing was applied, try again"
            .formatted(tables, ATTEMPTS));
  }

  private static String names(List<TableChanges> changes) {
    return changes.stream()
        .map(each -> TableName.format(each.table()))
        .collect(Collectors.joining(", "));
  }

  private static void pause(int attempt) {
    long longest = Math.min(LONGEST_PAUSE_MILLIS, 2L << attempt);
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(longest) + 1);
    } catch (InterruptedException e) {
      // The commit goes on: it cannot be called back.
      Thread.currentThread().interrupt();
    }
  }
}
