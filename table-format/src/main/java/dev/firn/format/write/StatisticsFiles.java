package dev.firn.format.write;

import java.nio.ByteBuffer;
import java.util.Map;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.puffin.Blob;
import org.apache.iceberg.puffin.BlobMetadata;
import org.apache.iceberg.puffin.Puffin;
import org.apache.iceberg.puffin.PuffinCompressionCodec;
import org.apache.iceberg.puffin.PuffinReader;
import org.jspecify.annotations.Nullable;

/**
 * Puffin files of statistics, of which a snapshot has one for all who have something to say: each
 * writer copies what the others wrote. Stateless.
 */
public final class StatisticsFiles {
  private StatisticsFiles() {}

  /** Returns the snapshot's, as the table was last refreshed; null where it has none. */
  public static @Nullable StatisticsFile of(Table table, long snapshotId) {
    return table.statisticsFiles().stream()
        .filter(file -> file.snapshotId() == snapshotId)
        .findFirst()
        .orElse(null);
  }

  /** Returns where a table's metadata file of that name belongs. */
  public static String location(Table table, String name) {
    if (table instanceof HasTableOperations known) {
      return known.operations().metadataFileLocation(name);
    }
    String folder = table.properties().get(TableProperties.WRITE_METADATA_LOCATION);
    return (folder == null ? table.location() + "/metadata" : folder) + "/" + name;
  }

  /** Opens a file of which the table tells the lengths. The caller closes it. */
  public static PuffinReader open(FileIO io, StatisticsFile file) {
    return Puffin.read(io.newInputFile(file.path(), file.fileSizeInBytes()))
        .withFileSize(file.fileSizeInBytes())
        .withFooterSize(file.fileFooterSizeInBytes())
        .build();
  }

  /** Returns a blob that was read, to be written as it was. Borrows {@code bytes}. */
  public static Blob copy(BlobMetadata blob, ByteBuffer bytes) {
    String codec = blob.compressionCodec();
    return new Blob(
        blob.type(),
        blob.inputFields(),
        blob.snapshotId(),
        blob.sequenceNumber(),
        bytes,
        codec == null ? PuffinCompressionCodec.NONE : PuffinCompressionCodec.forName(codec),
        blob.properties() == null ? Map.of() : blob.properties());
  }
}
