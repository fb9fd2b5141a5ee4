package dev.firn.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.Lakehouse;
import dev.firn.ingest.read.ReadOptions;
import dev.firn.ingest.value.DateOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How dates are read where the table says that they are dates. */
class DatesOfATableTest {
  @TempDir Path dir;
  private Lakehouse lake;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(dir.resolve("warehouse"));
    lake.createTable("t.d", SchemaText.parse("id long, d date"));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private LoadRequest request(String table, String name, String text) throws Exception {
    Path file = Files.writeString(dir.resolve(name), text);
    return LoadRequest.of(table, List.of(file.toString())).onError(OnError.QUARANTINE);
  }

  private LoadResult load(LoadRequest request) {
    return new LoadJob(lake, request).run();
  }

  private List<Object> column(String table, String name) {
    return lake.table(table).scan().toList().stream().map(r -> r.getField(name)).toList();
  }

  @Test
  void aBadFirstValueDoesNotSpoilTheOthers() throws Exception {
    LoadResult result = load(request("t.d", "a.csv", "id,d\n1,x\n2,13/8/2026\n3,2/8/2026\n"));
    assertThat(result.rejected()).isEqualTo(1);
    assertThat(column("t.d", "d"))
        .containsExactlyInAnyOrder(LocalDate.of(2026, 8, 13), LocalDate.of(2026, 8, 2));
    assertThat(column("t.d__rejected", "reason"))
        .containsExactly("expected date written d/M/yyyy, got 'x'");
  }

  @Test
  void theOrderGivenSettlesWhatTheDatesLeaveOpen() throws Exception {
    LoadRequest open = request("t.d", "a.csv", "id,d\n1,x\n2,1/8/2026\n3,2/8/2026\n");
    LoadResult result = load(open.options(ReadOptions.DEFAULT.dateOrder(DateOrder.DMY)));
    assertThat(result.rejected()).isEqualTo(1);
    assertThat(column("t.d", "d"))
        .containsExactlyInAnyOrder(LocalDate.of(2026, 8, 1), LocalDate.of(2026, 8, 2));
    assertThat(load(open).rejected()).isEqualTo(3);
  }

  @Test
  void mostDatesDecideAndIsoIsAlwaysRead() throws Exception {
    LoadResult result =
        load(
            request("t.d", "a.csv", "id,d\n1,2026-01-31\n2,1/31/2026\n3,13/8/2026\n4,14/8/2026\n"));
    assertThat(result.rejected()).isEqualTo(1);
    assertThat(column("t.d", "id")).containsExactlyInAnyOrder(1L, 3L, 4L);
  }

  @Test
  void learnsInsideJsonAndTimestampsToo() throws Exception {
    lake.createTable("t.j", SchemaText.parse("s struct<l: list<timestamp>>"));
    LoadResult result =
        load(
            request(
                "t.j",
                "a.ndjson",
                "{\"s\":{\"l\":[\"x\"]}}\n{\"s\":{\"l\":[\"13/8/2026 9:30 PM\"]}}\n"));
    assertThat(result.rejected()).isEqualTo(1);
    assertThat(lake.table("t.j").scan().toList().get(0).getField("s"))
        .hasToString("Record(" + List.of(LocalDateTime.of(2026, 8, 13, 21, 30)) + ")");
  }

  @Test
  void aLookFailsWhereTheLoadWould() throws Exception {
    lake.createTable("t.r", SchemaText.parse("id long not null, n int"));
    LoadRequest unknown = request("t.r", "a.csv", "id,m\n1,2\n").onError(OnError.FAIL);
    assertThatThrownBy(() -> LoadPreview.of(lake, unknown))
        .hasMessageContaining("the table has no column 'm'; give --evolve");
    assertThat(LoadPreview.of(lake, unknown.evolve(true)).schemaChanges())
        .containsExactly("added column 'm' long");
    LoadRequest missing = request("t.r", "b.csv", "n\n2\n").onError(OnError.FAIL);
    assertThatThrownBy(() -> LoadPreview.of(lake, missing))
        .hasMessageContaining("column 'id' must not be null and the file does not have it");
    LoadRequest misfit = request("t.r", "c.csv", "id,n\n1,2\n2,two\n");
    assertThat(LoadPreview.of(lake, misfit).rejected()).isEqualTo(1);
    assertThat(LoadPreview.of(lake, misfit).rows()).isEqualTo(2);
    assertThatThrownBy(() -> LoadPreview.of(lake, misfit.onError(OnError.FAIL)))
        .hasMessageContaining("line 3, column 'n': expected int, got 'two'");
    assertThat(lake.table("t.r").snapshots()).isEmpty();
    assertThat(lake.findTable("t.r__rejected")).isEmpty();
  }

  @Test
  void aLookChecksTheLayoutOfANewTable() throws Exception {
    LoadRequest request = request("t.new", "a.csv", "id,at\n1,2026-01-01\n");
    assertThatThrownBy(() -> LoadPreview.of(null, request.layout(t -> t.partitionBy("ad"))))
        .hasMessageContaining("Cannot lay out the table by column 'ad'");
    assertThatThrownBy(() -> LoadPreview.of(lake, request.layout(t -> t.sortBy("idd"))))
        .hasMessageContaining("Cannot lay out the table by column 'idd'");
    LoadPreview keyed = LoadPreview.of(lake, request.layout(t -> t.key("id")));
    assertThat(SchemaText.format(keyed.schema())).isEqualTo("id long not null, at date");
    assertThatThrownBy(
            () -> LoadPreview.of(lake, request("t.d", "a.csv", "id\n1\n").layout(t -> {})))
        .hasMessageContaining("the table is there already");
  }
}
