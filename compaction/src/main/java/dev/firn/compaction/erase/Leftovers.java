package dev.firn.compaction.erase;

import static org.apache.iceberg.types.Types.NestedField.optional;
import static org.apache.iceberg.types.Types.NestedField.required;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.InternalData;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileInfo;
import org.apache.iceberg.puffin.Puffin;
import org.apache.iceberg.puffin.PuffinReader;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * Looks into files that nothing in the table refers to: what they are is told by their names and by
 * what they hold. A file that is none of those that Iceberg knows, or that lacks a column of the
 * filter, counts as one that holds such rows. Confined to one thread.
 */
final class Leftovers {
  private static final Set<String> VALUELESS =
      Set.of("apache-datasketches-theta-v1", "deletion-vector-v1");

  private static final Schema LIST =
      new Schema(
          required(502, "partition_spec_id", Types.IntegerType.get()),
          optional(
              507,
              "partitions",
              Types.ListType.ofRequired(
                  508,
                  Types.StructType.of(
                      optional(510, "lower_bound", Types.BinaryType.get()),
                      optional(511, "upper_bound", Types.BinaryType.get())))));

  private final Table table;
  private final PhysicalRows rows;
  private final DeleteRows deletes;
  private final ErasedValues values;

  Leftovers(Table table, PhysicalRows rows, DeleteRows deletes, ErasedValues values) {
    this.table = table;
    this.rows = rows;
    this.deletes = deletes;
    this.values = values;
  }

  CheckedFile check(FileInfo file) {
    String name = file.location().substring(file.location().lastIndexOf('/') + 1);
    try {
      if (Journal.named(name) || name.equals("version-hint.text")) {
        return CheckedFile.clean(file.location(), "metadata", false, 0);
      }
      if (name.endsWith(".metadata.json") || name.endsWith(".metadata.json.gz")) {
        return metadata(file.location(), false);
      }
      if (name.endsWith(".puffin") || name.endsWith(".stats")) {
        return puffin(file.location(), false);
      }
      if (name.endsWith(".avro") && name.startsWith("snap-")) {
        return list(file.location());
      }
      if (name.matches(".*-m\\d+\\.avro")) {
        return manifest(file.location(), false, Set.of());
      }
      return rows(file, name);
    } catch (RuntimeException e) {
      return unknown(file, "Firn cannot read it (%s)".formatted(e.getMessage()));
    }
  }

  private CheckedFile rows(FileInfo file, String name) {
    FileFormat format = FileFormat.fromFileName(name);
    if (format == null) {
      return unknown(file, "Firn does not know what it is");
    }
    PhysicalRows.Count count = rows.count(data(file, format), PartitionSpec.unpartitioned());
    if (count.matches() == 0 && !count.tellable()) {
      return positions(file, format);
    }
    String remedy = count.matches() == 0 ? "" : sweep();
    return new CheckedFile(file.location(), "data", false, count.rows(), count.matches(), remedy);
  }

  private static DataFile data(FileInfo file, FileFormat format) {
    return DataFiles.builder(PartitionSpec.unpartitioned())
        .withPath(file.location())
        .withFormat(format)
        .withFileSizeInBytes(file.size())
        .withRecordCount(1)
        .build();
  }

  /** A file without the filter's columns may be one of position deletes. */
  private CheckedFile positions(FileInfo file, FileFormat format) {
    DeleteFile delete =
        FileMetadata.deleteFileBuilder(PartitionSpec.unpartitioned())
            .ofPositionDeletes()
            .withPath(file.location())
            .withFormat(format)
            .withFileSizeInBytes(file.size())
            .withRecordCount(1)
            .build();
    DeleteRows.Count count;
    try {
      count = deletes.count(delete);
    } catch (RuntimeException e) {
      return unknown(file, "it lacks a column of the filter, or has no value in it");
    }
    String remedy = count.matches() == 0 ? "" : sweep();
    return new CheckedFile(
        file.location(), "position-deletes", false, count.rows(), count.matches(), remedy);
  }

  private CheckedFile unknown(FileInfo file, String why) {
    return new CheckedFile(file.location(), "unknown", false, 0, 1, why + ": " + sweep());
  }

  private static String sweep() {
    return "no snapshot refers to it; remove it with 'firn clean-orphans' once no writer can need it, or by hand, and run again";
  }

  /** Summaries of snapshots may name partitions. */
  CheckedFile metadata(String location, boolean reachable) {
    String text =
        values.partitions().isEmpty()
            ? ""
            : TableMetadataParser.toJson(TableMetadataParser.read(table.io(), location));
    long matches = values.partitions().stream().filter(each -> names(text, each)).count();
    return new CheckedFile(
        location,
        "metadata",
        reachable,
        1,
        matches,
        matches == 0
            ? ""
            : "a snapshot's summary names the partition: commit until the metadata log has dropped it (write.metadata.previous-versions-max, write.metadata.delete-after-commit.enabled), or remove it by hand");
  }

  private static boolean names(String text, String partition) {
    for (int at = text.indexOf("\"partitions."); at >= 0; ) {
      int end = text.indexOf('"', at + 1);
      String key = text.substring(at + "\"partitions.".length(), end);
      if (List.of(key.toLowerCase(Locale.ROOT).split("/", -1))
          .contains(partition.toLowerCase(Locale.ROOT))) {
        return true;
      }
      at = text.indexOf("\"partitions.", end);
    }
    return false;
  }

  CheckedFile puffin(String location, boolean reachable) {
    try (PuffinReader reader = Puffin.read(table.io().newInputFile(location)).build()) {
      List<String> types = reader.fileMetadata().blobs().stream().map(blob -> blob.type()).toList();
      long telling = types.stream().filter(type -> !VALUELESS.contains(type)).count();
      return new CheckedFile(
          location,
          "statistics",
          reachable,
          types.size(),
          telling,
          telling == 0 ? "" : "its blobs may repeat values: " + sweep());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** {@code proven} are files known to hold none: their bounds are other rows'. */
  CheckedFile manifest(String location, boolean reachable, Set<String> proven) {
    long[] counts = new long[2];
    ManifestEntries.each(
        table.io(),
        location,
        values.partitionType(),
        entry -> {
          counts[0]++;
          if (!proven.contains(entry.location()) && entry.tells(values)) {
            counts[1]++;
          }
        });
    String remedy = counts[1] == 0 ? "" : reachable ? "run again" : sweep();
    return new CheckedFile(location, "manifest", reachable, counts[0], counts[1], remedy);
  }

  private CheckedFile list(String location) {
    long entries = 0;
    long matches = 0;
    try (CloseableIterable<StructLike> manifests =
        InternalData.read(FileFormat.AVRO, table.io().newInputFile(location))
            .project(LIST)
            .build()) {
      for (StructLike manifest : manifests) {
        entries++;
        matches += tells(manifest) ? 1 : 0;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String remedy = matches == 0 ? "" : sweep();
    return new CheckedFile(location, "manifest-list", false, entries, matches, remedy);
  }

  private boolean tells(StructLike manifest) {
    PartitionSpec spec = table.specs().get(manifest.get(0, Integer.class));
    List<?> summaries = manifest.get(1, List.class);
    if (spec == null || summaries == null) {
      return false;
    }
    for (int i = 0; i < summaries.size() && i < spec.fields().size(); i++) {
      PartitionField field = spec.fields().get(i);
      StructLike summary = (StructLike) summaries.get(i);
      if (field.transform().isIdentity()
          && (tells(field, summary.get(0, ByteBuffer.class))
              || tells(field, summary.get(1, ByteBuffer.class)))) {
        return true;
      }
    }
    return false;
  }

  private boolean tells(PartitionField field, @Nullable ByteBuffer bound) {
    return bound != null && values.tells(field.sourceId(), bound);
  }
}
