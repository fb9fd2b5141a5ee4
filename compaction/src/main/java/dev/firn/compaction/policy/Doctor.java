package dev.firn.compaction.policy;

import dev.firn.compaction.maintain.Retention;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.util.PropertyUtil;

/** Looks for what makes a table slow, large or fragile. Confined to one thread. */
final class Doctor {
  private static final int MOST_PENALTY = 40;
  private static final int MANY_SNAPSHOTS = 500;
  private static final int MANY_MANIFESTS = 32;
  private static final int FEW_METADATA_FILES = 100;
  private static final double MUCH_CHANGED = 0.2;

  private final TableHealth health;
  private final Instant now;
  private final List<Finding> findings = new ArrayList<>();

  Doctor(TableHealth health, Instant now) {
    this.health = health;
    this.now = now;
  }

  List<Finding> findings() {
    smallFiles();
    deletes();
    equalityDeletes();
    positionDeletes();
    danglingDeletes();
    sortDisorder();
    manifests();
    snapshots();
    metadata();
    statistics();
    oldRows();
    format();
    return findings;
  }

  private void smallFiles() {
    long spare =
        health.partitions().stream().mapToLong(p -> p.spareFiles(health.targetBytes())).sum();
    long files = Math.max(1, health.files());
    if (spare > 0) {
      // A few small files are the normal state of a table that is written to.
      int penalty = spare < 8 ? 2 : penalty(spare, files);
      find(
          "small-files",
          penalty,
          "%,d of %,d data files are below three quarters of the target size of %,d MiB; merged, there would be %,d fewer"
              .formatted(health.smallFiles(), health.files(), health.targetBytes() >> 20, spare),
          "firn compact " + health.name());
    }
  }

  private static int penalty(long part, long whole) {
    return (int) Math.max(3, Math.min(MOST_PENALTY, MOST_PENALTY * part / whole));
  }

  private void deletes() {
    long deleted = health.partitions().stream().mapToLong(PartitionHealth::deletedRows).sum();
    long files = health.deleteFiles() - health.equalityDeletes();
    if (files > 0) {
      long rows = Math.max(1, health.rows());
      find(
          "deletes",
          penalty(Math.min(deleted, rows), rows),
          "%,d delete files name %,d of %,d rows, which every scan reads and leaves out"
              .formatted(files, deleted, health.rows()),
          "firn compact " + health.name() + " --all");
    }
  }

  private void equalityDeletes() {
    long files = health.equalityDeletes();
    if (files > 0) {
      find(
          "equality-deletes",
          (int) Math.min(MOST_PENALTY, 15 + files / 4),
          "%,d equality delete files are compared with every row by each scan".formatted(files),
          "firn convert-deletes " + health.name());
    }
  }

  private void positionDeletes() {
    long files = health.positionDeletes();
    if (health.formatVersion() >= 3 && files > 0) {
      find(
          "position-deletes",
          2,
          "%,d position delete files are from before the upgrade to version 3; deletion vectors are read faster"
              .formatted(files),
          "firn convert-deletes " + health.name() + " --kind position");
    }
  }

  private void danglingDeletes() {
    long partitions = health.danglingPartitions();
    if (partitions > 0) {
      find(
          "dangling-deletes",
          3,
          "delete files in %,d partitions are older than every data file there, and delete nothing"
              .formatted(partitions),
          "firn remove-dangling-deletes " + health.name());
    }
  }

  private void sortDisorder() {
    long unsorted = health.partitions().stream().mapToLong(PartitionHealth::unsortedFiles).sum();
    if (unsorted > 0) {
      find(
          "sort-disorder",
          (int) Math.min(15, 15 * unsorted / Math.max(1, health.files())),
          "%,d of %,d data files were not written in the table's sort order, so that filters skip less"
              .formatted(unsorted, health.files()),
          "firn compact " + health.name() + " --all");
    }
  }

  private void manifests() {
    if (health.smallManifests() >= MANY_MANIFESTS) {
      find(
          "manifests",
          Math.min(20, health.smallManifests() / 8),
          "%,d of %,d manifests are small; each commit lists all of them and each plan reads them"
              .formatted(health.smallManifests(), health.manifests()),
          "firn rewrite-manifests " + health.name());
    }
  }

  private void snapshots() {
    if (health.expired() > 0) {
      find(
          "snapshots",
          health.snapshots() > health.mostSnapshots() * 5 / 4 ? 15 : 1,
          "%,d of %,d snapshots are past the table's retention and keep files"
              .formatted(health.expired(), health.snapshots()),
          "firn expire-snapshots " + health.name() + " --graded");
    } else if (health.mostSnapshots() == 0 && health.snapshots() > MANY_SNAPSHOTS) {
      find(
          "snapshots",
          15,
          "%,d snapshots are kept, no retention is set, and each commit writes all of them"
              .formatted(health.snapshots()),
          "firn expire-snapshots " + health.name() + " --older-than 7d --retain-last 10");
    }
  }

  private void metadata() {
    Map<String, String> properties = health.properties();
    boolean removed =
        PropertyUtil.propertyAsBoolean(
            properties,
            TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED,
            TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED_DEFAULT);
    int kept =
        PropertyUtil.propertyAsInt(
            properties,
            TableProperties.METADATA_PREVIOUS_VERSIONS_MAX,
            TableProperties.METADATA_PREVIOUS_VERSIONS_MAX_DEFAULT);
    if (!removed || kept > FEW_METADATA_FILES) {
      find(
          "old-metadata",
          2,
          removed
              ? "%,d old metadata files are kept".formatted(kept)
              : "old metadata files are never removed: %s is not true"
                  .formatted(TableProperties.METADATA_DELETE_AFTER_COMMIT_ENABLED),
          "");
    }
  }

  private void statistics() {
    double changed = health.changedSinceStatistics().orElse(1);
    if (health.rows() > 0 && changed > MUCH_CHANGED) {
      find(
          "statistics",
          0,
          health.changedSinceStatistics().isEmpty()
              ? "no statistics of distinct values, by which engines choose how to join"
              : "%.0f %% of the rows came or went since distinct values were counted"
                  .formatted(100 * changed),
          "firn analyze " + health.name());
    }
  }

  private void oldRows() {
    Optional<Retention> retention = Retention.of(health.name(), health.properties());
    if (retention.isPresent() && health.oldestRow().isPresent()) {
      Instant kept = now.minus(retention.get().age());
      if (health.oldestRow().get().isBefore(kept)) {
        find(
            "old-rows",
            3,
            "there may be rows whose %s is before %s, as %s wants them gone"
                .formatted(
                    retention.get().column(), kept.truncatedTo(ChronoUnit.SECONDS), Retention.AGE),
            "firn retain " + health.name());
      }
    }
  }

  private void format() {
    if (health.formatVersion() < 2) {
      find(
          "format-version",
          10,
          "format version 1 has no deletes of rows: each rewrites whole files",
          "");
    } else if (health.formatVersion() == 2 && health.deleteFiles() > 0) {
      find(
          "format-version",
          1,
          "format version 3 would have one deletion vector for each data file instead of position"
              + " delete files",
          "");
    }
    if (!PropertyUtil.propertyAsBoolean(
        health.properties(), TableProperties.GC_ENABLED, TableProperties.GC_ENABLED_DEFAULT)) {
      find("gc", 2, "gc.enabled is false: nothing expires and no file is removed", "");
    }
  }

  private void find(String what, int penalty, String why, String command) {
    findings.add(new Finding(what, penalty, why, command));
  }
}
