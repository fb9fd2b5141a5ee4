package dev.firn.compaction.erase;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.local.LocalTemporaries;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One run of an erasure. Confined to one thread.
 *
 * <p>How it works: rows are deleted from each branch as by any delete; then the files of each
 * branch that still hold them, deleted, are written anew; then manifests that name such files; then
 * all snapshots that reach any of these expire, and what nothing reaches any more is removed. Each
 * step finds out itself what there is to do, so that a run which was killed is gone on with by the
 * next. The proof reads what is left; where others have added such rows meanwhile, all of it is
 * done again, {@value #ROUNDS} times in all.
 */
final class ErasureRun {
  private static final int ROUNDS = 5;
  private static final Logger LOG = LoggerFactory.getLogger(ErasureRun.class);
  private static final List<String> OUTSIDE =
      List.of(
          "earlier versions of objects, where the store's bucket keeps them",
          "backups and replicas of the store",
          "copies in other tables, and tables that share files with this one",
          "caches and logs of engines that read the rows");

  private final Erasure.Settings settings;
  private final Table table;
  private final BufferAllocator allocator;
  private final Search search;
  private final HistoryEnd history;
  private final Set<Long> expired = new LinkedHashSet<>();
  private final Set<String> dropped = new LinkedHashSet<>();
  private long rowsDeleted;
  private int filesRewritten;

  ErasureRun(Erasure.Settings settings, BufferAllocator allocator) {
    this.settings = settings;
    this.table = settings.table();
    this.allocator = allocator;
    this.search = new Search(table, settings.where(), allocator);
    this.history = new HistoryEnd(table, settings.where());
  }

  ErasurePlan plan() {
    Findings found = search.run();
    Map<String, Long> live = new LinkedHashMap<>();
    for (String branch : Reach.branches(table)) {
      live.put(branch, settings.context().count(branch));
    }
    List<CheckedFile> leftovers =
        proof().unreachable().stream().filter(file -> !file.isClean()).toList();
    return new ErasurePlan(
        live,
        found.dataFiles().values().stream().mapToLong(Long::longValue).sum(),
        found.dataFiles().keySet().stream().sorted().toList(),
        found.deleteFiles().keySet().stream().sorted().toList(),
        found.snapshots(),
        found.tags(table),
        leftovers);
  }

  ErasureReport run() {
    Instant started = Instant.now();
    Listing.journals(table, Listing.of(table)).forEach(history::finish);
    List<CheckedFile> files = List.of();
    for (int round = 0; round < ROUNDS; round++) {
      erase();
      files = proof().run();
      if (removeLeftovers(files)) {
        files = proof().run();
      }
      if (files.stream().noneMatch(file -> file.reachable() && !file.isClean())) {
        break;
      }
    }
    ErasureReport report = report(started, files);
    LOG.info(
        "Erased rows of {}: {} deleted, {} files rewritten, {} snapshots expired, {} files removed, {} of {} files left to do",
        table.name(),
        rowsDeleted,
        filesRewritten,
        expired.size(),
        history.removed().size(),
        report.remaining().size(),
        files.size());
    return report;
  }

  private void erase() {
    table.refresh();
    requireTags(search.run());
    for (String branch : Reach.branches(table)) {
      rowsDeleted += settings.context().delete(branch);
    }
    table.refresh();
    Findings found = search.run();
    for (String branch : found.branches(table)) {
      filesRewritten += committed(() -> rewrite(branch, found));
    }
    table.refresh();
    Findings after = search.run();
    for (String branch : after.branches(table)) {
      var unused = committed(() -> new ManifestCleaning(table).clean(branch, after.manifests()));
    }
    table.refresh();
    Findings last = search.run();
    Collection<Long> going = last.expirable(table);
    List<String> tags = last.tags(table);
    requireTags(last);
    if (!going.isEmpty()) {
      var unused = committed(() -> expire(going, tags));
    }
  }

  private int rewrite(String branch, Findings found) {
    return BranchRewrite.run(settings, allocator, branch, found);
  }

  private boolean expire(Collection<Long> going, List<String> tags) {
    settings.beforeExpiry().run();
    history.expire(going, tags);
    expired.addAll(going);
    dropped.addAll(tags);
    return true;
  }

  private interface Step<T> {
    T run();
  }

  private <T> T committed(Step<T> step) {
    try {
      return step.run();
    } catch (CommitStateUnknownException e) {
      throw new FirnException(
          ErrorKind.COMMIT_STATE_UNKNOWN,
          "Cannot tell how far the erasure of rows of %s came: the catalog did not answer; no file was removed since, and no other row is concerned: run it again, it goes on"
              .formatted(table.name()),
          e);
    }
  }

  private void requireTags(Findings found) {
    List<String> tags = found.tags(table);
    if (!tags.isEmpty() && !settings.dropTags()) {
      throw FirnException.invalid(
          "Cannot erase rows of %s: tag%s %s hold%s snapshots that have them, and snapshots cannot be changed; drop the tags, or allow it (--drop-tags)"
              .formatted(
                  table.name(),
                  tags.size() == 1 ? "" : "s",
                  String.join(", ", tags),
                  tags.size() == 1 ? "s" : ""));
    }
  }

  /** Removes what holds such rows and nobody can need; returns whether there was any. */
  private boolean removeLeftovers(List<CheckedFile> files) {
    Set<String> left = new HashSet<>();
    for (CheckedFile file : files) {
      if (!file.reachable() && !file.isClean()) {
        left.add(file.location());
      }
    }
    if (left.isEmpty()) {
      return false;
    }
    Set<String> free = named(left, unneeded());
    history.remove(free);
    return !free.isEmpty();
  }

  /** Those of {@code left} that are named, or that a local writer had not given their name yet. */
  private static Set<String> named(Set<String> left, Collection<String> unneeded) {
    Set<String> named = new HashSet<>(unneeded);
    return left.stream()
        .filter(
            file ->
                named.contains(file)
                    || (LocalTemporaries.named(file.substring(file.lastIndexOf('/') + 1))
                        && named.stream().anyMatch(of -> LocalTemporaries.belongs(file, of))))
        .collect(Collectors.toSet());
  }

  private Collection<String> unneeded() {
    try {
      return settings.context().unneeded();
    } catch (FirnException e) {
      LOG.warn("Leftover files of {} stay: {}", table.name(), e.getMessage());
      return List.of();
    }
  }

  private Proof proof() {
    return new Proof(table, settings.where(), allocator);
  }

  private ErasureReport report(Instant started, List<CheckedFile> files) {
    Map<String, Long> heads = new LinkedHashMap<>();
    table.refs().forEach((name, ref) -> heads.put(name, ref.snapshotId()));
    return new ErasureReport(
        table.name(),
        String.valueOf(table.uuid()),
        settings.text(),
        started,
        Instant.now(),
        heads,
        rowsDeleted,
        filesRewritten,
        new ArrayList<>(expired),
        new ArrayList<>(dropped),
        new ArrayList<>(history.removed()),
        files,
        OUTSIDE);
  }
}
