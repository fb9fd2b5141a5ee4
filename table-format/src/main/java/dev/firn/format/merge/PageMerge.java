package dev.firn.format.merge;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.write.Parallel;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.StructLikeWrapper;

/**
 * Merges whole Parquet data files of one partition, without deletes, into few, page by page. Rows
 * stay in the order of the sources. Stateless; a merge is confined to the thread that calls it, and
 * the executor it brings.
 *
 * <p>Memory: row groups of sources of at most 160 MB together, or a third of what the allocator
 * has, some 50 MB of pages on their way to the file, the dictionaries of two columns, and what
 * footers and indexes say. A row group that is larger is refused, and so are all where memory runs
 * out.
 */
public final class PageMerge {
  /** Sources of fewer rows have pages so small that a file of them would be slow to read. */
  private static final long LEAST_ROWS = 64;

  private PageMerge() {}

  /**
   * Why the sources cannot be merged, as a clause, as far as their metadata tell; empty: they may
   * be, and {@link #merge} finds out.
   *
   * @param spec of the files that come out
   */
  public static Optional<String> obstacle(
      Table table, PartitionSpec spec, List<FileScanTask> sources) {
    if (sources.isEmpty()) {
      return Optional.of("there are no files");
    }
    Optional<String> of = ofTable(table);
    if (of.isPresent()) {
      return of;
    }
    long rows = 0;
    for (FileScanTask source : sources) {
      Optional<String> found = ofSource(table, spec, source);
      if (found.isPresent()) {
        return Optional.of(found.get() + " [" + source.file().location() + "]");
      }
      rows += source.file().recordCount();
    }
    if (rows < LEAST_ROWS * sources.size() && sources.size() > 1) {
      return Optional.of("the files have few rows, %d in %d".formatted(rows, sources.size()));
    }
    return samePartition(spec, sources)
        ? Optional.empty()
        : Optional.of("the files are of several partitions");
  }

  private static Optional<String> ofTable(Table table) {
    String format =
        table
            .properties()
            .getOrDefault(
                TableProperties.DEFAULT_FILE_FORMAT, TableProperties.DEFAULT_FILE_FORMAT_DEFAULT);
    if (!format.toLowerCase(Locale.ROOT).equals("parquet")) {
      return Optional.of("the table asks for files of the format " + format);
    }
    if (table.properties().containsKey(TableProperties.ENCRYPTION_TABLE_KEY)) {
      return Optional.of("the table is encrypted");
    }
    for (NestedField column : TypeUtil.indexById(table.schema().asStruct()).values()) {
      switch (column.type().typeId()) {
        case GEOMETRY, GEOGRAPHY -> {
          return Optional.of("column %s is a %s".formatted(column.name(), column.type()));
        }
        default -> {}
      }
    }
    return Optional.empty();
  }

  private static Optional<String> ofSource(Table table, PartitionSpec spec, FileScanTask source) {
    DataFile file = source.file();
    if (!source.deletes().isEmpty()) {
      return Optional.of("rows of it are deleted");
    }
    if (source.start() != 0 || source.length() != file.fileSizeInBytes()) {
      return Optional.of("it is to be read in part");
    }
    if (file.format() != FileFormat.PARQUET) {
      return Optional.of("it is of the format " + file.format());
    }
    if (file.keyMetadata() != null) {
      return Optional.of("it is encrypted");
    }
    if (file.specId() != spec.specId()) {
      return Optional.of("it is of another partition spec");
    }
    boolean unknown = file.firstRowId() == null || file.dataSequenceNumber() == null;
    return Layout.keepsLineage(table) && unknown
        ? Optional.of("its rows have no ids yet")
        : Optional.empty();
  }

  private static boolean samePartition(PartitionSpec spec, List<FileScanTask> sources) {
    StructLikeWrapper wrapper = StructLikeWrapper.forType(spec.partitionType());
    StructLikeWrapper first = wrapper.copyFor(sources.get(0).file().partition());
    return sources.stream()
        .allMatch(source -> wrapper.copyFor(source.file().partition()).equals(first));
  }

  /**
   * Merges the sources, which are whole files in the order in which their rows are taken.
   *
   * <p>Outcomes: files are there, complete, which no snapshot refers to; or the merge is refused or
   * fails, and none of its files is left, as far as the store allows to remove them. A damaged
   * source is {@code CORRUPT} and named, a store that fails {@code UNAVAILABLE}.
   *
   * @param spec of the files that come out
   */
  public static MergeOutcome merge(
      Table table, PartitionSpec spec, List<FileScanTask> sources, MergeOptions options) {
    Optional<String> obstacle = obstacle(table, spec, sources);
    if (obstacle.isPresent()) {
      return new MergeOutcome.Refused(obstacle.get());
    }
    Layout layout = Layout.of(table);
    List<DataFile> files = sources.stream().map(FileScanTask::file).toList();
    Outputs outputs =
        new Outputs(table, spec, files.get(0).partition(), layout, options.registrar());
    Parallel parallel = new Parallel(options.executor(), options.threads());
    try {
      merge(table, files, layout, outputs, parallel, options);
      return new MergeOutcome.Merged(outputs.finished(), outputs.proof());
    } catch (RefusedException e) {
      outputs.removeAfter(e);
      return new MergeOutcome.Refused(String.valueOf(e.getMessage()));
    } catch (OutOfMemoryException e) {
      outputs.removeAfter(e);
      return new MergeOutcome.Refused("the memory limit is reached: " + e.getMessage());
    } catch (UncheckedIOException e) {
      outputs.removeAfter(e);
      throw FirnException.unavailable(
          "Cannot merge files: %s; retry [%s]".formatted(e.getMessage(), table.name()), e);
    } catch (RuntimeException | Error e) {
      outputs.removeAfter(e);
      throw e;
    }
  }

  private static void merge(
      Table table,
      List<DataFile> files,
      Layout layout,
      Outputs outputs,
      Parallel parallel,
      MergeOptions options) {
    BufferAllocator parent = options.allocator();
    try (BufferAllocator memory = parent.newChildAllocator("page merge", 0, parent.getLimit());
        SourceQueue queue = new SourceQueue(table.io(), files, layout, parallel, memory)) {
      new MergeRun(layout, options.fileBytes(), queue, outputs, parallel, memory).run();
    }
  }
}
