package dev.firn.scan;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.row;
import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.apache.iceberg.expressions.Expressions.isNull;
import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TableFixture;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Snapshot;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Literal;
import org.apache.iceberg.types.Types;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TimeTravelTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()));

  private final TableFixture fixture = TableFixture.open();
  private Table table;
  private Snapshot first;
  private Snapshot second;

  /** Two snapshots, then {@code name} becomes {@code label}, and {@code extra} comes. */
  @BeforeEach
  void create() {
    table = fixture.create(SCHEMA, PartitionSpec.builderFor(SCHEMA).identity("name").build(), 2);
    append(table, row(SCHEMA, 1L, "a"));
    first = table.currentSnapshot();
    append(table, row(SCHEMA, 2L, "b"));
    second = table.currentSnapshot();
    table
        .updateSchema()
        .renameColumn("name", "label")
        .addColumn("extra", Types.IntegerType.get())
        .commit();
  }

  @AfterEach
  void close() {
    fixture.close();
  }

  private static ScanRequest at(SnapshotSelector snapshot, Expression filter) {
    return new ScanRequest(snapshot, null, filter, ScanRequest.NO_LIMIT);
  }

  private static ScanRequest current(SnapshotSelector snapshot, Expression filter) {
    return at(snapshot, filter).schema(ScanRequest.SchemaChoice.CURRENT);
  }

  private List<String> names(SnapshotSelector snapshot) {
    return new TableScanner(table)
        .schema(Scans.at(snapshot)).columns().stream().map(Types.NestedField::name).toList();
  }

  @Test
  void readsASnapshotInItsOwnSchema() {
    var byId = new SnapshotSelector.ById(first.snapshotId());

    assertThat(Scans.rows(table, Scans.at(byId))).containsExactly(List.of(1L, "a"));
    assertThat(names(byId)).containsExactly("id", "name");
    assertThat(Scans.rows(table, at(byId, equal("name", "a")))).hasSize(1);
    assertThat(Scans.rows(table, at(byId, equal("name", "b")))).isEmpty();
  }

  @Test
  void readsTheCurrentSnapshotByIdInItsOwnSchemaToo() {
    var byId = new SnapshotSelector.ById(second.snapshotId());

    assertThat(names(byId)).containsExactly("id", "name");
    assertThat(Scans.rows(table, at(byId, equal("name", "b")))).containsExactly(List.of(2L, "b"));
    assertThat(names(new SnapshotSelector.Current())).containsExactly("id", "label", "extra");
    assertThat(Scans.rows(table, at(new SnapshotSelector.Current(), equal("label", "b"))))
        .hasSize(1);
  }

  @Test
  void readsAsOfAnInstant() {
    Instant then = Instant.ofEpochMilli(second.timestampMillis());

    assertThat(Scans.rows(table, Scans.at(new SnapshotSelector.AsOf(then)))).hasSize(2);
    assertThat(Scans.rows(table, Scans.at(new SnapshotSelector.AsOf(then.plusSeconds(9)))))
        .hasSize(2);
    if (first.timestampMillis() < second.timestampMillis()) {
      assertThat(Scans.rows(table, Scans.at(new SnapshotSelector.AsOf(then.minusNanos(1)))))
          .hasSize(1);
    }
  }

  @Test
  void readsBranchesInTheCurrentSchemaAndTagsInTheirOwn() {
    table
        .manageSnapshots()
        .createBranch("dev", first.snapshotId())
        .createTag("v1", first.snapshotId())
        .commit();

    assertThat(names(new SnapshotSelector.Ref("dev"))).containsExactly("id", "label", "extra");
    assertThat(Scans.rows(table, at(new SnapshotSelector.Ref("dev"), equal("label", "a"))))
        .hasSize(1);
    assertThat(names(new SnapshotSelector.Ref("v1"))).containsExactly("id", "name");
    assertThat(Scans.rows(table, Scans.at(new SnapshotSelector.Ref("main")))).hasSize(2);
  }

  @Test
  void aReaddedNameMeansTheColumnOfItsTime() {
    table.updateSchema().deleteColumn("extra").commit();
    table.updateSpec().removeField("name").commit();
    table.updateSchema().deleteColumn("label").commit();
    table.updateSchema().addColumn("name", Types.IntegerType.get()).commit();
    append(table, row(table.schema(), 3L, 7));

    var byId = new SnapshotSelector.ById(second.snapshotId());
    assertThat(Scans.rows(table, at(byId, equal("name", "b")))).containsExactly(List.of(2L, "b"));
    assertThat(Scans.column(table, equal("name", 7), "id")).containsExactly(3L);
  }

  @Test
  void readsThePastInTheCurrentSchemaWhereAsked() {
    table.manageSnapshots().createTag("v1", first.snapshotId()).commit();

    for (SnapshotSelector past :
        List.of(new SnapshotSelector.ById(first.snapshotId()), new SnapshotSelector.Ref("v1"))) {
      assertThat(Scans.rows(table, current(past, alwaysTrue())))
          .containsExactly(Arrays.asList(1L, "a", null));
      assertThat(Scans.rows(table, current(past, equal("label", "a")))).hasSize(1);
      assertThat(Scans.rows(table, current(past, equal("label", "b")))).isEmpty();
      assertThat(Scans.rows(table, current(past, isNull("extra")))).hasSize(1);
    }
    ScanRequest second =
        current(new SnapshotSelector.ById(this.second.snapshotId()), equal("label", "b"));
    assertThat(new TableScanner(table).plan(second)).hasSize(1);
    fails(
        ErrorKind.INVALID,
        () ->
            Scans.rows(
                table, current(new SnapshotSelector.ById(first.snapshotId()), equal("name", "a"))),
        "filter on column 'name'");
  }

  @Test
  void theCurrentSchemaOfThePastHasDefaultsAndWiderTypesAndNoDroppedColumns() {
    Table v3 = fixture.create(SCHEMA, 3);
    append(v3, row(SCHEMA, 1L, "a"));
    long past = v3.currentSnapshot().snapshotId();
    v3.updateSchema()
        .addColumn("n", Types.IntegerType.get(), Literal.of(7))
        .deleteColumn("name")
        .commit();
    append(v3, row(v3.schema(), 2L, 9));
    long middle = v3.currentSnapshot().snapshotId();
    v3.updateSchema().addColumn("f", Types.FloatType.get()).commit();
    append(v3, row(v3.schema(), 3L, null, 0.5f));
    long floats = v3.currentSnapshot().snapshotId();
    v3.updateSchema()
        .renameColumn("f", "d")
        .updateColumn("f", Types.DoubleType.get())
        .updateColumn("n", Types.LongType.get())
        .commit();

    assertThat(Scans.rows(v3, Scans.at(new SnapshotSelector.ById(past))))
        .containsExactly(List.of(1L, "a"));
    assertThat(Scans.rows(v3, current(new SnapshotSelector.ById(past), equal("n", 7L))))
        .containsExactly(Arrays.asList(1L, 7L, null));
    assertThat(
            Scans.rows(
                v3, current(new SnapshotSelector.ById(middle), greaterThan("n", 5_000_000_000L))))
        .isEmpty();
    assertThat(
            Scans.rows(
                v3, current(new SnapshotSelector.ById(middle), lessThan("n", 5_000_000_000L))))
        .hasSize(2);
    assertThat(Scans.rows(v3, current(new SnapshotSelector.ById(floats), greaterThan("d", 0.4d))))
        .containsExactly(Arrays.asList(3L, null, 0.5d));
  }

  @Test
  void namesTheOldestSnapshotInsteadOfWhatExpired() {
    table.manageSnapshots().createTag("v1", first.snapshotId()).commit();
    table.manageSnapshots().removeTag("v1").commit();
    table.expireSnapshots().expireSnapshotId(first.snapshotId()).commit();
    String oldest = "oldest available is " + second.snapshotId();

    fails(
        ErrorKind.NOT_FOUND,
        () -> Scans.rows(table, Scans.at(new SnapshotSelector.ById(first.snapshotId()))),
        oldest);
    fails(
        ErrorKind.NOT_FOUND,
        () -> Scans.rows(table, Scans.at(new SnapshotSelector.Ref("v1"))),
        "branch or tag 'v1'",
        oldest);
    fails(
        ErrorKind.NOT_FOUND,
        () ->
            Scans.rows(
                table,
                Scans.at(
                    new SnapshotSelector.AsOf(Instant.ofEpochMilli(second.timestampMillis() - 1)))),
        "of snapshot " + second.snapshotId());
  }

  @Test
  void anEmptyTableReadsAsEmpty() {
    Table empty = fixture.create(SCHEMA, 2);

    assertThat(Scans.all(empty)).isEmpty();
    assertThat(Scans.rows(empty, Scans.at(new SnapshotSelector.Ref("main")))).isEmpty();
    fails(
        ErrorKind.NOT_FOUND,
        () -> Scans.rows(empty, Scans.at(new SnapshotSelector.ById(1))),
        "the table has no snapshots");
  }

  @Test
  void saysWhatThereIsInsteadOfWhatThereIsNot() {
    table.manageSnapshots().createTag("release", first.snapshotId()).commit();

    fails(
        ErrorKind.NOT_FOUND,
        () -> Scans.rows(table, Scans.at(new SnapshotSelector.ById(7))),
        "Cannot read snapshot 7",
        "oldest available is " + first.snapshotId(),
        "newest " + second.snapshotId());
    fails(
        ErrorKind.NOT_FOUND,
        () -> Scans.rows(table, Scans.at(new SnapshotSelector.AsOf(Instant.EPOCH))),
        "as of 1970-01-01T00:00:00Z",
        "oldest available instant is " + Instant.ofEpochMilli(first.timestampMillis()));
    fails(
        ErrorKind.NOT_FOUND,
        () -> Scans.rows(table, Scans.at(new SnapshotSelector.Ref("relaese"))),
        "did you mean release?");
    fails(
        ErrorKind.INVALID,
        () -> Scans.rows(table, Scans.where(equal("labl", "x"))),
        "filter on column 'labl'",
        "did you mean label?");
    fails(
        ErrorKind.INVALID,
        () -> Scans.rows(table, Scans.where(equal("id", 1), "idd", "i")),
        "select column 'idd'",
        "did you mean id?");
    fails(
        ErrorKind.INVALID,
        () -> Scans.rows(table, Scans.where(equal("id", "x"))),
        "Invalid value for conversion to type long: x",
        table.name());
  }

  private static void fails(ErrorKind kind, ThrowingCallable call, String... parts) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(FirnException.class, e -> assertThat(e.kind()).isEqualTo(kind))
        .message()
        .contains(parts);
  }
}
