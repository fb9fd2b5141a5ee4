package dev.firn.bench.s3;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A {@link ServerProcess}, started and ended. Confined to one thread. */
final class RemoteServer implements AutoCloseable {
  /** What an S3 client in the same region waits for the first byte. */
  static final long LATENCY_MILLIS = 20;

  private final Process process;
  private final BufferedReader answers;
  private final PrintStream questions;
  private final Map<String, String> properties;

  private RemoteServer(Process process) {
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
    this.questions = new PrintStream(process.getOutputStream(), true, StandardCharsets.UTF_8);
    this.properties =
        Arrays.stream(answer().split("\t", -1))
            .map(property -> property.split("=", 2))
            .collect(Collectors.toUnmodifiableMap(pair -> pair[0], pair -> pair[1]));
  }

  /** Starts one whose objects and requests fit into so many megabytes. */
  static RemoteServer start(int heapMegabytes) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String surefire = System.getProperty("surefire.test.class.path");
    String classPath = surefire == null ? System.getProperty("java.class.path") : surefire;
    List<String> command =
        List.of(
            java,
            "-Xmx" + heapMegabytes + "m",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
            "-cp",
            classPath,
            ServerProcess.class.getName());
    try {
      return new RemoteServer(
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what Iceberg's {@code S3FileIO} must know to reach it. */
  Map<String, String> properties() {
    return properties;
  }

  /** Returns the URI of a new bucket, without a trailing slash, that answers at once. */
  String newBucket() {
    return ask("bucket");
  }

  /** From now on each request of the bucket takes so much longer. */
  void latency(String bucket, long millis) {
    ask("latency " + bucket + " " + millis);
  }

  /** Returns how many requests the bucket had since this was last called. */
  int requests(String bucket) {
    return Integer.parseInt(ask("requests " + bucket));
  }

  private String ask(String question) {
    questions.println(question);
    return answer();
  }

  private String answer() {
    try {
      String line = answers.readLine();
      if (line == null) {
        throw new IllegalStateException("Cannot ask the S3 server: its process has ended");
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    // It ends when there is nothing more to ask.
    questions.close();
    process.destroy();
  }
}
