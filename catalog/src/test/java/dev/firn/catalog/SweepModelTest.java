package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.commit.TableCommitter;
import dev.firn.catalog.intent.Sweep;
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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.PositionOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writers, kills, zombies, sweeps that fail and race, undo, and another engine's commits, in random
 * order. After each step every file that a snapshot reaches is there, and every file whose writer
 * has not lost it; a commit succeeds exactly where its writer has not lost it.
 */
class SweepModelTest {
  private static final TableIdentifier ORDERS = TableName.parse("shop.orders");
  private static final int STEPS = Integer.getInteger("firn.sweep.steps", 60);

  @TempDir private Path directory;

  private final long seed = Long.getLong("firn.sweep.seed", 1);
  private final Random random = new Random(seed);
  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final List<LakeCatalog> writers = new ArrayList<>();
  private final List<LakeCatalog> sweepers = new ArrayList<>();
  private final List<FaultyFileIO> sweepersStores = new ArrayList<>();
  private final List<Change> open = new ArrayList<>();
  private final Set<String> committed = new TreeSet<>();
  private Ledger ledger;
  private Table table;

  /** What a writer is about. */
  private record Change(LakeCatalog writer, WriteIntent intent, List<DataFile> files) {
    String id() {
      return intent.ids().get(0).toString();
    }
  }

  @BeforeEach
  void open() {
    for (int i = 0; i < 2; i++) {
      writers.add(LakeCatalog.open(settings()));
      sweepers.add(LakeCatalog.open(settings(), this::faulty));
    }
    ledger = Ledger.open(settings().uri());
    writers.get(0).namespaces().createNamespace(Namespace.of("shop"));
    table =
        writers
            .get(0)
            .tables()
            .buildTable(ORDERS, CatalogContract.SCHEMA)
            .withPartitionSpec(CatalogContract.BY_CITY)
            .create();
  }

  private FaultyFileIO faulty(FileIO files) {
    FaultyFileIO store = new FaultyFileIO(files);
    sweepersStores.add(store);
    return store;
  }

  private CatalogSettings settings() {
    return new CatalogSettings(
        "firn",
        "jdbc:sqlite:" + directory.resolve("firn.db"),
        Locations.of(directory.resolve("lake")),
        Map.of());
  }

  @AfterEach
  void close() {
    thread.shutdown();
    ledger.close();
    sweepers.forEach(LakeCatalog::close);
    writers.forEach(LakeCatalog::close);
  }

  @Test
  void neverDeletesWhatAnybodyCanReach() throws Exception {
    System.out.println("SweepModelTest -Dfirn.sweep.seed=" + seed);
    for (int step = 0; step < STEPS; step++) {
      String what = act(random.nextInt(100));
      check("seed %d, step %d: %s".formatted(seed, step, what));
    }
    ledger.expireSessions();
    sweepers.forEach(sweeper -> sweep(sweeper, Duration.ZERO));
    sweepers.forEach(sweeper -> sweep(sweeper, Duration.ZERO));

    Set<String> expected = new TreeSet<>(committed);
    Map<String, String> states = ledger.states();
    assertThat(states.values()).allMatch("K"::equals);
    assertThat(inTable()).isEqualTo(committed);
    open.stream()
        .filter(change -> states.containsKey(change.id()))
        .forEach(change -> change.files().forEach(file -> expected.add(file.location())));
    assertThat(onDisk()).as("seed %d, in the end", seed).isEqualTo(expected);
  }

  private String act(int dice) throws Exception {
    if (dice < 25) {
      begin();
      return "begin";
    }
    if (dice < 33) {
      return withOne("grow", this::grow);
    }
    if (dice < 53) {
      return withOne("commit", this::commit);
    }
    if (dice < 58) {
      return withOne("abandon", this::abandon);
    }
    if (dice < 61) {
      return withOne("commit by another engine", this::commitElsewhere);
    }
    if (dice < 68) {
      ledger.expireSessions();
      return "kill";
    }
    if (dice < 72) {
      ledger.reviveSessions();
      return "wake up";
    }
    if (dice < 82) {
      sweep(pick(sweepers), random.nextBoolean() ? Duration.ZERO : Duration.ofHours(24));
      return "sweep";
    }
    if (dice < 87) {
      pick(sweepersStores).add(Fault.before(FileOperation.DELETE, 1 + random.nextInt(3)));
      sweep(pick(sweepers), Duration.ZERO);
      sweepersStores.forEach(FaultyFileIO::reset);
      return "sweep that fails";
    }
    if (dice < 92) {
      undo();
      return "undo";
    }
    return withOne("race", this::race);
  }

  private interface Step {
    void on(Change change) throws Exception;
  }

  private String withOne(String what, Step step) throws Exception {
    if (!open.isEmpty()) {
      step.on(pick(open));
    }
    return what;
  }

  private <T> T pick(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private void begin() {
    LakeCatalog writer = pick(writers);
    Change change = new Change(writer, writer.intent(ORDERS, table), new ArrayList<>());
    for (int i = 0; i <= random.nextInt(3); i++) {
      write(change);
    }
    open.add(change);
  }

  private void write(Change change) {
    DataFile file = CatalogContract.file(table, "a");
    change.intent().creating(List.of(file.location()));
    change.files().add(file);
    try (PositionOutputStream out = table.io().newOutputFile(file.location()).create()) {
      out.write(1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isWriters(Change change) {
    return Set.of("L", "K").contains(ledger.states().getOrDefault(change.id(), "gone"));
  }

  private void grow(Change change) {
    boolean allowed = isWriters(change);
    assertThat(attempt(() -> write(change))).isEqualTo(allowed);
  }

  private void commit(Change change) {
    boolean allowed = isWriters(change);
    assertThat(attempt(() -> submit(change))).isEqualTo(allowed);
    open.remove(change);
    if (allowed) {
      change.files().forEach(file -> committed.add(file.location()));
    } else {
      remove(change);
    }
  }

  private void submit(Change change) {
    DataFile[] files = change.files().toArray(DataFile[]::new);
    change
        .writer()
        .commit(
            ORDERS,
            new CommitRequest(
                CatalogContract.append("main", Map.of(), files),
                null,
                null,
                change.intent().ids(),
                Duration.ZERO));
  }

  /** Returns whether it was done, and not refused as a conflict. */
  private static boolean attempt(Runnable work) {
    try {
      work.run();
      return true;
    } catch (FirnException e) {
      assertThat(e.kind()).as(e.toString()).isEqualTo(ErrorKind.CONFLICT);
      return false;
    }
  }

  private void abandon(Change change) {
    open.remove(change);
    remove(change);
  }

  private void remove(Change change) {
    List<String> files = change.files().stream().map(DataFile::location).toList();
    files.forEach(table.io()::deleteFile);
    change.intent().removed(files);
    change.intent().close();
  }

  /** As an import of the table's directory does: the ledger does not hear of it. */
  private void commitElsewhere(Change change) {
    if (isWriters(change)) {
      open.remove(change);
      for (DataFile file : change.files()) {
        TableCommitter.commit(table, CatalogContract.append("main", Map.of(), file));
        committed.add(file.location());
      }
    }
  }

  private void undo() {
    List<String> quarantined =
        ledger.states().entrySet().stream()
            .filter(entry -> entry.getValue().equals("Q"))
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
    if (!quarantined.isEmpty()) {
      pick(sweepers).sweep().undo(UUID.fromString(pick(quarantined)));
    }
  }

  /** Both sweepers and the writer at once: either may win. */
  private void race(Change change) throws Exception {
    ledger.expireSessions();
    open.remove(change);
    Future<Boolean> commit = thread.submit(() -> attempt(() -> submit(change)));
    sweepers.forEach(sweeper -> sweep(sweeper, Duration.ZERO));
    if (commit.get()) {
      change.files().forEach(file -> committed.add(file.location()));
    } else {
      remove(change);
    }
  }

  private static void sweep(LakeCatalog sweeper, Duration deleteAfter) {
    Sweep sweep = sweeper.sweep().grace(Duration.ZERO).deleteAfter(deleteAfter);
    var unused = sweep.run();
  }

  private void check(String what) throws IOException {
    Set<String> disk = onDisk();
    assertThat(disk).as(what).containsAll(committed);
    if (what.endsWith("commit") || what.endsWith("race")) {
      assertThat(inTable()).as(what).isEqualTo(committed);
    }
    Map<String, String> states = ledger.states();
    for (Change change : open) {
      if (Set.of("L", "K", "Q").contains(states.getOrDefault(change.id(), "gone"))) {
        assertThat(disk)
            .as(what)
            .containsAll(change.files().stream().map(DataFile::location).toList());
      }
    }
  }

  private Set<String> inTable() throws IOException {
    Set<String> files = new TreeSet<>();
    table.refresh();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> files.add(task.file().location()));
    }
    return files;
  }

  private Set<String> onDisk() throws IOException {
    Path data = Locations.localPath(table.location()).resolve("data");
    if (!Files.exists(data)) {
      return Set.of();
    }
    try (Stream<Path> files = Files.list(data)) {
      Set<String> all = new HashSet<>();
      files.forEach(file -> all.add(Locations.of(file)));
      return all;
    }
  }
}
