package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.CatalogSettings;
import dev.firn.catalog.LakeCatalog;
import dev.firn.catalog.intent.Sweep;
import dev.firn.catalog.table.TableName;
import dev.firn.compaction.GradedExpiry;
import dev.firn.compaction.GradedRetention;
import dev.firn.error.FirnException;
import dev.firn.scan.Decoding;
import dev.firn.storage.Locations;
import dev.firn.testing.Fault;
import dev.firn.testing.FaultyFileIO;
import dev.firn.testing.FileOperation;
import dev.firn.upsert.KeyIndexes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpkeepTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
  private static final TableIdentifier ID = TableName.parse("shop.orders");
  private static final Clock IN_100_DAYS = Clock.offset(Clock.systemUTC(), Duration.ofDays(100));
  private static final int MOST = 40;

  /** The current one, and those that it names. */
  private static final int MOST_METADATA = 21;

  /** {@code -Dfirn.upkeep.commits=3000} for a longer life. */
  private static final int COMMITS = Integer.getInteger("firn.upkeep.commits", 200);

  record Row(long id) {}

  @TempDir Path directory;
  private final Holds holds = new Holds();
  private final RootAllocator allocator = new RootAllocator();
  private @Nullable FaultyFileIO store;
  private LakeCatalog catalog;
  private @Nullable Upkeep upkeep;
  private volatile long told;

  @BeforeEach
  void open() {
    catalog = connect();
  }

  private LakeCatalog connect() {
    String database = "jdbc:sqlite:" + directory.resolve("c.db");
    return LakeCatalog.open(
        new CatalogSettings("firn", database, Locations.of(directory), Map.of()),
        io -> {
          store = new FaultyFileIO(io);
          return store;
        });
  }

  @AfterEach
  void close() {
    if (upkeep != null) {
      upkeep.close();
    }
    catalog.close();
    allocator.close();
  }

  private void keepUp(Duration readersTake) {
    upkeep = new Upkeep(catalog, holds, Clock.systemUTC(), readersTake);
    catalog.listen(upkeep);
    catalog.listen((table, current) -> told = current.lastSequenceNumber());
  }

  private LakeTable create(int mostSnapshots) {
    TableDefinition definition =
        new TableDefinition()
            .property(GradedRetention.MAX_COUNT, Integer.toString(mostSnapshots))
            .property("write.parquet.compression-codec", "uncompressed");
    return new NewTable(catalog, ID, SCHEMA, definition, loaded -> table()).create();
  }

  private LakeTable table() {
    return new LakeTable(
        catalog.loadTable(ID),
        new TableCommits(catalog, ID, holds),
        new ScanResources(Decoding.INLINE, () -> allocator),
        Upserts.of(new KeyIndexes(() -> allocator)));
  }

  private static void append(LakeTable table, long from, long to) {
    for (long id = from; id < to; id++) {
      try (TableWriter writer = table.append()) {
        writer.write(new Row(id));
        writer.commit();
      }
    }
  }

  /** As {@link #append}, where upkeep has done what a commit made due before the next one. */
  private void appendInStep(LakeTable table, long from, long to) {
    for (long id = from; id < to; id++) {
      try (TableWriter writer = table.append()) {
        writer.write(new Row(id));
        long sequence = writer.commit().sequenceNumber();
        until("upkeep is told", () -> told >= sequence);
        upkeep.settle();
      }
    }
  }

  /** Polls, with a bound that a loaded machine does not reach. */
  private static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(2);
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime()).as(what).isLessThan(end);
      Thread.onSpinWait();
    }
  }

  private static Set<Long> ids(LakeScan scan) {
    List<Long> ids = new ArrayList<>();
    scan.toList().forEach(row -> ids.add((Long) row.get(0)));
    assertThat(ids).doesNotHaveDuplicates();
    return new TreeSet<>(ids);
  }

  private static Set<Long> range(long from, long to) {
    return LongStream.range(from, to).boxed().collect(Collectors.toCollection(TreeSet::new));
  }

  private long operations() {
    long all = 0;
    for (FileOperation each :
        List.of(
            FileOperation.OPEN, FileOperation.CREATE, FileOperation.DELETE, FileOperation.LIST)) {
      all += store.count(each);
    }
    return all;
  }

  /** Appends, and returns what that costs with all upkeep that it has made due. */
  private long operationsOf(LakeTable table, int from, int to) {
    long before = operations();
    keepUp(Duration.ZERO);
    appendInStep(table, from, to);
    upkeep.close();
    String location = table.iceberg().location();
    until("old metadata is removed", () -> metadataFiles(location) <= MOST_METADATA);
    return operations() - before;
  }

  private static long metadataFiles(String table) {
    try (Stream<Path> files = Files.list(Locations.localPath(table + "/metadata"))) {
      return files.filter(file -> file.toString().endsWith(".metadata.json")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aStreamStaysBoundedAndReadableAndItsTagSurvives() throws IOException {
    LakeTable table = create(MOST);
    append(table, 0, 3);
    table.tag("early");
    operationsOf(table, 3, COMMITS / 4);
    long young = operationsOf(table, COMMITS / 4, COMMITS / 2);
    operationsOf(table, COMMITS / 2, COMMITS * 3 / 4);
    long old = operationsOf(table, COMMITS * 3 / 4, COMMITS);

    assertThat(table.snapshots().size()).isLessThanOrEqualTo(2 * MOST);
    assertThat(manifests(table)).isLessThanOrEqualTo(80);
    assertThat((double) old / young).isLessThan(1.3);
    assertThat(ids(table.scan())).isEqualTo(range(0, COMMITS));
    assertThat(ids(table.scan().ref("early"))).isEqualTo(range(0, 3));
    assertReadable(table);
    assertThat(strayMetadata(table)).isEmpty();
  }

  private static int manifests(LakeTable table) {
    Table iceberg = table.iceberg();
    return iceberg.currentSnapshot().allManifests(iceberg.io()).size();
  }

  /** A snapshot has as many rows as its summary says. */
  private static void assertReadable(LakeTable table) {
    for (SnapshotInfo snapshot : table.snapshots()) {
      Map<String, String> summary = snapshot.summary();
      assertThat(ids(table.scan().asOfSnapshot(snapshot.id())))
          .hasSize(
              Integer.parseInt(summary.get("total-records"))
                  - Integer.parseInt(summary.get("total-position-deletes")));
    }
  }

  /** Returns the files in the table's metadata directory that nothing refers to. */
  private static List<String> strayMetadata(LakeTable table) throws IOException {
    Table iceberg = table.iceberg();
    TableMetadata metadata = ((HasTableOperations) iceberg).operations().refresh();
    Set<String> reachable = new TreeSet<>();
    reachable.add(name(metadata.metadataFileLocation()));
    metadata.previousFiles().forEach(file -> reachable.add(name(file.file())));
    assertThat(reachable).hasSizeLessThanOrEqualTo(MOST_METADATA);
    for (Snapshot snapshot : iceberg.snapshots()) {
      reachable.add(name(snapshot.manifestListLocation()));
      for (ManifestFile manifest : snapshot.allManifests(iceberg.io())) {
        reachable.add(name(manifest.path()));
      }
    }
    try (Stream<Path> files = Files.list(Locations.localPath(iceberg.location() + "/metadata"))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> !file.startsWith("."))
          .filter(file -> !reachable.contains(file))
          // Old metadata goes on a thread of the catalog's.
          .filter(file -> !file.endsWith(".metadata.json"))
          .sorted()
          .toList();
    }
  }

  private static String name(String location) {
    return location.substring(location.lastIndexOf('/') + 1);
  }

  @Test
  void expiryCostsTheSameHoweverOldTheTable() {
    LakeTable table = create(10);
    append(table, 0, 20);
    List<List<Long>> costs = new ArrayList<>();
    for (int round = 0; round < 5; round++) {
      append(table, 100 + round * 10L, 110 + round * 10L);
      table.rewriteManifests().all().run();
      costs.add(costOfExpiry());
    }
    // What is older than the first rounds goes with them. After that, eleven go and five stay.
    assertThat(costs.subList(2, 5)).allMatch(cost -> cost.equals(costs.get(2)), costs.toString());
    // Metadata; the lists of those that go, and of the oldest that stays; no manifest.
    assertThat(costs.get(2)).containsExactly(1 + 11 + 1L, 1L);
  }

  /** Opened and created files, by a process that knows nothing of the table yet. */
  private List<Long> costOfExpiry() {
    FaultyFileIO warm = store;
    try (LakeCatalog cold = connect()) {
      GradedExpiry expiry = GradedExpiry.of(cold.loadTable(ID)).clock(IN_100_DAYS);
      assertThat(expiry.run().snapshots()).hasSizeGreaterThanOrEqualTo(11);
      // Files are deleted on a thread of the catalog's, which may not be done yet.
      return List.of(store.count(FileOperation.OPEN), store.count(FileOperation.CREATE));
    } finally {
      store = warm;
    }
  }

  /** Compactions too: none is lost to the deletes. */
  @Test
  void changesOfEveryKindGoOnBesideIt() throws Exception {
    keepUp(Duration.ofMinutes(10));
    LakeTable table = create(10);
    append(table, 0, 20);
    AtomicBoolean writing = new AtomicBoolean(true);
    List<Callable<Integer>> work = new ArrayList<>();
    work.add(
        () -> {
          append(table(), 1000, 1050);
          writing.set(false);
          return 0;
        });
    work.add(
        () -> {
          for (long id = 0; id < 10; id++) {
            assertThat(table().delete(equal("id", id)).rows()).isEqualTo(1);
          }
          return 0;
        });
    work.add(
        () -> {
          int done = 0;
          while (writing.get() || done == 0) {
            done += table().compact().run().snapshotId().isPresent() ? 1 : 0;
          }
          return done;
        });
    work.add(
        () -> {
          Random random = new Random(7);
          LakeTable mine = table();
          int read = 0;
          while (writing.get() || read == 0) {
            List<SnapshotInfo> all = mine.snapshots();
            SnapshotInfo one = all.get(random.nextInt(all.size()));
            if (readIfRetained(mine, one)) {
              read++;
            }
          }
          return read;
        });
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    List<Integer> done = new ArrayList<>();
    try {
      for (Future<Integer> each : pool.invokeAll(work)) {
        done.add(each.get());
      }
    } finally {
      pool.shutdown();
    }
    upkeep.close(); // what it began ends: no snapshot expires as all are read below
    assertThat(done.get(2)).as("compactions").isPositive();
    assertThat(done.get(3)).as("reads of the past").isPositive();
    Set<Long> expected = range(10, 20);
    expected.addAll(range(1000, 1050));
    assertThat(ids(table.scan())).isEqualTo(expected);
    assertReadable(table);
  }

  /** A reader that found the snapshot reads all of it, even where it expires meanwhile. */
  private static boolean readIfRetained(LakeTable table, SnapshotInfo snapshot) {
    ScanCursor cursor;
    try {
      cursor = table.scan().asOfSnapshot(snapshot.id()).open();
    } catch (FirnException e) {
      assertThat(e).hasMessageContaining(Long.toString(snapshot.id()));
      return false;
    }
    try (cursor) {
      int rows = 0;
      for (Record row : cursor) {
        assertThat(row.get(0)).isNotNull();
        rows++;
      }
      assertThat(rows).isLessThanOrEqualTo(70);
    }
    return true;
  }

  @Test
  void aFailureDisturbsNoCommitAndLeavesOnlyUnreachableFiles() throws IOException {
    LakeTable table = create(10);
    append(table, 0, 30);
    store.reset();
    // The commit is applied, but its first file cannot be removed: as if the process had died.
    store.add(Fault.before(FileOperation.DELETE, 1).at(file -> file.endsWith(".avro")));

    assertThat(table.expireByGrades().run().snapshots()).hasSizeGreaterThanOrEqualTo(19);

    assertThat(store.failed()).isEqualTo(1);
    assertThat(table.snapshots().size()).isLessThanOrEqualTo(11);
    assertThat(strayMetadata(table)).hasSize(1);
    assertReadable(table);
    assertThat(ids(table.scan())).isEqualTo(range(0, 30));
  }

  @Test
  void nothingIsDoneBeforeItIsDueOrWhereTheTableSaysNone() {
    keepUp(Duration.ZERO);
    LakeTable table = create(40);
    append(table, 0, 25);
    table.setProperties(
        Map.of(GradedRetention.GRADES, "none", "commit.manifest-merge.enabled", "false"));
    append(table, 25, 70);
    upkeep.close();

    assertThat(table.snapshots()).hasSize(70);
    assertThat(manifests(table)).isEqualTo(70);
  }

  @Test
  void aBadPropertyStopsNoCommit() {
    keepUp(Duration.ZERO);
    LakeTable table = create(10);
    table.setProperties(Map.of(GradedRetention.GRADES, "some"));
    append(table, 0, 20);
    upkeep.close();

    assertThat(ids(table.scan())).isEqualTo(range(0, 20));
    assertThat(table.snapshots()).hasSize(20);
  }

  @Test
  void whatExpiredYoungIsLeftForItsReadersAndThenForASweep() throws IOException {
    keepUp(Duration.ofMinutes(10));
    LakeTable table = create(10);
    appendInStep(table, 0, 40);
    upkeep.close();

    assertThat(table.snapshots().size()).isLessThan(30);
    assertThat(strayMetadata(table).size()).isGreaterThanOrEqualTo(10);

    catalog.close();
    catalog = connect();
    Sweep sweep = catalog.sweep().deleteAfter(Duration.ZERO);
    sweep.run();
    sweep.run();
    assertThat(strayMetadata(table())).isEmpty();
    assertReadable(table());
    assertThat(ids(table().scan())).isEqualTo(range(0, 40));
  }

  @Test
  void workInProgressKeepsItsBase() {
    LakeTable table = create(10);
    append(table, 0, 5);
    keepUp(Duration.ZERO);
    Snapshot base = table.iceberg().currentSnapshot();
    try (Holds.Hold held = holds.on(ID, base)) {
      assertThat(held).isNotNull();
      append(table, 5, 40);
      upkeep.close();
      assertThat(table.iceberg().snapshot(base.snapshotId())).isNotNull();
      assertThat(table.snapshots().size()).isGreaterThanOrEqualTo(36);
    }
    assertThat(holds.since(ID)).isEqualTo(Holds.NONE);
    // Too late for any grade: as long as it is young, it may be the one of its second that stays.
    table.expireByGrades().clock(IN_100_DAYS).run();
    assertThat(table.iceberg().snapshot(base.snapshotId())).isNull();
  }

  @Test
  void aRollbackReachesBehindAGap() {
    LakeTable table = create(10);
    append(table, 0, 3);
    long old = table.iceberg().currentSnapshot().snapshotId();
    table.tag("old");
    append(table, 3, 30);
    table.expireByGrades().run();
    table.dropTag("old");

    table.rollback(old);

    assertThat(ids(table.scan())).isEqualTo(range(0, 3));
    append(table, 50, 51);
    assertThat(ids(table.scan())).contains(50L).hasSize(4);
  }
}
