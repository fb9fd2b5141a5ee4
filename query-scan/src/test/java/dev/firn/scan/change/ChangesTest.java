package dev.firn.scan.change;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static dev.firn.testing.TableFixture.write;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.scan.Decoding;
import dev.firn.scan.change.Feed.Change;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ChangesTest {
  private static final Types.StructType PLACE =
      Types.StructType.of(
          Types.NestedField.optional(4, "x", Types.IntegerType.get()),
          Types.NestedField.optional(5, "y", Types.IntegerType.get()));
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Types.NestedField.required(1, "id", Types.LongType.get()),
              Types.NestedField.optional(2, "s", Types.StringType.get()),
              Types.NestedField.optional(3, "place", PLACE)),
          Set.of(1));

  private final TableFixture fixture = TableFixture.open();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Record of(long id, String s) {
    GenericRecord place = GenericRecord.create(PLACE);
    place.set(0, (int) id);
    place.set(1, s.length());
    return row(SCHEMA, id, s, place);
  }

  private static long head(Table table) {
    table.refresh();
    return table.currentSnapshot().snapshotId();
  }

  private static ChangeRequest from(long snapshot) {
    return ChangeRequest.EVERYTHING.from(new ChangePoint.Id(snapshot));
  }

  /** Each change as its type and its first two columns. */
  private static List<String> read(Table table, ChangeRequest request) {
    return Feed.read(table, request).stream()
        .map(change -> change.type() + " " + change.row().subList(0, 2))
        .toList();
  }

  /** Replaces a file by one with other rows. */
  private static void overwrite(Table table, DataFile file, Record... rows) {
    var overwrite = table.newOverwrite().deleteFile(file);
    write(table, FileFormat.PARQUET, List.of(rows)).forEach(overwrite::addFile);
    overwrite.commit();
  }

  @Test
  void aRewrittenFileChangesOnlyTheRowsThatDiffer() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, of(1, "a"), of(2, "b"), of(3, "c")).get(0);
    long before = head(table);
    overwrite(table, file, of(1, "a"), of(2, "changed"), of(4, "d"));

    assertThat(read(table, from(before)))
        .containsSubsequence("UPDATE_BEFORE [2, b]", "UPDATE_AFTER [2, changed]")
        .containsExactlyInAnyOrder(
            "UPDATE_BEFORE [2, b]", "UPDATE_AFTER [2, changed]", "DELETE [3, c]", "INSERT [4, d]");
  }

  @Test
  void withoutIdentifierFieldsAnUpdateIsADeleteAndAnInsert() {
    Table table = fixture.create(new Schema(SCHEMA.columns()), 2);
    DataFile file = append(table, of(1, "a"), of(2, "b")).get(0);
    long before = head(table);
    overwrite(table, file, of(1, "a"), of(2, "changed"));

    assertThat(read(table, from(before)))
        .containsExactlyInAnyOrder("DELETE [2, b]", "INSERT [2, changed]");
  }

  @Test
  void rowsOfEqualValuesAreCountedNotMerged() {
    Table table = fixture.create(new Schema(SCHEMA.columns()), 2);
    DataFile file = append(table, of(1, "a"), of(1, "a"), of(1, "a")).get(0);
    long before = head(table);
    overwrite(table, file, of(1, "a"));

    assertThat(read(table, from(before))).containsExactly("DELETE [1, a]", "DELETE [1, a]");
  }

  @Test
  void aDeletionVectorTellsOfItsNewRowsAlone() {
    Table table = fixture.create(SCHEMA, 3);
    DataFile file = append(table, of(1, "a"), of(2, "b"), of(3, "c")).get(0);
    deleteRows(table, file, 0);
    long before = head(table);
    deleteRows(table, file, 2);

    assertThat(read(table, from(before))).containsExactly("DELETE [3, c]");
    assertThat(read(table, ChangeRequest.EVERYTHING))
        .containsExactly(
            "INSERT [1, a]", "INSERT [2, b]", "INSERT [3, c]", "DELETE [1, a]", "DELETE [3, c]");
  }

  @Test
  void aFilterShowsTheChangesOfTheRowsInIt() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, of(1, "a"), of(2, "bb"), of(3, "ccc")).get(0);
    long before = head(table);
    overwrite(table, file, of(1, "aaa"), of(2, "b"), of(3, "cccc"));

    assertThat(read(table, from(before).where(greaterThan("place.y", 1))))
        .containsExactlyInAnyOrder(
            "INSERT [1, aaa]",
            "DELETE [2, bb]",
            "UPDATE_BEFORE [3, ccc]",
            "UPDATE_AFTER [3, cccc]");
  }

  @Test
  void partsOfColumnsAndMetadataCanBeSelected() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, of(1, "a"), of(2, "bb")).get(0);
    long before = head(table);
    overwrite(table, file, of(1, "aaa"), of(2, "bb"));

    List<Change> changes =
        Feed.read(table, from(before).select(List.of("place.y", "_pos", "id", "_change_type")));
    assertThat(changes.stream().map(Change::row))
        .containsExactly(List.of(List.of(1), 0L, 1L), List.of(List.of(3), 0L, 1L));
  }

  @Test
  void onlyFilesThatASnapshotTouchedAreRead() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile first = append(table, of(1, "a")).get(0);
    DataFile second = append(table, of(2, "b"), of(3, "c")).get(0);
    long before = head(table);
    table.io().deleteFile(first.location());
    deleteRows(table, second, 0);
    append(table, of(4, "d"));

    assertThat(read(table, from(before))).containsExactly("DELETE [2, b]", "INSERT [4, d]");
    assertThat(read(table, from(before).mode(ChangeRequest.Mode.NET)))
        .containsExactlyInAnyOrder("DELETE [2, b]", "INSERT [4, d]");
  }

  @Test
  void netLeavesOutWhatCameAndWentAndWorksBackwards() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, of(1, "a"));
    long before = head(table);
    DataFile gone = append(table, of(2, "b")).get(0);
    DataFile kept = append(table, of(3, "c"), of(4, "d")).get(0);
    table.newDelete().deleteFile(gone).commit();
    deleteRows(table, kept, 1);

    ChangeRequest net = from(before).mode(ChangeRequest.Mode.NET);
    assertThat(read(table, net)).containsExactly("INSERT [3, c]");
    ChangeRequest back = from(head(table)).to(new ChangePoint.Id(before));
    assertThat(read(table, back.mode(ChangeRequest.Mode.NET))).containsExactly("DELETE [3, c]");
    assertThatThrownBy(() -> read(table, back))
        .hasMessageContaining("is no ancestor")
        .hasMessageContaining("ask for the net difference");
  }

  @Test
  void appendsAreReadAloneOrRefused() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, of(1, "a")).get(0);
    append(table, of(2, "b"));
    ChangeRequest appends = ChangeRequest.EVERYTHING.mode(ChangeRequest.Mode.APPENDS);
    assertThat(read(table, appends)).containsExactly("INSERT [1, a]", "INSERT [2, b]");

    deleteRows(table, file, 0);
    assertThatThrownBy(() -> read(table, appends))
        .hasMessageContaining("is a delete, expected appends")
        .hasMessageContaining("read all changes instead");
  }

  @Test
  void appendsAfterAnExpiredSnapshotCanBeRead() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, of(1, "a"));
    long expired = head(table);
    append(table, of(2, "b"));
    append(table, of(3, "c"));
    table.expireSnapshots().expireSnapshotId(expired).commit();

    assertThat(read(table, from(expired))).containsExactly("INSERT [2, b]", "INSERT [3, c]");
    assertThatThrownBy(() -> read(table, ChangeRequest.EVERYTHING))
        .hasMessageContaining("Cannot read changes from the beginning")
        .hasMessageContaining("start from ");
    assertThatThrownBy(() -> read(table, from(42)))
        .hasMessageContaining("does not exist or has expired")
        .hasMessageContaining("the oldest to start from is ");
  }

  @Test
  void pointsAreInstantsBranchesAndTagsToo() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, of(1, "a"));
    long first = head(table);
    table.manageSnapshots().createTag("start", first).createBranch("audit", first).commit();
    append(table, of(2, "b"));
    table
        .newAppend()
        .appendFile(write(table, FileFormat.PARQUET, List.of(of(3, "c"))).get(0))
        .toBranch("audit")
        .commit();
    table.refresh();

    ChangeRequest tagged = ChangeRequest.EVERYTHING.from(new ChangePoint.Ref("start"));
    assertThat(read(table, tagged)).containsExactly("INSERT [2, b]");
    assertThat(read(table, tagged.branch("audit"))).containsExactly("INSERT [3, c]");
    assertThat(read(table, ChangeRequest.EVERYTHING.from(new ChangePoint.At(Instant.EPOCH))))
        .hasSize(2);
    assertThat(read(table, ChangeRequest.EVERYTHING.from(new ChangePoint.At(Instant.MAX))))
        .isEmpty();
    assertThatThrownBy(() -> read(table, tagged.branch("audti")))
        .hasMessageContaining("did you mean audit");
  }

  @Test
  void anEmptyTableHasNoChanges() {
    Table table = fixture.create(SCHEMA, 2);
    assertThat(read(table, ChangeRequest.EVERYTHING)).isEmpty();
    assertThat(new ChangeScanner(table, Decoding.INLINE).schema(ChangeRequest.EVERYTHING).columns())
        .extracting(Types.NestedField::name)
        .containsExactly(
            "id", "s", "place", "_change_type", "_change_ordinal", "_commit_snapshot_id");
  }

  @Test
  void matchingManyRowsTakesDiskInsteadOfMemory() {
    Table table = fixture.create(SCHEMA, 2);
    int count = 120_000;
    List<Record> rows = new ArrayList<>();
    for (int id = 0; id < count; id++) {
      rows.add(of(id, "a value that takes some room " + id % 1000));
    }
    DataFile file = append(table, FileFormat.PARQUET, rows.toArray(Record[]::new)).get(0);
    long before = head(table);
    rows.set(7, of(7, "changed"));
    rows.remove(count - 1);
    java.util.Collections.reverse(rows);
    overwrite(table, file, rows.toArray(Record[]::new));

    try (BufferAllocator allocator = new RootAllocator(24 << 20)) {
      assertThat(
              Feed.read(table, from(before), allocator).stream()
                  .map(change -> change.type() + " " + change.row().get(0)))
          .containsExactlyInAnyOrder("UPDATE_BEFORE 7", "UPDATE_AFTER 7", "DELETE " + (count - 1));
      assertThat(allocator.getPeakMemoryAllocation()).isLessThan(22 << 20);
    }
  }

  @Test
  void arrowBatchesHaveTheSameChanges() throws IOException {
    Table table = fixture.create(SCHEMA, 2);
    DataFile file = append(table, of(1, "a"), of(2, "b")).get(0);
    overwrite(table, file, of(2, "changed"));

    List<String> types = new ArrayList<>();
    try (BufferAllocator allocator = new RootAllocator();
        ArrowReader reader =
            new ChangeScanner(table, Decoding.INLINE)
                .readArrow(ChangeRequest.EVERYTHING, allocator)) {
      while (reader.loadNextBatch()) {
        VectorSchemaRoot batch = reader.getVectorSchemaRoot();
        for (int i = 0; i < batch.getRowCount(); i++) {
          types.add(
              batch.getVector("_change_ordinal").getObject(i)
                  + " "
                  + batch.getVector("_change_type").getObject(i));
        }
      }
    }
    assertThat(types)
        .containsExactlyInAnyOrder(
            "0 INSERT", "0 INSERT", "1 DELETE", "1 UPDATE_BEFORE", "1 UPDATE_AFTER");
  }
}
