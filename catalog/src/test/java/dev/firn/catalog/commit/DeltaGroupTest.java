package dev.firn.catalog.commit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.Fault;
import dev.firn.testing.FileOperation;
import dev.firn.testing.TableFiles;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.IsolationLevel;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Changes that read the table, in groups: what Iceberg would do one by one. */
class DeltaGroupTest {
  @TempDir Path directory;

  private CommitLake lake;

  @BeforeEach
  void open() {
    lake = new CommitLake(directory);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void changesThatAreApartBecomeOneSnapshot(int formatVersion) {
    List<DataFile> files = filled(formatVersion, "a", "b", "c", "d");
    long base = head();
    List<RowChange> changes = new ArrayList<>();
    changes.add(CommitLake.append(lake.file("e", "added")));
    changes.add(CommitLake.mark(files.get(0), deletes(formatVersion, files.get(0)), base));
    changes.add(CommitLake.replace(files.get(1), lake.file("b", "b2"), base));
    changes.add(CommitLake.mark(files.get(2), deletes(formatVersion, files.get(2)), base));
    changes.add(CommitLake.append(lake.file("a", "after")));

    List<CompletableFuture<CommitReceipt>> all = group(changes);

    assertThat(all.stream().map(each -> Futures.await(each).snapshotId()).distinct()).hasSize(1);
    Snapshot made = lake.table().currentSnapshot();
    assertThat(made.parentId()).isEqualTo(base);
    assertThat(made.summary())
        .containsEntry("total-data-files", "6")
        .containsEntry("total-delete-files", "2")
        .containsEntry("added-position-deletes", "2");
    assertThat(lake.visible()).containsExactly("a", "added", "after", "b2", "c", "d");
    assertThat(deletesByFile()).containsOnlyKeys("a", "c");
  }

  @Test
  void vectorsOfOneFileAreUnited() {
    List<DataFile> files = filled(3, "a", "b");
    long base = head();
    List<CompletableFuture<CommitReceipt>> all =
        group(
            List.of(
                CommitLake.mark(files.get(0), lake.vectorOf(files.get(0)), base),
                CommitLake.mark(files.get(0), lake.vectorOf(files.get(0)), base),
                CommitLake.mark(files.get(1), lake.vectorOf(files.get(1)), base)));

    assertThat(outcomes(all)).containsExactly("ok", "ok", "ok");
    assertThat(deletesByFile()).containsEntry("a", 1).containsEntry("b", 1);
    assertThat(lake.table().currentSnapshot().summary())
        .containsEntry("total-position-deletes", "3");
  }

  @Test
  void vectorsOfTheSameRowConflictWhereOneAddsRows() {
    List<DataFile> files = filled(3, "a");
    long base = head();
    RowChange update =
        moved(CommitLake.mark(files.get(0), lake.vectorOf(files.get(0), 3, 5), base), "x");
    RowChange other =
        moved(CommitLake.mark(files.get(0), lake.vectorOf(files.get(0), 4, 6), base), "y");
    RowChange same =
        moved(CommitLake.mark(files.get(0), lake.vectorOf(files.get(0), 5, 7), base), "z");
    RowChange deleting = CommitLake.mark(files.get(0), lake.vectorOf(files.get(0), 5, 8), base);
    RowChange again = CommitLake.mark(files.get(0), lake.vectorOf(files.get(0), 5, 9), base);

    assertThat(outcomes(group(List.of(update, other, same, deleting))))
        .containsExactly("ok", "ok", "CONFLICT", "ok");
    assertThat(outcomes(group(List.of(again.under(IsolationLevel.SNAPSHOT)))))
        .as("it would miss what came in the row's place")
        .containsExactly("CONFLICT");
    assertThat(lake.table().currentSnapshot().summary())
        .containsEntry("total-position-deletes", "5");
    assertThat(lake.visible()).containsExactly("a", "x", "y");
  }

  @ParameterizedTest
  @EnumSource(
      value = FileOperation.class,
      names = {"OPEN", "READ", "CREATE", "WRITE", "CLOSE"})
  void faultsOfUnitingLeaveNothing(FileOperation operation) {
    int fired = 0;
    for (int nth = 1; fired == nth - 1; nth++) {
      List<DataFile> files = filled(3, "a");
      long base = head();
      RowChange first = CommitLake.mark(files.get(0), lake.vectorOf(files.get(0)), base);
      RowChange second = CommitLake.mark(files.get(0), lake.vectorOf(files.get(0)), base);
      lake.commit(first);
      lake.files.reset();
      lake.files.add(Fault.before(operation, nth));
      String outcome = outcome(lake.submit(second));
      fired += lake.files.failed() > 0 ? 1 : 0;
      lake.files.reset();
      Table table = lake.table();
      assertThat(table.currentSnapshot().summary())
          .as("%s %d: %s", operation, nth, outcome)
          .containsEntry("total-position-deletes", outcome.equals("ok") ? "2" : "1");
      assertThat(TableFiles.present(directory))
          .filteredOn(file -> file.toString().endsWith("-united.puffin"))
          .as("%s %d: %s", operation, nth, outcome)
          .hasSize(outcome.equals("ok") ? 1 : 0);
      lake.drop();
      deleteTree();
    }
    assertThat(fired).isPositive();
  }

  private void deleteTree() {
    TableFiles.present(directory).stream()
        .filter(file -> file.toString().endsWith(".puffin"))
        // The drop may be removing them in another thread.
        .forEach(file -> assertThat(file.toFile().delete() || !file.toFile().exists()).isTrue());
  }

  private static String outcome(CompletableFuture<CommitReceipt> commit) {
    try {
      Futures.await(commit);
      return "ok";
    } catch (FirnException e) {
      assertThat(e.kind()).isIn(ErrorKind.UNAVAILABLE, ErrorKind.CORRUPT);
      return e.kind().name();
    }
  }

  /** The change, with a file of rows that go elsewhere. */
  private RowChange moved(RowChange change, String name) {
    return new RowChange(
        change.branch(),
        List.of(lake.file("elsewhere", name)),
        change.removed(),
        change.deletes(),
        change.superseded(),
        change.referenced(),
        change.base(),
        change.read(),
        change.isolation(),
        change.summary());
  }

  @Test
  void rowsThatCameWhereItReadConflictUnlessSnapshotIsolation() {
    List<DataFile> files = filled(2, "a", "b");
    assertThat(outcomes(group(appendThenReplace(files.get(0))))).containsExactly("ok", "CONFLICT");

    List<RowChange> lax =
        appendThenReplace(files.get(0)).stream()
            .map(change -> change.under(IsolationLevel.SNAPSHOT))
            .toList();
    assertThat(outcomes(group(lax))).containsExactly("ok", "ok");
    assertThat(lake.visible()).hasSize(4).doesNotContain("a");
  }

  private List<RowChange> appendThenReplace(DataFile file) {
    return List.of(
        CommitLake.append(lake.file("a")), CommitLake.replace(file, lake.file("a"), head()));
  }

  @Test
  void equalityDeletesDoNotReachTheirOwnGroup() {
    filled(2, "a");
    DeleteFile equality =
        FileMetadata.deleteFileBuilder(CommitLake.BY_CITY)
            .ofEqualityDeletes(1)
            .withPath("eq.parquet")
            .withPartitionPath("city=a")
            .withFileSizeInBytes(10)
            .withRecordCount(1)
            .build();
    RowChange deleting =
        new RowChange(
            "main",
            List.of(),
            List.of(),
            List.of(equality),
            List.of(),
            List.of(),
            head(),
            Expressions.alwaysFalse(),
            IsolationLevel.SERIALIZABLE,
            Map.of());
    group(
            List.of(
                CommitLake.append(lake.file("a", "before")),
                deleting,
                CommitLake.append(lake.file("a", "after"))))
        .forEach(Futures::await);

    // It is for what came before it, and for nothing that came after.
    assertThat(deletesByFile()).containsOnlyKeys("a", "before");
    assertThat(CommitLake.snapshots(lake.table())).hasSize(4);
  }

  @Test
  void changeOfAnOlderSnapshotIsCheckedByIceberg() {
    List<DataFile> files = filled(2, "a", "b");
    long base = head();
    lake.commit(CommitLake.append(lake.file("b")));
    List<CompletableFuture<CommitReceipt>> all =
        group(
            List.of(
                CommitLake.mark(files.get(0), lake.deletesOf(files.get(0)), base),
                CommitLake.mark(files.get(1), lake.deletesOf(files.get(1)), base),
                CommitLake.append(lake.file("c"))));

    assertThat(outcomes(all)).containsExactly("ok", "CONFLICT", "ok");
  }

  /** Two changes in one group end as they do one after the other, each in its own commit. */
  @ParameterizedTest
  @CsvSource({
    "mark, mark, same",
    "mark, mark, other",
    "mark, replace, same",
    "mark, replace, other",
    "replace, mark, same",
    "replace, mark, other",
    "replace, replace, same",
    "replace, replace, other",
    "append, mark, same",
    "append, replace, same",
    "append, replace, other",
    "mark, append, same"
  })
  void groupsEndAsCommitsOneByOne(String first, String second, String where) {
    for (int formatVersion = 2; formatVersion <= 3; formatVersion++) {
      List<String> apart = outcome(formatVersion, first, second, where, false);
      List<String> grouped = outcome(formatVersion, first, second, where, true);
      assertThat(grouped).as("v%d", formatVersion).isEqualTo(apart);
    }
  }

  private List<String> outcome(
      int formatVersion, String first, String second, String where, boolean grouped) {
    List<DataFile> files = filled(formatVersion, "a", "b");
    long base = head();
    List<RowChange> changes =
        List.of(
            change(first, formatVersion, files.get(0), base, "x"),
            change(second, formatVersion, files.get(where.equals("same") ? 0 : 1), base, "y"));
    List<CompletableFuture<CommitReceipt>> all =
        grouped ? group(changes) : changes.stream().map(this::alone).toList();
    List<String> outcome = new ArrayList<>(outcomes(all));
    outcome.addAll(lake.visible());
    outcome.addAll(
        deletesByFile().keySet().stream().sorted().map(name -> "marked " + name).toList());
    lake.drop();
    return outcome;
  }

  private CompletableFuture<CommitReceipt> alone(RowChange change) {
    CompletableFuture<CommitReceipt> commit = lake.submit(change);
    outcomes(List.of(commit));
    return commit;
  }

  private RowChange change(String kind, int formatVersion, DataFile file, long base, String name) {
    return switch (kind) {
      case "mark" -> CommitLake.mark(file, deletes(formatVersion, file), base);
      case "replace" -> CommitLake.replace(file, lake.file(CommitLake.city(file), name), base);
      default -> CommitLake.append(lake.file(CommitLake.city(file), name));
    };
  }

  private List<DataFile> filled(int formatVersion, String... cities) {
    lake.create(formatVersion);
    List<DataFile> files = new ArrayList<>();
    for (String city : cities) {
      files.add(lake.file(city, city));
    }
    lake.commit(CommitLake.append(files.toArray(DataFile[]::new)));
    return files;
  }

  private DeleteFile deletes(int formatVersion, DataFile file) {
    return formatVersion == 2 ? lake.deletesOf(file) : lake.vectorOf(file);
  }

  private List<CompletableFuture<CommitReceipt>> group(List<RowChange> changes) {
    List<CompletableFuture<CommitReceipt>> all = new ArrayList<>();
    lake.together(() -> changes.forEach(change -> all.add(lake.submit(change))));
    all.forEach(each -> outcomes(List.of(each)));
    return all;
  }

  private static List<String> outcomes(List<CompletableFuture<CommitReceipt>> all) {
    return all.stream()
        .map(
            each -> {
              try {
                Futures.await(each);
                return "ok";
              } catch (FirnException e) {
                assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT);
                return e.kind().name();
              }
            })
        .toList();
  }

  private long head() {
    return Objects.requireNonNull(lake.table().currentSnapshot()).snapshotId();
  }

  /** Returns the delete files that readers apply, by data file. */
  private Map<String, Integer> deletesByFile() {
    Table table = lake.table();
    assertThat(table).isInstanceOf(BaseTable.class);
    List<org.apache.iceberg.FileScanTask> tasks = new ArrayList<>();
    table.newScan().planFiles().forEach(tasks::add);
    return tasks.stream()
        .filter(task -> !task.deletes().isEmpty())
        .collect(
            Collectors.toMap(task -> CommitLake.name(task.file()), task -> task.deletes().size()));
  }
}
