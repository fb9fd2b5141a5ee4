package dev.firn.bench.measure;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** The results of a suite, and where they were taken. Immutable. */
public record Report(
    String suite, String machine, String jdk, String commit, List<Result> results) {
  public Report {
    results = List.copyOf(results);
  }

  /** Describes this machine and JVM. */
  public static Report here(String suite, String commit, List<Result> results) {
    String jdk = System.getProperty("java.vm.name") + " " + Runtime.version();
    return new Report(suite, thisMachine(), jdk, commit, results);
  }

  public boolean allCorrect() {
    return results.stream().allMatch(Result::correct);
  }

  public void printTable(PrintStream out) {
    int width = results.stream().mapToInt(r -> r.id().length()).max().orElse(2);
    String line = "%-" + width + "s  %10s  %10s  %-4s  %8s  %s%n";
    out.printf(Locale.ROOT, line, "id", "ours", "peer", "unit", "ratio", "correct");
    for (Result result : results) {
      out.printf(
          Locale.ROOT,
          line,
          result.id(),
          figure(result.ours()),
          result.peer() == null ? "-" : figure(result.peer()),
          result.unit(),
          String.format(Locale.ROOT, "%.2f", result.ratio()),
          result.correct());
    }
  }

  public void writeJson(Path file) throws IOException {
    try (JsonGenerator json =
        new JsonFactory().createGenerator(Files.newBufferedWriter(file, StandardCharsets.UTF_8))) {
      json.useDefaultPrettyPrinter();
      json.writeStartObject();
      json.writeStringField("suite", suite);
      json.writeStringField("machine", machine);
      json.writeStringField("jdk", jdk);
      json.writeStringField("commit", commit);
      json.writeArrayFieldStart("results");
      for (Result result : results) {
        write(json, result);
      }
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void write(JsonGenerator json, Result result) throws IOException {
    json.writeStartObject();
    json.writeStringField("id", result.id());
    number(json, "ours", result.ours());
    if (result.peer() == null) {
      json.writeNullField("peer");
    } else {
      number(json, "peer", result.peer());
    }
    json.writeStringField("unit", result.unit());
    number(json, "ratio", result.ratio());
    json.writeBooleanField("correct", result.correct());
    for (Map.Entry<String, Double> figure : result.more().entrySet()) {
      number(json, figure.getKey(), figure.getValue());
    }
    json.writeEndObject();
  }

  /** Four significant decimals suffice, and keep reports readable. */
  private static void number(JsonGenerator json, String name, double value) throws IOException {
    json.writeNumberField(name, Math.round(value * 1e4) / 1e4);
  }

  private static String figure(double value) {
    return String.format(Locale.ROOT, value >= 100 ? "%.1f" : "%.3f", value);
  }

  private static String thisMachine() {
    return "%d × %s, %s GiB, %s %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            field(Path.of("/proc/cpuinfo"), "model name", System.getProperty("os.arch")),
            memoryGib(),
            System.getProperty("os.name"),
            System.getProperty("os.version"));
  }

  private static String memoryGib() {
    String kib = field(Path.of("/proc/meminfo"), "MemTotal", "").replaceAll("\\D", "");
    return kib.isEmpty() ? "?" : Long.toString(Math.round(Long.parseLong(kib) / 1048576.0));
  }

  /** The value of {@code name : value} in one of Linux's files; elsewhere {@code otherwise}. */
  private static String field(Path file, String name, String otherwise) {
    if (!Files.isReadable(file)) {
      return otherwise;
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(otherwise);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
