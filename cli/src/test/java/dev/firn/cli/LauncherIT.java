package dev.firn.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as a user runs it, on the jars that this build has packaged. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class LauncherIT {
  private static final int ROWS = 3_000_000;
  private static final int INTERRUPTED = 130;

  @TempDir Path directory;
  private final Path firn = Path.of(System.getProperty("firn.root"), "firn");

  private ProcessBuilder command(List<String> words) {
    ProcessBuilder builder = new ProcessBuilder(words).directory(directory.toFile());
    builder.redirectError(directory.resolve("err").toFile());
    builder.redirectOutput(directory.resolve("out").toFile());
    // This build has packaged already, and must not start another beside itself.
    builder.environment().put("FIRN_NO_BUILD", "1");
    builder.environment().keySet().removeIf(key -> key.matches("FIRN_(WAREHOUSE|CATALOG|OUTPUT)"));
    return builder;
  }

  private int run(String... words) throws IOException, InterruptedException {
    return command(List.of(words)).start().waitFor();
  }

  private String out() throws IOException {
    return Files.readString(directory.resolve("out"));
  }

  private String err() throws IOException {
    return Files.readString(directory.resolve("err"));
  }

  /** SIGINT may be ignored by whoever runs the build, which children inherit. */
  private List<String> interruptible(String... words) {
    List<String> all = new ArrayList<>();
    if (System.getProperty("os.name").equals("Linux")) {
      all.addAll(List.of("env", "--default-signal=INT"));
    }
    all.addAll(List.of(words));
    return all;
  }

  @Test
  void runsThroughASymbolicLinkInADirectoryWithSpaces() throws Exception {
    Path place = Files.createDirectories(directory.resolve("my tools"));
    Path link = Files.createSymbolicLink(place.resolve("lake house"), firn);

    assertThat(run(link.toString(), "--help")).isZero();

    assertThat(out()).startsWith("Usage: firn COMMAND [OPTION]").contains("load");
    assertThat(err().lines().filter(line -> !line.startsWith("firn: "))).isEmpty();
  }

  @Test
  void passesExitCodesOn() throws Exception {
    assertThat(run(firn.toString(), "describe")).isEqualTo(3);
    assertThat(run(firn.toString(), "no-such-command")).isEqualTo(2);
  }

  @Test
  void refusesAnOldJava() throws Exception {
    Path home = Files.createDirectories(directory.resolve("jdk-11"));
    Files.createDirectories(home.resolve("bin"));
    Path java = Files.writeString(home.resolve("bin/java"), "#!/bin/sh\nexit 9\n");
    assertThat(java.toFile().setExecutable(true)).isTrue();
    Files.writeString(home.resolve("release"), "JAVA_VERSION=\"11.0.2\"\n");
    ProcessBuilder builder = command(List.of(firn.toString(), "--help"));
    builder.environment().put("JAVA_HOME", home.toString());

    assertThat(builder.start().waitFor()).isEqualTo(1);
    assertThat(err()).contains("Java is too old, expected 17 or later, got 11");
  }

  @Test
  void helpLoadsNothingOfTheEngine() throws Exception {
    ProcessBuilder builder = command(List.of(firn.toString(), "--help"));
    builder.environment().put("FIRN_JAVA_OPTS", "-Xlog:class+load:stdout");

    assertThat(builder.start().waitFor()).isZero();

    assertThat(out().lines().filter(line -> line.contains("source:")))
        .isNotEmpty()
        .noneMatch(
            line ->
                line.matches(
                    ".*\\s(org\\.apache\\.(iceberg|arrow|hadoop|parquet)|org\\.duckdb|software\\.amazon|org\\.sqlite|dev\\.firn\\.Lake)[.\\w].*"));
  }

  @Test
  void describeLoadsOnlyWhatItNeeds() throws Exception {
    assertThat(run(firn.toString(), "create", "a.b", "id int")).isZero();
    ProcessBuilder builder = command(List.of(firn.toString(), "describe"));
    builder.environment().put("FIRN_JAVA_OPTS", "-Xlog:class+load:stdout");

    assertThat(builder.start().waitFor()).isZero();

    assertThat(out().lines().filter(line -> line.contains("source:")))
        .noneMatch(
            line ->
                line.matches(
                    ".*\\s(org\\.apache\\.(arrow\\.vector|hadoop|parquet)|org\\.duckdb|software\\.amazon)\\..*"));
  }

  /** In a process of its own: DuckDB's threads are then the first to read a file. */
  @Test
  void sqlReadsRowsInAFreshProcess() throws Exception {
    rows(1_000);
    assertThat(run(firn.toString(), "load", "a.b", "rows.csv")).isZero();

    int code =
        run(firn.toString(), "sql", "-o", "csv", "-c", "SELECT count(*) n, sum(id) s FROM a.b");

    assertThat(err()).isEmpty();
    assertThat(out()).isEqualTo("n,s\n1000,499500\n");
    assertThat(code).isZero();
  }

  @Test
  void endsQuietlyWhereItsReaderHasEnough() throws Exception {
    rows(200_000);
    assertThat(run(firn.toString(), "load", "a.b", "rows.csv")).isZero();

    int code =
        run("bash", "-c", "set -o pipefail; \"$0\" scan a.b -o csv | head -1", firn.toString());

    assertThat(out()).isEqualTo("id,name\n");
    assertThat(err()).isEmpty();
    assertThat(code).isZero();
  }

  @Test
  void interruptedLoadLeavesNothing() throws Exception {
    rows(ROWS);
    Process load =
        command(
                interruptible(
                    firn.toString(),
                    "load",
                    "a.b",
                    "rows.csv",
                    "--schema",
                    "id long, name string",
                    "--progress"))
            .start();
    while (load.isAlive() && !err().contains("Loading")) {
      Thread.onSpinWait();
    }

    signal("INT", load);

    assertThat(load.waitFor()).isEqualTo(INTERRUPTED);
    assertThat(err()).contains("Interrupted: nothing was committed");
    assertThat(dataFiles()).isZero();
    assertThat(run(firn.toString(), "scan", "a.b")).isEqualTo(3);
  }

  @Test
  void interruptedWhileItWaitsForInput() throws Exception {
    assertThat(run(firn.toString(), "create", "a.b", "id long, name string")).isZero();
    Process append =
        command(interruptible(firn.toString(), "append", "a.b", "--format", "csv")).start();
    append
        .getOutputStream()
        .write("id,name\n1,a\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
    append.getOutputStream().flush();
    // It cannot be seen from outside that the command has started to read; either way it must end.
    append.waitFor(2, TimeUnit.SECONDS);

    signal("INT", append);

    assertThat(append.waitFor()).isEqualTo(INTERRUPTED);
    assertThat(run(firn.toString(), "scan", "a.b", "-o", "json")).isZero();
    assertThat(out()).isEqualTo("[]\n");
  }

  private static void signal(String name, Process process) throws Exception {
    new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
  }

  private void rows(int count) throws IOException {
    try (BufferedWriter csv = Files.newBufferedWriter(directory.resolve("rows.csv"))) {
      csv.write("id,name\n");
      for (int id = 0; id < count; id++) {
        csv.write(id + ",name of " + id + "\n");
      }
    }
  }

  private long dataFiles() {
    Path warehouse = directory.resolve("warehouse/a");
    if (!Files.exists(warehouse)) {
      return 0;
    }
    try (Stream<Path> files = Files.walk(warehouse)) {
      // A file gets its name when it is complete; until then it has another.
      return files.filter(Files::isRegularFile).count();
    } catch (UncheckedIOException e) {
      // The command moves files while they are listed.
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
