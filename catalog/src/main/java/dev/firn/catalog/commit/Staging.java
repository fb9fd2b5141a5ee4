package dev.firn.catalog.commit;

import dev.firn.catalog.jdbc.Pointers;
import dev.firn.catalog.table.SupportedTables;
import dev.firn.catalog.table.TableName;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.util.SnapshotUtil;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to change one table: changes are made to its metadata in memory, one after another,
 * and nothing is visible until a swap moves the pointer as {@link #write} says. Confined to one
 * thread.
 *
 * <p>How to use it: {@link #step} any number of times; {@link #write}; swap. Where the swap surely
 * was not applied, {@link #discard}, and stage again on newer metadata. Where it was, {@link
 * #applied}. Where it is unknown: neither, because the files may be part of the table.
 */
final class Staging {
  private final TableIdentifier table;
  private final TableMetadata base;
  private final TableStore store;
  private final StagingFiles files;
  private TableMetadata staged;
  private @Nullable TableMetadata written;

  /** Begins on {@code base}, which has been read from, or written to, its file. */
  Staging(TableIdentifier table, TableMetadata base, TableStore store) {
    this.table = table;
    this.base = base;
    this.store = store;
    this.files = new StagingFiles(store);
    this.staged = base;
  }

  TableIdentifier table() {
    return table;
  }

  /** Returns what the attempt began on. */
  TableMetadata base() {
    return base;
  }

  /** Returns the metadata with every step so far. */
  TableMetadata metadata() {
    return staged;
  }

  TableStore store() {
    return store;
  }

  /**
   * Makes one change by Iceberg's own API. It takes effect whole, or, where it throws, not at all,
   * and what it wrote is removed.
   */
  void step(Consumer<Table> change) {
    StagedOperations operations = new StagedOperations(staged, files);
    step(operations, change, () -> staged = operations.current());
  }

  /**
   * As {@link #step}, without merging manifests: {@code commit.manifest-merge.enabled} looks off to
   * the change, whatever the table says.
   */
  void unmergedStep(Consumer<Table> change) {
    if (!staged.propertyAsBoolean(
        TableProperties.MANIFEST_MERGE_ENABLED, TableProperties.MANIFEST_MERGE_ENABLED_DEFAULT)) {
      step(change);
      return;
    }
    TableMetadata view =
        TableMetadata.buildFrom(staged)
            .setProperties(Map.of(TableProperties.MANIFEST_MERGE_ENABLED, "false"))
            .discardChanges()
            .build();
    StagedOperations operations = new StagedOperations(view, files);
    step(
        operations,
        change,
        () ->
            apply(
                builder ->
                    operations.current().changes().forEach(update -> update.applyTo(builder))));
  }

  private void step(StagedOperations operations, Consumer<Table> change, Runnable take) {
    atomically(
        () -> {
          // Commits are reported once they are applied; nobody waits for Iceberg's reports here.
          change.accept(new BaseTable(operations, TableName.format(table), report -> {}));
          take.run();
        });
  }

  /** Runs several steps that take effect together, or, where it throws, not at all. */
  void atomically(Runnable steps) {
    TableMetadata before = staged;
    Set<String> files = Set.copyOf(this.files.created());
    try {
      steps.run();
    } catch (RuntimeException e) {
      staged = before;
      this.files.remove(
          this.files.created().stream().filter(file -> !files.contains(file)).toList());
      throw e;
    }
  }

  /** Changes the metadata itself; as {@link #step}. */
  void apply(Consumer<TableMetadata.Builder> change) {
    TableMetadata.Builder builder = TableMetadata.buildFrom(staged);
    change.accept(builder);
    TableMetadata updated = builder.build();
    if (updated != staged) {
      SupportedTables.check(TableName.format(table), updated);
      staged = updated;
    }
  }

  /** Returns the newest snapshot of a branch; null where it has none. */
  @Nullable Snapshot latest(String branch) {
    return SnapshotUtil.latestSnapshot(staged, branch);
  }

  boolean isChanged() {
    return staged != base;
  }

  /** Writes the metadata file and returns the step of the pointer that makes it current. */
  Pointers.Move write() {
    String location = MetadataLocations.next(base.metadataFileLocation(), staged);
    TableMetadataParser.write(staged, files.newOutputFile(location));
    written =
        staged.currentSchemaId() == base.currentSchemaId()
            ? TableMetadata.buildFrom(staged)
                .withMetadataLocation(location)
                .discardChanges()
                .build()
            // Read anew: where a column was widened, the specs' transforms are of its old type.
            : TableMetadataParser.fromJson(location, TableMetadataParser.toJson(staged));
    return new Pointers.Move(table, base.metadataFileLocation(), location);
  }

  /** Makes what was written known as current. The swap has been applied. */
  TableMetadata applied() {
    TableMetadata current = written;
    if (current == null) {
      throw new IllegalStateException("Cannot finish a commit to " + table + ": nothing written");
    }
    store.put(table, current);
    return current;
  }

  /** Removes all that was written. The swap surely was not applied, and never will be. */
  void discard() {
    files.remove(files.created());
  }
}
