package dev.firn.testing;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Spark in a child process with a class path of its own, which {@code
 * integration-tests/spark-runner} builds. Thread-safe.
 */
public final class SparkProcess implements AutoCloseable {
  private static final Path HERE = Path.of(System.getProperty("firn.root"), "integration-tests");

  private final Path log;
  private final Process process;
  private final BufferedWriter statements;
  private final BufferedReader answers;

  private SparkProcess(Path log, Process process) {
    this.log = log;
    this.process = process;
    this.statements =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    this.answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /**
   * Gives tests their {@link SparkProcess} parameter, one for all of the run, whose log is {@code
   * target/spark.log}.
   */
  public static final class Shared implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == SparkProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.create(SparkProcess.class))
          .getOrComputeIfAbsent(
              "spark",
              any -> start(HERE.resolve("target/spark.log"), List.of()),
              SparkProcess.class);
    }
  }

  /**
   * Starts it; what it logs goes to the file. {@code options} of the JVM come after those of {@code
   * integration-tests/spark-jvm.options}.
   *
   * @throws IllegalStateException where it does not start
   */
  public static SparkProcess start(Path log, List<String> options) {
    try {
      Path runner = HERE.resolve("spark-runner/target");
      String classPath =
          runner.resolve("classes") + ":" + Files.readString(runner.resolve("class-path.txt"));
      Path java = Path.of(System.getProperty("java.home"), "bin", "java");
      List<String> command = new ArrayList<>();
      command.add(java.toString());
      command.add("@" + HERE.resolve("spark-jvm.options"));
      command.addAll(options);
      command.addAll(List.of("-cp", classPath.strip(), "dev.firn.spark.runner.SparkRunner"));
      ProcessBuilder process = new ProcessBuilder(command).redirectError(log.toFile());
      process.directory(runner.toFile());
      SparkProcess spark = new SparkProcess(log, process.start());
      String greeting = spark.answers.readLine();
      if (!"ready".equals(greeting)) {
        spark.close();
        throw new IllegalStateException("Spark did not start, see " + log + ": " + greeting);
      }
      return spark;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a statement and returns its rows as {@code RowText} has them, in Spark's order. */
  public synchronized List<String> sql(String statement) {
    try {
      statements.write(
          Base64.getEncoder().encodeToString(statement.getBytes(StandardCharsets.UTF_8)));
      statements.newLine();
      statements.flush();
      List<String> rows = new ArrayList<>();
      while (true) {
        String answer = answers.readLine();
        if (answer == null) {
          throw new IllegalStateException("Spark ended, see " + log);
        }
        if (answer.equals("end")) {
          return rows;
        }
        String text = decode(answer.substring(answer.indexOf(' ') + 1));
        if (answer.startsWith("error ")) {
          throw new IllegalStateException("Spark cannot run " + statement + ": " + text);
        }
        rows.add(text);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns how often Spark's commits were refused and tried again so far. */
  public int retries() {
    try (Stream<String> lines = Files.lines(log)) {
      return (int) lines.filter(line -> line.contains("Retrying task after failure")).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String decode(String base64) {
    return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
  }

  /** Lets Spark see the tables of a catalog database under the catalog's name. */
  public void attach(String catalog, String uri, Path warehouse) {
    set(catalog, "org.apache.iceberg.spark.SparkCatalog");
    set(catalog + ".type", "jdbc");
    set(catalog + ".uri", uri);
    set(catalog + ".warehouse", warehouse.toUri().toString());
    set(catalog + ".jdbc.schema-version", "V1");
    set(catalog + ".cache-enabled", "false");
  }

  private void set(String key, String value) {
    sql("set `spark.sql.catalog.%s`=`%s`".formatted(key, value));
  }

  @Override
  public void close() throws IOException {
    statements.close();
    try {
      if (!process.waitFor(20, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
