package dev.firn.it.secret;

import static org.apache.iceberg.expressions.Expressions.equal;

import dev.firn.LakeTable;
import dev.firn.Lakehouse;
import dev.firn.Settings;
import dev.firn.TableWriter;
import dev.firn.cli.Firn;
import dev.firn.sql.SqlOptions;
import dev.firn.sql.SqlResult;
import dev.firn.sql.SqlSession;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/**
 * A process that uses a lakehouse by API and by command, and prints all that it can get to see: the
 * log to standard error; errors with their causes, the objects as text and what the commands print
 * to standard output. The settings come as lines {@code key=value} of one argument.
 */
final class SecretsProcess {
  private static final Schema SCHEMA =
      new Schema(NestedField.required(1, "id", Types.LongType.get()));

  private final PrintStream out;
  private final Map<String, String> settings;

  private SecretsProcess(PrintStream out, Map<String, String> settings) {
    this.out = out;
    this.settings = settings;
  }

  public static void main(String[] arguments) {
    System.setProperty("org.slf4j.simpleLogger.defaultLogLevel", "warn");
    System.setProperty("org.slf4j.simpleLogger.log.dev.firn", "debug");
    for (String each : arguments) {
      Map<String, String> settings = new TreeMap<>();
      each.lines().map(line -> line.split("=", 2)).forEach(pair -> settings.put(pair[0], pair[1]));
      new SecretsProcess(System.out, settings).run();
      System.out.println("--- next ---");
    }
  }

  private void run() {
    attempt(this::use);
    List<String> place = new ArrayList<>();
    settings.forEach(
        (key, value) -> {
          if (key.equals("warehouse") || key.equals("catalog")) {
            place.addAll(List.of("--" + key, value));
          } else {
            place.addAll(List.of("--property", key + "=" + value));
          }
        });
    firn(place, "create", "shop.items", "id bigint");
    firn(place, "describe", "shop.orders");
    firn(place, "sql", "-c", "SELECT count(*) FROM shop.orders");
    firn(place, "drop", "shop.items", "--purge", "--yes", "-o", "json");
  }

  private void use() {
    Settings where = Settings.of(settings);
    out.println(where);
    try (Lakehouse lake = Lakehouse.open(where)) {
      out.println(List.of(lake));
      LakeTable table = lake.createTable("shop.orders", SCHEMA);
      append(table, 1);
      append(table, 2);
      table.delete(equal("id", 1L));
      table.compact().everything().run();
      show(table);
      attempt(() -> table.scan().ref("missing").count());
      attempt(() -> lake.createTable("shop.orders", SCHEMA));
      try (SqlSession sql = SqlSession.open(lake, SqlOptions.DEFAULT);
          SqlResult result = sql.query("SELECT count(*) FROM shop.orders")) {
        out.println(List.of(sql, result) + " found " + result.next().get(0));
      }
    }
  }

  private void show(LakeTable table) {
    Table iceberg = table.iceberg();
    String file = iceberg.location() + "/data/none.parquet";
    out.println(
        List.of(
            table,
            iceberg,
            iceberg.properties(),
            iceberg.io(),
            iceberg.io().newInputFile(file),
            iceberg.io().newOutputFile(file),
            table.scan()));
    attempt(() -> iceberg.io().newInputFile(file).newStream().read());
    attempt(() -> iceberg.io().newInputFile(file).getLength());
  }

  private static void append(LakeTable table, long id) {
    try (TableWriter writer = table.append()) {
      Record row = GenericRecord.create(writer.schema());
      row.setField("id", id);
      writer.write(row);
      writer.commit();
    }
  }

  private interface Work {
    void run() throws Exception;
  }

  private void attempt(Work work) {
    try {
      work.run();
      out.println("done");
    } catch (Exception e) {
      out.println("failed");
      e.printStackTrace(out);
    }
  }

  private void firn(List<String> place, String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addAll(place);
    arguments.add("--verbose");
    int code = Firn.run(arguments.toArray(String[]::new), InputStream.nullInputStream(), out, out);
    out.println("firn " + words[0] + " ended with " + code);
  }
}
