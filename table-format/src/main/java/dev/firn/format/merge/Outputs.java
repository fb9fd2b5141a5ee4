package dev.firn.format.merge;

import dev.firn.format.parquet.write.PageFile;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.WrittenFiles;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.encryption.EncryptedOutputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.io.OutputFileFactory;
import org.jspecify.annotations.Nullable;

/** The files that come out, one after another. Confined to one thread. Owns the open one. */
final class Outputs {
  private final Table table;
  private final PartitionSpec spec;
  private final StructLike partition;
  private final Layout layout;
  private final FileRegistrar registrar;
  private final OutputFileFactory factory;
  private final List<String> locations = new ArrayList<>();
  private final List<DataFile> finished = new ArrayList<>();
  private final MergeProof proof;
  private @Nullable PageFile open;
  private CompletableFuture<Void> finishing = CompletableFuture.completedFuture(null);
  private Floats floats;

  Outputs(
      Table table,
      PartitionSpec spec,
      StructLike partition,
      Layout layout,
      FileRegistrar registrar) {
    this.table = table;
    this.spec = spec;
    this.partition = partition;
    this.layout = layout;
    this.registrar = registrar;
    this.factory =
        OutputFileFactory.builderFor(table, 0, 0)
            .defaultSpec(spec)
            .format(FileFormat.PARQUET)
            .build();
    this.floats = new Floats(layout);
    this.proof = new MergeProof(layout);
  }

  /** The file that is open; announces and creates one where there is none. */
  PageFile file() {
    PageFile current = open;
    if (current == null) {
      EncryptedOutputFile named =
          spec.isPartitioned() ? factory.newOutputFile(spec, partition) : factory.newOutputFile();
      OutputFile target = named.encryptingOutputFile();
      registrar.creating(List.of(target.location()));
      locations.add(target.location());
      current = PageFile.create(target, layout.schema(), layout.settings());
      proof.beginFile();
      open = current;
      floats = new Floats(layout);
    }
    return current;
  }

  /** Of the file that is open. */
  Floats floats() {
    return floats;
  }

  /** Of the files so far. */
  MergeProof proof() {
    return proof;
  }

  /** Bytes of the open file, as if it ended now, about; 0 where there is none. */
  long bytes() {
    PageFile current = open;
    return current == null ? 0 : current.position() + current.footerEstimate();
  }

  /**
   * Ends the file that is open, if any, in the background: a store takes its time until a file is
   * durable. One at a time.
   */
  void finish() {
    PageFile file = open;
    if (file == null) {
      return;
    }
    awaitFinished();
    String location = locations.get(locations.size() - 1);
    Floats measured = floats;
    finishing =
        CompletableFuture.runAsync(
            () -> finished.add(finished(file, location, measured)), Outputs::start);
    open = null;
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "firn-merge-finish");
    thread.setDaemon(true);
    thread.start();
  }

  private DataFile finished(PageFile file, String location, Floats measured) {
    try (file) {
      file.finish();
    }
    DataFiles.Builder built =
        DataFiles.builder(spec)
            .withPath(location)
            .withFormat(FileFormat.PARQUET)
            .withFileSizeInBytes(file.position())
            .withMetrics(file.metrics(measured.metrics()))
            .withSplitOffsets(file.splitOffsets())
            .withSortOrder(SortOrder.unsorted());
    return (spec.isPartitioned() ? built.withPartition(partition) : built).build();
  }

  private void awaitFinished() {
    try {
      finishing.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw e;
    }
  }

  /** The files, all of which were ended, once they are durable. */
  List<DataFile> finished() {
    awaitFinished();
    return finished;
  }

  /** Removes every file, as far as the store allows, because of {@code failure}. Never throws. */
  void removeAfter(Throwable failure) {
    try {
      awaitFinished();
    } catch (RuntimeException e) {
      if (e != failure) {
        failure.addSuppressed(e);
      }
    }
    try {
      if (open != null) {
        open.close();
      }
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
    try {
      registrar.removed(WrittenFiles.remove(table.io(), locations));
    } catch (RuntimeException e) {
      failure.addSuppressed(e);
    }
  }
}
