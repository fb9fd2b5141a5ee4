package dev.firn.compaction.commit;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.deleteRows;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.compaction.rewrite.Rewritten;
import dev.firn.format.write.FileRegistrar;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OutputDeletesTest {
  /** As many rows have to be marked as in the round before, of another output. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void areWrittenAnewWhereOneOutputDiedWholeAndAnotherBeganTo(int version) throws IOException {
    try (TableFixture fixture = TableFixture.open();
        BufferAllocator memory = new RootAllocator(64 << 20)) {
      Table table = fixture.create(OtherWriters.SCHEMA, version);
      DataFile source = append(table, rec(1, 0), rec(2, 0), rec(3, 1), rec(4, 1)).get(0);
      // The rows of the one source go to a file for each part.
      table.updateSpec().addField("part").commit();
      Table other = fixture.reload(table);
      long[][] deleted = {{0}, {1, 2}};
      int[] rounds = new int[1];
      RewriteCommit commit =
          RewriteCommit.of(table, table.currentSnapshot(), memory, FileRegistrar.NONE)
              .beforeRound(
                  () -> {
                    if (rounds[0] < deleted.length) {
                      other.refresh();
                      deleteRows(other, source, deleted[rounds[0]++]);
                    }
                  });
      List<FileScanTask> sources = new ArrayList<>();
      table.newScan().planFiles().forEach(sources::add);
      Rewritten rewritten = RewriteForTest.of(table, sources, 1, new Random(1));
      assertThat(rewritten.outputs()).hasSize(2);

      RewriteCommit.Committed committed = commit.commit(List.of(rewritten));

      assertThat(committed.conflicts()).isEqualTo(2);
      assertThat(committed.rowsRebased()).isEqualTo(3);
      table.refresh();
      List<Object> ids = new ArrayList<>();
      try (CloseableIterable<Record> rows = IcebergGenerics.read(table).build()) {
        rows.forEach(row -> ids.add(row.get(0)));
      }
      assertThat(ids).containsExactly(4L);
    }
  }

  private static Record rec(long id, int part) {
    return row(OtherWriters.SCHEMA, id, "n" + id, part);
  }
}
