package dev.firn.compaction.commit;

import dev.firn.format.write.FileRegistrar;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;

/**
 * A delete file and a copy of it, byte by byte, to take its place. Immutable.
 *
 * <p>Why: Iceberg 1.11's rewrite takes added delete files only where it removes one. The copy has a
 * name of its own, because expiry removes what a snapshot took out.
 */
record DeleteCopy(DeleteFile original, DeleteFile copy) {

  /** Copies the smallest of those that may apply to several files; empty where there is none. */
  static Optional<DeleteCopy> ofSmallest(
      Table table, LiveDeletes deletes, FileRegistrar registrar) {
    Optional<DeleteFile> smallest =
        deletes.all().stream()
            .filter(file -> !LiveDeletes.isForOneFile(file) && isWritable(table, file))
            .min(Comparator.comparingLong(DeleteFile::fileSizeInBytes));
    return smallest.map(file -> of(table, file, registrar));
  }

  /** From format version 3 on, position deletes that are there stay, but none are taken in. */
  private static boolean isWritable(Table table, DeleteFile file) {
    return file.dataSequenceNumber() != null
        && file.keyMetadata() == null
        && (file.content() == FileContent.EQUALITY_DELETES || TableUtil.formatVersion(table) == 2);
  }

  private static DeleteCopy of(Table table, DeleteFile file, FileRegistrar registrar) {
    PartitionSpec spec = Objects.requireNonNull(table.specs().get(file.specId()));
    String name = file.format().addExtension(UUID.randomUUID() + "-copied-deletes");
    String location =
        spec.isPartitioned()
            ? table.locationProvider().newDataLocation(spec, file.partition(), name)
            : table.locationProvider().newDataLocation(name);
    registrar.creating(List.of(location));
    try (InputStream in = table.io().newInputFile(file).newStream();
        OutputStream out = table.io().newOutputFile(location).create()) {
      in.transferTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    FileMetadata.Builder copy = FileMetadata.deleteFileBuilder(spec).copy(file).withPath(location);
    if (file.content() == FileContent.EQUALITY_DELETES) {
      copy.ofEqualityDeletes(
          file.equalityFieldIds().stream().mapToInt(Integer::intValue).toArray());
    }
    return new DeleteCopy(file, copy.build());
  }

  long sequence() {
    return Objects.requireNonNull(original.dataSequenceNumber());
  }
}
