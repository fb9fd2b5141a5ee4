package dev.firn.compaction.rewrite;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.hash.ContentHash;
import dev.firn.format.hash.ContentHasher;
import dev.firn.format.parquet.write.Parallel;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.Decoding;
import dev.firn.scan.FileTaskReader;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;

/**
 * Hashes what files hold, as the ordinary reader gives it from the store, and compares. Confined to
 * one thread; borrows the team and the allocator.
 */
final class ContentCheck {
  private static final int MOST_NAMED = 20;

  private final Table table;
  private final Schema schema;
  private final Team team;
  private final BufferAllocator allocator;

  /** {@code schema} is what is compared. */
  ContentCheck(Table table, Schema schema, Team team, BufferAllocator allocator) {
    this.table = table;
    this.schema = schema;
    this.team = team;
    this.allocator = allocator;
  }

  /** A hasher of what is compared; batches may have more columns. */
  ContentHasher hasher() {
    return ContentHasher.of(schema);
  }

  /** The content of files that no snapshot has yet. Rows with an id have it stored. */
  ContentHash ofOutputs(List<DataFile> outputs) {
    return of(outputs.stream().map(this::task).toList());
  }

  private FileScanTask task(DataFile output) {
    PartitionSpec spec = table.specs().get(output.specId());
    // Without a first row id the reader takes it that no row has one.
    DataFile numbered = DataFiles.builder(spec).copy(output).withFirstRowId(0L).build();
    return new BaseFileScanTask(
        numbered,
        new DeleteFile[0],
        SchemaParser.toJson(table.schema()),
        PartitionSpecParser.toJson(spec),
        ResidualEvaluator.unpartitioned(Expressions.alwaysTrue()));
  }

  /**
   * The content of the files' live rows. Files, and the row groups of large ones, are read side by
   * side; a single row group by its columns.
   */
  ContentHash of(List<FileScanTask> files) {
    List<FileScanTask> parts = FileTaskReader.parts(files);
    Parallel parallel = new Parallel(team.executor(), team.helpers());
    if (parts.size() < parallel.workers()) {
      return together(parts, parallel.workers());
    }
    FileTaskReader reader = reader(Decoding.INLINE).dictionaryStrings();
    ContentHash[] sums = new ContentHash[parts.size()];
    parallel.run(
        sums.length,
        (part, worker) -> {
          try (BatchCursor rows = reader.openArrow(parts.get(part), allocator)) {
            sums[part] = hash(rows);
          }
        });
    return Stream.of(sums).reduce(ContentHash.EMPTY, ContentHash::plus);
  }

  private ContentHash together(List<FileScanTask> parts, int threads) {
    Decoding sideBySide =
        new Decoding(Decoding.DEFAULT_BATCH_ROWS, team.executor(), threads, Rewriter.AHEAD);
    try (BatchCursor rows = reader(sideBySide).together(parts, allocator)) {
      return hash(rows);
    }
  }

  private FileTaskReader reader(Decoding decoding) {
    return new FileTaskReader(table, table.schema(), schema, Expressions.alwaysTrue(), decoding);
  }

  private ContentHash hash(BatchCursor rows) {
    ContentHasher hasher = hasher();
    while (rows.next()) {
      hasher.add(rows.root(), rows.dictionaries());
    }
    return hasher.sum();
  }

  /** Fails where outputs do not hold what their sources did; the outputs stay, as evidence. */
  void requireEqual(
      ContentHash before, List<FileScanTask> sources, ContentHash after, List<DataFile> outputs) {
    if (!before.equals(after)) {
      throw wrong(sources, outputs, "expected " + before + ", got " + after);
    }
  }

  /** Outputs do not hold what their sources do, as {@code fault} says. */
  FirnException wrong(List<FileScanTask> sources, List<DataFile> outputs, String fault) {
    List<String> from = new ArrayList<>();
    sources.forEach(source -> from.add(source.file().location()));
    return new FirnException(
        ErrorKind.CORRUPT,
        "Cannot compact "
            + table.name()
            + ": the files written do not hold what their sources do, "
            + fault
            + "; nothing was committed, and what was written stays for inspection until orphans are"
            + " swept: run firn verify to see whether the sources are sound, then compact again"
            + " [sources "
            + named(from)
            + "; written "
            + named(outputs.stream().map(DataFile::location).toList())
            + "]");
  }

  private static String named(List<String> files) {
    String some = files.stream().limit(MOST_NAMED).collect(Collectors.joining(", "));
    return files.size() <= MOST_NAMED
        ? some
        : some + " and " + (files.size() - MOST_NAMED) + " more";
  }
}
