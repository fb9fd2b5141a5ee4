package dev.firn.compaction.policy;

import dev.firn.compaction.GradedRetention;
import dev.firn.compaction.maintain.Retention;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestReader;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.util.PropertyUtil;
import org.jspecify.annotations.Nullable;

/**
 * Reads the health of one table from its metadata, and remembers what each manifest said: the next
 * reading reads only manifests that are new, and nothing where the head is the same. Confined to
 * one thread at a time. Holds a few hundred bytes for each partition of each manifest.
 */
public final class HealthReader {
  /** What the planner of compactions leaves alone. */
  private static final double WELL_SIZED = 0.75;

  private static final Duration RATE_WINDOW = Duration.ofMinutes(10);

  private final Map<String, Map<Key, Tally>> known = new HashMap<>();
  private final Map<Key, Place> places = new HashMap<>();
  private long smallBelow;
  private int sortOrder;
  private @Nullable OldestRow age;
  private long headRead = -1;
  private Map<Key, Tally> partitions = Map.of();
  private int manifests;
  private int smallManifests;

  /** A partition of one spec, by its path. */
  private record Key(int spec, String path) {}

  private record Place(PartitionSpec spec, Expression filter) {}

  /**
   * Reads the head of {@code table}, as it was last refreshed.
   *
   * @param name as people know it
   * @param metadata the same table's
   */
  public TableHealth read(String name, Table table, TableMetadata metadata, Instant now) {
    long target =
        PropertyUtil.propertyAsLong(
            table.properties(),
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES,
            TableProperties.WRITE_TARGET_FILE_SIZE_BYTES_DEFAULT);
    long below = (long) (target * WELL_SIZED);
    if (below != smallBelow || metadata.defaultSortOrderId() != sortOrder) {
      known.clear();
      headRead = -1;
      smallBelow = below;
      sortOrder = metadata.defaultSortOrderId();
    }
    Optional<Retention> rows = Retention.of(name, table.properties());
    OldestRow aged = rows.isEmpty() ? null : OldestRow.of(name, metadata.schema(), rows.get());
    if (!Objects.equals(aged, age)) {
      known.clear();
      headRead = -1;
      age = aged;
    }
    Snapshot head = metadata.currentSnapshot();
    if (head == null) {
      partitions = Map.of();
      manifests = 0;
      smallManifests = 0;
      headRead = -1;
    } else if (head.snapshotId() != headRead) {
      readManifests(table, head);
      headRead = head.snapshotId();
    }
    Optional<GradedRetention> retention = GradedRetention.of(table.properties());
    return new TableHealth(
        name,
        head == null ? OptionalLong.empty() : OptionalLong.of(head.snapshotId()),
        metadata.formatVersion(),
        target,
        partitions(metadata),
        manifests,
        smallManifests,
        metadata.snapshots().size(),
        retention.map(r -> r.expiredAt(metadata, now)).orElse(0),
        retention.map(GradedRetention::maxCount).orElse(0),
        commitsPerMinute(metadata, now),
        StatisticsAge.changedSince(metadata),
        oldestRow(),
        metadata.sortOrder().isSorted(),
        table.properties());
  }

  private Optional<Instant> oldestRow() {
    long oldest = Long.MAX_VALUE;
    for (Tally tally : partitions.values()) {
      oldest = Math.min(oldest, tally.oldestRow);
    }
    return age == null ? Optional.empty() : OldestRow.instant(oldest);
  }

  private void readManifests(Table table, Snapshot head) {
    List<ManifestFile> all = head.allManifests(table.io());
    long half =
        PropertyUtil.propertyAsLong(
                table.properties(),
                TableProperties.MANIFEST_TARGET_SIZE_BYTES,
                TableProperties.MANIFEST_TARGET_SIZE_BYTES_DEFAULT)
            / 2;
    Map<Key, Tally> sum = new HashMap<>();
    Map<String, Map<Key, Tally>> current = new HashMap<>();
    for (ManifestFile manifest : all) {
      Map<Key, Tally> tallies = known.get(manifest.path());
      if (tallies == null) {
        tallies = tallies(table, manifest);
      }
      current.put(manifest.path(), tallies);
      tallies.forEach((key, tally) -> sum.computeIfAbsent(key, k -> new Tally()).add(tally));
    }
    known.clear();
    known.putAll(current);
    places.keySet().retainAll(sum.keySet());
    partitions = sum;
    manifests = all.size();
    smallManifests = (int) all.stream().filter(manifest -> manifest.length() < half).count();
  }

  private Map<Key, Tally> tallies(Table table, ManifestFile manifest) {
    Map<Key, Tally> tallies = new HashMap<>();
    try (ManifestReader<?> reader =
        manifest.content() == ManifestContent.DATA
            ? ManifestFiles.read(manifest, table.io(), table.specs())
            : ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs())) {
      for (ContentFile<?> file : reader) {
        count(file, tallies.computeIfAbsent(key(table, file), k -> new Tally()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return tallies;
  }

  private void count(ContentFile<?> file, Tally tally) {
    Long sequence = file.fileSequenceNumber();
    long at = sequence == null ? 0 : sequence;
    if (file instanceof DeleteFile delete) {
      tally.addDelete(delete, at);
      tally.firstDeleteSequence = Math.min(tally.firstDeleteSequence, dataSequence(file));
    } else {
      long bytes = file.fileSizeInBytes();
      tally.addData(bytes, file.recordCount(), at, bytes < smallBelow);
      tally.firstDataSequence = Math.min(tally.firstDataSequence, dataSequence(file));
      tally.oldestRow = Math.min(tally.oldestRow, age == null ? Long.MAX_VALUE : age.in(file));
      Integer order = file.sortOrderId();
      tally.unsortedFiles += sortOrder != 0 && (order == null || order != sortOrder) ? 1 : 0;
    }
  }

  private static long dataSequence(ContentFile<?> file) {
    Long sequence = file.dataSequenceNumber();
    return sequence == null ? 0 : sequence;
  }

  private Key key(Table table, ContentFile<?> file) {
    PartitionSpec spec = Objects.requireNonNull(table.specs().get(file.specId()));
    StructLike partition = file.partition();
    Key key = new Key(spec.specId(), spec.isUnpartitioned() ? "" : spec.partitionToPath(partition));
    places.computeIfAbsent(key, k -> new Place(spec, PartitionFilters.of(spec, partition)));
    return key;
  }

  private List<PartitionHealth> partitions(TableMetadata metadata) {
    NavigableMap<Long, Long> times = new TreeMap<>();
    metadata.snapshots().forEach(s -> times.put(s.sequenceNumber(), s.timestampMillis()));
    List<PartitionHealth> all = new ArrayList<>();
    partitions.forEach(
        (key, tally) -> {
          Place place = places.get(key);
          if (place != null) {
            all.add(health(key, place, tally, times));
          }
        });
    return all;
  }

  private static PartitionHealth health(
      Key key, Place place, Tally tally, NavigableMap<Long, Long> times) {
    List<PartitionHealth.Tier> tiers = new ArrayList<>();
    for (int i = 0; i < Tally.TIERS; i++) {
      if (tally.tierFiles[i] > 0) {
        tiers.add(
            new PartitionHealth.Tier(Tally.tierLimit(i), tally.tierFiles[i], tally.tierBytes[i]));
      }
    }
    return new PartitionHealth(
        key.path(),
        place.filter(),
        tally.files,
        tally.bytes,
        tally.rows,
        tally.smallFiles,
        tally.smallBytes,
        tally.deleteFiles,
        tally.equalityDeletes,
        tally.positionDeletes,
        tally.deletedRows,
        tally.unsortedFiles,
        tally.firstDeleteSequence < tally.firstDataSequence,
        time(times, tally.lastSequence),
        time(times, tally.firstSmallSequence),
        tiers);
  }

  /** Returns the time of the sequence number, or of the first one after it that is retained. */
  private static Instant time(NavigableMap<Long, Long> times, long sequence) {
    Map.Entry<Long, Long> at = times.ceilingEntry(sequence);
    return at == null
        ? Instant.ofEpochMilli(times.isEmpty() ? 0 : times.lastEntry().getValue())
        : Instant.ofEpochMilli(at.getValue());
  }

  /** Snapshots that expired meanwhile are missed, so the window begins with the oldest found. */
  private static double commitsPerMinute(TableMetadata metadata, Instant now) {
    long since = now.minus(RATE_WINDOW).toEpochMilli();
    int commits = 0;
    long oldest = now.toEpochMilli();
    for (Snapshot snapshot : metadata.snapshots()) {
      if (snapshot.timestampMillis() >= since) {
        oldest = Math.min(oldest, snapshot.timestampMillis());
        commits += DataOperations.REPLACE.equals(snapshot.operation()) ? 0 : 1;
      }
    }
    double minutes = Math.max(1_000, now.toEpochMilli() - oldest) / 60_000.0;
    return commits < 2 ? 0 : commits / minutes;
  }
}
