package dev.firn.keyindex;

import dev.firn.format.write.StatisticsFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.puffin.BlobMetadata;
import org.apache.iceberg.puffin.PuffinReader;
import org.apache.iceberg.util.Pair;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds the newest index that was saved of a table, and loads it. What is missing, damaged or of
 * other key fields is as if it had not been saved. Confined to one thread.
 */
final class IndexLoader {
  private static final Logger LOG = LoggerFactory.getLogger(IndexLoader.class);

  /** What was saved; the runs are the taker's. */
  record Loaded(List<Run> runs, List<FileSlot> slots, long next) {}

  private final Table table;
  private final KeyLayout layout;
  private final RunMemory memory;

  IndexLoader(Table table, KeyLayout layout, RunMemory memory) {
    this.table = table;
    this.layout = layout;
    this.memory = memory;
  }

  /** Returns where indexes of these key fields are, the newest first. */
  static List<StatisticsFile> saved(Table table, KeyLayout layout) {
    return table.statisticsFiles().stream()
        .filter(file -> sequence(file, layout) >= 0)
        .sorted(Comparator.comparingLong((StatisticsFile file) -> -sequence(file, layout)))
        .toList();
  }

  /** The sequence number of the snapshot that the file has an index of; -1: it has none. */
  static long sequence(StatisticsFile file, KeyLayout layout) {
    return file.blobMetadata().stream()
        .filter(blob -> blob.type().equals(SavedIndex.TYPE))
        .filter(blob -> layout.text().equals(blob.properties().get(SavedIndex.KEY)))
        .mapToLong(org.apache.iceberg.BlobMetadata::sourceSnapshotSequenceNumber)
        .max()
        .orElse(-1);
  }

  /** Returns null where there is none, or none that can be used. */
  @Nullable Loaded load() {
    for (StatisticsFile file : saved(table, layout)) {
      try {
        return load(file);
      } catch (IOException | RuntimeException e) {
        LOG.warn("Cannot use the saved key index {}; keys are read again", file.path(), e);
      }
    }
    return null;
  }

  private Loaded load(StatisticsFile file) throws IOException {
    try (PuffinReader reader = StatisticsFiles.open(table.io(), file)) {
      BlobMetadata numbering = null;
      List<BlobMetadata> slabs = new ArrayList<>();
      for (BlobMetadata blob : reader.fileMetadata().blobs()) {
        if (SavedIndex.isNumbering(blob)) {
          numbering = blob;
        } else if (SavedIndex.isSlab(blob)) {
          slabs.add(blob);
        }
      }
      if (numbering == null || !layout.text().equals(numbering.properties().get(SavedIndex.KEY))) {
        throw new IOException("the file has no index of these key fields");
      }
      List<FileSlot> slots = numbering(reader, numbering);
      return new Loaded(runs(reader, numbering, slabs), slots, SavedIndex.next(numbering));
    }
  }

  private static List<FileSlot> numbering(PuffinReader reader, BlobMetadata blob)
      throws IOException {
    for (Pair<BlobMetadata, ByteBuffer> each : reader.readAll(List.of(blob))) {
      SavedIndex.check(blob, each.second());
      return SavedIndex.readNumbering(each.second());
    }
    throw new IOException("the file has no numbering");
  }

  private List<Run> runs(PuffinReader reader, BlobMetadata numbering, List<BlobMetadata> blobs)
      throws IOException {
    List<Run> runs = new ArrayList<>();
    boolean done = false;
    try {
      for (int i = 0; i < SavedIndex.runs(numbering); i++) {
        List<BlobMetadata> own = new ArrayList<>();
        for (BlobMetadata blob : blobs) {
          if (SavedIndex.part(blob).run() == i) {
            own.add(blob);
          }
        }
        runs.add(run(reader, own));
      }
      done = true;
      return runs;
    } finally {
      if (!done) {
        runs.forEach(Run::close);
      }
    }
  }

  private Run run(PuffinReader reader, List<BlobMetadata> blobs) throws IOException {
    if (blobs.isEmpty()) {
      throw new IOException("a run has no slabs");
    }
    RunShape shape = SavedIndex.part(blobs.get(0)).shape();
    long size = blobs.stream().mapToLong(BlobMetadata::length).sum();
    boolean fits = memory.reserve(size);
    RunFile file = fits ? null : memory.create();
    boolean done = false;
    try {
      List<Slab> slabs = new ArrayList<>();
      for (Pair<BlobMetadata, ByteBuffer> each : reader.readAll(blobs)) {
        slabs.add(slab(each.first(), each.second(), shape, slabs.size(), file));
      }
      if (slabs.size() != shape.slabs()) {
        throw new IOException("a run lacks slabs");
      }
      Run run = new Run(shape, slabs, memory, file);
      done = true;
      return run;
    } finally {
      if (!done && fits) {
        memory.release(size);
      } else if (!done && file != null) {
        file.close();
      }
    }
  }

  private static Slab slab(
      BlobMetadata blob, ByteBuffer bytes, RunShape shape, int number, @Nullable RunFile file)
      throws IOException {
    SavedIndex.check(blob, bytes);
    SavedIndex.SlabPart part = SavedIndex.part(blob);
    long size = (long) part.entries() * shape.width() + Slab.PAD + 4L * (shape.buckets() + 1);
    if (!part.shape().equals(shape) || part.number() != number || bytes.remaining() != size) {
      throw new IOException("a slab is not as it is described at byte " + blob.offset());
    }
    ByteBuffer own = file == null ? bytes.slice() : file.append(bytes);
    return new Slab(shape, own.order(ByteOrder.LITTLE_ENDIAN), part.entries());
  }
}
