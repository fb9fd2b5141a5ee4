package dev.firn.compaction.stats;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.StatisticsFiles;
import dev.firn.format.write.WrittenFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.apache.iceberg.BlobMetadata;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.puffin.Blob;
import org.apache.iceberg.puffin.Puffin;
import org.apache.iceberg.puffin.PuffinReader;
import org.apache.iceberg.puffin.PuffinWriter;
import org.apache.iceberg.util.Pair;
import org.jspecify.annotations.Nullable;

/**
 * Puts blobs into a snapshot's statistics file: a new file, with all that the one before it had but
 * older blobs of the same type and columns. Confined to one thread.
 *
 * <p>Iceberg's commit of statistics does not look at what is replaced. So what is there is looked
 * at again just before it, and the file is made again where it is another: a save of a key index
 * that comes in the moment between is lost, and made again by its writer.
 */
final class StatisticsCommit {
  private static final int TRIES = 10;

  private final Table table;
  private final FileRegistrar registrar;

  StatisticsCommit(Table table, FileRegistrar registrar) {
    this.table = table;
    this.registrar = registrar;
  }

  /** Returns where they are. Fails with nothing left but where the outcome is not known. */
  String commit(Snapshot snapshot, List<Blob> blobs) {
    for (int i = 0; i < TRIES; i++) {
      StatisticsFile before = current(snapshot);
      String location = location(snapshot);
      registrar.creating(List.of(location));
      StatisticsFile file = written(location, snapshot, before, blobs);
      if (Objects.equals(before, current(snapshot))) {
        commit(file);
        if (before != null) {
          List<String> unused = WrittenFiles.remove(table.io(), List.of(before.path()));
        }
        return location;
      }
      remove(location);
    }
    throw new FirnException(
        ErrorKind.CONFLICT,
        "Cannot compute statistics of %s: others replaced those of snapshot %d %d times meanwhile; run it again"
            .formatted(table.name(), snapshot.snapshotId(), TRIES));
  }

  private void commit(StatisticsFile file) {
    try {
      table.updateStatistics().setStatistics(file).commit();
    } catch (CommitFailedException e) {
      remove(file.path());
      throw e;
    }
  }

  private @Nullable StatisticsFile current(Snapshot snapshot) {
    table.refresh();
    if (table.snapshot(snapshot.snapshotId()) == null) {
      throw new FirnException(
          ErrorKind.CONFLICT,
          "Cannot compute statistics of %s: snapshot %d expired meanwhile; run it again"
              .formatted(table.name(), snapshot.snapshotId()));
    }
    return StatisticsFiles.of(table, snapshot.snapshotId());
  }

  private String location(Snapshot snapshot) {
    String name = snapshot.snapshotId() + "-" + UUID.randomUUID() + ".stats";
    return StatisticsFiles.location(table, name);
  }

  private StatisticsFile written(
      String location, Snapshot snapshot, @Nullable StatisticsFile before, List<Blob> blobs) {
    boolean done = false;
    try {
      StatisticsFile file = write(location, snapshot, before, blobs);
      done = true;
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      if (!done) {
        remove(location);
      }
    }
  }

  private StatisticsFile write(
      String location, Snapshot snapshot, @Nullable StatisticsFile before, List<Blob> blobs)
      throws IOException {
    PuffinWriter writer =
        Puffin.write(table.io().newOutputFile(location)).createdBy("Firn").build();
    List<BlobMetadata> shown = new ArrayList<>();
    try (writer) {
      if (before != null) {
        copy(before, blobs, writer, shown);
      }
      for (Blob blob : blobs) {
        shown.add(GenericBlobMetadata.from(writer.write(blob)));
      }
      writer.finish();
    }
    return new GenericStatisticsFile(
        snapshot.snapshotId(), location, writer.fileSize(), writer.footerSize(), shown);
  }

  /** One blob at a time is in memory. What the table's metadata did not show is not shown now. */
  private void copy(
      StatisticsFile before, List<Blob> blobs, PuffinWriter writer, List<BlobMetadata> shown)
      throws IOException {
    Set<BlobMetadata> known = new HashSet<>();
    before.blobMetadata().forEach(blob -> known.add(plain(blob)));
    try (PuffinReader reader = StatisticsFiles.open(table.io(), before)) {
      for (org.apache.iceberg.puffin.BlobMetadata blob : reader.fileMetadata().blobs()) {
        if (blobs.stream().anyMatch(each -> replaces(each, blob))) {
          continue;
        }
        for (Pair<org.apache.iceberg.puffin.BlobMetadata, ByteBuffer> each :
            reader.readAll(List.of(blob))) {
          BlobMetadata copied =
              GenericBlobMetadata.from(writer.write(StatisticsFiles.copy(blob, each.second())));
          if (known.contains(plain(copied))) {
            shown.add(copied);
          }
        }
      }
    }
  }

  private static BlobMetadata plain(BlobMetadata blob) {
    Map<String, String> properties = blob.properties();
    return new GenericBlobMetadata(
        blob.type(),
        blob.sourceSnapshotId(),
        blob.sourceSnapshotSequenceNumber(),
        List.copyOf(blob.fields()),
        properties == null ? Map.of() : Map.copyOf(properties));
  }

  private static boolean replaces(Blob blob, org.apache.iceberg.puffin.BlobMetadata old) {
    return blob.type().equals(old.type()) && blob.inputFields().equals(old.inputFields());
  }

  private void remove(String location) {
    registrar.removed(WrittenFiles.remove(table.io(), List.of(location)));
  }
}
