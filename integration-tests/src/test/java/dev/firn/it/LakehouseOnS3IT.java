package dev.firn.it;

import static org.apache.iceberg.expressions.Expressions.lessThan;
import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.TableWriter;
import dev.firn.Terms;
import dev.firn.sql.SqlOptions;
import dev.firn.sql.SqlResult;
import dev.firn.sql.SqlSession;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.Schema;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** The whole facade, and SQL, over a warehouse in S3. */
@ExtendWith(TestServers.class)
class LakehouseOnS3IT {
  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "name", Types.StringType.get()));

  @Test
  void writesDeletesEvolvesCompactsAndExpires(S3Server s3, @TempDir Path directory) {
    Map<String, String> settings = new HashMap<>(s3.properties());
    settings.put("warehouse", s3.newBucket() + "/lake");
    settings.put("catalog", "jdbc:sqlite:" + directory.resolve("catalog.db"));
    try (Lakehouse lake = Lakehouse.open(settings)) {
      LakeTable table =
          lake.createTable("shop.orders", SCHEMA, t -> t.partitionBy(Terms.parse("bucket(2, id)")));
      append(table, 0, 50);
      append(table, 50, 100);
      table.tag("before");
      table.delete(lessThan("id", 10L));
      table.evolve().addColumn("note", Types.StringType.get()).commit();
      append(table, 100, 110);
      assertThat(table.scan().count()).isEqualTo(100);
      assertThat(table.compact().everything().run()).isNotNull();
      assertThat(table.scan().count()).isEqualTo(100);
      assertThat(table.scan().ref("before").count()).isEqualTo(100);
      assertThat(count(lake)).isEqualTo(100L);
      assertThat(table.iceberg().location()).startsWith("s3://");
      lake.purgeTable("shop.orders");
      assertThat(lake.tables()).isEmpty();
    }
  }

  private static Object count(Lakehouse lake) {
    try (SqlSession sql = SqlSession.open(lake, SqlOptions.DEFAULT);
        SqlResult result =
            sql.query(
                "select count(distinct a.id) from shop.orders a join shop.orders b using (id)")) {
      return result.next().get(0);
    }
  }

  private static void append(LakeTable table, int from, int to) {
    try (TableWriter writer = table.append()) {
      for (int i = from; i < to; i++) {
        Record row = GenericRecord.create(writer.schema());
        row.setField("id", (long) i);
        row.setField("name", "n" + i);
        writer.write(row);
      }
      writer.commit();
    }
  }
}
