package dev.firn.format.merge;

import dev.firn.format.parquet.write.PageFile;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.WrittenFiles;
import java.util.ArrayList;
import java.util.List;
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

  /** Ends the file that is open, if any. */
  void finish() {
    PageFile file = open;
    if (file == null) {
      return;
    }
    file.finish();
    DataFiles.Builder built =
        DataFiles.builder(spec)
            .withPath(locations.get(locations.size() - 1))
            .withFormat(FileFormat.PARQUET)
            .withFileSizeInBytes(file.position())
            .withMetrics(file.metrics(floats.metrics()))
            .withSplitOffsets(file.splitOffsets())
            .withSortOrder(SortOrder.unsorted());
    finished.add((spec.isPartitioned() ? built.withPartition(partition) : built).build());
    open = null;
  }

  List<DataFile> finished() {
    return finished;
  }

  /** Removes every file, as far as the store allows, because of {@code failure}. Never throws. */
  void removeAfter(Throwable failure) {
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
