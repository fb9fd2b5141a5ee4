package dev.firn.compaction;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteEqual;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.util.ContentFileUtil;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeleteConversionTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "k", Types.StringType.get()));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  /** Three files, with deletes by position and by two sets of fields; the last file is newer. */
  private Table table(int version) {
    Table table = fixture.create(SCHEMA, version);
    DataFile first =
        append(table, row(SCHEMA, 1L, "a"), row(SCHEMA, 2L, null), row(SCHEMA, 3L, "c")).get(0);
    append(table, row(SCHEMA, 4L, "a"), row(SCHEMA, 5L, "e"));
    deleteRows(table, first, 0);
    Schema key = SCHEMA.select("k");
    deleteEqual(table, key, null, row(key, "a"), row(key, (Object) null));
    append(table, row(SCHEMA, 6L, "a"), row(SCHEMA, 7L, null));
    Schema id = SCHEMA.select("id");
    deleteEqual(table, id, null, row(id, 6L), row(id, 99L));
    table.refresh();
    return table;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void rowsStayAndEqualityDeletesGo(int version) throws IOException {
    Table table = table(version);
    assertThat(ids(table)).containsExactly(3L, 5L, 7L);
    long before = table.currentSnapshot().snapshotId();

    DeleteConversion.Result planned = DeleteConversion.of(table).dryRun();
    assertThat(planned.snapshotId()).isEmpty();
    table.refresh();
    assertThat(table.currentSnapshot().snapshotId()).isEqualTo(before);

    DeleteConversion.Result done = DeleteConversion.of(table).run();
    assertThat(done.equalityDeleteFiles()).isEqualTo(planned.equalityDeleteFiles()).isEqualTo(2);
    assertThat(done.rows()).isEqualTo(planned.rows()).isEqualTo(3);
    assertThat(done.dataFiles()).isEqualTo(3);
    table.refresh();
    assertThat(done.snapshotId()).hasValue(table.currentSnapshot().snapshotId());
    assertThat(table.currentSnapshot().operation()).isEqualTo("replace");
    assertThat(ids(table)).containsExactly(3L, 5L, 7L);
    assertThat(deletes(table)).noneMatch(f -> f.content() == FileContent.EQUALITY_DELETES);
    assertThat(table.currentSnapshot().summary()).containsEntry("total-equality-deletes", "0");

    assertThat(DeleteConversion.of(table).run().equalityDeleteFiles()).isZero();
  }

  /** Wherever its progress ends it. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void endedMidwayItLeavesNothing(int version) throws IOException {
    Table table = table(version);
    List<String> before = TableFixture.files(table, "data");
    long head = table.currentSnapshot().snapshotId();
    int ended = 0;
    for (boolean done = false; !done; ) {
      int[] left = {ended};
      try {
        done =
            DeleteConversion.of(table)
                .kind(DeleteConversion.Kind.ALL)
                .progress(
                    () -> {
                      if (left[0]-- == 0) {
                        throw new UnsupportedOperationException("enough");
                      }
                    })
                .run()
                .snapshotId()
                .isPresent();
      } catch (UnsupportedOperationException e) {
        ended++;
        table.refresh();
        assertThat(table.currentSnapshot().snapshotId()).isEqualTo(head);
        assertThat(TableFixture.files(table, "data")).isEqualTo(before);
        assertThat(ids(table)).containsExactly(3L, 5L, 7L);
      }
    }
    assertThat(ended).isGreaterThan(3);
    assertThat(ids(table)).containsExactly(3L, 5L, 7L);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void appendsMeanwhileAreNotTouched(int version) throws IOException {
    Table table = table(version);
    AtomicInteger attempts = new AtomicInteger();
    Table other = table;

    DeleteConversion.of(table)
        .beforeCommit(
            () -> {
              attempts.incrementAndGet();
              append(other, row(SCHEMA, 8L, "a"), row(SCHEMA, 6L, null));
            })
        .run();

    assertThat(attempts).hasValue(1);
    assertThat(ids(table)).containsExactly(3L, 5L, 6L, 7L, 8L);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deletesMeanwhileByEqualityStayForTheNextRun(int version) throws IOException {
    Table table = table(version);
    AtomicInteger attempts = new AtomicInteger();
    Table other = table;

    DeleteConversion.of(table)
        .beforeCommit(
            () -> {
              attempts.incrementAndGet();
              Schema id = SCHEMA.select("id");
              deleteEqual(other, id, null, row(id, 5L));
            })
        .run();

    assertThat(attempts).hasValue(1);
    assertThat(ids(table)).containsExactly(3L, 7L);
    assertThat(DeleteConversion.of(table).run().equalityDeleteFiles()).isEqualTo(1);
    assertThat(deletes(table)).noneMatch(f -> f.content() == FileContent.EQUALITY_DELETES);
    assertThat(ids(table)).containsExactly(3L, 7L);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void deletesMeanwhileByPositionAreTakenIn(int version) throws IOException {
    Table table = table(version);
    DataFile second = data(table).get(1);
    AtomicInteger attempts = new AtomicInteger();
    Table other = fixture.reload(table);

    DeleteConversion.of(table)
        .kind(DeleteConversion.Kind.ALL)
        .beforeCommit(
            () -> {
              if (attempts.getAndIncrement() == 0) {
                deleteRows(other, second, 1);
              }
            })
        .run();

    // On v2 another position delete file is no matter; a vector must be merged.
    assertThat(attempts).hasValue(version == 2 ? 1 : 2);
    assertThat(ids(table)).containsExactly(3L, 7L);
    assertThat(deletes(table)).noneMatch(f -> f.content() == FileContent.EQUALITY_DELETES);
  }

  @Test
  void neverEndingChangesAreAConflictThatChangesNothing() throws IOException {
    Table table = fixture.create(SCHEMA, 3);
    Record[] many = new Record[20];
    for (int i = 0; i < many.length; i++) {
      many[i] = row(SCHEMA, (long) i, "a");
    }
    DataFile file = append(table, many).get(0);
    Schema id = SCHEMA.select("id");
    deleteEqual(table, id, null, row(id, 19L));
    Table other = fixture.reload(table);
    AtomicInteger next = new AtomicInteger();

    assertThatThrownBy(
            () ->
                DeleteConversion.of(table)
                    .beforeCommit(() -> deleteRows(other, file, next.getAndIncrement()))
                    .run())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));

    assertThat(next).hasValue(DeleteConversion.ATTEMPTS);
    assertThat(ids(table)).hasSize(19 - DeleteConversion.ATTEMPTS);
    assertThat(deletes(table)).anyMatch(f -> f.content() == FileContent.EQUALITY_DELETES);
    assertThat(TableFixture.files(table, "data").stream().filter(f -> f.endsWith(".puffin")))
        .hasSize(DeleteConversion.ATTEMPTS);
  }

  @Test
  void afterAnUpgradePositionDeletesBecomeVectors() throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    table.updateProperties().set("write.delete.granularity", "partition").commit();
    DataFile first = append(table, row(SCHEMA, 1L, "a"), row(SCHEMA, 2L, "b")).get(0);
    append(table, row(SCHEMA, 3L, "a"), row(SCHEMA, 4L, "b"));
    append(table, row(SCHEMA, 5L, "a"));
    // One of the whole partition, which names two of three files, and one of a file.
    mark(table, task -> task.file().recordCount() == 2, 0);
    deleteRows(table, first, 1);
    table.updateProperties().set("format-version", "3").commit();
    assertThat(ids(table)).containsExactly(4L, 5L);

    DeleteConversion positions = DeleteConversion.of(table).kind(DeleteConversion.Kind.POSITION);
    DeleteConversion.Result planned = positions.dryRun();
    DeleteConversion.Result done = positions.run();

    assertThat(done.positionDeleteFiles()).isEqualTo(2).isEqualTo(planned.positionDeleteFiles());
    assertThat(ids(table)).containsExactly(4L, 5L);
    List<DeleteFile> left = deletes(table);
    assertThat(left).hasSize(2).allMatch(ContentFileUtil::isDV);
    assertThat(left).extracting(DeleteFile::recordCount).containsExactlyInAnyOrder(2L, 1L);
    assertThat(table.currentSnapshot().summary()).containsEntry("total-delete-files", "2");
    assertThat(positions.run().isNothing()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"file", "partition"})
  void onV2EachDataFileHasOnePositionDeleteFileThen(String granularity) throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    table.updateProperties().set("write.delete.granularity", granularity).commit();
    DataFile first =
        append(table, row(SCHEMA, 1L, "a"), row(SCHEMA, 2L, "b"), row(SCHEMA, 3L, "b")).get(0);
    append(table, row(SCHEMA, 4L, "a"), row(SCHEMA, 5L, "b"));
    mark(table, task -> true, 0);
    deleteRows(table, first, 1);
    deleteRows(table, first, 2);
    assertThat(ids(table)).containsExactly(5L);
    DeleteConversion positions = DeleteConversion.of(table).kind(DeleteConversion.Kind.POSITION);

    DeleteConversion.Result done = positions.run();

    // Where each file has its own, that of the second is left as it is.
    boolean apart = granularity.equals("file");
    assertThat(done.positionDeleteFiles()).isEqualTo(3);
    assertThat(ids(table)).containsExactly(5L);
    assertThat(new HashSet<>(paths(deletes(table)))).hasSize(apart ? 2 : 1);
    assertThat(positions.run().isNothing()).isTrue();
  }

  /**
   * Whatever the deletes and the changes in between, the rows stay as Iceberg's reader has them.
   */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void rowsStayWhateverHappens(long seed) throws IOException {
    Random random = new Random(Long.getLong("firn.conversion.seed", 0xC0DE) + seed);
    Table table = fixture.create(SCHEMA, 2);
    table
        .updateProperties()
        .set("write.delete.granularity", random.nextBoolean() ? "file" : "partition")
        .commit();
    Set<Long> model = new TreeSet<>();
    for (int step = 0; step < 15; step++) {
      change(table, random, model);
    }
    if (random.nextBoolean()) {
      table.updateProperties().set("format-version", "3").commit();
    }
    Table other = fixture.reload(table);
    for (DeleteConversion.Kind kind : DeleteConversion.Kind.values()) {
      int[] attempts = {0};
      DeleteConversion.of(table)
          .kind(kind)
          .beforeCommit(
              () -> {
                if (attempts[0]++ < 3) {
                  change(other, random, model);
                }
              })
          .run();
      assertThat(ids(table)).as("%s with seed %d", kind, seed).isEqualTo(model);
    }
    DeleteConversion.of(table).kind(DeleteConversion.Kind.ALL).run();
    assertThat(ids(table)).isEqualTo(model);
    assertThat(DeleteConversion.of(table).kind(DeleteConversion.Kind.ALL).run().isNothing())
        .isTrue();
  }

  private static void change(Table table, Random random, Set<Long> model) {
    table.refresh();
    List<DataFile> files = table.currentSnapshot() == null ? List.of() : data(table);
    int kind = random.nextInt(4);
    if (files.isEmpty() || kind == 0) {
      long id = 1000L * (1 + table.history().size());
      append(table, row(SCHEMA, id, "a"), row(SCHEMA, id + 1, "b"), row(SCHEMA, id + 2, null));
      model.addAll(List.of(id, id + 1, id + 2));
    } else if (kind == 1) {
      Schema id = SCHEMA.select("id");
      long gone = model.isEmpty() ? 1 : new ArrayList<>(model).get(random.nextInt(model.size()));
      deleteEqual(table, id, null, row(id, gone));
      model.remove(gone);
    } else {
      // Row n of a file has the number that its first row has, and n.
      DataFile file = files.get(random.nextInt(files.size()));
      int position = random.nextInt(3);
      deleteRows(table, file, position);
      model.remove(firstId(file) + position);
    }
  }

  private static long firstId(DataFile file) {
    return Conversions.fromByteBuffer(Types.LongType.get(), file.lowerBounds().get(1));
  }

  private static void mark(Table table, Predicate<FileScanTask> which, long position)
      throws IOException {
    table.refresh();
    try (RowDeleteWriter writer = RowDeleteWriter.open(table);
        CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        if (which.test(task)) {
          writer.delete(task, position);
        }
      }
      RowDelta delta = table.newRowDelta();
      writer.complete().added().forEach(delta::addDeletes);
      delta.commit();
    }
  }

  private static List<String> paths(List<DeleteFile> files) {
    return files.stream().map(DeleteFile::location).toList();
  }

  /** In the order of their first ids. */
  private static List<DataFile> data(Table table) {
    table.refresh();
    List<DataFile> found = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().includeColumnStats().planFiles()) {
      tasks.forEach(task -> found.add(task.file()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    found.sort(Comparator.comparingLong(DeleteConversionTest::firstId));
    return found;
  }

  private static List<DeleteFile> deletes(Table table) throws IOException {
    List<DeleteFile> found = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> found.addAll(task.deletes()));
    }
    return found;
  }

  private static Set<Long> ids(Table table) throws IOException {
    table.refresh();
    Set<Long> ids = new TreeSet<>();
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
      rows.forEach(row -> assertThat(ids.add((Long) row.get(0))).isTrue());
    }
    return ids;
  }
}
