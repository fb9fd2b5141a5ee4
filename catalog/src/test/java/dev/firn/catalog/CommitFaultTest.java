package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.commit.TableCommitter;
import dev.firn.catalog.table.TableName;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.FileIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every store operation of a commit fails once; then the table must hold all that was acknowledged.
 */
class CommitFaultTest {
  private static final TableIdentifier ORDERS = TableName.parse("shop.orders");

  @TempDir Path directory;

  private LakeCatalog catalog;
  private FaultyFileIO files;

  @BeforeEach
  void open() {
    catalog = LakeCatalog.open(settings(), this::faulty);
    catalog.namespaces().createNamespace(Namespace.of("shop"));
    catalog
        .tables()
        .buildTable(ORDERS, CatalogContract.SCHEMA)
        .withPartitionSpec(CatalogContract.BY_CITY)
        .create();
  }

  @AfterEach
  void close() {
    catalog.close();
  }

  static Stream<Arguments> faults() {
    return Stream.of(
            FileOperation.CREATE, FileOperation.WRITE, FileOperation.CLOSE, FileOperation.OPEN)
        .flatMap(
            operation ->
                Stream.<IntFunction<Fault>>of(
                        nth -> Fault.before(operation, nth), nth -> Fault.after(operation, nth))
                    .map(fault -> Arguments.of(operation, fault)));
  }

  @ParameterizedTest
  @MethodSource("faults")
  void nothingAcknowledgedIsLost(FileOperation operation, IntFunction<Fault> fault) {
    Table table = catalog.loadTable(ORDERS);
    int acknowledged = 0;
    boolean more = true;
    for (int nth = 1; more; nth++) {
      files.reset();
      files.add(fault.apply(nth));
      try {
        TableCommitter.commit(
            table, CatalogContract.append("main", Map.of(), CatalogContract.file(table, "a")));
        acknowledged++;
      } catch (FirnException e) {
        assertThat(e.kind()).as("%s %d", operation, nth).isNotEqualTo(ErrorKind.INTERNAL);
      }
      more = files.failed() > 0;
      files.reset();
      assertIntact(acknowledged);
    }
    assertThat(acknowledged).isPositive();
  }

  @Test
  void fullDiskIsUnavailableAndCommitsNothing() {
    Table table = catalog.loadTable(ORDERS);
    files.add(Fault.diskFull(1));

    assertThatThrownBy(
            () ->
                TableCommitter.commit(
                    table,
                    CatalogContract.append("main", Map.of(), CatalogContract.file(table, "a"))))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("the disk is full")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.UNAVAILABLE);
    assertIntact(0);
  }

  /**
   * What is there may exceed what was acknowledged, by commits of unknown state, never fall short.
   */
  private void assertIntact(int acknowledged) {
    try (LakeCatalog fresh = LakeCatalog.open(settings())) {
      Table table = fresh.loadTable(ORDERS);
      List<Snapshot> snapshots =
          Stream.of(table.snapshots())
              .flatMap(
                  all -> {
                    Stream.Builder<Snapshot> each = Stream.builder();
                    all.forEach(each::add);
                    return each.build();
                  })
              .toList();
      assertThat(snapshots).hasSizeGreaterThanOrEqualTo(acknowledged);
      for (Snapshot snapshot : snapshots) {
        snapshot
            .allManifests(table.io())
            .forEach(m -> assertThat(table.io().newInputFile(m.path()).exists()).isTrue());
      }
    }
  }

  private FileIO faulty(FileIO stores) {
    files = new FaultyFileIO(stores);
    return files;
  }

  private CatalogSettings settings() {
    return new CatalogSettings(
        "firn",
        "jdbc:sqlite:" + directory.resolve("catalog.db"),
        Locations.of(directory),
        Map.of());
  }
}
