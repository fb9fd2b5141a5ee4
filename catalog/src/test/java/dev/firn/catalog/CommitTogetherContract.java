package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.catalog.commit.CommitReceipt;
import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.RowChange;
import dev.firn.catalog.commit.TableChanges;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits to several tables at once, by two catalogs on one database. */
abstract class CommitTogetherContract {
  private static final int TABLES = 10;
  private static final int CHANGED = 3;
  private static final int ROUNDS = 8;
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  @TempDir private Path directory;
  private final List<TableIdentifier> tables = new ArrayList<>();
  private LakeCatalog one;
  private LakeCatalog two;

  /** Where the database is, the same at each call of one test. */
  abstract String uri(Path directory);

  @BeforeEach
  void open() {
    String uri = uri(directory);
    one = open(uri);
    two = open(uri);
    one.namespaces().createNamespace(Namespace.of("a"));
    for (int i = 0; i < TABLES; i++) {
      TableIdentifier table = TableIdentifier.of("a", "t" + i);
      one.tables().createTable(table, SCHEMA);
      tables.add(table);
    }
  }

  private LakeCatalog open(String uri) {
    return LakeCatalog.open(
        new CatalogSettings("lake", uri, directory.resolve("warehouse").toString(), Map.of()));
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  @Test
  void movesAllTablesOrNone() throws Exception {
    long seed = Long.getLong("firn.together.seed", 1);
    System.out.println(getClass().getSimpleName() + " -Dfirn.together.seed=" + seed);
    AtomicInteger writing = new AtomicInteger(4);
    List<Callable<Integer>> work = new ArrayList<>();
    for (int i = 0; i < writing.get(); i++) {
      LakeCatalog catalog = i % 2 == 0 ? one : two;
      Random random = new Random(seed + i);
      work.add(
          () -> {
            try {
              return write(catalog, random);
            } finally {
              writing.decrementAndGet();
            }
          });
    }
    work.add(() -> read(two, writing));
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    int commits = 0;
    try {
      for (Future<Integer> each : pool.invokeAll(work)) {
        commits += each.get();
      }
    } finally {
      pool.shutdown();
    }
    assertThat(commits).isEqualTo(4 * ROUNDS);
    assertThat(snapshots(one)).isEqualTo(commits * CHANGED);
    assertThat(snapshots(two)).isEqualTo(commits * CHANGED);
  }

  private int write(LakeCatalog catalog, Random random) {
    List<TableIdentifier> shuffled = new ArrayList<>(tables);
    for (int round = 0; round < ROUNDS; round++) {
      Collections.shuffle(shuffled, random);
      Map<TableIdentifier, List<CommitReceipt>> receipts =
          catalog.commitTogether(shuffled.subList(0, CHANGED).stream().map(this::append).toList());
      assertThat(receipts).containsOnlyKeys(shuffled.subList(0, CHANGED));
    }
    return ROUNDS;
  }

  /** Every commit makes as many snapshots, so a torn set would show another sum. */
  private int read(LakeCatalog catalog, AtomicInteger writing) {
    while (writing.get() > 0) {
      assertThat(snapshots(catalog) % CHANGED).isZero();
    }
    return 0;
  }

  private int snapshots(LakeCatalog catalog) {
    Map<TableIdentifier, TableMetadata> all = catalog.readTogether(tables);
    assertThat(all).hasSize(TABLES);
    return all.values().stream().mapToInt(each -> each.snapshots().size()).sum();
  }

  @Test
  void leavesOutTablesThatAreNotThere() {
    TableIdentifier missing = TableIdentifier.of("a", "missing");

    assertThat(one.readTogether(List.of(missing, tables.get(0)))).containsOnlyKeys(tables.get(0));
  }

  @Test
  void tableThatMustStayAsItIsMayNotHaveMoved() {
    TableIdentifier held = tables.get(0);
    String before = location(held);
    two.commitTogether(List.of(append(held)));

    assertThatThrownBy(
            () ->
                one.commitTogether(List.of(append(tables.get(1)), TableChanges.none(held, before))))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot commit to a.t0: another writer has changed the table")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.CONFLICT);
    assertThat(snapshots(two)).isEqualTo(1);

    String now = location(held);
    one.commitTogether(List.of(append(tables.get(1)), TableChanges.none(held, now)));
    assertThat(snapshots(two)).isEqualTo(2);
    assertThat(location(held)).isEqualTo(now);
  }

  @Test
  void refusesOneTableTwice() {
    assertThatThrownBy(
            () -> one.commitTogether(List.of(append(tables.get(1)), append(tables.get(1)))))
        .isInstanceOf(FirnException.class)
        .hasMessage(
            "Cannot commit to several tables: a.t1 is named twice, expected its changes as one");
  }

  private String location(TableIdentifier table) {
    return one.readTogether(List.of(table)).get(table).metadataFileLocation();
  }

  private TableChanges append(TableIdentifier table) {
    DataFile file =
        DataFiles.builder(PartitionSpec.unpartitioned())
            .withPath(directory + "/" + UUID.randomUUID() + ".parquet")
            .withFileSizeInBytes(10)
            .withRecordCount(1)
            .build();
    RowChange change =
        new RowChange(
            "main",
            List.of(file),
            List.of(),
            List.of(),
            List.of(),
            List.of(),
            null,
            Expressions.alwaysFalse(),
            IsolationLevel.SERIALIZABLE,
            Map.of());
    return new TableChanges(table, List.of(CommitRequest.of(change)));
  }
}
