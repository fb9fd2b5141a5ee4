package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.commit.TableCommitter;
import dev.firn.catalog.error.IcebergErrors;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DataOperations;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.Transaction;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every catalog does, whatever database holds it. */
abstract class CatalogContract {
  static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "city", Types.StringType.get()));
  static final PartitionSpec BY_CITY = PartitionSpec.builderFor(SCHEMA).identity("city").build();
  private static final TableIdentifier ORDERS = TableName.parse("shop.orders");

  private LakeCatalog catalog;

  /** Where the catalog of this test is, the same at each call. */
  abstract CatalogSettings settings();

  @BeforeEach
  void openCatalog() {
    catalog = LakeCatalog.open(settings());
    catalog.namespaces().createNamespace(Namespace.of("shop"));
  }

  @AfterEach
  void closeCatalog() {
    catalog.close();
  }

  @Test
  void tableIsThereForASecondCatalog() {
    Table made = create(ORDERS, Map.of());

    try (LakeCatalog second = LakeCatalog.open(settings())) {
      Table found = second.loadTable(ORDERS);
      assertThat(found.uuid()).isEqualTo(made.uuid());
      assertThat(found.location()).isEqualTo(made.location());
      assertThat(second.tables().listTables(Namespace.of("shop"))).containsExactly(ORDERS);
    }
  }

  @Test
  void missingTableIsIcebergsException() {
    assertThatThrownBy(() -> catalog.loadTable(ORDERS)).isInstanceOf(NoSuchTableException.class);
  }

  @Test
  void tableNeedsItsNamespace() {
    assertThat(kindOf(() -> create(TableName.parse("nowhere.orders"), Map.of())))
        .isEqualTo(ErrorKind.NOT_FOUND);
  }

  @Test
  void namespacesNestAndRefuseToGoWithTables() {
    Namespace inner = Namespace.of("shop", "archive");
    catalog.namespaces().createNamespace(inner, Map.of("owner", "ann"));
    create(TableIdentifier.of(inner, "old"), Map.of());

    assertThat(catalog.namespaces().listNamespaces(Namespace.of("shop"))).containsExactly(inner);
    assertThat(catalog.namespaces().loadNamespaceMetadata(inner)).containsEntry("owner", "ann");
    assertThat(kindOf(() -> catalog.namespaces().dropNamespace(inner)))
        .isEqualTo(ErrorKind.INVALID);
    catalog.tables().dropTable(TableIdentifier.of(inner, "old"), true);
    assertThat(catalog.namespaces().dropNamespace(inner)).isTrue();
  }

  @Test
  void renamedTableKeepsItsDirectoryAndItsNameIsFree() {
    String first = create(ORDERS, Map.of()).location();
    TableIdentifier archived = TableName.parse("shop.archived orders $ é");

    catalog.tables().renameTable(ORDERS, archived);
    Table second = create(ORDERS, Map.of());

    assertThat(catalog.loadTable(archived).location()).isEqualTo(first);
    assertThat(second.location()).isNotEqualTo(first);
  }

  @Test
  void tableMadeAgainAfterDropDoesNotShareTheOldDirectory() {
    String first = create(ORDERS, Map.of()).location();
    assertThat(catalog.tables().dropTable(ORDERS, false)).isTrue();
    assertThat(catalog.tables().dropTable(ORDERS, false)).isFalse();

    assertThat(create(ORDERS, Map.of()).location()).isNotEqualTo(first);
  }

  @Test
  void defaultLocationIsUniqueToo() {
    String first = catalog.tables().createTable(ORDERS, SCHEMA).location();
    catalog.tables().dropTable(ORDERS, false);

    assertThat(first).matches(".*/shop/orders-[0-9a-f]{8}");
    assertThat(catalog.tables().createTable(ORDERS, SCHEMA).location()).isNotEqualTo(first);
  }

  @Test
  void secondCreateOfTheSameTableFails() {
    create(ORDERS, Map.of());

    assertThat(kindOf(() -> create(ORDERS, Map.of()))).isEqualTo(ErrorKind.ALREADY_EXISTS);
  }

  @Test
  void refusesFormatVersionFourOnCreate() {
    assertThatThrownBy(() -> create(ORDERS, Map.of("format-version", "4")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("expected 1, 2 or 3, got 4");
    assertThat(catalog.tables().tableExists(ORDERS)).isFalse();
  }

  @Test
  void refusesEncryptionOnCreateAndLater() {
    assertThatThrownBy(() -> create(ORDERS, Map.of("encryption.key-id", "k1")))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("encryption.key-id");

    Table table = create(ORDERS, Map.of("format-version", "3"));
    assertThatThrownBy(() -> table.updateProperties().set("encryption.key-id", "k1").commit())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("plain text");
    assertThat(catalog.loadTable(ORDERS).properties()).doesNotContainKey("encryption.key-id");
  }

  @Test
  void appendReturnsItsOwnSnapshot() {
    Table table = create(ORDERS, Map.of());

    CommitReceipt receipt =
        TableCommitter.commit(table, append("main", Map.of("job", "7"), file(table, "a")));

    Snapshot current = catalog.loadTable(ORDERS).currentSnapshot();
    assertThat(receipt)
        .isEqualTo(new CommitReceipt(current.snapshotId(), current.sequenceNumber(), 0));
    assertThat(current.operation()).isEqualTo(DataOperations.APPEND);
    assertThat(current.summary()).containsEntry("job", "7").containsEntry("added-data-files", "1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "false"})
  void appendsFromAStaleTableAreKeptAndReceiptsAreTheirOwn(String merge) {
    create(ORDERS, Map.of("commit.manifest-merge.enabled", merge));
    Table one = catalog.loadTable(ORDERS);
    Table two = catalog.loadTable(ORDERS);

    CommitReceipt first = TableCommitter.commit(one, append("main", Map.of(), file(one, "a")));
    CommitReceipt second = TableCommitter.commit(two, append("main", Map.of(), file(two, "b")));

    Table table = catalog.loadTable(ORDERS);
    assertThat(table.currentSnapshot().snapshotId()).isEqualTo(second.snapshotId());
    assertThat(table.currentSnapshot().parentId()).isEqualTo(first.snapshotId());
  }

  @Test
  void racingAppendsEachGetTheirOwnSnapshot() throws Exception {
    create(ORDERS, Map.of("commit.retry.num-retries", "100", "commit.retry.max-wait-ms", "200"));
    int writers = 4;
    int commits = 5;
    ExecutorService threads = Executors.newFixedThreadPool(writers);
    try {
      List<Callable<List<Long>>> work = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        String writer = "w" + w;
        work.add(() -> appendMany(writer, commits));
      }
      for (Future<List<Long>> future : threads.invokeAll(work)) {
        assertThat(future.get()).hasSize(commits);
      }
    } finally {
      threads.shutdown();
    }
    List<Snapshot> all = new ArrayList<>();
    catalog.loadTable(ORDERS).snapshots().forEach(all::add);
    assertThat(all).hasSize(writers * commits);
  }

  private List<Long> appendMany(String writer, int commits) {
    List<Long> snapshots = new ArrayList<>();
    Table table = catalog.loadTable(ORDERS);
    for (int i = 0; i < commits; i++) {
      String tag = writer + "-" + i;
      CommitReceipt receipt =
          TableCommitter.commit(table, append("main", Map.of("tag", tag), file(table, tag)));
      table.refresh();
      assertThat(table.snapshot(receipt.snapshotId()).summary()).containsEntry("tag", tag);
      snapshots.add(receipt.snapshotId());
    }
    return snapshots;
  }

  @Test
  void appendGoesToABranchOnly() {
    Table table = create(ORDERS, Map.of());
    TableCommitter.commit(table, append("main", Map.of(), file(table, "a")));
    long main = table.currentSnapshot().snapshotId();
    table.manageSnapshots().createBranch("audit").commit();

    CommitReceipt receipt =
        TableCommitter.commit(table, append("audit", Map.of(), file(table, "b")));

    table.refresh();
    assertThat(table.currentSnapshot().snapshotId()).isEqualTo(main);
    assertThat(table.snapshot("audit").snapshotId()).isEqualTo(receipt.snapshotId());
  }

  @Test
  void missingBranchAndTagAreRefused() {
    Table table = create(ORDERS, Map.of());
    TableCommitter.commit(table, append("main", Map.of(), file(table, "a")));
    table.manageSnapshots().createBranch("audit").commit();
    table.manageSnapshots().createTag("v1", table.currentSnapshot().snapshotId()).commit();

    assertThatThrownBy(() -> TableCommitter.commit(table, append("audti", Map.of())))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("did you mean audit?");
    assertThatThrownBy(() -> TableCommitter.commit(table, append("v1", Map.of())))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("v1 is a tag, expected a branch");
  }

  @Test
  void transactionMakesTableAndFirstRowsAtOnce() {
    Transaction transaction =
        catalog
            .tables()
            .buildTable(ORDERS, SCHEMA)
            .withLocation(catalog.newTableLocation(ORDERS))
            .createTransaction();

    CommitReceipt receipt =
        TableCommitter.commit(
            transaction, append("main", Map.of(), file(transaction.table(), "a")));

    Table table = catalog.loadTable(ORDERS);
    assertThat(table.currentSnapshot().snapshotId()).isEqualTo(receipt.snapshotId());
    assertThat(table.snapshots()).hasSize(1);
  }

  @Test
  void transactionOverAConcurrentCommitReportsItsFinalSequenceNumber() {
    create(ORDERS, Map.of());
    Table table = catalog.loadTable(ORDERS);
    Transaction transaction = table.newTransaction();
    transaction.updateProperties().set("note", "x").commit();
    Table other = catalog.loadTable(ORDERS);
    TableCommitter.commit(other, append("main", Map.of(), file(other, "a")));

    CommitReceipt receipt =
        TableCommitter.commit(transaction, append("main", Map.of(), file(table, "b")));

    Table after = catalog.loadTable(ORDERS);
    assertThat(after.currentSnapshot().snapshotId()).isEqualTo(receipt.snapshotId());
    assertThat(after.currentSnapshot().sequenceNumber()).isEqualTo(receipt.sequenceNumber());
    assertThat(receipt.sequenceNumber()).isEqualTo(2);
    assertThat(after.properties()).containsEntry("note", "x");
  }

  @Test
  void schemaChangeOverAConcurrentCommitConflicts() {
    create(ORDERS, Map.of());
    Table table = catalog.loadTable(ORDERS);
    Transaction transaction = table.newTransaction();
    transaction.updateSchema().addColumn("note", Types.StringType.get()).commit();
    Table other = catalog.loadTable(ORDERS);
    TableCommitter.commit(other, append("main", Map.of(), file(other, "a")));

    assertThat(
            kindOf(
                () ->
                    TableCommitter.commit(transaction, append("main", Map.of(), file(table, "b")))))
        .isEqualTo(ErrorKind.CONFLICT);
    assertThat(catalog.loadTable(ORDERS).snapshots()).hasSize(1);
  }

  @Test
  void rowDeltaReplacesFilesAndMarksRows() {
    Table table = create(ORDERS, Map.of());
    DataFile old = file(table, "a");
    DataFile kept = file(table, "b");
    TableCommitter.commit(table, append("main", Map.of(), old, kept));
    DeleteFile marks = deletes(table, "b");

    TableCommitter.commit(
        table,
        new RowChange(
            "main",
            List.of(file(table, "c")),
            List.of(old),
            List.of(marks),
            List.of(),
            List.of(kept.location()),
            table.currentSnapshot().snapshotId(),
            Expressions.alwaysTrue(),
            IsolationLevel.SERIALIZABLE,
            Map.of()));

    assertThat(table.currentSnapshot().summary())
        .containsEntry("total-data-files", "2")
        .containsEntry("deleted-data-files", "1")
        .containsEntry("total-delete-files", "1");
    assertThat(table.currentSnapshot().operation()).isEqualTo(DataOperations.OVERWRITE);
  }

  @Test
  void filesRemovedTwiceConflict() {
    Table table = create(ORDERS, Map.of());
    DataFile old = file(table, "a");
    TableCommitter.commit(table, append("main", Map.of(), old));
    RowChange change = replace(table, old, "b", Expressions.equal("city", "a"));
    Table stale = catalog.loadTable(ORDERS);
    TableCommitter.commit(table, change);

    assertThat(kindOf(() -> TableCommitter.commit(stale, change))).isEqualTo(ErrorKind.CONFLICT);
  }

  @Test
  void deletesOfAFileThatIsGoneConflict() {
    Table table = create(ORDERS, Map.of());
    DataFile old = file(table, "a");
    TableCommitter.commit(table, append("main", Map.of(), old));
    long base = table.currentSnapshot().snapshotId();
    TableCommitter.commit(table, replace(table, old, "b", Expressions.equal("city", "a")));

    assertThat(
            kindOf(
                () ->
                    TableCommitter.commit(
                        table,
                        new RowChange(
                            "main",
                            List.of(),
                            List.of(),
                            List.of(deletes(table, "a")),
                            List.of(),
                            List.of(old.location()),
                            base,
                            Expressions.equal("city", "a"),
                            IsolationLevel.SERIALIZABLE,
                            Map.of()))))
        .isEqualTo(ErrorKind.CONFLICT);
  }

  @Test
  void newRowsWhereItReadConflictUnlessSnapshotIsolation() {
    Table table = create(ORDERS, Map.of());
    DataFile old = file(table, "a");
    TableCommitter.commit(table, append("main", Map.of(), old));
    RowChange change = replace(table, old, "z", Expressions.equal("city", "a"));
    TableCommitter.commit(table, append("main", Map.of(), file(table, "a")));

    assertThat(kindOf(() -> TableCommitter.commit(table, change))).isEqualTo(ErrorKind.CONFLICT);

    TableCommitter.commit(table, change.under(IsolationLevel.SNAPSHOT));
    assertThat(table.currentSnapshot().summary()).containsEntry("total-data-files", "2");
  }

  @Test
  void newRowsElsewhereDoNotConflict() {
    Table table = create(ORDERS, Map.of());
    DataFile old = file(table, "a");
    TableCommitter.commit(table, append("main", Map.of(), old));
    RowChange change = replace(table, old, "z", Expressions.equal("city", "a"));
    TableCommitter.commit(table, append("main", Map.of(), file(table, "b")));

    TableCommitter.commit(table, change);

    assertThat(table.currentSnapshot().summary()).containsEntry("total-data-files", "2");
  }

  @Test
  void changeOnARolledBackBaseConflicts() {
    Table table = create(ORDERS, Map.of());
    TableCommitter.commit(table, append("main", Map.of(), file(table, "a")));
    long first = table.currentSnapshot().snapshotId();
    DataFile gone = file(table, "b");
    TableCommitter.commit(table, append("main", Map.of(), gone));
    RowChange change = replace(table, gone, "c", Expressions.equal("city", "b"));
    table.manageSnapshots().rollbackTo(first).commit();

    assertThat(kindOf(() -> TableCommitter.commit(table, change))).isEqualTo(ErrorKind.CONFLICT);
  }

  Table create(TableIdentifier id, Map<String, String> properties) {
    return catalog
        .tables()
        .buildTable(id, SCHEMA)
        .withPartitionSpec(BY_CITY)
        .withLocation(catalog.newTableLocation(id))
        .withProperties(properties)
        .create();
  }

  LakeCatalog catalog() {
    return catalog;
  }

  static RowChange append(String branch, Map<String, String> summary, DataFile... files) {
    return new RowChange(
        branch,
        List.of(files),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        null,
        Expressions.alwaysFalse(),
        IsolationLevel.SERIALIZABLE,
        summary);
  }

  private static RowChange replace(Table table, DataFile old, String city, Expression read) {
    return new RowChange(
        "main",
        List.of(file(table, city)),
        List.of(old),
        List.of(),
        List.of(),
        List.of(),
        table.currentSnapshot().snapshotId(),
        read,
        IsolationLevel.SERIALIZABLE,
        Map.of());
  }

  /** The metadata of a data file: commits do not look at the bytes. */
  static DataFile file(Table table, String city) {
    return DataFiles.builder(BY_CITY)
        .withPath(table.location() + "/data/" + city + "-" + System.nanoTime() + ".parquet")
        .withPartitionPath("city=" + city)
        .withFileSizeInBytes(100)
        .withRecordCount(10)
        .build();
  }

  private static DeleteFile deletes(Table table, String city) {
    return FileMetadata.deleteFileBuilder(BY_CITY)
        .ofPositionDeletes()
        .withPath(table.location() + "/data/" + city + "-" + System.nanoTime() + "-d.parquet")
        .withPartitionPath("city=" + city)
        .withFileSizeInBytes(50)
        .withRecordCount(1)
        .build();
  }

  static ErrorKind kindOf(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      return IcebergErrors.translate("test", e).kind();
    }
    return null;
  }
}
