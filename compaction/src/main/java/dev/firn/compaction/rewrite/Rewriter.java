package dev.firn.compaction.rewrite;

import dev.firn.compaction.plan.FileGroup;
import dev.firn.format.hash.ContentHash;
import dev.firn.format.hash.ContentHasher;
import dev.firn.format.merge.MergeOptions;
import dev.firn.format.merge.MergeOutcome;
import dev.firn.format.merge.PageMerge;
import dev.firn.format.parquet.write.Parallel;
import dev.firn.format.write.DataWriter;
import dev.firn.format.write.WriteOptions;
import dev.firn.format.write.WrittenFiles;
import dev.firn.scan.Decoding;
import dev.firn.scan.FileTaskReader;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SortOrder;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.util.StructLikeWrapper;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the live rows of a group's sources to new files, under the table's schema and spec at that
 * moment, tells where each went, and proves that the files hold what the sources did. On v3 rows
 * keep their ids and their last-updated sequence numbers. Confined to one thread; owns threads that
 * help it.
 *
 * <p>Outcomes of {@link #rewrite}: the outputs, which are the caller's; or a failure, and then no
 * output is left; or outputs that do not hold what the sources did, which is {@code CORRUPT}, names
 * them, and leaves them.
 *
 * <p>Memory: {@link RewriteOptions#memoryBytes} for what is written, {@value #AHEAD} bytes for what
 * is read ahead, and on the heap a bit for each row of sources with deletes, at most 64 MB.
 */
public final class Rewriter implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Rewriter.class);

  /** Bytes for files and batches that are ahead. */
  static final long AHEAD = 32L << 20;

  /** Fewer rows are not worth another thread. */
  private static final int LEAST_HASHED = 2048;

  /** What the bitmaps of dead rows may hold, in rows, for the map to be kept in memory. */
  private static final long MOST_BITS = 64L << 23;

  private final Table table;
  private final RewriteOptions options;
  private final Team team;

  private Rewriter(Table table, RewriteOptions options) {
    this.table = table;
    this.options = options;
    this.team = new Team(options.threads());
  }

  /** Opens a rewriter of a table, whose current schema and spec are looked at for each group. */
  public static Rewriter open(Table table, RewriteOptions options) {
    return new Rewriter(table, options);
  }

  /** Rewrites a group. */
  public Rewritten rewrite(FileGroup group) {
    if (group.isMetadataOnly()) {
      InOrderRows nowhere = InOrderRows.none(group.sources().size());
      return new Rewritten(group, List.of(), nowhere, ContentHash.EMPTY, Rewritten.Method.METADATA);
    }
    if (isInOrder(group)) {
      Rewritten merged = merge(group);
      if (merged != null) {
        return merged;
      }
      Rewritten done = decode(group, true);
      if (partitions(done) <= 1) {
        return done;
      }
      // A source held rows of other partitions than its own: places cannot be computed.
      done.rows().close();
      remove(done.outputs());
    }
    return decode(group, false);
  }

  /** Copies pages; null where that is not legal, and files have to be decoded. */
  private @Nullable Rewritten merge(FileGroup group) {
    List<FileScanTask> sources = group.sources();
    MergeOptions how =
        new MergeOptions(
            group.fileBytes(),
            options.allocator(),
            team.executor(),
            team.helpers(),
            options.registrar());
    MergeOutcome outcome = PageMerge.merge(table, table.spec(), sources, how);
    if (!(outcome instanceof MergeOutcome.Merged merged)) {
      LOG.debug("Files of {} are decoded, not merged by pages: {}", table.name(), outcome);
      return null;
    }
    List<DataFile> outputs = merged.files();
    ContentHash content = proven(sources, merged, how);
    options.progress().advance(group.bytes(), content.rows());
    RowMap map = new InOrderRows(sources, Collections.nCopies(sources.size(), null), outputs);
    return new Rewritten(group, outputs, map, content, Rewritten.Method.PAGE_MERGE);
  }

  /**
   * Compares the outputs' pages with those they came of, then reads them as anybody does, for their
   * content; leaves none where that fails, and all where they are wrong.
   */
  private ContentHash proven(
      List<FileScanTask> sources, MergeOutcome.Merged merged, MergeOptions how) {
    List<DataFile> outputs = merged.files();
    ContentCheck check =
        new ContentCheck(table, hashed(sources, stored()), team, options.allocator());
    Optional<String> fault =
        readBack(outputs, () -> merged.proof().fault(table.io(), outputs, how));
    ContentHash content =
        fault.isPresent() ? ContentHash.EMPTY : readBack(outputs, () -> check.ofOutputs(outputs));
    long rows = sources.stream().mapToLong(source -> source.file().recordCount()).sum();
    if (fault.isPresent() || content.rows() != rows) {
      throw check.wrong(
          sources, outputs, fault.orElse("expected %d rows, got %s".formatted(rows, content)));
    }
    return content;
  }

  private long partitions(Rewritten done) {
    StructLikeWrapper wrapper = StructLikeWrapper.forType(table.spec().partitionType());
    return done.outputs().stream()
        .map(output -> wrapper.copyFor(output.partition()))
        .distinct()
        .count();
  }

  /** Whether rows come out in the order in which they are read, and where they went is computed. */
  private boolean isInOrder(FileGroup group) {
    SortOrder order = options.sortOrder() == null ? table.sortOrder() : options.sortOrder();
    if (options.rowOrder() != null || order.isSorted()) {
      return false;
    }
    StructLikeWrapper wrapper = StructLikeWrapper.forType(table.spec().partitionType());
    StructLikeWrapper first = wrapper.copyFor(group.sources().get(0).file().partition());
    long bits = 0;
    for (FileScanTask source : group.sources()) {
      DataFile file = source.file();
      boolean same =
          file.specId() == table.spec().specId() && wrapper.copyFor(file.partition()).equals(first);
      if (table.spec().isPartitioned() && !same) {
        return false;
      }
      bits += source.deletes().isEmpty() ? 0 : file.recordCount();
    }
    return bits <= MOST_BITS;
  }

  private Rewritten decode(FileGroup group, boolean inOrder) {
    if (inOrder) {
      return decode(group, null);
    }
    List<FileScanTask> sources = group.sources();
    Origin.check(
        sources.size(), sources.stream().mapToLong(s -> s.file().recordCount()).max().orElse(0));
    RecordedRows recorded = RecordedRows.create(options.directory());
    boolean done = false;
    try {
      Rewritten rewritten = decode(group, recorded);
      done = true;
      return rewritten;
    } finally {
      if (!done) {
        recorded.close();
      }
    }
  }

  private Rewritten decode(FileGroup group, @Nullable RecordedRows recorded) {
    List<FileScanTask> sources = group.sources();
    Schema stored = stored();
    ContentCheck check =
        new ContentCheck(table, hashed(sources, stored), team, options.allocator());
    Written written = write(group, stored, check, recorded);
    RowMap map =
        recorded == null
            ? new InOrderRows(sources, written.live().dead(), written.outputs())
            : recorded.complete(written.outputs());
    ContentHash found = readBack(written.outputs(), () -> check.ofOutputs(written.outputs()));
    check.requireEqual(written.content(), sources, found, written.outputs());
    return new Rewritten(
        group,
        written.outputs(),
        map,
        written.content(),
        recorded == null ? Rewritten.Method.IN_ORDER : Rewritten.Method.SORT);
  }

  /** What was written, and from which rows. */
  private record Written(List<DataFile> outputs, LiveRows live, ContentHash content) {}

  private Written write(
      FileGroup group, Schema stored, ContentCheck check, @Nullable RecordedRows recorded) {
    Parallel parallel = new Parallel(team.executor(), team.helpers());
    List<ContentHasher> hashers = new ArrayList<>();
    for (int i = 0; i < parallel.workers(); i++) {
      hashers.add(check.hasher());
    }
    try (DataWriter writer = DataWriter.open(table, writeOptions(group, stored, recorded));
        LiveRows live = live(group.sources(), stored, recorded == null)) {
      while (live.next()) {
        VectorSchemaRoot rows = live.rows();
        hash(rows, hashers, parallel);
        if (recorded == null) {
          writer.write(rows);
        } else {
          Origin.of(live.source(), live.positions());
          writer.write(rows, live.positions());
        }
      }
      ContentHash content =
          hashers.stream().map(ContentHasher::sum).reduce(ContentHash.EMPTY, ContentHash::plus);
      return new Written(List.copyOf(writer.complete()), live, content);
    }
  }

  /** Each worker takes a part of the batch, as far as it is not reading ahead. */
  private static void hash(VectorSchemaRoot rows, List<ContentHasher> hashers, Parallel parallel) {
    int count = rows.getRowCount();
    int part = Math.max(LEAST_HASHED, -Math.floorDiv(-count, hashers.size()));
    parallel.run(
        -Math.floorDiv(-count, part),
        (i, worker) -> hashers.get(worker).add(rows, i * part, Math.min(count, (i + 1) * part)));
  }

  private LiveRows live(List<FileScanTask> sources, Schema stored, boolean noting) {
    Schema read = TypeUtil.join(stored, new Schema(MetadataColumns.ROW_POSITION));
    Decoding decoding =
        new Decoding(
            Decoding.DEFAULT_BATCH_ROWS, team.executor(), Math.max(1, team.helpers() + 1), AHEAD);
    FileTaskReader reader =
        new FileTaskReader(table, table.schema(), read, Expressions.alwaysTrue(), decoding);
    return new LiveRows(sources, reader, noting, options.progress(), options.allocator());
  }

  private Schema stored() {
    return TableUtil.supportsRowLineage(table)
        ? MetadataColumns.schemaWithRowLineage(table.schema())
        : table.schema();
  }

  /** Rows of files from before v3 have no lineage yet, and none is there to be compared. */
  private Schema hashed(List<FileScanTask> sources, Schema stored) {
    boolean all = sources.stream().allMatch(source -> source.file().firstRowId() != null);
    return all ? stored : table.schema();
  }

  private WriteOptions writeOptions(
      FileGroup group, Schema stored, @Nullable RecordedRows recorded) {
    WriteOptions write =
        new WriteOptions(stored, table.spec(), group.fileBytes())
            .withRegistrar(options.registrar())
            .withAllocator(options.allocator())
            .withMemoryBytes(options.memoryBytes())
            .withThreads(team.executor(), team.helpers());
    if (options.directory() != null) {
      write = write.withSpillDirectory(options.directory());
    }
    if (options.sortOrder() != null) {
      write = write.withSortOrder(options.sortOrder());
    }
    if (options.rowOrder() != null) {
      write = write.withRowOrder(options.rowOrder());
    }
    return recorded == null ? write : write.withPlaces(recorded);
  }

  /** Returns what {@code reading} finds in outputs; where it fails, none of them is left. */
  private <T> T readBack(List<DataFile> outputs, Supplier<T> reading) {
    boolean read = false;
    try {
      T found = reading.get();
      read = true;
      return found;
    } finally {
      if (!read) {
        remove(outputs);
      }
    }
  }

  private void remove(List<DataFile> outputs) {
    List<String> locations = outputs.stream().map(DataFile::location).toList();
    options.registrar().removed(WrittenFiles.remove(table.io(), locations));
  }

  /** Idempotent. */
  @Override
  public void close() {
    team.close();
  }
}
