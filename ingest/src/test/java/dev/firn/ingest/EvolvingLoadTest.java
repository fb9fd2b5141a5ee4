package dev.firn.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.Lakehouse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads that evolve a table with nested columns. */
class EvolvingLoadTest {
  @TempDir Path dir;
  private Lakehouse lake;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(dir.resolve("warehouse"));
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private List<String> evolve(String table, String json) throws Exception {
    Path file = Files.writeString(dir.resolve("rows.ndjson"), json);
    LoadRequest request = LoadRequest.of(table, List.of(file.toString())).evolve(true);
    return new LoadJob(lake, request).run().schemaChanges();
  }

  private String columns(String table) {
    return SchemaText.format(lake.table(table).schema());
  }

  @Test
  void addsAColumnBesideAList() throws Exception {
    evolve("t.a", "{\"id\":1,\"name\":\"x\",\"at\":\"2026-01-01\",\"tags\":[\"p\",\"q\"]}");
    List<String> changes =
        evolve("t.a", "{\"id\":2,\"tags\":[\"r\"],\"note\":\"n\",\"more\":[{\"k\":1}]}");
    assertThat(changes)
        .containsExactly("added column 'note' string", "added column 'more' list<struct<k: long>>");
    assertThat(columns("t.a"))
        .isEqualTo(
            "id long, name string, at date, tags list<string>, note string, more list<struct<k: long>>");
    assertThat(lake.table("t.a").scan().toList())
        .extracting(row -> row.getField("tags"), row -> row.getField("note"))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(List.of("p", "q"), null),
            org.assertj.core.groups.Tuple.tuple(List.of("r"), "n"));
  }

  @Test
  void keepsTheIdsOfWhatIsThere() throws Exception {
    lake.createTable(
        "t.ids",
        SchemaText.parse("l list<int>, s struct<a: int, b: list<int>>, m map<string, int>"));
    Schema before = lake.table("t.ids").schema();
    evolve("t.ids", "{\"l\":[1],\"s\":{\"a\":1,\"b\":[1],\"c\":true},\"new\":{\"x\":[1]}}");
    Schema after = lake.table("t.ids").schema();
    for (String name : List.of("l.element", "s.a", "s.b.element", "m.key", "m.value")) {
      assertThat(after.findField(name).fieldId()).isEqualTo(before.findField(name).fieldId());
    }
    assertThat(after.findField("s.c").fieldId()).isGreaterThan(before.highestFieldId());
  }

  @Test
  void widensInsideListsMapsAndStructs() throws Exception {
    lake.createTable(
        "t.w",
        SchemaText.parse(
            "n int, l list<int>, s struct<a: int, d: list<struct<f: float>>>, m map<string, int>, mm map<string, struct<v: int>>"));
    List<String> changes =
        evolve(
            "t.w",
            "{\"n\":3000000000,\"l\":[3000000000],\"s\":{\"a\":3000000000,\"d\":[{\"f\":1e300}]},"
                + "\"m\":{\"k\":3000000000},\"mm\":{\"k\":{\"v\":1,\"w\":\"x\"}},\"note\":\"n\"}");
    assertThat(changes)
        .containsExactly(
            "widened column 'n' from int to long",
            "widened column 'l[]' from int to long",
            "widened column 's.a' from int to long",
            "widened column 's.d[].f' from float to double",
            "widened column 'm[]' from int to long",
            "added column 'mm[].w' string",
            "added column 'note' string");
    assertThat(columns("t.w"))
        .isEqualTo(
            "n long, l list<long>, s struct<a: long, d: list<struct<f: double>>>, m map<string, long>, mm map<string, struct<v: int, w: string>>, note string");
    Record row = lake.table("t.w").scan().toList().get(0);
    assertThat(row.getField("m")).isEqualTo(Map.of("k", 3000000000L));
    assertThat(row.getField("l")).isEqualTo(List.of(3000000000L));
  }
}
