package dev.firn.catalog.commit;

import dev.firn.catalog.table.TableName;
import java.util.List;
import java.util.stream.Stream;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.MetadataUpdate;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.UpdateRequirement;
import org.apache.iceberg.UpdateRequirements;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.jspecify.annotations.Nullable;

/**
 * One table as a transaction sees it: as it was when the transaction first looked, and with what
 * the transaction has staged since. Nothing of it is visible to others. Confined to one thread;
 * borrows the stores; owns the manifests that it wrote to look at staged rows, until {@link
 * #close()}.
 */
public final class StagedTable implements AutoCloseable {
  private final TableIdentifier id;
  private final @Nullable TableMetadata start;
  private final InMemoryOperations shape;
  private final FileIO stores;
  private final RecordedFiles looks;

  private StagedTable(
      TableIdentifier id, @Nullable TableMetadata start, TableMetadata now, FileIO stores) {
    this.id = id;
    this.start = start;
    this.stores = stores;
    this.shape = new InMemoryOperations(now, stores);
    this.looks = new RecordedFiles(stores);
  }

  static StagedTable of(TableIdentifier id, TableMetadata start, FileIO stores) {
    return new StagedTable(id, start, start, stores);
  }

  /** A table to be made, from metadata that no file holds yet. */
  static StagedTable create(TableIdentifier id, TableMetadata created, FileIO stores) {
    return new StagedTable(id, null, created, stores);
  }

  public TableIdentifier id() {
    return id;
  }

  /** Returns the metadata that the transaction began with; null where it makes the table. */
  public @Nullable TableMetadata start() {
    return start;
  }

  /** Returns the metadata with everything that is staged, but rows. */
  public TableMetadata metadata() {
    return shape.current();
  }

  /** Returns the stores, which are borrowed. */
  public FileIO io() {
    return stores;
  }

  /**
   * Returns the table without staged rows. What Iceberg's API commits to it is staged: schema,
   * spec, sort order and properties; for rows see {@link #withRows}.
   */
  public Table shape() {
    return new BaseTable(shape, TableName.format(id));
  }

  /** Returns the table as it would be with {@code rows} committed, to read. */
  public Table withRows(List<RowChange> rows) {
    InMemoryOperations staged = new InMemoryOperations(shape.current(), looks);
    Table table = new BaseTable(staged, TableName.format(id));
    for (RowChange change : rows) {
      TableCommitter.commit(table, change);
    }
    return new BaseTable(new InMemoryOperations(staged.current(), stores), TableName.format(id));
  }

  /** Whether anything but rows is staged. */
  public boolean isReshaped() {
    return !shape.current().changes().isEmpty();
  }

  /**
   * Returns what is to be committed: the changes of metadata that were staged, then {@code rows}.
   *
   * @param more requirements beside those that the changes of metadata make
   */
  public TableChanges changes(List<UpdateRequirement> more, List<CommitRequest> rows) {
    List<MetadataUpdate> updates = shape.current().changes();
    List<UpdateRequirement> requirements =
        start == null
            ? UpdateRequirements.forCreateTable(updates)
            : UpdateRequirements.forUpdateTable(start, updates);
    return new TableChanges(id, concat(requirements, more), updates, rows, null);
  }

  private static <T> List<T> concat(List<T> first, List<T> second) {
    return Stream.concat(first.stream(), second.stream()).toList();
  }

  /** Removes what was written for {@link #withRows}, as far as it can be. Never throws. */
  @Override
  public void close() {
    looks.removeAll();
  }
}
