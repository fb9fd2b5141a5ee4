package dev.firn.compaction.verify;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.testing.TableFixture;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.inmemory.InMemoryFileIO;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is looked at, and how a verification ends. */
class VerificationScopeTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  private final TableFixture fixture = TableFixture.open();
  private final BufferAllocator allocator = new RootAllocator(1 << 26);

  @AfterEach
  void close() {
    fixture.close();
    assertThat(allocator.getAllocatedMemory()).isZero();
    allocator.close();
  }

  private static Record[] recs(int count) {
    Record[] rows = new Record[count];
    Arrays.setAll(rows, i -> row(SCHEMA, (long) i));
    return rows;
  }

  @Test
  void looksAtOneSnapshotOrRefOnly() {
    Table table = fixture.create(SCHEMA, 2);
    DataFile first = append(table, recs(3)).get(0);
    long sound = table.currentSnapshot().snapshotId();
    table.manageSnapshots().createTag("sound", sound).commit();
    DataFile second = append(table, recs(3)).get(0);
    ((InMemoryFileIO) table.io()).deleteFile(second.location());
    assertThat(Verification.of(table).snapshot(sound).run().findings()).isEmpty();
    assertThat(Verification.of(table).ref("sound").run().findings()).isEmpty();
    assertThat(Verification.of(table).run().findings())
        .extracting(Finding::file)
        .containsExactly(second.location());
    assertThat(Verification.of(table).run().dataFiles()).isEqualTo(2);
    assertThat(first.location()).isNotEqualTo(second.location());
    assertThatThrownBy(() -> Verification.of(table).snapshot(1).run())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
    assertThatThrownBy(() -> Verification.of(table).ref("none").run())
        .hasMessageContaining("no such branch or tag");
    assertThat(Verification.of(fixture.create(SCHEMA, 2)).allSnapshots().run().findings())
        .isEmpty();
  }

  @Test
  void endsWithWhatProgressThrowsAndWithAStoreThatIsAway() {
    Table table = fixture.create(SCHEMA, 2);
    append(table, recs(3));
    append(table, recs(3));
    assertThatThrownBy(
            () ->
                Verification.of(table)
                    .progress(
                        (bytes, rows) -> {
                          throw new IllegalStateException("stop");
                        })
                    .run())
        .hasMessage("stop");
    FirnException away = new FirnException(ErrorKind.UNAVAILABLE, "the store is away");
    ManifestFile manifest = table.currentSnapshot().allManifests(table.io()).get(0);
    InMemoryFileIO files = (InMemoryFileIO) table.io();
    files.deleteFile(manifest.path());
    files.addFile(manifest.path(), new byte[(int) manifest.length()]);
    assertThatThrownBy(() -> Verification.of(table, allocator, Runnable::run, 1, e -> away).run())
        .isSameAs(away);
  }

  @Test
  void readsASampleOrAll() {
    Table table = fixture.create(SCHEMA, 2);
    for (int i = 0; i < 10; i++) {
      append(table, recs(2));
    }
    assertThat(Verification.of(table).run().filesRead()).isEqualTo(8);
    assertThat(Verification.of(table).sample(3).run().filesRead()).isEqualTo(3);
    assertThat(Verification.of(table).deep().run().filesRead()).isEqualTo(10);
    List<Long> seen = new ArrayList<>();
    Verification.of(table).progress((bytes, rows) -> seen.add(rows)).deep().run();
    assertThat(seen).contains(20L).isSorted();
  }
}
