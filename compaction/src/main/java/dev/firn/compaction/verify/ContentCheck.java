package dev.firn.compaction.verify;

import dev.firn.compaction.commit.RewriteCommit;
import dev.firn.compaction.verify.Finding.Kind;
import dev.firn.format.hash.ContentHash;
import dev.firn.format.hash.ContentHasher;
import dev.firn.scan.BatchCursor;
import dev.firn.scan.Decoding;
import dev.firn.scan.FileTaskReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.SnapshotChanges;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.expressions.Expressions;
import org.jspecify.annotations.Nullable;

/**
 * The content hash that a rewrite left in its snapshot's summary, and that of the files which it
 * added, all their rows. Thread-safe.
 */
final class ContentCheck {
  private final Table table;
  private final Snapshot snapshot;
  private final String recorded;
  private final Schema plain;
  private final Schema columns;
  private final Findings findings;
  private ContentHash sum = ContentHash.EMPTY;
  private ContentHash plainSum = ContentHash.EMPTY;
  private boolean failed;

  private ContentCheck(
      Table table, Snapshot snapshot, String recorded, Schema plain, Findings findings) {
    this.table = table;
    this.snapshot = snapshot;
    this.recorded = recorded;
    this.plain = plain;
    // Rewrites of rows from before v3 leave lineage out: either hash will do.
    this.columns =
        TableUtil.supportsRowLineage(table) ? MetadataColumns.schemaWithRowLineage(plain) : plain;
    this.findings = findings;
  }

  /** Null where the snapshot has none. */
  static @Nullable ContentCheck of(Table table, Snapshot snapshot, Findings findings) {
    Map<String, String> summary = snapshot.summary();
    String hash = summary == null ? null : summary.get(RewriteCommit.CONTENT_HASH);
    if (summary == null || hash == null) {
      return null;
    }
    String id = summary.get(RewriteCommit.SCHEMA_ID);
    Schema schema =
        id != null && id.matches("[0-9]{1,9}") ? table.schemas().get(Integer.parseInt(id)) : null;
    if (schema == null) {
      findings.add(
          Kind.CONTENT_HASH,
          named(snapshot),
          RewriteCommit.SCHEMA_ID,
          "the id of a schema of the table",
          id);
      return null;
    }
    return new ContentCheck(table, snapshot, hash, schema, findings);
  }

  private static String named(Snapshot snapshot) {
    String list = snapshot.manifestListLocation();
    return list == null ? "snapshot " + snapshot.snapshotId() : list;
  }

  /** One task for each file that the snapshot added. */
  List<Runnable> tasks(BufferAllocator allocator, LongConsumer read) {
    List<Runnable> tasks = new ArrayList<>();
    boolean listed =
        findings.reading(
            named(snapshot),
            () ->
                SnapshotChanges.builderFor(table)
                    .snapshot(snapshot)
                    .build()
                    .addedDataFiles()
                    .forEach(file -> tasks.add(() -> hash(file, allocator, read))));
    failed = !listed;
    return tasks;
  }

  private void hash(DataFile file, BufferAllocator allocator, LongConsumer read) {
    boolean done =
        findings.reading(
            file.location(),
            () -> {
              ContentHasher hasher = ContentHasher.of(columns);
              ContentHasher values = ContentHasher.of(plain);
              FileTaskReader reader =
                  new FileTaskReader(
                      table, columns, columns, Expressions.alwaysTrue(), Decoding.INLINE);
              try (BatchCursor batches = reader.openArrow(Tasks.of(table, file), allocator)) {
                while (batches.next()) {
                  hasher.add(batches.root());
                  values.add(batches.root());
                  read.accept(batches.root().getRowCount());
                }
              }
              add(hasher.sum(), values.sum());
            });
    if (!done) {
      fail();
    }
  }

  private synchronized void add(ContentHash hash, ContentHash values) {
    sum = sum.plus(hash);
    plainSum = plainSum.plus(values);
  }

  private synchronized void fail() {
    failed = true;
  }

  /** To be called when the tasks are done. A file that does not read has its own finding. */
  synchronized void end() {
    if (!failed && !recorded.equals(sum.toString()) && !recorded.equals(plainSum.toString())) {
      findings.add(
          Kind.CONTENT_HASH,
          named(snapshot),
          "rows of the files that snapshot " + snapshot.snapshotId() + " added",
          recorded,
          sum);
    }
  }
}
