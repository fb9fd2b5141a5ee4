package dev.firn.catalog.commit;

import dev.firn.catalog.table.TableName;
import java.util.ArrayList;
import java.util.List;
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
  private final StagedOperations shape;
  private final TableStore store;
  private final List<Runnable> looks = new ArrayList<>();

  private StagedTable(
      TableIdentifier id, @Nullable TableMetadata start, TableMetadata now, TableStore store) {
    this.id = id;
    this.start = start;
    this.store = store;
    this.shape = new StagedOperations(now, new StagingFiles(store));
  }

  static StagedTable of(TableIdentifier id, TableMetadata start, TableStore store) {
    return new StagedTable(id, start, start, store);
  }

  /** A table to be made, from metadata that no file holds yet. */
  static StagedTable create(TableIdentifier id, TableMetadata created, TableStore store) {
    return new StagedTable(id, null, created, store);
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
    return store.stores();
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
    Staging staging = new Staging(id, shape.current(), store);
    looks.add(staging::discard);
    for (RowStep step : RowStep.plan(rows.stream().map(CommitRequest::of).toList())) {
      looks.add(step::discard);
      step.stage(staging);
    }
    return new BaseTable(
        new StagedOperations(staging.metadata(), new StagingFiles(store)), TableName.format(id));
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
    List<UpdateRequirement> requirements = new ArrayList<>(more);
    requirements.addAll(
        start == null
            ? UpdateRequirements.forCreateTable(updates)
            : UpdateRequirements.forUpdateTable(start.withUUID(), updates));
    if (start != null && start.uuid() == null) {
      // A table of format version 1 may have no id, and then nothing can be required of it.
      requirements.removeIf(each -> each instanceof UpdateRequirement.AssertTableUUID);
    }
    return new TableChanges(id, requirements, updates, rows, null);
  }

  /** Removes what was written for {@link #withRows}, as far as it can be. Never throws. */
  @Override
  public void close() {
    looks.forEach(Runnable::run);
    looks.clear();
  }
}
