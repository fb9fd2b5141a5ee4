package dev.firn.catalog;

import static dev.firn.catalog.HostileLake.commitElsewhere;
import static dev.firn.catalog.HostileLake.path;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.SweepResult;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.catalog.table.TableName;
import dev.firn.storage.Locations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.ImmutableGenericPartitionStatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Histories that made other engines' clean-up destroy tables. */
class HostileSweepTest {
  private static final String NAME = "shop.orders";
  private static final TableIdentifier ORDERS = TableName.parse(NAME);

  @TempDir private Path directory;
  private HostileLake lake;
  private Table table;

  @BeforeEach
  void open() {
    lake = new HostileLake(directory);
    table = lake.create(NAME, Map.of());
  }

  @AfterEach
  void close() {
    lake.close();
  }

  /**
   * A file of a dead writer that is in the table all the same: the commit's outcome was unknown.
   */
  private DataFile committedByADeadWriter() {
    DataFile file = lake.write(table, lake.writer.intent(ORDERS, table));
    commitElsewhere(table, file);
    return file;
  }

  private static void forgetPast(Table table) {
    table
        .expireSnapshots()
        .expireOlderThan(Long.MAX_VALUE)
        .cleanupLevel(ExpireSnapshots.CleanupLevel.NONE)
        .commit();
  }

  private void assertStays(DataFile file) {
    lake.ledger.expireSessions();
    var first = lake.sweep();
    var second = lake.sweep();
    assertThat(first.failures()).isEmpty();
    assertThat(second.deleted()).allMatch(swept -> swept.files().isEmpty());
    assertThat(path(file)).exists();
    assertThat(lake.reachable()).allMatch(Files::exists);
  }

  @Test
  void aTableThatMovedUnderAnotherNameKeepsItsFiles() {
    DataFile file = committedByADeadWriter();
    Table moved = lake.registered(table, "shop.sales", directory.resolve("lake/elsewhere/sales"));
    lake.drop(NAME);
    // All of its metadata is at the new place in the end.
    commitElsewhere(moved, lake.write(moved, WriteIntent.unrecorded()));
    moved.rewriteManifests().clusterBy(each -> "").commit();
    forgetPast(moved);

    assertStays(file);
  }

  @Test
  void aCopyOfTheMetadataElsewhereKeepsItsFiles() {
    DataFile file = committedByADeadWriter();
    lake.registered(table, "shop.copy", directory.resolve("lake/backup/copy"));
    table.newDelete().deleteFile(file).commit();
    forgetPast(table);

    assertStays(file);
  }

  @Test
  void aFileThatAnotherTableImportedStays() {
    Table other = lake.create("shop.other", Map.of());
    DataFile file = lake.write(table, lake.writer.intent(ORDERS, table));
    commitElsewhere(other, file);

    assertStays(file);
  }

  @Test
  void aGuestWhoseMetadataIsElsewhereKeepsItsFiles() {
    Table guest =
        lake.create(
            "shop.guest",
            Map.of(
                "write.data.path",
                table.location() + "/data/guest",
                "write.metadata.path",
                Locations.of(directory.resolve("lake/far/metadata"))));
    DataFile file = lake.write(table, lake.writer.intent(ORDERS, table));
    commitElsewhere(guest, file);

    assertStays(file);
    assertThatThrownBy(() -> lake.sweeper.orphans(ORDERS).plan())
        .hasMessageContaining("shared with shop.guest");
  }

  @Test
  void nothingIsDeletedWhileSomeTableCannotBeAsked() throws IOException {
    Table other = lake.create("shop.other", Map.of());
    DataFile file = lake.write(table, lake.writer.intent(ORDERS, table));
    lake.ledger.expireSessions();
    Path metadata = Locations.localPath(HostileLake.metadata(other).metadataFileLocation());
    Path away = Files.move(metadata, metadata.resolveSibling("away"));

    lake.sweep();
    SweepResult second = lake.sweep();
    assertThat(second.failures()).hasSize(1);
    assertThat(second.deleted()).isEmpty();
    assertThat(path(file)).exists();

    Files.move(away, metadata);
    assertThat(lake.sweep().deleted()).hasSize(1);
    assertThat(path(file)).doesNotExist();
  }

  @Test
  void aTableOfAnotherCatalogThatCannotBeReadIsNoHindrance() throws IOException {
    try (LakeCatalog other =
        LakeCatalog.open(
            new CatalogSettings(
                "other",
                lake.settings("firn").uri(),
                Locations.of(directory.resolve("their-lake")),
                Map.of()))) {
      other.namespaces().createNamespace(Namespace.of("x"));
      Table theirs =
          other.tables().buildTable(TableName.parse("x.t"), CatalogContract.SCHEMA).create();
      Files.delete(Locations.localPath(HostileLake.metadata(theirs).metadataFileLocation()));
    }
    lake.write(table, lake.writer.intent(ORDERS, table));
    lake.ledger.expireSessions();

    lake.sweep();
    assertThat(lake.sweep().deleted()).hasSize(1);
  }

  @Test
  void whatOnlyOldRefsAndStatisticsReachStays() throws IOException {
    WriteIntent intent = lake.writer.intent(ORDERS, table);
    DataFile tagged = lake.write(table, intent);
    commitElsewhere(table, tagged);
    long first = table.currentSnapshot().snapshotId();
    table.manageSnapshots().createTag("eoy", first).commit();
    table.newDelete().deleteFile(tagged).commit();
    DataFile puffin = lake.write(table, intent);
    DataFile partitions = lake.write(table, intent);
    table
        .updateStatistics()
        .setStatistics(
            new GenericStatisticsFile(
                first,
                puffin.location(),
                9,
                4,
                List.of(new GenericBlobMetadata("x", first, 1, List.of(1), Map.of()))))
        .commit();
    table
        .updatePartitionStatistics()
        .setPartitionStatistics(
            ImmutableGenericPartitionStatisticsFile.builder()
                .snapshotId(first)
                .path(partitions.location())
                .fileSizeInBytes(9)
                .build())
        .commit();
    commitElsewhere(table, lake.write(table, WriteIntent.unrecorded()));
    lake.age(Duration.ofDays(9));

    assertThat(lake.sweeper.orphans(ORDERS).plan())
        .extracting(OrphanSearch.Orphan::location)
        .doesNotContain(tagged.location(), puffin.location(), partitions.location());
    assertStays(tagged);
    assertThat(path(puffin)).exists();
    assertThat(path(partitions)).exists();
    lake.ledger.forgetAll();
    assertThat(lake.sweeper.orphans(ORDERS).plan()).isEmpty();
  }

  @Test
  void filesDatedInTheFutureOrNotAtAllAreNotOld() throws IOException {
    DataFile future = lake.write(table, WriteIntent.unrecorded());
    DataFile undated = lake.write(table, WriteIntent.unrecorded());
    Files.setLastModifiedTime(
        path(future), FileTime.from(Instant.now().plus(Duration.ofDays(4000))));
    Files.setLastModifiedTime(path(undated), FileTime.fromMillis(0));

    assertThat(lake.sweeper.orphans(ORDERS).plan()).isEmpty();
  }

  @Test
  void aDirectoryThatALinkSharesIsRefused() throws IOException {
    Table other = lake.create("shop.other", Map.of());
    DataFile theirs = lake.write(other, WriteIntent.unrecorded());
    commitElsewhere(other, theirs);
    Path ours = Locations.localPath(table.location()).resolve("data");
    Files.createSymbolicLink(ours, Locations.localPath(other.location()).resolve("data"));
    Table linked = lake.create("shop.linked", Map.of("write.data.path", Locations.of(ours) + "/"));
    lake.drop(NAME);
    lake.age(Duration.ofDays(9));

    assertThatThrownBy(() -> lake.sweeper.orphans(TableName.parse("shop.linked")).plan())
        .hasMessageContaining("shared with shop.other");
    assertThat(linked.currentSnapshot()).isNull();
    // And what a dead writer named through the link stays.
    WriteIntent intent = lake.writer.intent(TableName.parse("shop.linked"), linked);
    intent.creating(List.of(Locations.of(ours.resolve(path(theirs).getFileName().toString()))));
    assertStays(theirs);
  }

  @Test
  void aMistakeOfTheOperatorIsUndoneByteForByte() throws IOException {
    DataFile first = lake.write(table, WriteIntent.unrecorded());
    commitElsewhere(table, first);
    String old = HostileLake.metadata(table).metadataFileLocation();
    DataFile second = lake.write(table, WriteIntent.unrecorded());
    commitElsewhere(table, second);
    String young = HostileLake.metadata(table).metadataFileLocation();
    byte[] bytes = Files.readAllBytes(path(second));
    lake.age(Duration.ofDays(9));
    // Restored from an old backup of the catalog, and cleaned at once.
    lake.drop(NAME);
    lake.writer.tables().registerTable(ORDERS, old);
    OrphanSearch.Quarantined mistake = lake.sweeper.orphans(ORDERS).run();
    assertThat(mistake.files())
        .extracting(OrphanSearch.Orphan::location)
        .contains(second.location(), young);
    UUID id = mistake.id().orElseThrow();

    lake.sweeper.sweep().undo(id);
    lake.sweep();
    lake.sweep();
    lake.drop(NAME);
    lake.writer.tables().registerTable(ORDERS, young);

    assertThat(Files.readAllBytes(path(second))).isEqualTo(bytes);
    assertThat(lake.reachable()).contains(path(first), path(second)).allMatch(Files::exists);
    assertThat(lake.sweep().kept()).extracting(each -> each.id()).containsExactly(id);
  }

  @Test
  void aForeignWriterThatCommitsDuringQuarantineKeepsItsFiles() {
    DataFile slow = lake.write(table, WriteIntent.unrecorded());
    lake.age(Duration.ofDays(9));
    assertThat(lake.sweeper.orphans(ORDERS).run().files())
        .extracting(OrphanSearch.Orphan::location)
        .containsExactly(slow.location());
    commitElsewhere(table, slow);

    assertStays(slow);
  }
}
