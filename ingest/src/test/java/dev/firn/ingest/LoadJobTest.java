package dev.firn.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.ingest.read.ReadOptions;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.apache.iceberg.data.Record;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LoadJobTest {
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

  private Path file(String name, String text) throws Exception {
    return Files.write(dir.resolve(name), text.getBytes(StandardCharsets.UTF_8));
  }

  private LoadRequest request(String table, Path... files) {
    return LoadRequest.of(table, Arrays.stream(files).map(Path::toString).toList());
  }

  private LoadResult load(LoadRequest request) {
    return new LoadJob(lake, request).run();
  }

  private List<Object> column(String table, String name) {
    return lake.table(table).scan().toList().stream().map(r -> r.getField(name)).toList();
  }

  private List<Path> dataFiles() throws Exception {
    try (Stream<Path> walk = Files.walk(dir.resolve("warehouse"))) {
      return walk.filter(p -> p.toString().endsWith(".parquet")).toList();
    }
  }

  @Test
  void makesATableOfSeveralFilesInOneSnapshot() throws Exception {
    Path a = file("a.csv", "id,Cost Total $,day\n1,2.50,2020-01-31\n2,,2020-02-01\n");
    Path b = file("b.ndjson", "{\"id\":3,\"day\":\"2020-03-01\"}\n");
    LoadResult result = load(request("shop.orders", a, b));
    assertThat(result.created()).isTrue();
    assertThat(result.rows()).isEqualTo(3);
    assertThat(result.files()).isEqualTo(2);
    assertThat(result.bytes()).isEqualTo(Files.size(a) + Files.size(b));
    assertThat(result.dataFiles()).isEqualTo(1);
    LakeTable table = lake.table("shop.orders");
    assertThat(table.snapshots()).hasSize(1);
    assertThat(table.snapshots().get(0).id()).isEqualTo(result.snapshotId());
    assertThat(SchemaText.format(table.schema()))
        .isEqualTo("id long, \"Cost Total $\" decimal(9, 2), day date");
    assertThat(column("shop.orders", "day"))
        .containsExactlyInAnyOrder(
            LocalDate.of(2020, 1, 31), LocalDate.of(2020, 2, 1), LocalDate.of(2020, 3, 1));
  }

  @Test
  void laysTheTableOutAsAsked() throws Exception {
    Path a = file("a.csv", "id,c\n2,x\n1,y\n3,x\n");
    LoadResult result = load(request("t.p", a).layout(t -> t.partitionBy("c").sortBy("id")));
    assertThat(result.dataFiles()).isEqualTo(2);
    assertThat(lake.table("t.p").iceberg().spec().isPartitioned()).isTrue();
    assertThatThrownBy(() -> load(request("t.p", a).layout(t -> t.partitionBy("c"))))
        .hasMessageContaining("the table is there already");
  }

  @Test
  void leavesNothingBehindWhereARowDoesNotFit() throws Exception {
    Path a = file("a.csv", "id,n\n" + "1,2\n".repeat(5000) + "7,lots\n");
    LoadRequest request = request("t.bad", a).schema(SchemaText.parse("id long, n int"));
    assertThatThrownBy(() -> load(request))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("line 5002, column 'n': expected int, got 'lots'");
    assertThat(lake.findTable("t.bad")).isEmpty();
    assertThat(dataFiles()).isEmpty();

    Path stray = file("stray.csv", "id,n\n1,2\n2,\"3\n");
    assertThatThrownBy(() -> load(request("t.bad", a, stray).onError(OnError.QUARANTINE)))
        .hasMessageContaining("stray.csv: line 3: a quote opens a field");
    assertThat(lake.tables()).isEmpty();
    assertThat(dataFiles()).isEmpty();
  }

  @Test
  void setsRowsAside() throws Exception {
    Path a = file("a.csv", "id,n\n1,2\n7,lots\n8\n9,3\n");
    LoadRequest request =
        request("t.q", a)
            .schema(SchemaText.parse("id long not null, n int"))
            .onError(OnError.QUARANTINE);
    LoadResult result = load(request);
    assertThat(result.rows()).isEqualTo(2);
    assertThat(result.rejected()).isEqualTo(2);
    assertThat(result.rejectedTable()).isEqualTo("t.q__rejected");
    List<Record> rejected = lake.table("t.q__rejected").scan().toList();
    assertThat(rejected)
        .extracting(
            r -> r.getField("line"),
            r -> r.getField("column"),
            r -> r.getField("reason"),
            r -> r.getField("raw"))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(3L, "n", "expected int, got 'lots'", "7,lots"),
            org.assertj.core.groups.Tuple.tuple(4L, null, "expected 2 fields, got 1", "8"));
    load(request);
    assertThat(lake.table("t.q__rejected").scan().toList()).hasSize(4);
    assertThat(lake.table("t.q").snapshots()).hasSize(2);
  }

  @Test
  void appendsUnderTheTablesOwnTypes() throws Exception {
    lake.createTable(
        "t.own", SchemaText.parse("code string, n long, d date, extra string, f float"));
    load(request("t.own", file("a.csv", "n,code,d,f\n007,007,1/31/2020,0.1\n")));
    assertThat(column("t.own", "code")).containsExactly("007");
    assertThat(column("t.own", "n")).containsExactly(7L);
    assertThat(column("t.own", "d")).containsExactly(LocalDate.of(2020, 1, 31));
    assertThat(column("t.own", "extra")).containsExactly((Object) null);
    load(request("t.own", file("b.csv", "008,8,,,\n")).options(ReadOptions.DEFAULT.header(false)));
    assertThat(column("t.own", "code")).containsExactlyInAnyOrder("007", "008");
  }

  @Test
  void namesColumnsThatTheTableLacks() throws Exception {
    load(request("t.e", file("a.csv", "id,price\n1,1.50\n")));
    Path wider = file("b.csv", "id,prise,new\n2,1,x\n");
    assertThatThrownBy(() -> load(request("t.e", wider)))
        .hasMessage(
            "Cannot load into t.e: the table has no column 'prise', 'new'; give --evolve to add them to the table; did you mean price?");
    assertThat(lake.table("t.e").snapshots()).hasSize(1);
  }

  @Test
  void addsAndWidensColumnsInTheSameSnapshot() throws Exception {
    lake.createTable("t.w", SchemaText.parse("id int not null, f float, p decimal(4,2), s string"));
    Path wider =
        file("b.csv", "id,f,p,s,new\n1,0.1,100.25,7,2020-01-31\n3000000000,1e300,1.5,8,\n");
    LoadResult result = load(request("t.w", wider).evolve(true));
    assertThat(result.schemaChanges())
        .containsExactly(
            "widened column 'id' from int to long",
            "widened column 'f' from float to double",
            "widened column 'p' from decimal(4, 2) to decimal(9, 2)",
            "added column 'new' date");
    LakeTable table = lake.table("t.w");
    assertThat(SchemaText.format(table.schema()))
        .isEqualTo("id long not null, f double, p decimal(9, 2), s string, new date");
    assertThat(table.snapshots()).hasSize(1);
    assertThat(column("t.w", "s")).containsExactlyInAnyOrder("7", "8");
  }

  @Test
  void evolvesNestedFieldsToo() throws Exception {
    load(request("t.n", file("a.json", "[{\"a\":{\"x\":1},\"l\":[{\"y\":1}]}]")));
    Path wider = file("b.json", "[{\"a\":{\"x\":1,\"z\":true},\"l\":[{\"y\":1,\"q\":\"s\"}]}]");
    assertThatThrownBy(() -> load(request("t.n", wider)))
        .hasMessageContaining("the table has no column 'a.z', 'l[].q'; give --evolve");
    Path later = file("c.json", "[{\"a\":{\"x\":1}},{\"a\":{\"x\":1,\"late\":true}}]");
    assertThatThrownBy(() -> load(request("t.n", later)))
        .hasMessageContaining("record 2, column 'a.late': expected no such member, got 'true'");
    LoadResult result = load(request("t.n", wider).evolve(true));
    assertThat(result.schemaChanges())
        .containsExactly("added column 'a.z' boolean", "added column 'l[].q' string");
    assertThat(SchemaText.format(lake.table("t.n").schema()))
        .isEqualTo("a struct<x: long, z: boolean>, l list<struct<y: long, q: string>>");
  }

  @Test
  void readsStandardInputGlobsAndDirectories() throws Exception {
    LoadRequest stdin =
        LoadRequest.of("t.s", List.of("-"))
            .stdin(
                new ByteArrayInputStream(
                    "{\"a\":1}\n{\"a\":2}\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(load(stdin).rows()).isEqualTo(2);
    Path many = Files.createDirectories(dir.resolve("many/deep"));
    Files.writeString(many.resolve("b.csv"), "a\n3\n");
    Files.writeString(many.resolve("a.csv"), "a\n4\n");
    Files.writeString(many.resolve("_SUCCESS"), "");
    Files.writeString(many.resolve("notes.txt"), "a\n5\n");
    LoadResult result = load(LoadRequest.of("t.s", List.of(dir.resolve("many").toString())));
    assertThat(result.files()).isEqualTo(2);
    assertThat(result.notes()).anyMatch(n -> n.contains("left out 1 file of unknown format"));
    assertThat(load(LoadRequest.of("t.s", List.of(many + "/[ab].csv"))).rows()).isEqualTo(2);
    assertThat(load(LoadRequest.of("t.s", List.of(dir + "/many/**.txt"))).rows()).isEqualTo(1);
    assertThatThrownBy(() -> load(LoadRequest.of("t.s", List.of(many + "/c*.csv"))))
        .hasMessageContaining("it matches no file");
    assertThatThrownBy(() -> load(LoadRequest.of("t.s", List.of(many + "/aa.csv"))))
        .hasMessageContaining("there is no such file; did you mean a.csv")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.NOT_FOUND);
    try (Stream<Path> temporary = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      assertThat(temporary.filter(p -> p.getFileName().toString().startsWith("firn-load-")))
          .isEmpty();
    }
  }

  @Test
  void stopsWithoutATraceWhenCancelledOrInterrupted() throws Exception {
    Path a = file("a.csv", "id\n" + "1\n".repeat(20_000));
    LoadJob[] job = new LoadJob[1];
    job[0] =
        new LoadJob(
            lake,
            request("t.c", a)
                .progress(
                    (phase, bytes, total, rows) -> {
                      if (phase == LoadProgress.Phase.LOADING && rows > 5000) {
                        job[0].cancel();
                      }
                    }));
    assertThatThrownBy(() -> job[0].run())
        .isInstanceOf(CancellationException.class)
        .hasMessage("Load into t.c was stopped; nothing was committed");
    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> load(request("t.c", a))).isInstanceOf(CancellationException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(lake.tables()).isEmpty();
    assertThat(dataFiles()).isEmpty();
  }

  @Test
  void treatsEmptyInputsAsWhatTheyAre() throws Exception {
    LoadResult header = load(request("t.h", file("h.csv", "id,name\n")));
    assertThat(header.rows()).isZero();
    assertThat(header.created()).isTrue();
    assertThat(SchemaText.format(lake.table("t.h").schema())).isEqualTo("id string, name string");
    assertThatThrownBy(() -> load(request("t.none", file("n.csv", ""))))
        .hasMessageContaining("the inputs have no columns; are they empty?");
    assertThatThrownBy(() -> load(request("t.none", file("n.json", "[]"))))
        .hasMessageContaining("the inputs have no columns");
    int before = lake.table("t.h").snapshots().size();
    assertThat(load(request("t.h", file("e.csv", "name,id\n"))).snapshotId()).isNull();
    assertThat(lake.table("t.h").snapshots()).hasSize(before);
  }

  @Test
  void findsTypesInSpiteOfRowsThatAreSetAside() throws Exception {
    Path lines = file("a.ndjson", "{\"id\":1,\"at\":\"2020-01-31\"}\nnonsense\n{\"id\":2}\n");
    LoadResult result = load(request("t.m", lines).onError(OnError.QUARANTINE));
    assertThat(result.rows()).isEqualTo(2);
    assertThat(result.rejected()).isEqualTo(1);
    assertThat(SchemaText.format(lake.table("t.m").schema())).isEqualTo("id long, at date");
  }
}
