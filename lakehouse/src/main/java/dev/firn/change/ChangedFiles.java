package dev.firn.change;

import dev.firn.catalog.commit.RowChange;
import dev.firn.format.write.DataWriter;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.format.write.WriteOptions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.util.ContentFileUtil;
import org.jspecify.annotations.Nullable;

/**
 * A writer of what a change adds and takes away. Confined to one thread. Opens files only when
 * there is something for them; a dry one counts, and writes nothing.
 *
 * <p>Where the table has row lineage, the rows it takes have its columns too: the id of a row that
 * was there before, null for a new one, and the sequence number of a row that stays as it was.
 */
final class ChangedFiles implements AutoCloseable {
  private final Table table;
  private final FileRegistrar registrar;
  private final BufferAllocator allocator;
  private final boolean dry;
  private final Schema schema;
  private final List<DataFile> removed = new ArrayList<>();
  private final List<DeleteFile> superseded = new ArrayList<>();
  private final Set<String> marked = new HashSet<>();
  private @Nullable DataWriter rows;
  private @Nullable RowDeleteWriter marks;
  private long inserted;
  private long updated;
  private long deleted;

  ChangedFiles(Table table, FileRegistrar registrar, BufferAllocator allocator, boolean dry) {
    this.table = table;
    this.registrar = registrar;
    this.allocator = allocator;
    this.dry = dry;
    this.schema =
        TableUtil.supportsRowLineage(table)
            ? MetadataColumns.schemaWithRowLineage(table.schema())
            : table.schema();
  }

  /** The columns of the rows that are written. */
  Schema schema() {
    return schema;
  }

  boolean isDry() {
    return dry;
  }

  void countDeleted(long more) {
    deleted += more;
  }

  void countUpdated(long more) {
    updated += more;
  }

  void countInserted(long more) {
    inserted += more;
  }

  /** A row goes from a file that stays. */
  void mark(FileScanTask task, long position) {
    marked.add(task.file().location());
    if (dry) {
      return;
    }
    RowDeleteWriter writer = marks;
    if (writer == null) {
      writer = RowDeleteWriter.open(table, registrar);
      marks = writer;
    }
    writer.delete(task, position);
  }

  /**
   * A file goes whole. Delete files that apply to it alone go along, vectors too: Iceberg 1.11
   * takes those of removed files away only in manifests that it opens for another reason.
   */
  void remove(FileScanTask task) {
    removed.add(task.file());
    task.deletes().stream().filter(ContentFileUtil::isFileScoped).forEach(superseded::add);
  }

  /** Writes a row of {@link #schema}. */
  void write(Record row) {
    if (!dry) {
      rows().write(row);
    }
  }

  /** Writes rows that stay as they are, with the columns of {@link #schema}. */
  void write(VectorSchemaRoot batch) {
    if (!dry) {
      rows().write(batch);
    }
  }

  private DataWriter rows() {
    DataWriter writer = rows;
    if (writer == null) {
      WriteOptions options = new WriteOptions(schema, null, null).withRegistrar(registrar);
      writer = DataWriter.open(table, options.withAllocator(allocator));
      rows = writer;
    }
    return writer;
  }

  /** Ends all files, and hands them over as one change. */
  ChangeStep.Draft complete(
      String branch, @Nullable Long base, Expression read, IsolationLevel isolation) {
    DataWriter adding = rows;
    RowDeleteWriter marking = marks;
    List<DataFile> added = List.of();
    RowDeleteWriter.Result marksDone = new RowDeleteWriter.Result(List.of(), List.of(), List.of());
    boolean done = false;
    try {
      if (adding != null) {
        added = adding.complete();
      }
      if (marking != null) {
        marksDone = marking.complete();
      }
      done = true;
    } finally {
      if (!done) {
        discard(added);
      }
    }
    List<DeleteFile> replaced = new ArrayList<>(marksDone.superseded());
    replaced.addAll(superseded);
    RowChange change =
        new RowChange(
            branch,
            added,
            List.copyOf(removed),
            marksDone.added(),
            replaced,
            marksDone.referencedDataFiles(),
            base,
            read,
            isolation,
            Map.of());
    return new ChangeStep.Draft(change, counts(added.size()));
  }

  private ChangeReceipt counts(int filesAdded) {
    return new ChangeReceipt(
        Optional.empty(), inserted, updated, deleted, removed.size(), marked.size(), filesAdded);
  }

  private void discard(List<DataFile> files) {
    for (DataFile file : files) {
      try {
        table.io().deleteFile(file.location());
        registrar.removed(List.of(file.location()));
      } catch (RuntimeException e) {
        // It stays, and so does its record, for a sweep: the failure that led here is thrown.
      }
    }
  }

  /** Removes every file that was not handed over. */
  @Override
  public void close() {
    if (rows != null) {
      rows.close();
    }
    if (marks != null) {
      marks.close();
    }
  }
}
