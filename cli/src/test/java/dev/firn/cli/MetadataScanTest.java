package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code firn scan} of what describes a table. */
class MetadataScanTest {
  record Order(long id) {}

  @TempDir Path directory;
  private Console firn;

  @BeforeEach
  void createTable() {
    firn = new Console(directory);
    firn.ok("create shop.orders", "id bigint not null");
    try (Lakehouse lake = Lakehouse.open(directory.resolve("warehouse"))) {
      LakeTable table = lake.table("shop.orders");
      for (int rows = 1; rows <= 2; rows++) {
        try (TableWriter writer = table.append()) {
          for (long id = 0; id < rows; id++) {
            writer.write(new Order(id));
          }
          writer.commit();
        }
      }
    }
  }

  @Test
  void filesArePrintedAsRowsAre() {
    assertThat(
            firn.ok(
                "scan shop.orders.files --select record_count,content -o json",
                "--where",
                "record_count > 1"))
        .isEqualToIgnoringWhitespace("[{\"record_count\":2,\"content\":0}]");
    assertThat(firn.ok("scan shop.orders.snapshots -o csv --select operation"))
        .isEqualToIgnoringWhitespace("operation append append");
    assertThat(firn.ok("scan shop.orders.files --limit 1 -o json"))
        .contains("\"readable_metrics\":{\"id\":{")
        .contains("\"lower_bound\":0");
  }

  @Test
  void whatDescribesNoSnapshotHasNoPast() {
    assertThat(firn.run("scan shop.orders.refs --branch main")).isNotZero();
    assertThat(firn.err).contains("shop.orders.refs in the past");
    assertThat(firn.run("scan shop.orders.fils")).isNotZero();
    assertThat(firn.err).contains("did you mean files?");
  }
}
