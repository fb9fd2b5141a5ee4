package dev.firn.compaction;

import dev.firn.compaction.maintain.PartitionRanges;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.DirectExecutor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
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
 * as it is. {@link #all()} merges every small manifest at once. {@link #clustered()} cuts the data
 * manifests of partitioned specs anew, so that each holds a narrow range of partitions ({@link
 * PartitionRanges}): it reads and writes all of them, where that pays, and holds every distinct
 * partition meanwhile.
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
  private final Extent extent;
  private final Runnable beforeCommit;

  private ManifestMerge(Target target, Extent extent, Runnable beforeCommit) {
    this.target = target;
    this.extent = extent;
    this.beforeCommit = beforeCommit;
  }

  private enum Extent {
    FULL_CLASSES,
    ALL_SMALL,
    CLUSTERED
  }

  /**
   * What was, or on a dry run would be, done; {@code snapshotId} is empty where nothing was.
   *
   * @param before how many manifests the table's head had, and
   * @param after how many it has then; on a dry run an estimate
   * @param merged how many of the old ones were replaced
   * @param overlapBefore how many data manifests planning for one partition read, on average over
   *     the partitions of those that were clustered; 0 where none were
   * @param overlapAfter how many it reads then; on a dry run an estimate
   */
  public record Result(
      OptionalLong snapshotId,
      int before,
      int after,
      int merged,
      double overlapBefore,
      double overlapAfter) {

    private static Result nothing(int manifests) {
      return new Result(OptionalLong.empty(), manifests, manifests, 0, 0, 0);
    }
  }

  /** Of a table whose failures leave as they are. */
  public static ManifestMerge of(Table table) {
    return of(table, failure -> failure);
  }

  /** Of a table whose failures leave as what {@code failures} makes of them. */
  public static ManifestMerge of(Table table, UnaryOperator<RuntimeException> failures) {
    return new ManifestMerge(Target.of(table, failures), Extent.FULL_CLASSES, () -> {});
  }

  /** Merges all small manifests of a spec, from two on. */
  public ManifestMerge all() {
    return new ManifestMerge(target, Extent.ALL_SMALL, beforeCommit);
  }

  /**
   * As {@link #all()}, and data manifests of partitioned specs are rewritten so that each holds a
   * narrow range of partitions, where planning for one then reads at least a tenth fewer.
   */
  public ManifestMerge clustered() {
    return new ManifestMerge(target, Extent.CLUSTERED, beforeCommit);
  }

  /** A test's way to let others commit in between. */
  ManifestMerge beforeCommit(Runnable action) {
    return new ManifestMerge(target, extent, action);
  }

  /** What {@link #run()} would do now. Reads the list of manifests, changes nothing. */
  public Result plan() {
    return target.run(
        () -> {
          target.table().refresh();
          Work work = look();
          return new Result(
              OptionalLong.empty(),
              work.all().size(),
              work.all().size() - work.merged() + work.due().size() + work.ranges().count(),
              work.merged(),
              work.ranges().overlapBefore(),
              work.ranges().overlapPlanned());
        });
  }

  /** Merges what is due. */
  public Result run() {
    return target.run(this::merge);
  }

  /**
   * What there is to do at a head.
   *
   * @param all its manifests
   * @param due what becomes one manifest each
   * @param ranges what is clustered, apart from these
   */
  private record Work(
      List<ManifestFile> all, Map<Group, List<ManifestFile>> due, PartitionRanges ranges) {
    int merged() {
      return due.values().stream().mapToInt(List::size).sum() + ranges.sources().size();
    }
  }

  private Work look() {
    Snapshot head = target.table().currentSnapshot();
    List<ManifestFile> all = head == null ? List.of() : head.allManifests(target.table().io());
    List<ManifestFile> data =
        extent == Extent.CLUSTERED
            ? all.stream().filter(each -> each.content() == ManifestContent.DATA).toList()
            : List.of();
    PartitionRanges ranges = PartitionRanges.plan(target.table(), data, targetBytes());
    Set<String> clustered = ranges.sources();
    List<ManifestFile> others =
        all.stream()
            .filter(manifest -> !clustered.contains(manifest.path()) && !keepsItsRange(manifest))
            .toList();
    return new Work(all, due(others), ranges);
  }

  /** Merged with its like, it would be read for more partitions. */
  private boolean keepsItsRange(ManifestFile manifest) {
    PartitionSpec spec = target.table().specs().get(manifest.partitionSpecId());
    return extent == Extent.CLUSTERED
        && manifest.content() == ManifestContent.DATA
        && spec != null
        && spec.isPartitioned();
  }

  private Result merge() {
    for (int attempt = 1; ; attempt++) {
      target.table().refresh();
      Work work = look();
      if (work.merged() == 0) {
        return Result.nothing(work.all().size());
      }
      try {
        return applied(rewrite(work), work);
      } catch (ValidationException e) {
        // Another writer has replaced one of the delete manifests.
        if (attempt == ATTEMPTS) {
          throw conflict(e);
        }
      }
    }
  }

  private RewriteManifests rewrite(Work work) {
    RewriteManifests rewrite =
        target.table().rewriteManifests().scanManifestsWith(DirectExecutor.INSTANCE);
    Set<String> data = work.ranges().sources();
    List<List<ManifestFile>> deletes = new ArrayList<>();
    work.due()
        .forEach(
            (group, manifests) -> {
              if (group.content() == ManifestContent.DATA) {
                manifests.forEach(manifest -> data.add(manifest.path()));
              } else {
                deletes.add(manifests);
              }
            });
    if (!data.isEmpty()) {
      rewrite.clusterBy(work.ranges()::keyOf).rewriteIf(manifest -> data.contains(manifest.path()));
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

  private Result applied(RewriteManifests rewrite, Work work) {
    int before = work.all().size();
    double overlap = work.ranges().overlapBefore();
    CreateSnapshotEvent made;
    double overlapAfter;
    try {
      made = (CreateSnapshotEvent) rewrite.updateEvent();
      overlapAfter = overlap == 0 ? 0 : overlapOf(made.snapshotId(), work.ranges());
    } catch (RuntimeException e) {
      // The commit is applied: what fails here must not look as if it had not been.
      LOG.warn("Merged manifests of {}, which could not be read back", target.table().name(), e);
      int merged = work.merged();
      double planned = work.ranges().overlapPlanned();
      return new Result(
          OptionalLong.empty(), before, before - merged + 1, merged, overlap, planned);
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
    return new Result(
        OptionalLong.of(made.snapshotId()), before, after, replaced, overlap, overlapAfter);
  }

  private double overlapOf(long snapshotId, PartitionRanges ranges) {
    Table table = target.table();
    table.refresh();
    Snapshot made = table.snapshot(snapshotId);
    return made == null ? ranges.overlapPlanned() : ranges.overlap(made.dataManifests(table.io()));
  }

  private static int count(Map<String, String> summary, String key) {
    return Integer.parseInt(summary.getOrDefault(key, "0"));
  }

  /** What can be merged with each other. */
  private record Group(int spec, ManifestContent content) {}

  /** Returns the manifests to merge, in the order of the list. */
  private Map<Group, List<ManifestFile>> due(List<ManifestFile> all) {
    long large = targetBytes() / 2;
    Map<Tier, List<ManifestFile>> tiers = new LinkedHashMap<>();
    for (ManifestFile manifest : all) {
      if (manifest.length() < large) {
        tiers.computeIfAbsent(tier(manifest), tier -> new ArrayList<>()).add(manifest);
      }
    }
    Map<Group, List<ManifestFile>> due = new LinkedHashMap<>();
    tiers.forEach(
        (tier, manifests) -> {
          if (extent != Extent.FULL_CLASSES || manifests.size() >= FAN_IN) {
            due.computeIfAbsent(tier.group(), group -> new ArrayList<>()).addAll(manifests);
          }
        });
    due.values().removeIf(manifests -> manifests.size() < 2);
    return due;
  }

  private long targetBytes() {
    return PropertyUtil.propertyAsLong(
        target.table().properties(),
        TableProperties.MANIFEST_TARGET_SIZE_BYTES,
        TableProperties.MANIFEST_TARGET_SIZE_BYTES_DEFAULT);
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
