package dev.firn;

import static org.apache.iceberg.expressions.Expressions.alwaysTrue;
import static org.apache.iceberg.expressions.Expressions.equal;
import static org.apache.iceberg.expressions.Expressions.greaterThan;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import dev.firn.scan.metadata.MetadataTable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetadataScanTest {
  private static final Schema SCHEMA =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  record Order(long id) {}

  record SnapshotRow(String operation) {}

  @TempDir private Path directory;
  private Lakehouse lake;
  private LakeTable orders;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("lake"));
    orders = lake.createTable("shop.orders", SCHEMA);
    append(1, 2, 3);
    append(4);
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private void append(long... ids) {
    try (TableWriter writer = orders.append()) {
      for (long id : ids) {
        writer.write(new Order(id));
      }
      writer.commit();
    }
  }

  @Test
  void metadataIsScannedAsATableIs() throws IOException {
    LakeScan files = orders.metadata(MetadataTable.FILES);

    assertThat(files.count()).isEqualTo(2);
    assertThat(files.where(greaterThan("record_count", 1)).select("record_count").toList())
        .extracting(row -> row.get(0))
        .containsExactly(3L);
    assertThat(files.limit(1).toList()).hasSize(1);
    try (ArrowReader batches = files.select("file_path").openArrow(lake.allocator())) {
      assertThat(batches.loadNextBatch()).isTrue();
      assertThat(batches.getVectorSchemaRoot().getRowCount()).isEqualTo(2);
      assertThat(batches.loadNextBatch()).isFalse();
    }
    assertThat(
            orders.metadata(MetadataTable.SNAPSHOTS).select("operation").toList(SnapshotRow.class))
        .extracting(SnapshotRow::operation)
        .containsExactly("append", "append");
  }

  @Test
  void filesOfAnEarlierSnapshotAreThoseItHad() {
    long first = orders.snapshots().get(0).id();
    orders.tag("first", first);
    orders.delete(alwaysTrue());

    assertThat(orders.metadata(MetadataTable.FILES).count()).isZero();
    assertThat(orders.metadata(MetadataTable.FILES).asOfSnapshot(first).count()).isEqualTo(1);
    assertThat(orders.metadata(MetadataTable.DATA_FILES).ref("first").count()).isEqualTo(1);
    assertThat(orders.metadata(MetadataTable.ALL_DATA_FILES).count()).isPositive();
    assertThatThrownBy(() -> orders.metadata(MetadataTable.REFS).ref("first").count())
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("shop.orders.refs in the past");
  }

  @Test
  void metadataIsFoundByNameBehindTheTables() {
    assertThat(lake.scan("shop.orders").count()).isEqualTo(4);
    assertThat(lake.scan("shop.orders.files").count()).isEqualTo(2);
    assertThat(lake.scan("shop.orders.SNAPSHOTS").where(equal("operation", "append")).count())
        .isEqualTo(2);
    assertThat(lake.findTable("shop.orders.files")).isEmpty();
    assertThatThrownBy(() -> lake.scan("shop.orders.fils"))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND))
        .hasMessageContaining("did you mean files?");
    assertThatThrownBy(() -> lake.scan("shop.ordrs.files"))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND));
    assertThatThrownBy(() -> lake.scan("shop.ordrs"))
        .isInstanceOf(FirnException.class)
        .hasMessageContaining("did you mean shop.orders?");
  }

  @Test
  void aTableOfThatVeryNameComesFirst() {
    lake.createTable("shop.orders.files", SCHEMA);

    assertThat(lake.scan("shop.orders.files").count()).isZero();
    assertThat(lake.scan("shop.orders.files").schema().columns()).hasSize(1);
    assertThat(orders.metadata(MetadataTable.FILES).count()).isEqualTo(2);
  }

  @Test
  void whatWasDeletedByPositionIsRead() {
    LakeTable three = lake.createTable("shop.three", SCHEMA, t -> t.formatVersion(3));
    try (TableWriter writer = three.append()) {
      writer.writeAll(List.of(new Order(1), new Order(2), new Order(3)));
      writer.commit();
    }
    three.delete(equal("id", 2));

    List<Record> deletes = three.metadata(MetadataTable.POSITION_DELETES).select("pos").toList();
    assertThat(deletes).extracting(row -> row.get(0)).containsExactly(1L);
  }
}
