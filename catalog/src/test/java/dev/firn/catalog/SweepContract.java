package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.TableCommitter;
import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.Sweep;
import dev.firn.catalog.intent.SweepResult;
import dev.firn.catalog.intent.SweptFiles;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots.CleanupLevel;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.PositionOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of the files of dead writers, whatever database holds the ledger. */
abstract class SweepContract {
  private static final TableIdentifier ORDERS = TableName.parse("shop.orders");
  private static final Duration NONE = Duration.ZERO;

  @TempDir private Path directory;

  private LakeCatalog writer;
  private LakeCatalog sweeper;
  private FaultyFileIO sweepersStore;
  private Ledger ledger;
  private Table table;

  /** Where the database of this test is, the same at each call. */
  abstract String uri(Path directory);

  @BeforeEach
  void open() {
    writer = LakeCatalog.open(settings());
    sweeper = LakeCatalog.open(settings(), files -> sweepersStore = new FaultyFileIO(files));
    ledger = Ledger.open(uri(directory));
    writer.namespaces().createNamespace(Namespace.of("shop"));
    table = create(ORDERS);
  }

  @AfterEach
  void close() {
    ledger.close();
    sweeper.close();
    writer.close();
  }

  private CatalogSettings settings() {
    return new CatalogSettings(
        "firn", uri(directory), Locations.of(directory.resolve("lake")), Map.of());
  }

  private Table create(TableIdentifier id) {
    return writer
        .tables()
        .buildTable(id, CatalogContract.SCHEMA)
        .withPartitionSpec(CatalogContract.BY_CITY)
        .create();
  }

  @Test
  void deadWritersFilesAreQuarantinedThenDeleted() throws IOException {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile whole = write(intent, "a");
    DataFile never = file(intent, "b");
    Path half = halfWritten(never);
    ledger.expireSessions();

    SweepResult first = sweep(NONE).run();

    assertThat(first.quarantined()).hasSize(1);
    assertThat(first.quarantined().get(0).files())
        .containsExactlyInAnyOrder(whole.location(), never.location());
    assertThat(path(whole)).exists();
    assertThat(half).exists();

    SweepResult second = sweep(NONE).run();

    assertThat(second.deleted()).extracting(SweptFiles::id).containsExactlyElementsOf(intent.ids());
    assertThat(path(whole)).doesNotExist();
    assertThat(half).doesNotExist();
    assertThat(ledger.isEmpty()).isTrue();
    assertThat(sweep(NONE).run())
        .isEqualTo(
            new SweepResult(List.of(), List.of(), List.of(), List.of(), List.of(), List.of()));
  }

  @Test
  void planTellsTheSameAndChangesNothing() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    ledger.expireSessions();

    SweepResult plan = sweep(NONE).plan();

    assertThat(plan.quarantined()).extracting(SweptFiles::files).containsExactly(paths(file));
    commit(intent, file);
    assertThat(ledger.intents()).isEmpty();
  }

  @Test
  void quarantineLastsItsTime() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    ledger.expireSessions();
    sweep(NONE).run();

    SweepResult later = sweep(Duration.ofHours(24)).run();
    assertThat(later.waiting()).extracting(SweptFiles::table).containsExactly("shop.orders");
    assertThat(later.deleted()).isEmpty();

    ledger.age(Duration.ofHours(25));
    assertThat(sweep(Duration.ofHours(24)).run().deleted()).hasSize(1);
    assertThat(path(file)).doesNotExist();
  }

  @Test
  void writerThatRenewsItsLeaseIsLeftAlone() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    ledger.age(Duration.ofDays(30));

    assertThat(sweep(NONE).run().quarantined()).isEmpty();

    commit(intent, file);
    assertReachable(file);
  }

  @Test
  void leaseThatEndedWithinTheGraceIsLeftAlone() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    ledger.expireSessions();

    Sweep patient = sweeper.sweep().grace(Duration.ofDays(40_000)).deleteAfter(NONE);
    assertThat(patient.run().quarantined()).isEmpty();

    commit(intent, file);
    assertReachable(file);
  }

  @Test
  void zombieFailsCleanlyOnceItsFilesAreSwept() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    ledger.expireSessions();
    sweep(NONE).run();

    assertThatThrownBy(() -> commit(intent, file))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("swept")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.CONFLICT);
    assertThat(writer.loadTable(ORDERS).currentSnapshot()).isNull();
  }

  @Test
  void aSweptMemberFailsAloneInItsGroup() {
    WriteIntent swept = writer.intent(ORDERS, table);
    DataFile lost = write(swept, "a");
    ledger.expireSessions();
    sweep(NONE).run();
    WriteIntent sound = writer.intent(ORDERS, table);
    DataFile kept = write(sound, "b");

    var first = writer.submit(ORDERS, request(swept, Duration.ofHours(1), lost));
    var second = writer.submit(ORDERS, request(sound, Duration.ZERO, kept));

    assertThat(second.join().snapshotId()).isPositive();
    assertThatThrownBy(first::join).hasMessageContaining("swept");
    assertReachable(kept);
  }

  @Test
  void undoTakesFilesBackForGood() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    ledger.expireSessions();
    UUID id = sweep(NONE).run().quarantined().get(0).id();

    sweeper.sweep().undo(id);

    ledger.age(Duration.ofDays(3));
    SweepResult after = sweep(NONE).run();
    assertThat(after.deleted()).isEmpty();
    assertThat(after.kept()).extracting(SweptFiles::id).containsExactly(id);
    // The writer was not dead after all.
    commit(intent, file);
    assertReachable(file);
    assertThatThrownBy(() -> sweeper.sweep().undo(id))
        .hasMessageContaining("no files of that id are in quarantine");
  }

  @Test
  void fileThatATableHasIsNeverDeleted() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile committed = write(intent, "a");
    DataFile left = write(intent, "b");
    commitUnrecorded(table, committed);
    ledger.expireSessions();

    SweepResult first = sweep(NONE).run();
    assertThat(first.stillNeeded()).containsExactly(committed.location());
    assertThat(first.quarantined().get(0).files()).containsExactly(left.location());

    sweep(NONE).run();
    assertThat(path(left)).doesNotExist();
    assertReachable(committed);
    assertThat(ledger.isEmpty()).isTrue();
  }

  @Test
  void fileThatCameIntoATableDuringQuarantineIsNeverDeleted() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    ledger.expireSessions();
    sweep(NONE).run();
    // Another engine imports what lies in the directory.
    commitUnrecorded(table, file);

    SweepResult second = sweep(NONE).run();

    assertThat(second.stillNeeded()).containsExactly(file.location());
    assertReachable(file);
  }

  @Test
  void expiredSnapshotsFilesOfOldAreNotNeeded() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    commitUnrecorded(table, file);
    table.newDelete().deleteFile(file).commit();
    ledger.expireSessions();
    // The snapshot before the delete still reaches it.
    assertThat(sweep(NONE).plan().stillNeeded()).containsExactly(file.location());

    table
        .expireSnapshots()
        .expireOlderThan(Long.MAX_VALUE)
        .cleanupLevel(CleanupLevel.NONE)
        .commit();

    assertThat(sweep(NONE).run().quarantined().get(0).files()).containsExactly(file.location());
  }

  @Test
  void tableOfAnotherNameOrCatalogThatSharesTheFilesProtectsThem() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    commitUnrecorded(table, file);
    String metadata =
        ((HasTableOperations) writer.loadTable(ORDERS))
            .operations()
            .current()
            .metadataFileLocation();
    CatalogSettings elsewhere =
        new CatalogSettings(
            "other", uri(directory), Locations.of(directory.resolve("other")), Map.of());
    try (LakeCatalog other = LakeCatalog.open(elsewhere)) {
      other.namespaces().createNamespace(Namespace.of("x"));
      other.tables().registerTable(TableName.parse("x.copy"), metadata);
      writer.tables().dropTable(ORDERS, false);
      ledger.expireSessions();

      assertThat(sweep(NONE).run().stillNeeded()).containsExactly(file.location());
    }
    assertThat(path(file)).exists();
  }

  @Test
  void renamedTableProtectsItsFiles() {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    commitUnrecorded(table, file);
    writer.tables().renameTable(ORDERS, TableName.parse("shop.sales"));
    ledger.expireSessions();

    assertThat(sweep(NONE).run().stillNeeded()).containsExactly(file.location());
  }

  @Test
  void nothingIsDeletedWhereTheTableCannotBeRead() throws IOException {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile file = write(intent, "a");
    commitUnrecorded(table, write(intent, "b"));
    ledger.expireSessions();
    table.refresh();
    Files.delete(Locations.localPath(table.currentSnapshot().manifestListLocation()));

    SweepResult first = sweep(NONE).run();
    SweepResult second = sweep(NONE).run();

    assertThat(first.failures()).singleElement().asString().contains("nothing is removed");
    assertThat(second.deleted()).isEmpty();
    assertThat(second.waiting()).hasSize(1);
    assertThat(path(file)).exists();
  }

  @Test
  void sweepThatFailsHalfwayIsGoneOnWith() {
    WriteIntent intent = writer.intent(ORDERS, table);
    List<DataFile> files = List.of(write(intent, "a"), write(intent, "b"), write(intent, "c"));
    ledger.expireSessions();
    sweep(NONE).run();
    sweepersStore.add(Fault.before(FileOperation.DELETE, 2));

    SweepResult failed = sweep(NONE).run();
    assertThat(failed.failures()).hasSize(1);
    assertThat(failed.deleted()).isEmpty();
    assertThatThrownBy(() -> sweeper.sweep().undo(intent.ids().get(0)))
        .hasMessageContaining("being deleted");

    assertThat(sweep(Duration.ofHours(24)).run().deleted()).hasSize(1);
    assertThat(files).noneMatch(file -> Files.exists(path(file)));
  }

  @Test
  void sweepOfOneTableLeavesTheOthers() {
    Table refunds = create(TableName.parse("shop.refunds"));
    write(writer.intent(ORDERS, table), "a");
    write(writer.intent(TableName.parse("shop.refunds"), refunds), "b");
    ledger.expireSessions();

    assertThat(sweep(NONE).table("shop.refunds").run().quarantined())
        .extracting(SweptFiles::table)
        .containsExactly("shop.refunds");
    assertThat(sweep(NONE).plan().quarantined())
        .extracting(SweptFiles::table)
        .containsExactly("shop.orders");
  }

  @Test
  void closedCatalogsIntentsAreDeadAtOnce() {
    DataFile file;
    try (LakeCatalog brief = LakeCatalog.open(settings())) {
      file = write(brief.intent(ORDERS, table), "a");
    }

    Sweep usual = sweeper.sweep();
    assertThat(usual.run().quarantined().get(0).files()).containsExactly(file.location());
  }

  @Test
  void searchFindsOldForeignFilesOnly() throws IOException {
    WriteIntent intent = writer.intent(ORDERS, table);
    DataFile recorded = write(intent, "recorded");
    Path halfOfRecorded = halfWritten(recorded);
    DataFile committed = write(WriteIntent.unrecorded(), "committed");
    commitUnrecorded(table, committed);
    DataFile foreign = write(WriteIntent.unrecorded(), "foreign");
    Path halfOfForeign = halfWritten(foreign);
    Path hidden = Files.writeString(path(foreign).resolveSibling("_SUCCESS"), "");
    makeOld(directory.resolve("lake"));
    DataFile young = write(WriteIntent.unrecorded(), "young");

    List<OrphanSearch.Orphan> found = sweeper.orphans(ORDERS).plan();

    assertThat(found)
        .extracting(OrphanSearch.Orphan::location)
        .containsExactlyInAnyOrder(foreign.location(), Locations.of(halfOfForeign));
    assertThat(List.of(path(recorded), halfOfRecorded, hidden, path(young)))
        .allMatch(Files::exists);
  }

  @Test
  void orphansGoThroughTheSameQuarantine() throws IOException {
    DataFile one = write(WriteIntent.unrecorded(), "one");
    makeOld(directory.resolve("lake"));

    UUID id = sweeper.orphans(ORDERS).run().id().orElseThrow();
    assertThat(path(one)).exists();
    assertThat(sweeper.orphans(ORDERS).run().id()).isEmpty();

    sweeper.sweep().undo(id);
    assertThat(sweep(NONE).run().deleted()).isEmpty();
    assertThat(path(one)).exists();
    ledger.forgetAll();

    assertThat(sweeper.orphans(ORDERS).run().id()).isPresent();
    assertThat(sweep(NONE).run().deleted())
        .extracting(SweptFiles::reason)
        .containsExactly("listing");
    assertThat(path(one)).doesNotExist();
  }

  @Test
  void searchRefusesSharedDirectoriesAndShortAges() {
    String metadata = ((HasTableOperations) table).operations().current().metadataFileLocation();
    writer.tables().registerTable(TableName.parse("shop.copy"), metadata);

    assertThatThrownBy(() -> sweeper.orphans(ORDERS).plan())
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("shared with shop.copy");
    assertThatThrownBy(() -> sweeper.orphans(ORDERS).olderThan(Duration.ofHours(23)))
        .hasMessageContaining("expected an age of one day or more");
  }

  @Test
  void searchRefusesATableWhoseDataLiesInsideAnother() {
    writer
        .tables()
        .buildTable(TableName.parse("shop.guest"), CatalogContract.SCHEMA)
        .withProperty("write.data.path", table.location() + "/data/guest")
        .create();

    assertThatThrownBy(() -> sweeper.orphans(ORDERS).plan())
        .hasMessageContaining("shared with shop.guest");
  }

  private Sweep sweep(Duration deleteAfter) {
    return sweeper.sweep().grace(NONE).deleteAfter(deleteAfter);
  }

  private DataFile file(WriteIntent intent, String name) {
    DataFile file = CatalogContract.file(table, name);
    intent.creating(List.of(file.location()));
    return file;
  }

  private DataFile write(WriteIntent intent, String name) {
    DataFile file = file(intent, name);
    try (PositionOutputStream out = table.io().newOutputFile(file.location()).create()) {
      out.write(new byte[] {1, 2, 3});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  /** What a killed writer of a local file leaves beside it. */
  private Path halfWritten(DataFile file) throws IOException {
    List<Path> before = siblings(file);
    PositionOutputStream out = table.io().newOutputFile(file.location()).createOrOverwrite();
    out.write(1);
    out.flush();
    List<Path> now = siblings(file);
    now.removeAll(before);
    return now.get(0);
  }

  private static List<Path> siblings(DataFile file) throws IOException {
    Path parent = path(file).getParent();
    if (!Files.exists(parent)) {
      return new ArrayList<>();
    }
    try (Stream<Path> all = Files.list(parent)) {
      return new ArrayList<>(all.filter(each -> each.toString().endsWith(".firn-tmp")).toList());
    }
  }

  private void commit(WriteIntent intent, DataFile file) {
    writer.commit(ORDERS, request(intent, NONE, file));
  }

  private static CommitRequest request(WriteIntent intent, Duration within, DataFile file) {
    return new CommitRequest(
        CatalogContract.append("main", Map.of(), file), null, null, intent.ids(), within);
  }

  /** As another engine commits: the ledger does not hear of it. */
  private static void commitUnrecorded(Table table, DataFile file) {
    TableCommitter.commit(table, CatalogContract.append("main", Map.of(), file));
  }

  private void assertReachable(DataFile file) {
    try (CloseableIterable<FileScanTask> tasks = writer.loadTable(ORDERS).newScan().planFiles()) {
      assertThat(tasks).extracting(task -> task.file().location()).contains(file.location());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    assertThat(path(file)).exists();
  }

  private static void makeOld(Path root) throws IOException {
    FileTime old = FileTime.from(Instant.now().minus(Duration.ofDays(4)));
    try (Stream<Path> all = Files.walk(root)) {
      for (Path each : all.filter(Files::isRegularFile).toList()) {
        Files.setLastModifiedTime(each, old);
      }
    }
  }

  private static List<String> paths(DataFile file) {
    return List.of(file.location());
  }

  private static Path path(DataFile file) {
    return Locations.localPath(file.location());
  }
}
