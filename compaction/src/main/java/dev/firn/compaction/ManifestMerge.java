package dev.firn.compaction;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.RewriteManifests;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotSummary;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.events.CreateSnapshotEvent;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ValidationException;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A merge of a table's small manifests, so that the list of them stays short however old the table
 * is. Immutable. Works in the calling thread.
 *
 * <p>How it works: manifests are classed by how many live files they name: below {@value #FAN_IN},
 * below its square, and so on. Where one class of one partition spec has {@value #FAN_IN}, all of
 * it becomes one manifest, of a greater class, data and deletes apart; so each entry is rewritten
 * once for each class. A manifest that has half of {@code commit.manifest.target-size-bytes} stays
 * as it is. {@link #all()} merges every small manifest at once.
 *
 * <p>Files, their sequence numbers and, on v3 tables, their row ids stay. Appends meanwhile do not
 * disturb it: the new manifests are written before the commit, which takes them as they are unless
 * another writer has replaced one of their sources.
 *
 * <p>Outcomes of {@code run}: applied; not applied (conflict or whatever failed: what was written
 * is removed, except where the store failed while it was written); or unknown (nothing is removed).
 */
public final class ManifestMerge {
  /** How many manifests of one class become one. */
  static final int FAN_IN = 32;

  private static final int ATTEMPTS = 3;
  private static final Logger LOG = LoggerFactory.getLogger(ManifestMerge.class);

  private final Target target;
  private final boolean everything;
  private final Runnable beforeCommit;

  private ManifestMerge(Target target, boolean everything, Runnable beforeCommit) {
    this.target = target;
    this.everything = everything;
    this.beforeCommit = beforeCommit;
  }

  /**
   * What was, or on a dry run would be, done; {@code snapshotId} is empty where nothing was.
   *
   * @param before how many manifests the table's head had, and
   * @param after how many it has then; on a dry run an estimate
   * @param merged how many of the old ones were replaced
   */
  public record Result(OptionalLong snapshotId, int before, int after, int merged) {}

  /** Of a table whose failures leave as they are. */
  public static ManifestMerge of(Table table) {
    return of(table, failure -> failure);
  }

  /** Of a table whose failures leave as what {@code failures} makes of them. */
  public static ManifestMerge of(Table table, UnaryOperator<RuntimeException> failures) {
    return new ManifestMerge(Target.of(table, failures), false, () -> {});
  }

  /** Merges all small manifests of a spec, from two on. */
  public ManifestMerge all() {
    return new ManifestMerge(target, true, beforeCommit);
  }

  /** A test's way to let others commit in between. */
  ManifestMerge beforeCommit(Runnable action) {
    return new ManifestMerge(target, everything, action);
  }

  /** What {@link #run()} would do now. Reads the list of manifests, changes nothing. */
  public Result plan() {
    return target.run(
        () -> {
          target.table().refresh();
          Snapshot head = target.table().currentSnapshot();
          if (head == null) {
            return new Result(OptionalLong.empty(), 0, 0, 0);
          }
          List<ManifestFile> all = head.allManifests(target.table().io());
          Map<Group, List<ManifestFile>> due = due(all);
          int merged = due.values().stream().mapToInt(List::size).sum();
          return new Result(
              OptionalLong.empty(), all.size(), all.size() - merged + due.size(), merged);
        });
  }

  /** Merges what is due. */
  public Result run() {
    return target.run(this::merge);
  }

  private Result merge() {
    for (int attempt = 1; ; attempt++) {
      target.table().refresh();
      Snapshot head = target.table().currentSnapshot();
      List<ManifestFile> all = head == null ? List.of() : head.allManifests(target.table().io());
      Map<Group, List<ManifestFile>> due = due(all);
      if (due.isEmpty()) {
        return new Result(OptionalLong.empty(), all.size(), all.size(), 0);
      }
      try {
        RewriteManifests rewrite = rewrite(due);
        return applied(rewrite, all.size(), due.values().stream().mapToInt(List::size).sum());
      } catch (ValidationException e) {
        // Another writer has replaced one of the delete manifests.
        if (attempt == ATTEMPTS) {
          throw conflict(e);
        }
      }
    }
  }

  private RewriteManifests rewrite(Map<Group, List<ManifestFile>> due) {
    RewriteManifests rewrite =
        target.table().rewriteManifests().scanManifestsWith(DirectExecutor.INSTANCE);
    Set<String> data = new HashSet<>();
    List<List<ManifestFile>> deletes = new ArrayList<>();
    due.forEach(
        (group, manifests) -> {
          if (group.content() == ManifestContent.DATA) {
            manifests.forEach(manifest -> data.add(manifest.path()));
          } else {
            deletes.add(manifests);
          }
        });
    if (!data.isEmpty()) {
      rewrite.clusterBy(file -> "").rewriteIf(manifest -> data.contains(manifest.path()));
    }
    MergedDeletes merged = MergedDeletes.write(target.table(), deletes);
    merged.addTo(rewrite);
    try {
      commit(rewrite);
    } catch (ValidationException | CommitFailedException e) {
      merged.remove();
      throw e instanceof CommitFailedException failed ? conflict(failed) : e;
    }
    return rewrite;
  }

  private void commit(RewriteManifests rewrite) {
    try {
      // Writes the merged data manifests; the commit then only lists them.
      rewrite.apply();
      beforeCommit.run();
      rewrite.commit();
    } catch (CommitStateUnknownException e) {
      throw new FirnException(
          ErrorKind.COMMIT_STATE_UNKNOWN,
          "Cannot tell whether manifests of "
              + target.table().name()
              + " were merged: the catalog did not answer; no file was removed, and no row is"
              + " concerned either way",
          e);
    }
  }

  private FirnException conflict(RuntimeException e) {
    return new FirnException(
        ErrorKind.CONFLICT,
        "Cannot merge manifests of "
            + target.table().name()
            + ": other writers kept committing first; nothing was changed; run again",
        e);
  }

  private Result applied(RewriteManifests rewrite, int before, int merged) {
    CreateSnapshotEvent made;
    try {
      made = (CreateSnapshotEvent) rewrite.updateEvent();
    } catch (RuntimeException e) {
      // The commit is applied: what fails here must not look as if it had not been.
      LOG.warn("Merged manifests of {}, which could not be read back", target.table().name(), e);
      return new Result(OptionalLong.empty(), before, before - merged + 1, merged);
    }
    Map<String, String> summary = made.summary();
    int after =
        count(summary, SnapshotSummary.CREATED_MANIFESTS_COUNT)
            + count(summary, SnapshotSummary.KEPT_MANIFESTS_COUNT);
    int replaced = count(summary, SnapshotSummary.REPLACED_MANIFESTS_COUNT);
    LOG.info(
        "Merged {} manifests of {} in snapshot {}, {} are left",
        replaced,
        target.table().name(),
        made.snapshotId(),
        after);
    return new Result(OptionalLong.of(made.snapshotId()), before, after, replaced);
  }

  private static int count(Map<String, String> summary, String key) {
    return Integer.parseInt(summary.getOrDefault(key, "0"));
  }

  /** What can be merged with each other. */
  private record Group(int spec, ManifestContent content) {}

  /** Returns the manifests to merge, in the order of the list. */
  private Map<Group, List<ManifestFile>> due(List<ManifestFile> all) {
    long large =
        PropertyUtil.propertyAsLong(
                target.table().properties(),
                TableProperties.MANIFEST_TARGET_SIZE_BYTES,
                TableProperties.MANIFEST_TARGET_SIZE_BYTES_DEFAULT)
            / 2;
    Map<Tier, List<ManifestFile>> tiers = new LinkedHashMap<>();
    for (ManifestFile manifest : all) {
      if (manifest.length() < large) {
        tiers.computeIfAbsent(tier(manifest), tier -> new ArrayList<>()).add(manifest);
      }
    }
    Map<Group, List<ManifestFile>> due = new LinkedHashMap<>();
    tiers.forEach(
        (tier, manifests) -> {
          if (everything || manifests.size() >= FAN_IN) {
            due.computeIfAbsent(tier.group(), group -> new ArrayList<>()).addAll(manifests);
          }
        });
    due.values().removeIf(manifests -> manifests.size() < 2);
    return due;
  }

  private record Tier(Group group, int size) {}

  private static Tier tier(ManifestFile manifest) {
    long files = live(manifest.addedFilesCount()) + live(manifest.existingFilesCount());
    int size = 0;
    while (files >= FAN_IN) {
      files /= FAN_IN;
      size++;
    }
    return new Tier(new Group(manifest.partitionSpecId(), manifest.content()), size);
  }

  /** Manifests of v1 tables may not say. */
  private static long live(@Nullable Integer count) {
    return count == null ? 0 : count;
  }
}
