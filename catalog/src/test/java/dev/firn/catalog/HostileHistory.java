package dev.firn.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.catalog.commit.CommitRequest;
import dev.firn.catalog.intent.OrphanSearch;
import dev.firn.catalog.intent.SweepResult;
import dev.firn.catalog.intent.SweptFiles;
import dev.firn.catalog.intent.WriteIntent;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.storage.Locations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.ExpireSnapshots;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.PositionOutputStream;

/**
 * A warehouse in which everything that made clean-ups destroy tables happens at random: tables
 * under several spellings of their store, moved, renamed, registered twice, dropped and made anew;
 * writers that are killed, sleep, or never announced themselves; clocks that are wrong; engines
 * with a catalog of their own. After each step nothing is gone that a table reaches, that a writer
 * may still commit, or that was taken back. Owns the warehouse.
 */
final class HostileHistory implements AutoCloseable {
  private static final Namespace SHOP = Namespace.of("shop");
  private static final int MOST_TABLES = 6;

  /** Older than a search for orphans lets files be. */
  private static final Duration LONG_AGO = Duration.ofDays(9);

  private final Path directory;
  private final Random random;
  private final long seed;
  private final List<LakeCatalog> ours = new ArrayList<>();

  /** Another catalog of the same database, and one of another. */
  private final LakeCatalog neighbour;

  private final LakeCatalog foreign;
  private final Ledger ledger;
  private final List<String> log = new ArrayList<>();
  private final List<Change> open = new ArrayList<>();
  private final List<Loose> loose = new ArrayList<>();
  private final Map<UUID, Set<Path>> kept = new HashMap<>();
  private boolean alive = true;
  private int names;
  private int removed;
  private int takenBack;

  /** What a writer that announces its files is about. */
  private record Change(
      LakeCatalog writer, String table, UUID uuid, WriteIntent intent, List<DataFile> files) {
    String id() {
      return intent.ids().get(0).toString();
    }
  }

  /** A file of a writer that did not announce it, and may commit it yet. */
  private record Loose(LakeCatalog catalog, String table, DataFile file) {}

  HostileHistory(Path directory, long seed) {
    this.directory = directory;
    this.seed = seed;
    this.random = new Random(seed);
    ours.add(catalog("firn", "firn.db"));
    ours.add(catalog("firn", "firn.db"));
    neighbour = catalog("neighbour", "firn.db");
    foreign = catalog("foreign", "foreign.db");
    ledger = Ledger.open("jdbc:sqlite:" + directory.resolve("firn.db"));
    for (LakeCatalog each : List.of(ours.get(0), neighbour, foreign)) {
      each.namespaces().createNamespace(SHOP);
    }
    create();
  }

  private LakeCatalog catalog(String name, String database) {
    CatalogSettings settings =
        new CatalogSettings(
            name,
            "jdbc:sqlite:" + directory.resolve(database),
            Locations.of(directory.resolve("lake")),
            Map.of());
    return LakeCatalog.open(settings, store -> new AliasedIO(store, bucket()));
  }

  private Path bucket() {
    return directory.resolve("lake/bucket");
  }

  private Path at(String location) {
    return AliasedIO.at(location, bucket());
  }

  int removed() {
    return removed;
  }

  int takenBack() {
    return takenBack;
  }

  private LakeCatalog main() {
    return ours.get(0);
  }

  private <T> T pick(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  private static List<String> tables(LakeCatalog catalog) {
    return catalog.tables().listTables(SHOP).stream().map(TableIdentifier::name).sorted().toList();
  }

  private static TableIdentifier id(String table) {
    return TableIdentifier.of(SHOP, table);
  }

  private Table load(LakeCatalog catalog, String table) {
    return catalog.loadTable(id(table));
  }

  void step() {
    Set<Path> before = files();
    Set<Path> needed = reachable();
    Set<String> live = live();
    act(random.nextInt(100));
    Set<Path> after = files();
    check(before, after, needed, live);
  }

  private void act(int dice) {
    List<String> tables = tables(main());
    if (tables.isEmpty() || (dice < 6 && tables.size() < MOST_TABLES)) {
      create();
    } else if (dice < 22) {
      begin(pick(tables));
    } else if (dice < 34) {
      commit();
    } else if (dice < 38) {
      importAnnounced(pick(tables));
    } else if (dice < 46) {
      writeLoose(main(), pick(tables));
    } else if (dice < 54) {
      endLoose();
    } else if (dice < 60) {
      removeRows(pick(tables));
    } else if (dice < 72) {
      displace(dice, pick(tables));
    } else if (dice < 77) {
      if (random.nextInt(3) > 0) {
        say("kill").expireSessions();
        alive = false;
      } else {
        say("wake up").reviveSessions();
        alive = true;
      }
    } else if (dice < 86) {
      sweep(random.nextInt(3) > 0 ? Duration.ofHours(24) : Duration.ZERO);
    } else if (dice < 93) {
      searchOrphans(pick(tables));
    } else {
      undo();
    }
  }

  private Ledger say(String what) {
    log.add(what);
    return ledger;
  }

  private void create() {
    String name = "t" + names++;
    String place = random.nextBoolean() ? "s3://lake/w/" + name : path("w/" + name);
    create(main(), name, AliasedIO.other(place, random));
  }

  private String path(String below) {
    return directory.resolve("lake").resolve(below).toString();
  }

  private void create(LakeCatalog catalog, String name, String location) {
    log.add("create " + name + " at " + location);
    catalog
        .tables()
        .buildTable(id(name), CatalogContract.SCHEMA)
        .withPartitionSpec(CatalogContract.BY_CITY)
        .withLocation(location)
        .withProperty("write.metadata.previous-versions-max", "3")
        .create();
  }

  /** Writes a file that the intent knows, in some spelling of its place. */
  private DataFile write(Table table, WriteIntent intent) {
    DataFile file = spelled(CatalogContract.file(table, "a"));
    intent.creating(List.of(file.location()));
    try (PositionOutputStream out = table.io().newOutputFile(file.location()).create()) {
      out.write(file.location().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  private DataFile spelled(DataFile file) {
    return DataFiles.builder(CatalogContract.BY_CITY)
        .copy(file)
        .withPath(AliasedIO.other(file.location(), random))
        .build();
  }

  private void begin(String table) {
    LakeCatalog writer = pick(ours);
    Table loaded = load(writer, table);
    Change change =
        new Change(
            writer, table, loaded.uuid(), writer.intent(id(table), loaded), new ArrayList<>());
    for (int n = 1 + random.nextInt(2); n > 0; n--) {
      change.files().add(write(loaded, change.intent()));
    }
    log.add("begin " + change.files().get(0).location());
    open.add(change);
  }

  /** The intents whose writers have not lost them. */
  private Set<String> live() {
    return ledger.states().entrySet().stream()
        .filter(state -> Set.of("L", "K").contains(state.getValue()))
        .map(Map.Entry::getKey)
        .collect(Collectors.toSet());
  }

  private void commit() {
    if (open.isEmpty()) {
      return;
    }
    Change change = pick(open);
    if (!tables(main()).contains(change.table())) {
      return;
    }
    boolean same = load(main(), change.table()).uuid().equals(change.uuid());
    boolean allowed = live().contains(change.id());
    log.add("commit " + change.files().get(0).location() + (allowed ? "" : ", too late"));
    boolean done = true;
    try {
      DataFile[] files = change.files().toArray(DataFile[]::new);
      change
          .writer()
          .commit(
              id(change.table()),
              new CommitRequest(
                  CatalogContract.append("main", Map.of(), files),
                  null,
                  null,
                  change.intent().ids(),
                  Duration.ZERO));
      kept.remove(change.intent().ids().get(0));
    } catch (FirnException e) {
      assertThat(e.kind())
          .as(e.toString())
          .isIn(ErrorKind.CONFLICT, same ? ErrorKind.CONFLICT : ErrorKind.NOT_FOUND);
      done = false;
    }
    if (same) {
      assertThat(done).as(told()).isEqualTo(allowed);
    }
    open.remove(change);
  }

  /** Another engine adds files that it finds to a table: the ledger does not hear of it. */
  private void importAnnounced(String table) {
    List<Change> present = open.stream().filter(change -> live().contains(change.id())).toList();
    if (!present.isEmpty()) {
      Change change = pick(present);
      log.add("import " + change.files().get(0).location() + " into " + table);
      append(main(), table, change.files().get(0));
    }
  }

  private void append(LakeCatalog catalog, String table, DataFile file) {
    load(catalog, table).newAppend().appendFile(spelled(file)).commit();
  }

  private void writeLoose(LakeCatalog catalog, String table) {
    DataFile file = write(load(catalog, table), WriteIntent.unrecorded());
    log.add("write unannounced " + file.location());
    // The store's clock and ours are apart, or the store has none.
    long skew = random.nextInt(41) - 20L;
    touch(
        file,
        random.nextInt(5) == 0
            ? FileTime.fromMillis(0)
            : FileTime.from(Instant.now().plus(Duration.ofHours(skew))));
    loose.add(new Loose(catalog, table, file));
  }

  private void touch(DataFile file, FileTime time) {
    try {
      Files.setLastModifiedTime(at(file.location()), time);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The writer commits, somewhere, or is never heard of again. */
  private void endLoose() {
    if (loose.isEmpty()) {
      return;
    }
    Loose ending = loose.remove(random.nextInt(loose.size()));
    boolean present = tables(ending.catalog()).contains(ending.table());
    if (present && random.nextBoolean()) {
      log.add("commit unannounced " + ending.file().location());
      append(ending.catalog(), ending.table(), ending.file());
    } else {
      log.add("give up " + ending.file().location());
      touch(ending.file(), FileTime.from(Instant.now().minus(LONG_AGO)));
    }
  }

  /** Rows go, and perhaps the past, but for what is tagged. No file is removed. */
  private void removeRows(String table) {
    Table at = load(main(), table);
    List<DataFile> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = at.newScan().planFiles()) {
      tasks.forEach(task -> files.add(task.file()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (files.isEmpty()) {
      return;
    }
    DataFile going = pick(files);
    log.add("remove " + going.location());
    if (random.nextInt(3) == 0) {
      at.manageSnapshots().createTag("g" + names++, at.currentSnapshot().snapshotId()).commit();
    }
    at.newDelete().deleteFile(going).commit();
    if (random.nextBoolean()) {
      at.expireSnapshots()
          .expireOlderThan(Long.MAX_VALUE)
          .cleanupLevel(ExpireSnapshots.CleanupLevel.NONE)
          .commit();
    }
    // Whoever looks at ages sees an old file.
    if (Files.exists(at(going.location()))) {
      touch(going, FileTime.from(Instant.now().minus(LONG_AGO)));
    }
  }

  private void displace(int dice, String table) {
    String other = "t" + names++;
    switch (dice % 6) {
      case 0 -> {
        log.add("rename " + table + " to " + other);
        main().tables().renameTable(id(table), id(other));
      }
      case 1 -> {
        log.add("register " + table + " as " + other);
        register(main(), table, other, "s3a://lake/moved/" + other);
      }
      case 2 -> {
        log.add("move " + table + " to " + other);
        register(main(), table, other, AliasedIO.other(path("moved/" + other), random));
        main().tables().dropTable(id(table), false);
      }
      case 3 -> {
        log.add("register " + table + " in the neighbour's catalog as " + other);
        neighbour.tables().registerTable(id(other), metadata(load(main(), table)));
      }
      case 4 -> {
        String location = load(main(), table).location();
        log.add("drop " + table + " and make it anew");
        main().tables().dropTable(id(table), false);
        create(main(), table, AliasedIO.other(location + "-" + names, random));
      }
      default -> guest(table, other);
    }
  }

  /** An engine that has a catalog of its own keeps a table within the directory of one of ours. */
  private void guest(String table, String other) {
    String location = load(main(), table).location();
    create(
        foreign,
        other,
        AliasedIO.other(location, random) + (random.nextBoolean() ? "/export" : ""));
    writeLoose(foreign, other);
    Loose file = loose.remove(loose.size() - 1);
    append(foreign, other, file.file());
    touch(file.file(), FileTime.from(Instant.now().minus(LONG_AGO)));
  }

  private static String metadata(Table table) {
    return HostileLake.metadata(table).metadataFileLocation();
  }

  private void register(LakeCatalog catalog, String table, String other, String location) {
    Table from = load(main(), table);
    TableMetadata moved =
        TableMetadata.buildFrom(HostileLake.metadata(from)).setLocation(location).build();
    String file = location + "/metadata/00009-moved.metadata.json";
    TableMetadataParser.write(moved, from.io().newOutputFile(file));
    catalog.tables().registerTable(id(other), file);
  }

  private void sweep(Duration deleteAfter) {
    log.add("sweep after " + deleteAfter);
    SweepResult result = pick(ours).sweep().grace(Duration.ZERO).deleteAfter(deleteAfter).run();
    assertThat(result.failures()).as(told()).isEmpty();
  }

  private void searchOrphans(String table) {
    try {
      OrphanSearch.Quarantined found =
          pick(ours).orphans(id(table)).olderThan(OrphanSearch.LEAST_AGE).run();
      log.add("search " + table + ": " + found.files().size());
    } catch (FirnException e) {
      assertThat(e.kind()).as(e.toString()).isEqualTo(ErrorKind.INVALID);
      log.add("search " + table + ", refused: " + e.getMessage());
    }
  }

  private void undo() {
    List<SweptFiles> waiting =
        main().sweep().grace(Duration.ofDays(99)).deleteAfter(Duration.ofDays(99)).plan().waiting();
    if (waiting.isEmpty()) {
      return;
    }
    SweptFiles back = pick(waiting);
    log.add("undo " + back.files());
    main().sweep().undo(back.id());
    Set<Path> there =
        back.files().stream().map(this::at).filter(Files::exists).collect(Collectors.toSet());
    kept.put(back.id(), there);
    takenBack += there.size();
  }

  private void check(Set<Path> before, Set<Path> after, Set<Path> needed, Set<String> live) {
    Set<Path> gone = new TreeSet<>(before);
    gone.removeAll(after);
    removed += gone.size();
    assertThat(gone).as("reachable before: " + told()).doesNotContainAnyElementsOf(needed);
    assertThat(after).as("reachable now: " + told()).containsAll(reachable());
    kept.values().forEach(files -> assertThat(after).as("kept: " + told()).containsAll(files));
    assertThat(after)
        .as("unannounced: " + told())
        .containsAll(loose.stream().map(each -> at(each.file().location())).toList());
    Map<String, String> states = ledger.states();
    for (Change change : open) {
      String state = states.getOrDefault(change.id(), "gone");
      if (Set.of("L", "K", "Q").contains(state)) {
        assertThat(after)
            .as("announced, %s: %s", state, told())
            .containsAll(change.files().stream().map(file -> at(file.location())).toList());
      }
      if (alive && live.contains(change.id())) {
        assertThat(state).as("a writer that lives: " + told()).isIn("L", "K");
      }
    }
  }

  /** Everything is over: what nobody can need goes, but for what is taken back. */
  void end() {
    create();
    begin("t" + (names - 1));
    ledger.expireSessions();
    alive = false;
    sweep(Duration.ofHours(24));
    undo();
    for (int i = 0; i < 3; i++) {
      Set<Path> before = files();
      Set<Path> needed = reachable();
      sweep(Duration.ZERO);
      check(before, files(), needed, Set.of());
    }
    assertThat(ledger.states().values()).as(told()).allMatch("K"::equals);
  }

  private String told() {
    return "-Dfirn.hostile.seed=%d: %s".formatted(seed, String.join(" | ", log));
  }

  /** Every file that is there, but for those of the databases. */
  private Set<Path> files() {
    try (Stream<Path> all = Files.walk(directory.resolve("lake"))) {
      return all.filter(Files::isRegularFile).collect(Collectors.toCollection(TreeSet::new));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What any table of any catalog reaches by any snapshot, told by Iceberg's readers. */
  private Set<Path> reachable() {
    Set<Path> files = new TreeSet<>();
    for (LakeCatalog catalog : List.of(main(), neighbour, foreign)) {
      for (String table : tables(catalog)) {
        reach(load(catalog, table), files);
      }
    }
    return files;
  }

  private void reach(Table table, Set<Path> files) {
    files.add(at(metadata(table)));
    for (Snapshot snapshot : table.snapshots()) {
      files.add(at(Objects.requireNonNull(snapshot.manifestListLocation())));
      for (var manifest : snapshot.allManifests(table.io())) {
        files.add(at(manifest.path()));
        try (CloseableIterable<String> paths =
            ManifestFiles.readPaths(manifest, table.io(), table.specs())) {
          paths.forEach(path -> files.add(at(path)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
  }

  @Override
  public void close() {
    ledger.close();
    foreign.close();
    neighbour.close();
    ours.forEach(LakeCatalog::close);
  }
}
