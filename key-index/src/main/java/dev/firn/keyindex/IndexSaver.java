package dev.firn.keyindex;

import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.StatisticsFiles;
import dev.firn.format.write.WrittenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.apache.iceberg.BlobMetadata;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.UpdateStatistics;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.puffin.Blob;
import org.apache.iceberg.puffin.Puffin;
import org.apache.iceberg.puffin.PuffinReader;
import org.apache.iceberg.puffin.PuffinWriter;
import org.apache.iceberg.util.Pair;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves an index beside its table, as the snapshot's statistics file, together with what statistics
 * the snapshot has; of those saved before, only the new one is left. Confined to one thread.
 */
final class IndexSaver {
  private static final Logger LOG = LoggerFactory.getLogger(IndexSaver.class);

  /** Statistics of others that are larger are not copied: nothing is saved then. */
  private static final long MOST_FOREIGN_BYTES = 64L << 20;

  private final Table table;
  private final KeyLayout layout;
  private final FileRegistrar registrar;

  IndexSaver(Table table, KeyLayout layout, FileRegistrar registrar) {
    this.table = table;
    this.layout = layout;
    this.registrar = registrar;
  }

  /** Returns whether it is saved; what fails is logged. */
  boolean save(Snapshot snapshot, List<Run> runs, List<FileSlot> slots, long next) {
    String location = location(snapshot);
    try {
      table.refresh();
      if (table.snapshot(snapshot.snapshotId()) == null || isOvertaken(snapshot)) {
        return false;
      }
      registrar.creating(List.of(location));
    } catch (RuntimeException e) {
      LOG.warn("Cannot save the key index of {}", table.name(), e);
      return false;
    }
    StatisticsFile before = StatisticsFiles.of(table, snapshot.snapshotId());
    StatisticsFile file;
    try {
      file = write(location, snapshot, before, runs, slots, next);
      table.refresh();
      if (!Objects.equals(before, StatisticsFiles.of(table, snapshot.snapshotId()))) {
        // Statistics of others came meanwhile, and are not in it.
        remove(location);
        return false;
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("Cannot save the key index of {}", table.name(), e);
      remove(location);
      return false;
    }
    return commit(file, before);
  }

  /** Whether one of a later snapshot, or of this one, is there already. */
  private boolean isOvertaken(Snapshot snapshot) {
    List<StatisticsFile> saved = IndexLoader.saved(table, layout);
    return !saved.isEmpty()
        && IndexLoader.sequence(saved.get(0), layout) > snapshot.sequenceNumber();
  }

  private String location(Snapshot snapshot) {
    String name = snapshot.snapshotId() + "-" + UUID.randomUUID() + "-firn-key-index.stats";
    return StatisticsFiles.location(table, name);
  }

  private StatisticsFile write(
      String location,
      Snapshot snapshot,
      @Nullable StatisticsFile before,
      List<Run> runs,
      List<FileSlot> slots,
      long next)
      throws IOException {
    SavedIndex.Origin origin =
        new SavedIndex.Origin(layout, snapshot.snapshotId(), snapshot.sequenceNumber());
    PuffinWriter writer =
        Puffin.write(table.io().newOutputFile(location)).createdBy("Firn").build();
    List<BlobMetadata> shown = new ArrayList<>();
    try (writer) {
      if (before != null) {
        for (Blob blob : foreign(before)) {
          shown.add(GenericBlobMetadata.from(writer.write(blob)));
        }
      }
      for (int i = 0; i < runs.size(); i++) {
        Run run = runs.get(i);
        for (int j = 0; j < run.slabs().size(); j++) {
          writer.write(SavedIndex.slab(origin, i, run.shape(), j, run.slab(j)));
        }
      }
      // Slabs are not shown in the table's metadata: there may be many.
      shown.add(
          GenericBlobMetadata.from(
              writer.write(SavedIndex.numbering(origin, slots, runs.size(), next))));
      writer.finish();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return new GenericStatisticsFile(
        snapshot.snapshotId(), location, writer.fileSize(), writer.footerSize(), shown);
  }

  /** Returns what the file has but indexes of keys. */
  private List<Blob> foreign(StatisticsFile file) throws IOException {
    if (isOurs(file)) {
      return List.of();
    }
    List<Blob> blobs = new ArrayList<>();
    try (PuffinReader reader = StatisticsFiles.open(table.io(), file)) {
      var theirs =
          reader.fileMetadata().blobs().stream()
              .filter(blob -> !blob.type().equals(SavedIndex.TYPE))
              .toList();
      if (theirs.stream().mapToLong(blob -> blob.length()).sum() > MOST_FOREIGN_BYTES) {
        throw new IOException("the snapshot's statistics are too large to be copied");
      }
      for (Pair<org.apache.iceberg.puffin.BlobMetadata, ByteBuffer> each : reader.readAll(theirs)) {
        blobs.add(StatisticsFiles.copy(each.first(), each.second()));
      }
    }
    return blobs;
  }

  private static boolean isOurs(StatisticsFile file) {
    return file.blobMetadata().stream().allMatch(blob -> blob.type().equals(SavedIndex.TYPE));
  }

  private boolean commit(StatisticsFile file, @Nullable StatisticsFile before) {
    List<StatisticsFile> replaced =
        IndexLoader.saved(table, layout).stream().filter(IndexSaver::isOurs).toList();
    try {
      UpdateStatistics update = table.updateStatistics();
      for (StatisticsFile each : replaced) {
        if (each.snapshotId() != file.snapshotId()) {
          update.removeStatistics(each.snapshotId());
        }
      }
      update.setStatistics(file).commit();
    } catch (CommitFailedException e) {
      LOG.info("The key index of {} was not saved: others commit", table.name(), e);
      remove(file.path());
      return false;
    } catch (RuntimeException e) {
      // It may have been committed: the file stays, for the sweep to judge.
      LOG.warn("It is not known whether the key index of {} was saved", table.name(), e);
      return false;
    }
    List<String> outdated = new ArrayList<>();
    replaced.forEach(each -> outdated.add(each.path()));
    if (before != null && !isOurs(before)) {
      // What it held of others is in the new one.
      outdated.add(before.path());
    }
    List<String> unused = WrittenFiles.remove(table.io(), outdated);
    LOG.info("Saved the key index of {} in {}", table.name(), file.path());
    return true;
  }

  private void remove(String location) {
    registrar.removed(WrittenFiles.remove(table.io(), List.of(location)));
  }
}
