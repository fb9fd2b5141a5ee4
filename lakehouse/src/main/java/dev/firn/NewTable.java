package dev.firn;

import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.commit.TableCommitter;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.table.TableName;
import java.util.Map;
import java.util.function.Function;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.SnapshotRef;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Catalog;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.AlreadyExistsException;

/**
 * A table that does not exist yet. {@link #create()} makes it empty; {@link #append()} makes it
 * together with its first rows, in one commit, so that nobody ever sees it half loaded and a failed
 * load leaves no table behind.
 */
public final class NewTable {
  private final LakeCatalog catalog;
  private final TableIdentifier id;
  private final Schema schema;
  private final TableDefinition definition;
  private final Function<Table, LakeTable> made;

  NewTable(
      LakeCatalog catalog,
      TableIdentifier id,
      Schema schema,
      TableDefinition definition,
      Function<Table, LakeTable> made) {
    this.catalog = catalog;
    this.id = id;
    this.schema = definition.schema(schema);
    this.definition = definition;
    this.made = made;
  }

  /** Creates the table, empty. */
  public LakeTable create() {
    // The table as made: were it read back, a failure would look as if it had not been made.
    return made.apply(Guard.call("create table " + id, () -> builder().create()));
  }

  /** Opens a writer whose commit creates the table with the rows written. */
  public TableWriter append() {
    return append(Map.of());
  }

  /** As {@link #append()}, with extra entries of the first snapshot's summary. */
  public TableWriter append(Map<String, String> summary) {
    String doing = "create table " + id;
    Transaction transaction = Guard.call(doing, this::begin);
    WriteIntent intent = Guard.call(doing, () -> catalog.intentOf(id, transaction));
    return new TableWriter(
        doing,
        transaction.table(),
        intent,
        written ->
            TableCommitter.commit(
                transaction, RowChanges.append(SnapshotRef.MAIN_BRANCH, written, summary)));
  }

  /** Returns the metadata that the table would begin with; makes its namespace where missing. */
  TableMetadata metadata() {
    return Guard.call(
        "create table " + id, () -> ((HasTableOperations) begin().table()).operations().current());
  }

  private Transaction begin() {
    return builder().createTransaction();
  }

  private Catalog.TableBuilder builder() {
    createNamespace();
    return catalog
        .tables()
        .buildTable(id, schema)
        .withPartitionSpec(definition.spec(schema))
        .withSortOrder(definition.sortOrder(schema))
        .withProperties(definition.properties())
        .withLocation(catalog.newTableLocation(id));
  }

  private void createNamespace() {
    if (!catalog.namespaces().namespaceExists(id.namespace())) {
      try {
        catalog.namespaces().createNamespace(id.namespace());
      } catch (AlreadyExistsException e) {
        // Another writer made it in between, which is as good.
      }
    }
  }

  /** Returns the name it will have. */
  public String name() {
    return TableName.format(id);
  }
}
