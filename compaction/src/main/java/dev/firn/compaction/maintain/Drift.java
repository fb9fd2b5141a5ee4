package dev.firn.compaction.maintain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotAncestryValidator;
import org.apache.iceberg.Table;

/**
 * The files that came to a table and went from it between two snapshots, whatever lies between
 * them, rollbacks too. Reads only manifests that the two do not share. Immutable.
 *
 * @param dataCame without statistics
 * @param dataGone locations
 */
public record Drift(List<DataFile> dataCame, Set<String> dataGone, List<DeleteFile> deletesCame) {
  public Drift {
    dataCame = List.copyOf(dataCame);
    dataGone = Set.copyOf(dataGone);
    deletesCame = List.copyOf(deletesCame);
  }

  /** Reads the manifests that changed. */
  static Drift between(Table table, Snapshot base, Snapshot head) {
    List<ManifestFile> before = base.dataManifests(table.io());
    List<ManifestFile> after = head.dataManifests(table.io());
    Set<String> gone = new HashSet<>();
    ManifestFileReads.data(table, without(before, after), file -> gone.add(file.location()));
    List<DataFile> came = new ArrayList<>();
    ManifestFileReads.data(
        table,
        without(after, before),
        file -> {
          if (!gone.remove(file.location())) {
            came.add(file);
          }
        });
    return new Drift(came, gone, deletes(table, base, head));
  }

  private static List<DeleteFile> deletes(Table table, Snapshot base, Snapshot head) {
    List<ManifestFile> before = base.deleteManifests(table.io());
    List<ManifestFile> after = head.deleteManifests(table.io());
    Set<String> known = new HashSet<>();
    ManifestFileReads.deletes(table, without(before, after))
        .forEach(delete -> known.add(key(delete)));
    return ManifestFileReads.deletes(table, without(after, before)).stream()
        .filter(delete -> !known.contains(key(delete)))
        .toList();
  }

  private static List<ManifestFile> without(List<ManifestFile> those, List<ManifestFile> others) {
    Set<String> shared = new HashSet<>();
    others.forEach(manifest -> shared.add(manifest.path()));
    return those.stream().filter(manifest -> !shared.contains(manifest.path())).toList();
  }

  /** Whether no data file came that one of the deletes may apply to. */
  public boolean noneReachedBy(Table table, Collection<DeleteFile> deletes) {
    DataFileAges ages = DataFileAges.none(table, deletes);
    dataCame.forEach(ages::add);
    return deletes.stream().noneMatch(ages::reachedBy);
  }

  /** Several deletion vectors are in one file. */
  public static String key(DeleteFile delete) {
    return delete.location() + "#" + delete.contentOffset();
  }

  /** Tells whether what was decided at a snapshot still holds after what came since. */
  public interface Rule {
    boolean holds(Drift since);
  }

  /**
   * Returns a check for a commit that was decided at {@code base}: it is refused where the rule
   * does not hold.
   */
  public static SnapshotAncestryValidator check(Table table, Snapshot base, Rule rule) {
    return new Check(table, base, rule);
  }

  private record Check(Table table, Snapshot base, Rule rule) implements SnapshotAncestryValidator {
    @Override
    public boolean validate(Iterable<Snapshot> newestFirst) {
      for (Snapshot head : newestFirst) {
        return head.snapshotId() == base.snapshotId() || rule.holds(between(table, base, head));
      }
      return false;
    }

    @Override
    public String errorMessage() {
      return "files that it concerns have changed since snapshot " + base.snapshotId();
    }
  }
}
