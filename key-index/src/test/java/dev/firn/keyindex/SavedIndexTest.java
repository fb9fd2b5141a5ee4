package dev.firn.keyindex;

import static dev.firn.testing.TableFixture.append;
import static dev.firn.testing.TableFixture.row;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.format.arrow.ArrowBatchBuilder;
import dev.firn.format.arrow.ArrowSchemas;
import dev.firn.testing.ArrowLeakCheck;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.GenericBlobMetadata;
import org.apache.iceberg.GenericStatisticsFile;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StatisticsFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.PositionOutputStream;
import org.apache.iceberg.io.SeekableInputStream;
import org.apache.iceberg.puffin.Blob;
import org.apache.iceberg.puffin.Puffin;
import org.apache.iceberg.puffin.PuffinWriter;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(ArrowLeakCheck.class)
class SavedIndexTest {
  private static final Schema SCHEMA =
      new Schema(
          List.of(
              Types.NestedField.required(1, "id", Types.LongType.get()),
              Types.NestedField.required(2, "name", Types.StringType.get())),
          Set.of(1));

  private final TableFixture fixture = TableFixture.open();
  private final Table table = fixture.create(SCHEMA, 3);

  @AfterEach
  void close() {
    fixture.close();
  }

  private static Record record(long id) {
    return row(SCHEMA, id, "n" + id);
  }

  private static List<String> find(KeyIndex index, BufferAllocator allocator, long... ids) {
    List<String> found = new ArrayList<>();
    try (VectorSchemaRoot batch =
        VectorSchemaRoot.create(ArrowSchemas.toArrow(index.key()), allocator)) {
      ArrowBatchBuilder builder = new ArrowBatchBuilder(index.key(), batch);
      for (long id : ids) {
        builder.add(row(index.key(), id));
      }
      index.find(
          builder.finish(),
          (key, task, position) ->
              found.add(ids[key] + "@" + task.file().location() + ":" + position));
    }
    return found;
  }

  private void save(BufferAllocator allocator) {
    try (KeyIndex index = KeyIndex.open(table, allocator)) {
      index.syncTo(table.currentSnapshot());
      assertThat(index.save()).isTrue();
    }
    table.refresh();
  }

  private StatisticsFile saved() {
    assertThat(table.statisticsFiles()).hasSize(1);
    return table.statisticsFiles().get(0);
  }

  @Test
  void whatWasSavedIsNotReadAgain(BufferAllocator allocator) {
    DataFile first = append(table, record(1), record(2)).get(0);
    DataFile second = append(table, record(3), record(1)).get(0);
    save(allocator);
    DataFile third = append(table, record(4), record(2)).get(0);
    // Files whose keys are known can be missing: nothing of them is read.
    table.io().deleteFile(first.location());
    table.io().deleteFile(second.location());

    try (KeyIndex index = KeyIndex.open(table, allocator)) {
      index.syncTo(table.currentSnapshot());
      assertThat(find(index, allocator, 1, 2, 4, 9))
          .containsExactlyInAnyOrder(
              "1@" + first.location() + ":0",
              "1@" + second.location() + ":1",
              "2@" + first.location() + ":1",
              "2@" + third.location() + ":1",
              "4@" + third.location() + ":0");
    }
  }

  @Test
  void damagedFilesAreAsIfNotSaved(BufferAllocator allocator) throws IOException {
    DataFile file = append(table, record(1), record(2)).get(0);
    save(allocator);
    String path = saved().path();
    byte[] sound;
    try (SeekableInputStream in = table.io().newInputFile(path).newStream()) {
      sound = in.readAllBytes();
    }
    for (int at = 0; at < sound.length; at++) {
      byte[] damaged = sound.clone();
      damaged[at] ^= 0x10;
      overwrite(path, damaged);
      try (KeyIndex index = KeyIndex.open(table, allocator)) {
        index.syncTo(table.currentSnapshot());
        assertThat(find(index, allocator, 2, 1))
            .as("byte " + at)
            .containsExactlyInAnyOrder(
                "1@" + file.location() + ":0", "2@" + file.location() + ":1");
      }
    }
    table.io().deleteFile(path);
    try (KeyIndex index = KeyIndex.open(table, allocator)) {
      index.syncTo(table.currentSnapshot());
      assertThat(find(index, allocator, 2)).containsExactly("2@" + file.location() + ":1");
    }
  }

  private void overwrite(String path, byte[] content) throws IOException {
    try (PositionOutputStream out = table.io().newOutputFile(path).createOrOverwrite()) {
      out.write(content);
    }
  }

  @Test
  void theNextOneReplacesIt(BufferAllocator allocator) {
    append(table, record(1));
    save(allocator);
    String before = saved().path();
    append(table, record(2));
    save(allocator);
    assertThat(saved().path()).isNotEqualTo(before);
    assertThat(saved().snapshotId()).isEqualTo(table.currentSnapshot().snapshotId());
    assertThat(TableFixture.files(table, "metadata")).doesNotContain(before);
  }

  @Test
  void statisticsOfOthersStay(BufferAllocator allocator) throws IOException {
    append(table, record(1));
    String path = table.location() + "/metadata/theirs.stats";
    long id = table.currentSnapshot().snapshotId();
    PuffinWriter writer = Puffin.write(table.io().newOutputFile(path)).build();
    Blob theirs =
        new Blob(
            "apache-datasketches-theta-v1",
            List.of(1),
            id,
            1,
            ByteBuffer.wrap(new byte[] {1, 2, 3}),
            null,
            Map.of("ndv", "1"));
    var blob = GenericBlobMetadata.from(writer.write(theirs));
    writer.close();
    table
        .updateStatistics()
        .setStatistics(
            new GenericStatisticsFile(
                id, path, writer.fileSize(), writer.footerSize(), List.of(blob)))
        .commit();

    save(allocator);

    assertThat(saved().blobMetadata())
        .anySatisfy(
            kept -> {
              assertThat(kept.type()).isEqualTo("apache-datasketches-theta-v1");
              assertThat(kept.properties()).containsEntry("ndv", "1");
            })
        .anySatisfy(own -> assertThat(own.type()).isEqualTo("firn-key-index-v1"));
    assertThat(TableFixture.files(table, "metadata")).doesNotContain(path);
  }

  @Test
  void otherKeyFieldsMakeItUseless(BufferAllocator allocator) {
    DataFile file = append(table, record(1), record(2)).get(0);
    save(allocator);
    table.updateSchema().setIdentifierFields("name").commit();
    try (KeyIndex index = KeyIndex.open(table, allocator)) {
      index.syncTo(table.currentSnapshot());
      List<String> found = new ArrayList<>();
      try (VectorSchemaRoot batch =
          VectorSchemaRoot.create(ArrowSchemas.toArrow(index.key()), allocator)) {
        ArrowBatchBuilder builder = new ArrowBatchBuilder(index.key(), batch);
        builder.add(row(index.key(), "n2"));
        index.find(
            builder.finish(),
            (key, task, position) -> found.add(task.file().location() + ":" + position));
      }
      assertThat(found).containsExactly(file.location() + ":1");
    }
  }
}
