package dev.firn.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which statements run and what they answer, over one table that none of them can change. */
class SqlStatementsTest {
  @TempDir static Path directory;
  private static Lakehouse lake;
  private static SqlSession sql;

  @BeforeAll
  static void open() {
    lake = Lakehouse.open(directory.resolve("warehouse"));
    LakeTable orders =
        lake.createTable(
            "shop.orders",
            new Schema(
                NestedField.required(1, "id", Types.LongType.get()),
                NestedField.optional(2, "status", Types.StringType.get()),
                NestedField.optional(3, "total", Types.DecimalType.of(12, 2))));
    try (TableWriter writer = orders.append()) {
      writer.write(order(writer.schema(), 1, "paid", "10.00"));
      writer.write(order(writer.schema(), 2, "open", "20.50"));
      writer.write(order(writer.schema(), 3, "paid", "5.25"));
      writer.commit();
    }
    sql = SqlSession.open(lake, SqlOptions.DEFAULT.threads(2));
  }

  private static Record order(Schema schema, long id, String status, String total) {
    Record row = GenericRecord.create(schema);
    row.setField("id", id);
    row.setField("status", status);
    row.setField("total", new BigDecimal(total));
    return row;
  }

  @AfterAll
  static void close() {
    sql.close();
    assertThat(lake.allocator().getAllocatedMemory()).isZero();
    lake.close();
  }

  private static List<Object> rows(String query) {
    List<Object> values = new ArrayList<>();
    try (SqlResult result = sql.query(query)) {
      while (result.hasNext()) {
        values.add(result.next().get(0));
      }
    }
    return values;
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "select count(*) from shop.orders|3",
        "select count(*) from Shop.ORDERS|3",
        "select count(*) from \"shop\".\"orders\" as o where o.id > 1|2",
        "select count(*) from shop.orders a join shop.orders b on a.id <= b.id|6",
        "select count(*) from shop.orders a, Shop.Orders b|9",
        "select count(*) from shop.orders where total > (select avg(total) from shop.orders)|1",
        "with c as (select * from shop.orders) select count(*) from c a, c b|9",
        "with c as not materialized (select * from shop.orders) select count(*) from c a, c b|9",
        "with orders as (select * from shop.orders limit 1) select count(*) from orders|1",
        "with recursive r as (select 1::bigint as id union all select o.id from r join shop.orders o on o.id = r.id + 1) select count(*) from r|3",
        "select count(*) from (select id from shop.orders union all select id from shop.orders)|6",
        "select count(*) from shop.orders o where exists (from shop.orders p where p.id = o.id + 1)|2",
        "select count(*) from shop.orders o, lateral (select o.id + 1)|3",
        "select count(shop.orders.id) from shop.orders|3",
        "from shop.orders select count(*)|3",
        "select count(*) from (describe shop.orders)|3",
        "select count(*) from (summarize shop.orders)|3",
        "select paid::bigint from (pivot shop.orders on status in ('paid') using count(*)) where id = 1|1",
        "select max(o.id) from shop.orders o|3",
        "select count(o) from shop.orders o|3",
        "select sum(x)::bigint from shop.orders as o(x, y, z)|6",
        "values (7::bigint)|7",
        "select 1::bigint -- comment; here|1",
        "/* first */ select 2::bigint;|2"
      })
  void answers(String query, long expected) {
    assertThat(rows(query)).containsExactly(expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "create table shop.x (i int)",
        "insert into shop.orders values (9, 'x', 1)",
        "delete from shop.orders",
        "update shop.orders set id = 1",
        "drop table shop.orders",
        "with x as (delete from shop.orders returning *) select * from x",
        "explain analyze insert into shop.orders values (9, 'x', 1)",
        "copy shop.orders to 'out.csv'",
        "attach 'x.db'",
        "set threads = 1",
        "install httpfs",
        "pragma version",
        "begin",
        "",
        "select 1; select 2",
        "select * from read_csv('/etc/hostname')",
        "select * from read_text('/etc/hostname')",
        "select * from glob('/*')",
        "select count(*) from shop.orders at (version => 1)"
      })
  void refuses(String statement) {
    assertThatThrownBy(() -> rows(statement))
        .isInstanceOfSatisfying(
            FirnException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(ErrorKind.INVALID))
        .hasMessageStartingWith("Cannot run the SQL");
    assertThat(rows("select count(*) from shop.orders")).containsExactly(3L);
  }
}
