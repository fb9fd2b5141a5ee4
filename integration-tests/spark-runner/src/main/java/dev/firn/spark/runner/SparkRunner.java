package dev.firn.spark.runner;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * Runs SQL statements from standard input, one per line in base64, and answers each on standard
 * output with lines {@code row <text in base64>}, and then {@code end} or {@code error <message in
 * base64>}. Ends with its input.
 */
public final class SparkRunner {
  private SparkRunner() {}

  /** Runs until standard input ends. */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    // What Spark prints there by itself must not look like an answer.
    System.setOut(System.err);
    try (SparkSession spark = session();
        BufferedReader statements =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      answers.println("ready");
      for (String line = statements.readLine(); line != null; line = statements.readLine()) {
        answer(spark, decode(line), answers);
        answers.flush();
      }
    }
  }

  private static SparkSession session() {
    return SparkSession.builder()
        .master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.log.level", "WARN")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.datetime.java8API.enabled", "true")
        .config("spark.sql.catalogImplementation", "in-memory")
        .config(
            "spark.sql.extensions",
            "org.apache.iceberg.spark.extensions.IcebergSparkSessionExtensions")
        .getOrCreate();
  }

  private static void answer(SparkSession spark, String statement, PrintStream answers) {
    try {
      List<Row> rows = spark.sql(statement).collectAsList();
      for (Row row : rows) {
        answers.println("row " + encode(RowText.of(row)));
      }
      answers.println("end");
    } catch (Exception | LinkageError e) {
      answers.println("error " + encode(e.toString()));
      e.printStackTrace();
    }
  }

  private static String decode(String line) {
    return new String(Base64.getDecoder().decode(line), StandardCharsets.UTF_8);
  }

  private static String encode(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
