package dev.firn.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.Lakehouse;
import dev.firn.TransactionWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loads whose tables become visible together, while others write to them. */
class TogetherLoadTest {
  @TempDir Path dir;
  private Lakehouse lake;
  private Lakehouse other;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(dir.resolve("warehouse"));
    other = Lakehouse.open(dir.resolve("warehouse"));
  }

  @AfterEach
  void close() {
    lake.close();
    other.close();
  }

  /** Runs {@code meanwhile} once, right before the commit. */
  private LoadResult load(LoadRequest request, Runnable meanwhile) {
    AtomicBoolean done = new AtomicBoolean();
    LoadProgress progress =
        (phase, bytes, totalBytes, rows) -> {
          if (phase == LoadProgress.Phase.COMMITTING && !done.getAndSet(true)) {
            meanwhile.run();
          }
        };
    return new LoadJob(lake, request.progress(progress)).run();
  }

  private LoadRequest request(String table, String csv) throws Exception {
    Path file = Files.writeString(dir.resolve("rows.csv"), csv);
    return LoadRequest.of(table, List.of(file.toString()))
        .schema(SchemaText.parse("id long, n int"))
        .onError(OnError.QUARANTINE);
  }

  @Test
  void rejectedRowsAndTheOthersAppearTogether() throws Exception {
    LoadResult result =
        load(
            request("t.a", "id,n\n1,1\n2,two\n"),
            () -> {
              assertThat(other.findTable("t.a")).isEmpty();
              assertThat(other.findTable("t.a__rejected")).isEmpty();
            });

    assertThat(result.rows()).isEqualTo(1);
    assertThat(result.rejectedTable()).isEqualTo("t.a__rejected");
    assertThat(other.table("t.a").scan().count()).isEqualTo(1);
    assertThat(other.table("t.a__rejected").scan().count()).isEqualTo(1);
  }

  @Test
  void leavesNoRejectedRowsWhereTheOthersCannotBeCommitted() throws Exception {
    LoadRequest request = request("t.b", "id,n\n1,1\n2,two\n");

    assertThatThrownBy(
            () -> load(request, () -> other.createTable("t.b", SchemaText.parse("id long"))))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("t.b")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.ALREADY_EXISTS);

    assertThat(other.findTable("t.b__rejected")).isEmpty();
    assertThat(other.table("t.b").scan().count()).isZero();
  }

  @Test
  void evolvingMeetsAnotherCommitWithoutConflict() throws Exception {
    other.createTable("t.c", SchemaText.parse("id long"));
    LoadRequest request = request("t.c", "id,n\n1,1\n").evolve(true);

    LoadResult result = load(request, () -> append("t.c", 7));

    assertThat(result.schemaChanges()).containsExactly("added column 'n' int");
    assertThat(other.table("t.c").scan().toList())
        .extracting(row -> row.getField("id"), row -> row.getField("n"))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(1L, 1),
            org.assertj.core.groups.Tuple.tuple(7L, null));
  }

  @Test
  void evolvingMeetsAnotherEvolutionWithAConflict() throws Exception {
    other.createTable("t.d", SchemaText.parse("id long"));
    LoadRequest request = request("t.d", "id,n\n1,1\n").evolve(true);

    assertThatThrownBy(
            () ->
                load(
                    request,
                    () ->
                        other
                            .table("t.d")
                            .evolve()
                            .addColumn("m", Types.StringType.get())
                            .commit()))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot commit to t.d: ")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(ErrorKind.CONFLICT);

    assertThat(other.table("t.d").scan().count()).isZero();
  }

  private void append(String table, long id) {
    other.transact(
        tx -> {
          try (TransactionWriter rows = tx.table(table).append()) {
            rows.write(GenericRecord.create(rows.schema()).copy(Map.of("id", id)));
            rows.commit();
          }
        });
  }
}
