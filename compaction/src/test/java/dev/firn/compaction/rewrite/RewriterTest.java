package dev.firn.compaction.rewrite;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.compaction.plan.FileGroup;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.format.hash.ContentHash;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.HasTableOperations;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StaticTableOperations;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RewriterTest {
  private static final Schema SCHEMA =
      new Schema(
          Types.NestedField.required(1, "id", Types.LongType.get()),
          Types.NestedField.optional(2, "name", Types.StringType.get()));

  private final TableFixture fixture = TableFixture.open();
  private final BufferAllocator allocator = new RootAllocator(256 << 20);

  @AfterEach
  void close() {
    allocator.close();
    fixture.close();
  }

  private Table table(String name) {
    Table table = fixture.create(SCHEMA, 3);
    table.updateProperties().set("write.parquet.compression-codec", "uncompressed").commit();
    DataFile file = append(table, row(SCHEMA, 1L, "a"), row(SCHEMA, 2L, "b")).get(0);
    append(table, row(SCHEMA, 3L, name));
    deleteRows(table, file, 0);
    table.refresh();
    return table;
  }

  private static FileGroup group(Table table, long fileBytes) throws IOException {
    List<FileScanTask> tasks = new ArrayList<>();
    try (CloseableIterable<FileScanTask> plan = table.newScan().planFiles()) {
      plan.forEach(tasks::add);
    }
    return new FileGroup("", tasks, fileBytes, 1);
  }

  private Rewritten rewrite(Table table, FileGroup group) {
    try (Rewriter rewriter = Rewriter.open(table, RewriteOptions.of(allocator))) {
      return rewriter.rewrite(group);
    }
  }

  /** A store that gives something else for what was written through it. */
  private record Tampered(FileIO store, List<String> written, UnaryOperator<InputFile> instead)
      implements FileIO {
    static Table of(Table table, List<String> written, UnaryOperator<InputFile> instead) {
      String metadata = ((HasTableOperations) table).operations().current().metadataFileLocation();
      FileIO io = new Tampered(table.io(), written, instead);
      return new BaseTable(
          new StaticTableOperations(metadata, io, table.locationProvider()), table.name());
    }

    @Override
    public InputFile newInputFile(String location) {
      InputFile file = store.newInputFile(location);
      return written.contains(location) ? instead.apply(file) : file;
    }

    @Override
    public OutputFile newOutputFile(String location) {
      written.add(location);
      return store.newOutputFile(location);
    }

    @Override
    public void deleteFile(String location) {
      store.deleteFile(location);
    }
  }

  @Test
  void outputsThatHoldOtherRowsAreNotGivenOutAndStay() throws IOException {
    Table other = table("d");
    Rewritten wrong = rewrite(other, group(other, 1 << 20));
    InputFile wrongFile = other.io().newInputFile(wrong.outputs().get(0).location());
    Table table = table("c");
    List<String> written = new ArrayList<>();
    Table tampered = Tampered.of(table, written, file -> wrongFile);

    assertThatThrownBy(() -> rewrite(tampered, group(table, 1 << 20)))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
        .hasMessageContaining("the files written do not hold what their sources do")
        .hasMessageContaining("got " + wrong.content())
        .hasMessageContaining("nothing was committed")
        .hasMessageContaining("firn verify")
        .hasMessageContaining(group(table, 1).sources().get(1).file().location())
        .satisfies(e -> assertThat(e.getMessage()).contains(written));
    assertThat(TableFixture.files(table, "data")).containsAll(written);
    assertThat(written).hasSize(1);
  }

  @Test
  void outputsThatCannotBeReadBackAreRemoved() throws IOException {
    Table table = table("c");
    List<String> before = TableFixture.files(table, "data");
    List<String> written = new ArrayList<>();
    Table tampered =
        Tampered.of(
            table,
            written,
            file -> {
              throw new UncheckedIOException(new IOException("no answer"));
            });

    assertThatThrownBy(() -> rewrite(tampered, group(table, 1 << 20)))
        .hasStackTraceContaining("no answer");
    assertThat(written).hasSize(1);
    assertThat(TableFixture.files(table, "data")).isEqualTo(before);
  }

  @Test
  void aGroupWithoutALiveRowNeedsNoFile() throws IOException {
    Table table = table("c");
    FileGroup group = group(table, 1 << 20);

    Rewritten done = rewrite(table, new FileGroup("", group.sources(), 1 << 20, 0));

    assertThat(done.outputs()).isEmpty();
    assertThat(done.content()).isEqualTo(ContentHash.EMPTY);
    done.rows().forEach(0, (output, position) -> assertThat(output).isNegative());
  }

  @Test
  void pagesAreCopiedWhereNothingHasToBeDecoded() throws IOException {
    Table table = fixture.create(SCHEMA, 3);
    for (int f = 0; f < 3; f++) {
      Record[] rows = new Record[200];
      for (int i = 0; i < rows.length; i++) {
        rows[i] = row(SCHEMA, 200L * f + i, "name " + i % 7);
      }
      append(table, rows);
    }
    table.refresh();
    FileGroup group = group(table, 1 << 20);

    Rewritten merged = rewrite(table, group);
    table.replaceSortOrder().asc("name").commit();
    Rewritten sorted = rewrite(table, group);

    assertThat(merged.method()).isEqualTo(Rewritten.Method.PAGE_MERGE);
    assertThat(merged.outputs()).hasSize(1);
    assertThat(merged.content()).isEqualTo(sorted.content());
    List<Long> places = new ArrayList<>();
    merged.rows().forEach(1, (output, position) -> places.add(position));
    assertThat(places).hasSize(200).startsWith(200L, 201L).endsWith(399L);
    sorted.rows().close();
  }

  @Test
  void theContentDoesNotDependOnHowItIsWritten() throws IOException {
    Table table = table("c");
    FileGroup group = group(table, 1 << 20);
    Rewritten inOrder = rewrite(table, group);

    table.replaceSortOrder().desc("id").commit();
    Rewritten sorted = rewrite(table, group);

    assertThat(inOrder.method()).isEqualTo(Rewritten.Method.IN_ORDER);
    assertThat(sorted.method()).isEqualTo(Rewritten.Method.SORT);
    assertThat(sorted.content()).isEqualTo(inOrder.content());
    assertThat(sorted.content().rows()).isEqualTo(2);
    sorted.rows().close();
  }
}
