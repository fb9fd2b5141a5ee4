package dev.firn.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SQL over what describes tables. */
class MetadataSqlTest {
  private static final Schema ORDERS =
      new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));

  record Order(long id) {}

  @TempDir private Path directory;
  private Lakehouse lake;
  private SqlSession sql;

  @BeforeEach
  void open() {
    lake = Lakehouse.open(directory.resolve("warehouse"));
    LakeTable orders = lake.createTable("shop.orders", ORDERS);
    append(orders, 1, 2);
    orders.tag("early");
    append(orders, 3);
    sql = SqlSession.open(lake, SqlOptions.DEFAULT.tempParent(directory.resolve("spill")));
  }

  @AfterEach
  void close() {
    sql.close();
    lake.close();
  }

  private static void append(LakeTable table, long... ids) {
    try (TableWriter writer = table.append()) {
      for (long id : ids) {
        writer.write(new Order(id));
      }
      writer.commit();
    }
  }

  private List<List<Object>> rows(String query) {
    List<List<Object>> rows = new ArrayList<>();
    try (SqlResult result = sql.query(query)) {
      int columns = result.schema().columns().size();
      while (result.hasNext()) {
        Record row = result.next();
        List<Object> values = new ArrayList<>();
        for (int i = 0; i < columns; i++) {
          values.add(row.get(i));
        }
        rows.add(values);
      }
    }
    return rows;
  }

  @Test
  void filesAreQueriedByTheNameBehindTheTables() {
    assertThat(rows("select record_count from shop.orders.files order by 1"))
        .containsExactly(List.of(1L), List.of(2L));
    assertThat(rows("select count(*) from SHOP.Orders.Snapshots where operation = 'append'"))
        .containsExactly(List.of(2L));
    assertThat(rows("select count(*) from \"shop.orders\".files")).containsExactly(List.of(2L));
  }

  @Test
  void aTableAndWhatDescribesItAreJoined() {
    assertThat(
            rows(
                "select (select count(*) from shop.orders), sum(f.record_count), (select count(*) from shop.orders.manifests) from shop.orders.files f"))
        .hasSize(1)
        .first()
        .satisfies(row -> assertThat(row.get(0)).isEqualTo(3L))
        .satisfies(row -> assertThat(row.get(1).toString()).isEqualTo("3"))
        .satisfies(row -> assertThat(row.get(2)).isEqualTo(2L));
    assertThat(
            rows(
                "select o.id from shop.orders o join shop.orders.files f on f.record_count = o.id order by 1"))
        .containsExactly(List.of(1L), List.of(2L));
  }

  @Test
  void thePastIsReadWhereThereIsOne() {
    assertThat(rows("select record_count from shop.orders.\"files@early\""))
        .containsExactly(List.of(2L));
    assertThatThrownBy(() -> rows("select * from shop.orders.\"refs@early\""))
        .isInstanceOfSatisfying(
            FirnException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID))
        .hasMessageContaining("in the past");
  }

  @Test
  void aTableOfThatVeryNameComesFirst() {
    lake.createTable("shop.orders.files", ORDERS);

    assertThat(rows("select count(id) from shop.orders.files")).containsExactly(List.of(0L));
  }
}
