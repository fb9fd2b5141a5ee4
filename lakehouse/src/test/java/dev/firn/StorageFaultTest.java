package dev.firn;

import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.assertj.core.api.Assertions.assertThat;

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
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestContent;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * File operations of every change fail, each once; a second lakehouse on the same directory, which
 * never fails, then looks at what is there.
 */
class StorageFaultTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  record Row(long id) {}

  /** A change of a table, and what its rows are where it is applied. */
  private interface Change {
    Set<Long> run(LakeTable table, Set<Long> rows);
  }

  /** Operations without an effect fail in one way, the others before and after it. */
  private static final List<IntFunction<Fault>> FAULTS =
      List.of(
          nth -> Fault.before(FileOperation.STAT, nth),
          nth -> Fault.before(FileOperation.OPEN, nth),
          nth -> Fault.before(FileOperation.READ, nth),
          nth -> Fault.before(FileOperation.CREATE, nth),
          nth -> Fault.after(FileOperation.CREATE, nth),
          Fault::diskFull,
          nth -> Fault.before(FileOperation.CLOSE, nth),
          nth -> Fault.after(FileOperation.CLOSE, nth),
          nth -> Fault.before(FileOperation.DELETE, nth),
          nth -> Fault.after(FileOperation.DELETE, nth));

  /** {@code -Dfirn.faults.all=true}: every operation, instead of some at random. */
  private static final boolean ALL = Boolean.getBoolean("firn.faults.all");

  private static final int SAMPLE = 2;

  @TempDir private Path directory;
  private final long seed = Long.getLong("firn.faults.seed", 1);
  private final Random random = new Random(seed);
  private final Set<Path> excused = new HashSet<>();
  private FaultyFileIO store;
  private Lakehouse faulty;
  private Lakehouse sound;
  private long nextId;

  @BeforeEach
  void open() {
    System.out.println("StorageFaultTest -Dfirn.faults.seed=" + seed);
    Settings settings = Settings.of(directory.resolve("lake"));
    faulty = Lakehouse.open(settings, files -> store = new FaultyFileIO(files));
    sound = Lakehouse.open(settings);
  }

  @AfterEach
  void close() {
    faulty.close();
    sound.close();
  }

  @Test
  void anAppendIsWholeOrNotThere() {
    failEverywhere(
        2,
        table -> {},
        (table, rows) -> {
          long id = nextId++;
          append(table, id);
          return plus(rows, id);
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void aDeleteIsWholeOrNotThere(int version) {
    failEverywhere(
        version,
        table -> {
          long id = nextId;
          nextId += 4;
          append(table, id, id + 1, id + 2, id + 3);
        },
        (table, rows) -> {
          long id = nextId - 2;
          table.delete(equal("id", id));
          return minus(rows, id);
        });
  }

  @Test
  void anOverwriteIsWholeOrNotThere() {
    failEverywhere(
        3,
        table -> {
          long id = nextId;
          nextId += 3;
          append(table, id, id + 1, id + 2);
        },
        (table, rows) -> {
          long old = nextId - 2;
          long id = nextId++;
          try (TableWriter writer = table.overwrite(equal("id", old))) {
            writer.write(new Row(id));
            writer.commit();
          }
          return plus(minus(rows, old), id);
        });
  }

  @Test
  void aCompactionLosesNothing() {
    failEverywhere(
        2,
        table -> {
          appendNext(table, 3);
          appendNext(table, 2);
          table.delete(equal("id", nextId - 4));
        },
        (table, rows) -> {
          table.compact().run();
          return rows;
        });
  }

  @Test
  void anExpiryLosesNothing() {
    failEverywhere(
        3,
        table -> {
          appendNext(table, 2);
          table.delete(lessThan("id", nextId - 3));
        },
        (table, rows) -> {
          table.expireSnapshots().olderThan(Instant.now().plusSeconds(60)).retainLast(1).run();
          return rows;
        });
  }

  @Test
  void aTableComesWithItsFirstRowsOrNotAtAll() {
    store.reset();
    create(faulty, "a.first");
    Map<FileOperation, Long> counts = new EnumMap<>(FileOperation.class);
    for (FileOperation operation : FileOperation.values()) {
      counts.put(operation, store.count(operation));
    }
    excused.addAll(dataFiles(directory));
    for (IntFunction<Fault> kind : FAULTS) {
      for (int nth : sample(counts.get(kind.apply(1).operation()))) {
        createOnce("a.t" + nextId++, kind.apply(nth));
      }
    }
  }

  private void createOnce(String name, Fault fault) {
    FirnException failure = run(fault, () -> create(faulty, name));
    store.reset();
    String what = fault.operation() + " " + fault.nth() + " " + fault.moment() + ": " + failure;
    boolean there = sound.findTable(name).isPresent();
    assertThat(there).as(what).isEqualTo(failure == null);
    Set<Path> files = dataFiles(directory);
    if (there) {
      assertThat(ids(sound.table(name))).containsExactly(7L);
    } else if (fault.operation() != FileOperation.DELETE) {
      assertThat(excused).as(what).containsAll(files);
    }
    excused.addAll(files);
  }

  private static void create(Lakehouse lake, String name) {
    try (TableWriter writer = lake.newTable(name, SCHEMA, t -> {}).append()) {
      writer.write(new Row(7));
      writer.commit();
    }
  }

  private void failEverywhere(int version, Consumer<LakeTable> prepare, Change change) {
    for (IntFunction<Fault> kind : FAULTS) {
      // A new table each, or ever more files would be read.
      String name = "a.t" + nextId;
      LakeTable table = sound.createTable(name, SCHEMA, t -> t.formatVersion(version));
      LakeTable victim = faulty.table(name);
      prepare.accept(table);
      store.reset();
      change.run(victim, Set.of());
      for (int nth : sample(store.count(kind.apply(1).operation()))) {
        prepare.accept(table);
        failOnce(table, victim, kind.apply(nth), change);
      }
    }
  }

  private List<Integer> sample(long operations) {
    List<Integer> all = new ArrayList<>();
    for (int nth = 1; nth <= operations; nth++) {
      all.add(nth);
    }
    Collections.shuffle(all, random);
    return ALL ? all : all.subList(0, Math.min(all.size(), SAMPLE));
  }

  private void failOnce(LakeTable table, LakeTable victim, Fault fault, Change change) {
    Set<Long> before = ids(table);
    List<Set<Long>> after = new ArrayList<>();
    FirnException failure = run(fault, () -> after.add(change.run(victim, before)));
    store.reset();
    String what = fault.operation() + " " + fault.nth() + " " + fault.moment() + ": " + failure;
    Set<Long> now = ids(table);
    if (failure == null) {
      assertThat(now).as(what).isEqualTo(after.get(0));
    } else if (failure.kind() != ErrorKind.COMMIT_STATE_UNKNOWN) {
      assertThat(now).as(what).isEqualTo(before);
    }
    Set<Path> reached = reached(table);
    assertThat(reached).as(what).allMatch(Files::exists);
    Set<Path> orphans = dataFiles(Locations.localPath(table.iceberg().location()));
    orphans.removeAll(reached);
    orphans.removeAll(excused);
    boolean excusable =
        fault.operation() == FileOperation.DELETE
            || (failure != null && failure.kind() == ErrorKind.COMMIT_STATE_UNKNOWN);
    if (!excusable) {
      assertThat(orphans).as(what).isEmpty();
    }
    excused.addAll(orphans);
  }

  private @Nullable FirnException run(Fault fault, Runnable work) {
    store.reset();
    store.add(fault);
    try {
      work.run();
      return null;
    } catch (FirnException e) {
      assertThat(e.kind())
          .as(e.toString())
          .isIn(ErrorKind.UNAVAILABLE, ErrorKind.COMMIT_STATE_UNKNOWN);
      return e;
    } catch (UncheckedIOException e) {
      // Compaction and expiry throw the store's own.
      return FirnException.unavailable("Cannot reach the store: " + e.getMessage(), e);
    }
  }

  private void appendNext(LakeTable table, int rows) {
    long first = nextId;
    nextId += rows;
    append(table, LongStream.range(first, nextId).toArray());
  }

  private static void append(LakeTable table, long... ids) {
    try (TableWriter writer = table.append()) {
      for (long id : ids) {
        writer.write(new Row(id));
      }
      writer.commit();
    }
  }

  /** Fails where a row is there twice. */
  private static Set<Long> ids(LakeTable table) {
    List<Long> ids = new ArrayList<>();
    for (Record row : table.scan().toList()) {
      ids.add((Long) row.get(0));
    }
    assertThat(ids).doesNotHaveDuplicates();
    return new TreeSet<>(ids);
  }

  private static Set<Long> plus(Set<Long> ids, long id) {
    Set<Long> all = new TreeSet<>(ids);
    all.add(id);
    return all;
  }

  private static Set<Long> minus(Set<Long> ids, long id) {
    Set<Long> all = new TreeSet<>(ids);
    all.remove(id);
    return all;
  }

  private static Set<Path> dataFiles(Path under) {
    try (Stream<Path> files = Files.walk(under)) {
      Set<Path> found = new HashSet<>();
      files
          .filter(f -> f.toString().endsWith(".parquet") || f.toString().endsWith(".puffin"))
          .forEach(found::add);
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every file that a retained snapshot needs. */
  private static Set<Path> reached(LakeTable table) {
    Table at = table.iceberg();
    Set<Path> files = new HashSet<>();
    Set<ManifestFile> manifests = new HashSet<>();
    for (Snapshot snapshot : at.snapshots()) {
      files.add(Locations.localPath(snapshot.manifestListLocation()));
      manifests.addAll(snapshot.allManifests(at.io()));
    }
    for (ManifestFile manifest : manifests) {
      files.add(Locations.localPath(manifest.path()));
      try (CloseableIterable<String> paths = paths(at, manifest)) {
        paths.forEach(path -> files.add(Locations.localPath(path)));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return files;
  }

  private static CloseableIterable<String> paths(Table table, ManifestFile manifest) {
    return manifest.content() == ManifestContent.DATA
        ? ManifestFiles.readPaths(manifest, table.io(), table.specs())
        : CloseableIterable.transform(
            ManifestFiles.readDeleteManifest(manifest, table.io(), table.specs()),
            DeleteFile::location);
  }
}
